"""Fit what a recogniser's confidences are worth, on words of dev lines, and write it into the network's file.

    python -m training.calibrate --data ../shared/handwriting --mode handwritten --weights src/unscrawl/models/hand.onnx

Half of the lines' groups (writers, documents) are fitted, the other half tell the expected calibration error; then
all are fitted for what is written. ``--mode printed`` fits the base recogniser on the lines of print, and only prints.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray

from training.data import read_lines
from unscrawl.evaluation.calibration import expected_calibration_error, right_words
from unscrawl.options import ReadOptions
from unscrawl.reading import LEAST_DOUBT, Calibration
from unscrawl.recognition.router import Recognition

__all__ = ["fit", "main"]

_STEPS = 30
Rows = list[tuple[str, float, bool]]


def fit(confidences: Sequence[float], right: Sequence[bool]) -> Calibration:
    """Logistic regression of being right on log-odds, by Newton's method."""
    kept = np.clip(confidences, LEAST_DOUBT, 1 - LEAST_DOUBT)
    features = np.stack([np.log(kept / (1 - kept)), np.ones(len(kept))], axis=1)
    target = np.asarray(right, dtype=np.float64)
    weights: NDArray[np.float64] = np.zeros(2)
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-features @ weights))
        bend = (features * (likely * (1 - likely))[:, None]).T @ features + 1e-6 * np.eye(2)
        weights += np.linalg.solve(bend, features.T @ (target - likely))
    return Calibration(float(weights[0]), float(weights[1]))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with dev/")
    parser.add_argument("--mode", choices=("handwritten", "printed"), default="handwritten")
    parser.add_argument("--weights", type=Path, help="file to write into, in handwritten mode")
    parser.add_argument("--limit", type=int, default=150, help="lines of each set")
    arguments = parser.parse_args()
    rows = _read(arguments.data, arguments.mode, arguments.limit)
    groups = sorted({group for group, _, _ in rows})
    half = set(groups[::2])
    first, second = ([row for row in rows if (row[0] in half) is side] for side in (True, False))
    for fitted, scored in ((first, second), (second, first)):
        calibration = fit(*_columns(fitted))
        sure, right = _columns(scored)
        before = expected_calibration_error(sure, right)
        after = expected_calibration_error([calibration(x) for x in sure], right)
        print(f"{len(scored)} words, {np.mean(right):.1%} right: ECE {before:.3f} as it is, {after:.3f} calibrated")
    calibration = fit(*_columns(rows))
    print(f"slope {calibration.slope:.3f} offset {calibration.offset:.3f}, from {len(rows)} words")
    if arguments.weights:
        _write(arguments.weights, calibration)


def _read(data: Path, mode: str, limit: int) -> Rows:
    recognition = Recognition(2)
    rows: Rows = []
    for place in sorted((data / "dev").iterdir()):
        everything = [x for x in read_lines(place) if mode == "handwritten" or x.kind == "printed"]
        lines = everything[:: max(1, len(everything) // limit)][:limit]
        for line in lines:
            crop = np.asarray(cv2.cvtColor(line.picture, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
            options = ReadOptions().with_mode(mode).with_language(line.language)
            (reading,) = recognition.read([crop], options).lines
            words: list[tuple[str, float]] = []
            begun = False
            for symbol in reading.symbols:
                if symbol.text.isspace():
                    begun = False
                elif begun:
                    words[-1] = (words[-1][0] + symbol.text, min(words[-1][1], symbol.confidence))
                else:
                    words.append((symbol.text, symbol.confidence))
                    begun = True
            right = right_words(line.text.split(" "), [text for text, _ in words])
            rows += [(f"{place.name}/{line.group}", sure, hit) for (_, sure), hit in zip(words, right, strict=True)]
    return rows


def _columns(rows: Rows) -> tuple[list[float], list[bool]]:
    return [sure for _, sure, _ in rows], [hit for _, _, hit in rows]


def _write(weights: Path, calibration: Calibration) -> None:
    model = onnx.load(str(weights))
    for entry in [entry for entry in model.metadata_props if entry.key == "calibration"]:
        model.metadata_props.remove(entry)
    entry = model.metadata_props.add()
    entry.key, entry.value = "calibration", f"{calibration.slope:.4f} {calibration.offset:.4f}"
    onnx.save(model, str(weights))


if __name__ == "__main__":
    main()
