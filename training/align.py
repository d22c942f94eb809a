"""Where the letters of real lines stand, as Hand itself sees them.

    python -m training.align --data ../shared/handwriting --weights src/unscrawl/models/hand.onnx --out aligned.json

reads every line of ``SETS`` and finds the likeliest path through the lattice that spells its truth (Viterbi over CTC's
states: Graves et al., "Connectionist Temporal Classification", ICML 2006, section 4.1). What comes out is what
``training.collage`` cuts real handwriting with: ``{"<set>/<image>": [x0, x1, ...]}``, the column of each character of
the truth in the stored picture. Lines that Hand reads badly are left out: their letters would be cut in the wrong
places.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.alphabet import ALPHABET
from training.data import read_lines
from training.distort import INPUT_HEIGHT
from training.metrics import cer
from unscrawl.recognition.greedy import decode_greedily
from unscrawl.recognition.recogniser import LineRecogniser

__all__ = ["SETS", "align", "main"]

# Hands worth recomposing: many writers, or one who wrote much.
SETS = ("copiste_d_un_jour", "cremma_mss19", "cremma_mss20", "peraire", "stanford_memorials")
# Percent of characters wrong above which a line's alignment is not trusted.
WORST_READING = 15.0
_CHUNK = 240


def align(lattice: NDArray[np.float32], symbols: list[int]) -> NDArray[np.float64] | None:
    """The frame of each symbol on the likeliest path.

    Args:
        lattice: Log-probabilities (frames, symbols), 0 the blank.
        symbols: What the line says.

    Returns:
        Fractional frames, one a symbol (the middle of where it is emitted), or None where the line is too short.
    """
    states = np.zeros(2 * len(symbols) + 1, np.int64)
    states[1::2] = symbols
    emitted = lattice[:, states]
    may_skip = np.zeros(len(states), bool)
    may_skip[3::2] = states[3::2] != states[1:-2:2]
    score = np.full(len(states), -np.inf)
    score[:2] = emitted[0, :2]
    came = np.zeros(emitted.shape, np.int8)
    for frame in range(1, len(emitted)):
        options = np.full((3, len(states)), -np.inf)
        options[0] = score
        options[1, 1:] = score[:-1]
        options[2, 2:] = np.where(may_skip[2:], score[:-2], -np.inf)
        came[frame] = options.argmax(axis=0)
        score = options.max(axis=0) + emitted[frame]
    state = len(states) - 1 if score[-1] > score[-2] else len(states) - 2
    if not np.isfinite(score[state]):
        return None
    frames: list[list[int]] = [[] for _ in symbols]
    for frame in range(len(emitted) - 1, -1, -1):
        if state % 2:
            frames[state // 2].append(frame)
        state -= int(came[frame, state])
    return np.array([np.mean(some) for some in frames])


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/")
    parser.add_argument("--weights", type=Path, required=True, help="an exported network")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    recogniser = LineRecogniser(arguments.weights, 1, grey=True)
    number = {character: index + 1 for index, character in enumerate(ALPHABET)}
    columns: dict[str, list[int]] = {}
    for name in SETS:
        lines = [x for x in read_lines(arguments.data / "train" / name) if x.text and number.keys() >= set(x.text)]
        kept = 0
        for start in range(0, len(lines), _CHUNK):
            some = lines[start : start + _CHUNK]
            crops = [np.asarray(cv2.cvtColor(x.picture, cv2.COLOR_GRAY2RGB), dtype=np.uint8) for x in some]
            for line, lattice in zip(some, recogniser.recognise(crops, lambda lattice: lattice), strict=True):
                if cer([(line.text, decode_greedily(lattice).text.strip())]) > WORST_READING:
                    continue
                frames = align(np.log(lattice.probabilities + 1e-12), [number[x] for x in line.text])
                if frames is not None:
                    scale = lattice.columns_per_frame * line.picture.shape[0] / INPUT_HEIGHT
                    columns[f"{name}/{line.name}"] = [round(float(x)) for x in (frames + 0.5) * scale]
                    kept += 1
        print(f"{name}: {kept} of {len(lines)} lines", flush=True)
    arguments.out.write_text(json.dumps(columns), encoding="utf-8")


if __name__ == "__main__":
    main()
