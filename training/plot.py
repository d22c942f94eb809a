"""Draw a run's log: loss over lines, and the dev error rates where they were measured.

python -m training.plot runs/hand/log.jsonl out.png
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    rows = [json.loads(row) for row in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.5), layout="constrained")
    steps = [row for row in rows if "loss" in row]
    left.plot([row["lines"] for row in steps], [row["loss"] for row in steps], linewidth=0.8)
    left.set(xlabel="lines seen", ylabel="CTC loss a character", ylim=(0, None), title="Training")
    scored = [row for row in rows if "dev" in row]
    for name in scored[0]["dev"] if scored else ():
        right.plot([row["lines"] for row in scored], [row["dev"][name] for row in scored], marker="o", label=name)
    right.set(xlabel="lines seen", ylabel="CER %, greedy, averaged weights", ylim=(0, None), title="Dev lines")
    if scored:
        right.legend()
    figure.savefig(sys.argv[2], dpi=110)


if __name__ == "__main__":
    main()
