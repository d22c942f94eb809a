"""Score a checkpoint on the dev lines, greedily: by set, by language or length, at several stretches.

python -m training.evaluate --data ../shared/handwriting --checkpoint runs/hand/checkpoint.pt
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import torch

from training.alphabet import ALPHABET
from training.data import read_lines
from training.metrics import cer, greedy_text, lattices
from training.model import HandNet, build
from training.widen import units, widen
from unscrawl.languages import main_script

__all__ = ["load", "main"]


def load(checkpoint: Path) -> HandNet:
    """The averaged network of a checkpoint, ready to read."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)["averaged"]
    network = build(ALPHABET, units=units(state))
    network.load_state_dict(widen(state, network.state_dict()))
    network.eval()
    return network


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with dev/")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--stretch", type=float, nargs="+", default=[1.0])
    parser.add_argument("--limit", type=int)
    parser.add_argument("--by", choices=("group", "language", "kind", "length"))
    arguments = parser.parse_args()
    network = load(arguments.checkpoint)
    for place in sorted((arguments.data / "dev").iterdir()):
        lines = read_lines(place)[: arguments.limit]
        for stretch in arguments.stretch:
            pictures = [
                np.asarray(cv2.resize(x.picture, None, fx=stretch, fy=1, interpolation=cv2.INTER_AREA)) for x in lines
            ]
            pairs = [
                (line.text, greedy_text(lattice, main_script(line.text)))
                for line, lattice in zip(lines, lattices(network, pictures), strict=True)
            ]
            print(f"{place.name:22} {len(lines):4} lines  stretch {stretch:.2f}  CER {cer(pairs):6.2f} %", flush=True)
        parts: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for line, pair in zip(lines, pairs, strict=True):
            if arguments.by:
                key = f"{len(line.text) // 20 * 20:3}+" if arguments.by == "length" else getattr(line, arguments.by)
                parts[key].append(pair)
        for key, some in sorted(parts.items()):
            print(f"    {key:40} {len(some):4}  {cer(some):6.2f} %")


if __name__ == "__main__":
    main()
