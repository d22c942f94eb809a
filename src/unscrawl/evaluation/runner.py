"""Reads sets of pictures and counts the errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import PurePosixPath
from typing import Any, Protocol

from unscrawl.evaluation.bootstrap import Interval, error_interval
from unscrawl.evaluation.metrics import ErrorCount, character_errors, word_errors
from unscrawl.evaluation.normalise import normalise
from unscrawl.evaluation.truth import Layout, TruthItem, read_truth, set_name
from unscrawl.exceptions import ModelUnavailable

__all__ = [
    "Evaluation",
    "ItemResult",
    "SetEvaluation",
    "engine_reader",
    "evaluate",
    "evaluation_to_dict",
    "find_reading",
    "load_sets",
    "run_evaluation",
]


@dataclass(frozen=True, slots=True)
class ItemResult:
    """How one picture was read.

    Attributes:
        item: The picture and its truth.
        reading: What was read, as given.
        characters: Errors in characters.
        words: Errors in words.
        seconds: Wall time of the reading.
        failure: Why there is no reading; None where there is one.
    """

    item: TruthItem
    reading: str
    characters: ErrorCount
    words: ErrorCount
    seconds: float
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The results of one set."""

    results: tuple[ItemResult, ...]

    @property
    def cer(self) -> Interval:
        """Character error rate, micro-averaged, with its 95 % interval."""
        return self._interval([result.characters for result in self.results])

    @property
    def wer(self) -> Interval:
        """Word error rate, micro-averaged, with its 95 % interval."""
        return self._interval([result.words for result in self.results])

    @property
    def characters(self) -> int:
        """Characters of all truths."""
        return sum(result.characters.length for result in self.results)

    @property
    def seconds_per_item(self) -> float:
        """Mean wall time; failed readings count too."""
        return sum(result.seconds for result in self.results) / max(len(self.results), 1)

    @property
    def failures(self) -> tuple[ItemResult, ...]:
        """What could not be read; counted as empty readings."""
        return tuple(result for result in self.results if result.failure is not None)

    def worst(self, count: int | None = None) -> tuple[ItemResult, ...]:
        """The ``count`` results (all by default) with the highest character error rates, highest first."""
        ranked = sorted(self.results, key=lambda result: (-result.characters.rate, -result.characters.errors))
        return tuple(ranked[:count])

    def _interval(self, counts: list[ErrorCount]) -> Interval:
        return error_interval(counts, [result.item.group for result in self.results])


@dataclass(frozen=True, slots=True)
class SetEvaluation:
    """A set's name with its results."""

    name: str
    evaluation: Evaluation


class Reading(Protocol):
    """What an engine returns: anything with the text."""

    @property
    def text(self) -> str:
        """All text, lines in reading order."""
        ...


class Reader(Protocol):
    """What is evaluated: :class:`unscrawl.OcrEngine`, or anything that is called like it."""

    @property
    def recognize(self) -> Callable[..., Reading]:
        """Reads the picture at the path that is its argument; options are keywords."""
        ...


def evaluate(
    items: Iterable[TruthItem],
    read: Callable[[TruthItem], str],
    progress: Callable[[ItemResult], None] | None = None,
) -> Evaluation:
    """Read ``items`` one after the other and compare with their truths.

    Args:
        items: What to read.
        read: Reads one; the exception it raises becomes that item's ``failure``, and the others go on.
        progress: Called after each item.

    Raises:
        ModelUnavailable: If ``read`` raises it: then no item can be read.
    """
    results = []
    for item in items:
        started = time.perf_counter()
        reading, failure = "", None
        try:
            reading = read(item)
        except ModelUnavailable:
            raise
        except Exception as error:
            failure = f"{type(error).__name__}: {error}"
        seconds = time.perf_counter() - started
        result = ItemResult(
            item,
            reading,
            character_errors(item.text, reading),
            word_errors(item.text, reading),
            seconds,
            failure,
        )
        results.append(result)
        if progress is not None:
            progress(result)
    return Evaluation(tuple(results))


