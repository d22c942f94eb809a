"""Draw how readings bear what happens to pages: ``benchmarks/degraded.png`` from the stored results.

python -m benchmarks.plot
"""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.degradations import DEGRADATIONS
from benchmarks.degraded import PREFIX
from benchmarks.engines import ENGINES
from benchmarks.store import ItemCounts, load_results

__all__ = ["main"]

HERE = Path(__file__).parent
# Beyond this nothing useful is read; a scale that held every failure would hide the rest.
MOST_SHOWN = 60.0


def main() -> None:
    """Draw the curves of all engines that have read the degraded pages."""
    figure = Figure(figsize=(10, 5), layout="constrained")
    axes = figure.add_subplot()
    for engine, title in ENGINES.items():
        sets = load_results(HERE / "results", engine).sets
        rates = [_rate(list(sets.get(PREFIX + name, {}).values())) for name in DEGRADATIONS]
        known = [rate for rate in rates if rate is not None]
        if len(known) == len(rates):
            axes.plot(list(DEGRADATIONS), known, marker="o", label=title)
    axes.set_ylabel("characters wrong, %")
    axes.set_ylim(0, MOST_SHOWN)
    axes.tick_params(axis="x", rotation=60)
    for label in axes.get_xticklabels():
        label.set_horizontalalignment("right")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(HERE / "degraded.png", dpi=110)


def _rate(items: list[ItemCounts]) -> float | None:
    """In per cent, or None where nothing has been read."""
    length = sum(item.characters for item in items)
    return 100 * sum(item.character_errors for item in items) / length if length else None


if __name__ == "__main__":
    main()
