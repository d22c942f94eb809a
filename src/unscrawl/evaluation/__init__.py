"""How well pictures are read: error rates with intervals, and a report of the worst cases.

from unscrawl.evaluation import run_evaluation

for entry in run_evaluation(["notes/truth.jsonl"], unscrawl.OcrEngine()):
    print(entry.name, entry.evaluation.cer.rate)
"""

from __future__ import annotations

from unscrawl.evaluation.bootstrap import Interval, error_interval
from unscrawl.evaluation.metrics import ErrorCount, character_errors, word_errors
from unscrawl.evaluation.normalise import NORMALISATION, normalise
from unscrawl.evaluation.report import html_report
from unscrawl.evaluation.runner import (
    Evaluation,
    ItemResult,
    SetEvaluation,
    engine_reader,
    evaluate,
    evaluation_to_dict,
    find_reading,
    load_sets,
    run_evaluation,
)
from unscrawl.evaluation.table import text_table
from unscrawl.evaluation.truth import (
    Layout,
    TruthError,
    TruthItem,
    TruthLine,
    read_readings,
    read_truth,
    set_name,
)

__all__ = [
    "NORMALISATION",
    "ErrorCount",
    "Evaluation",
    "Interval",
    "ItemResult",
    "Layout",
    "SetEvaluation",
    "TruthError",
    "TruthItem",
    "TruthLine",
    "character_errors",
    "engine_reader",
    "error_interval",
    "evaluate",
    "evaluation_to_dict",
    "find_reading",
    "html_report",
    "load_sets",
    "normalise",
    "read_readings",
    "read_truth",
    "run_evaluation",
    "set_name",
    "text_table",
    "word_errors",
]