def load_sets(
    paths: Iterable[str | PathLike[str]], *, limit: int | None = None, layout: Layout | None = None
) -> list[tuple[str, tuple[TruthItem, ...]]]:
    """Read several truth files, so that an error in the last one shows before hours of reading.

    Args:
        paths: Truth files.
        limit: Take only the first so many entries of each.
        layout: What their pictures show; by default each entry decides (:func:`read_truth`).

    Returns:
        Name and items of each.
    """
    return [(set_name(path), read_truth(path, layout)[:limit]) for path in paths]


def run_evaluation(
    paths: Sequence[str | PathLike[str]],
    engine: Reader,
    *,
    limit: int | None = None,
    layout: Layout | None = None,
    progress: Callable[[ItemResult], None] | None = None,
    **options: Any,
) -> list[SetEvaluation]:
    """Evaluate an engine on truth files.

    Args:
        paths: Truth files (``truth.jsonl``).
        engine: Reads the pictures; cut lines with ``single_line=True``.
        limit: Take only the first so many entries of each file.
        layout: Whether the pictures are lines or pages; by default each entry decides.
        progress: Called after each picture.
        **options: Passed on to ``engine.recognize``, e.g. ``mode="handwritten"``.

    Raises:
        ModelUnavailable: If the engine cannot read anything.
        TruthError: If a truth file is broken.
        OSError: If a truth file cannot be read.
    """
    read = engine_reader(engine, **options)
    sets = load_sets(paths, limit=limit, layout=layout)
    return [SetEvaluation(name, evaluate(items, read, progress)) for name, items in sets]


def engine_reader(engine: Reader, **options: Any) -> Callable[[TruthItem], str]:
    """What :func:`evaluate` needs to read with an engine; cut lines are read with ``single_line=True``.

    Args:
        engine: Reads the pictures.
        **options: Passed on to ``engine.recognize``, e.g. ``mode="handwritten"``.
    """

    def read(item: TruthItem) -> str:
        return engine.recognize(item.image, single_line=item.layout is Layout.LINE, **options).text

    return read


def find_reading(item: TruthItem, readings: Mapping[str, str]) -> str:
    """The reading of ``item`` among another engine's.

    Its picture may be named as in the truth file, or by a longer path that ends so (to tell sets apart that
    use the same names); the longest name wins. Readings from a folder have names without an ending, and may lie
    less deep than the pictures.

    Raises:
        LookupError: If there is none.
    """
    parts = PurePosixPath(item.image.absolute().as_posix()).parts
    shortest = len(PurePosixPath(item.name).parts)
    for length in range(len(parts), shortest - 1, -1):
        name = PurePosixPath(*parts[-length:]).as_posix()
        if name in readings:
            return readings[name]
    for name in (item.name, PurePosixPath(item.name).as_posix()):
        if name in readings:
            return readings[name]
    bare = (*parts[:-1], PurePosixPath(parts[-1]).stem)
    for length in range(len(bare), 0, -1):
        name = PurePosixPath(*bare[-length:]).as_posix()
        if name in readings:
            return readings[name]
    raise LookupError(f"no reading of {item.name!r}")


def evaluation_to_dict(sets: Iterable[SetEvaluation]) -> dict[str, Any]:
    """The results as plain objects for JSON: figures by set, and each picture's reading and counts."""
    return {"schema": "1.0", "sets": [_set_dict(entry) for entry in sets]}


def _set_dict(entry: SetEvaluation) -> dict[str, Any]:
    evaluation = entry.evaluation
    return {
        "name": entry.name,
        "items": len(evaluation.results),
        "characters": evaluation.characters,
        "cer": _interval_dict(evaluation.cer),
        "wer": _interval_dict(evaluation.wer),
        "seconds_per_item": round(evaluation.seconds_per_item, 4),
        "failures": len(evaluation.failures),
        "results": [
            {
                "image": result.item.name,
                "group": result.item.group,
                "reading": normalise(result.reading),
                "character_errors": result.characters.errors,
                "characters": result.characters.length,
                "word_errors": result.words.errors,
                "words": result.words.length,
                "seconds": round(result.seconds, 4),
                "failure": result.failure,
            }
            for result in evaluation.results
        ],
    }


def _interval_dict(interval: Interval) -> dict[str, Any]:
    return {
        "rate": round(interval.rate, 6),
        "low": round(interval.low, 6),
        "high": round(interval.high, 6),
        "resampled": interval.unit,
        "units": interval.units,
    }
