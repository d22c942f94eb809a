"""Ink on paper: what a pen does to strokes, and what sheets look like."""

from __future__ import annotations

import random

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Grey", "Ink", "lay_on_paper", "pen", "rows", "trim_sides"]

Grey = NDArray[np.uint8]
Ink = NDArray[np.float32]
"""Coverage 0 to 1."""


def rows(ink: Ink) -> tuple[int, int] | None:
    """The first and the last row with ink; None where there is next to none."""
    inked = np.flatnonzero(ink.max(axis=1) > 0.3)
    return (int(inked[0]), int(inked[-1])) if len(inked) > 3 else None


def trim_sides(ink: Ink, rng: random.Random) -> Ink:
    """Without most of what is empty to the left and right."""
    inked = np.flatnonzero(ink.max(axis=0) > 0.3)
    if not len(inked):
        return ink[:, :0]
    left, right = (int(rng.uniform(0.02, 0.7) * ink.shape[0]) for _ in range(2))
    return ink[:, max(0, inked[0] - left) : inked[-1] + right + 1]


def pen(ink: Ink, size: int, rng: random.Random, *, printed: bool) -> Ink:
    """Stroke width and how evenly the ink flows."""
    choice = rng.random()
    if choice < 0.30:
        ink = cv2.dilate(ink, np.ones((rng.randint(1, 3), rng.randint(1, 3)), np.uint8))
    elif choice < 0.40 and size > 44:
        # Thin, but never gone: what erosion takes away comes back at half strength.
        ink = np.maximum(cv2.erode(ink, np.ones((2, 2), np.uint8)), 0.55 * ink)
    height, width = ink.shape
    if rng.random() < 0.5:
        flow = cv2.resize(_noise(rng, 2, max(2, width // 50)), (width, height), interpolation=cv2.INTER_CUBIC)
        ink = ink * np.clip(1.0 - rng.uniform(0, 0.35) * (flow + 0.5), 0.3, 1.0)
    if rng.random() < (0.2 if printed else 0.35):  # pencil, dry ballpoint, worn type
        grain = cv2.resize(_uniform(rng, height // 2 + 1, width // 2 + 1), (width, height))
        ink = ink * (1 - rng.uniform(0.1, 0.6) * (grain > rng.uniform(0.45, 0.85)))
    return np.asarray(ink, dtype=np.float32)


def lay_on_paper(ink: Ink, rng: random.Random) -> NDArray[np.float32]:
    """Grey levels 0 to 1 of ink on a sheet."""
    height, width = ink.shape
    paper = rng.uniform(0.55, 1.0)
    page = np.full((height, width), paper, np.float32)
    shade = cv2.resize(_noise(rng, 2, max(2, width // 150)), (width, height), interpolation=cv2.INTER_CUBIC)
    page += shade * rng.uniform(0, 0.06)
    if rng.random() < 0.3:
        page += cv2.resize(_noise(rng, height // 3 + 1, width // 3 + 1), (width, height)) * rng.uniform(0, 0.03)
    rule = rng.uniform(0.04, 0.35)
    kind = rng.random()
    if kind < 0.45:  # ruled, squared, or both ways
        pitch = height * rng.uniform(0.55, 1.1) if kind < 0.3 else height * rng.uniform(0.2, 0.5)
        tilt = rng.uniform(-0.01, 0.01) * width
        thick = rng.randint(1, 2)
        y = rng.uniform(0, pitch)
        while y < height:
            cv2.line(page, (0, int(y)), (width, int(y + tilt)), paper - rule, thick, cv2.LINE_AA)
            y += pitch
        if kind > 0.3:
            x = rng.uniform(0, pitch)
            while x < width:
                cv2.line(page, (int(x), 0), (int(x - tilt * 0.2), height), paper - rule, thick, cv2.LINE_AA)
                x += pitch
    if rng.random() < 0.05:  # margin
        x = rng.randint(0, max(1, width // 8))
        cv2.line(page, (x, 0), (x, height), paper - rule, 2, cv2.LINE_AA)
    if rng.random() < 0.08:  # the other side of the sheet shines through
        ghost = np.roll(ink[:, ::-1], rng.randint(-height // 2, height // 2), axis=0)
        page -= cv2.GaussianBlur(ghost, (0, 0), 1.5) * rng.uniform(0.03, 0.15)
    darkness = paper * rng.uniform(0.0, 0.62) if rng.random() < 0.85 else paper * rng.uniform(0.6, 0.78)
    return np.asarray(page * (1 - ink) + np.minimum(page, darkness) * ink, dtype=np.float32)


def _noise(rng: random.Random, rows: int, columns: int) -> NDArray[np.float32]:
    return np.random.default_rng(rng.getrandbits(32)).standard_normal((rows, columns), dtype=np.float32)


def _uniform(rng: random.Random, rows: int, columns: int) -> NDArray[np.float32]:
    return np.random.default_rng(rng.getrandbits(32)).random((rows, columns), dtype=np.float32)
