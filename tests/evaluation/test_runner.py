from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.evaluation.conftest import WriteSet
from unscrawl.evaluation import (
    ItemResult,
    SetEvaluation,
    TruthItem,
    evaluate,
    evaluation_to_dict,
    find_reading,
    read_truth,
    run_evaluation,
    text_table,
)
from unscrawl.exceptions import DamagedInput, ModelUnavailable


@dataclass(frozen=True)
class Answer:
    text: str


class FakeEngine:
    """Reads everything as one word; remembers how it was asked."""

    def __init__(self, text: str = "abc") -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._text = text

    def recognize(self, source: Path, **options: Any) -> Answer:
        self.calls.append((source.name, options))
        return Answer(self._text)


@pytest.fixture
def items(write_set: WriteSet) -> tuple[TruthItem, ...]:
    return read_truth(
        write_set(
            {"image": "images/a.png", "text": "abcd", "group": "w1"},
            {"image": "images/b.png", "text": "abcd", "group": "w2"},
            {"image": "images/c.png", "text": "ab", "group": "w2"},
        )
    )


def test_a_failing_item_counts_as_empty_and_others_go_on(items: tuple[TruthItem, ...]) -> None:
    def read(item: TruthItem) -> str:
        if item.name.endswith("b.png"):
            raise DamagedInput("It is cut off.")
        if item.name.endswith("c.png"):
            raise ZeroDivisionError
        return "abcd"

    seen: list[ItemResult] = []
    evaluation = evaluate(items, read, seen.append)
    assert [result.characters.errors for result in evaluation.results] == [0, 4, 2]
    assert [result.item.name for result in evaluation.failures] == ["images/b.png", "images/c.png"]
    assert evaluation.failures[0].failure is not None
    assert "DamagedInput: It is cut off." in evaluation.failures[0].failure
    assert evaluation.cer.rate == pytest.approx(0.6)
    assert evaluation.characters == 10
    assert len(seen) == 3


def test_a_missing_model_stops_at_once(items: tuple[TruthItem, ...]) -> None:
    def read(item: TruthItem) -> str:
        raise ModelUnavailable("No weights.")

    with pytest.raises(ModelUnavailable):
        evaluate(items, read)


def test_the_worst_come_first(items: tuple[TruthItem, ...]) -> None:
    readings = {"images/a.png": "abcx", "images/b.png": "wxyz", "images/c.png": "ab"}
    evaluation = evaluate(items, lambda item: readings[item.name])
    assert [result.item.name for result in evaluation.worst()] == [
        "images/b.png",
        "images/a.png",
        "images/c.png",
    ]
    assert [result.item.name for result in evaluation.worst(1)] == ["images/b.png"]


def test_lines_are_read_as_lines_and_pages_as_pages(write_set: WriteSet) -> None:
    lines = write_set(
        {"image": "images/l.png", "text": "abc"}, {"image": "images/m.png", "text": "abc"}, folder="dev/x"
    )
    pages = write_set({"image": "images/p.png", "text": "abc\nabc"}, folder="dev_pages/x")
    engine = FakeEngine()
    results = run_evaluation([lines, pages], engine, limit=1, mode="handwritten")
    assert engine.calls == [
        ("l.png", {"single_line": True, "mode": "handwritten"}),
        ("p.png", {"single_line": False, "mode": "handwritten"}),
    ]
    assert [entry.name for entry in results] == ["dev/x", "dev_pages/x"]
    assert [entry.evaluation.cer.rate for entry in results] == [0.0, pytest.approx(4 / 7)]


def test_other_engines_readings_by_short_and_long_names(write_set: WriteSet) -> None:
    first = read_truth(write_set({"image": "images/a.png", "text": "a"}, folder="dev/one"))[0]
    second = read_truth(write_set({"image": "images/a.png", "text": "a"}, folder="dev/two"))[0]
    readings = {"images/a.png": "short", "two/images/a.png": "long"}
    assert find_reading(first, readings) == "short"
    assert find_reading(second, readings) == "long"
    with pytest.raises(LookupError, match=r"no reading of 'images/a\.png'"):
        find_reading(first, {"a.png": "too short a name"})


def test_table_and_json(items: tuple[TruthItem, ...]) -> None:
    entry = SetEvaluation("dev/x", evaluate(items, lambda item: "abc"))
    head, row = text_table([entry]).splitlines()
    assert head.split()[:5] == ["set", "items", "characters", "CER", "%"]
    assert row.split()[:4] == ["dev/x", "3", "10", "30.0"]
    values = json.loads(json.dumps(evaluation_to_dict([entry])))
    (stored,) = values["sets"]
    assert stored["cer"]["rate"] == 0.3
    assert stored["cer"]["resampled"] == "groups"
    assert [result["character_errors"] for result in stored["results"]] == [1, 1, 1]
