"""The raw results: one JSON file an engine, kept in the repository.

Only counts are kept, not the readings: these repeat the pictures' text, which stays with the data.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["EngineResults", "ItemCounts", "load_results", "save_results"]


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """How one picture was read."""

    group: str
    character_errors: int
    characters: int
    word_errors: int
    words: int
    seconds: float
    failure: str | None = None


@dataclass(slots=True)
class EngineResults:
    """All that is known of one engine.

    Attributes:
        engine: Its name.
        versions: What was measured.
        machine: On what.
        date: When it was run last.
        unavailable: Why it could not be run; None where it could.
        load_s: Seconds from the start of the process to the first page read.
        peak_mb: Highest resident memory.
        sets: By set, by picture.
    """

    engine: str
    versions: dict[str, str] = field(default_factory=dict)
    machine: dict[str, str] = field(default_factory=dict)
    date: str = ""
    unavailable: str | None = None
    load_s: float = 0.0
    peak_mb: float = 0.0
    sets: dict[str, dict[str, ItemCounts]] = field(default_factory=dict)


def load_results(folder: Path, engine: str) -> EngineResults:
    """What is stored of ``engine``; empty where nothing is."""
    file = folder / f"{engine}.json"
    if not file.exists():
        return EngineResults(engine)
    values: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    values["sets"] = {
        name: {image: ItemCounts(**counts) for image, counts in items.items()} for name, items in values["sets"].items()
    }
    return EngineResults(**values)


def save_results(folder: Path, results: EngineResults) -> None:
    """Store ``results``; the file is replaced at once, so that stopping a run loses only its last set."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{results.engine}.json"
    part = file.with_suffix(".part")
    part.write_text(json.dumps(asdict(results), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(file)
