"""Average the weights of several runs' ends: better than each of them (Wortsman et al., "Model soups", ICML 2022).

    python -m training.average runs/run2.pt:1 runs/run3.pt:3 runs/run4.pt:5 training/checkpoints/hand.pt

The runs must have gone on from each other. A negative share takes away what a run began from, so that what it learnt
can be added to other weights (Ilharco et al., "Editing models with task arithmetic", ICLR 2023). What is written, as
halves, is enough to export and to begin another run.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from training.widen import widen

__all__ = ["average", "main"]


def average(checkpoints: Sequence[tuple[Path, float]]) -> dict[str, torch.Tensor]:
    """The weights between those of some checkpoints, each with its share.

    Where the last is wider, what it added counts with its share alone.
    """
    states = [_weights(path) for path, _ in checkpoints]
    states = [widen(state, states[-1]) for state in states]
    total = sum(share for _, share in checkpoints)
    mixed = dict(states[-1])  # whole numbers (shapes, counters) are the same in all
    for name in [name for name, value in mixed.items() if value.is_floating_point()]:
        parts = [state[name] * (share / total) for state, (_, share) in zip(states, checkpoints, strict=True)]
        mixed[name] = torch.stack(parts).sum(0)
    return mixed


def _weights(path: Path) -> dict[str, torch.Tensor]:
    state = torch.load(path, map_location="cpu", weights_only=True)["averaged"]
    return {name: value.float() if value.is_floating_point() else value for name, value in state.items()}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", nargs="+", metavar="CHECKPOINT:SHARE", help="the last run's last")
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    parts = [each.rsplit(":", 1) for each in arguments.checkpoint]
    checkpoints = [(Path(path), float(share)) for path, share in parts]
    done = torch.load(checkpoints[-1][0], map_location="cpu", weights_only=True)["done"]
    mixed = average(checkpoints)
    halves = {name: value.half() if value.is_floating_point() else value for name, value in mixed.items()}
    torch.save({"averaged": halves, "done": done}, arguments.out)


if __name__ == "__main__":
    main()
