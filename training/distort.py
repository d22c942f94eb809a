"""Distortions shared by synthetic and real lines: how hands vary, and what cameras do."""

from __future__ import annotations

import random

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["augment", "bend", "camera", "to_input_height"]

INPUT_HEIGHT = 48
# Real lines shown as they are, so that what is learnt is the hand first, and what bends it second.
UNTOUCHED_SHARE = 0.45
# How much lines are stretched along the writing, against their true shape.
NARROWEST, WIDEST = 0.80, 1.45
# Even thin letters are this share of a line's pixels, and rules are less: so much darker than the paper around it is
# ink, where a scanner must tell.
INK_SHARE = 0.05


def bend(picture: NDArray[np.float32], rng: random.Random, strength: float = 1.0) -> NDArray[np.float32]:
    """Slant, climb and a smooth random displacement; the outside is empty (0)."""
    height, width = picture.shape
    slant = rng.gauss(0, 0.17) * strength
    climb = rng.gauss(0, 0.008) * strength
    noise = np.random.default_rng(rng.getrandbits(32))
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    across = columns - slant * (rows - height / 2)
    down = rows + climb * (columns - width / 2)
    for spacing, reach in ((1.6, 0.030), (0.55, 0.012)):  # of whole letters, and of strokes
        if rng.random() < 0.75:
            grid = max(3, int(width / (spacing * height)))
            amount = rng.uniform(0.2, 1.0) * reach * height * strength
            for field in (across, down):
                coarse = noise.standard_normal((4, grid), dtype=np.float32)
                field += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) * amount
    extra = int(abs(slant) * height / 2) + 1
    picture = cv2.copyMakeBorder(picture, 0, 0, extra, extra, cv2.BORDER_CONSTANT, value=0.0)
    across = cv2.copyMakeBorder(across, 0, 0, extra, extra, cv2.BORDER_REPLICATE)
    down = cv2.copyMakeBorder(down, 0, 0, extra, extra, cv2.BORDER_REPLICATE)
    across[:, :extra] += np.arange(-extra, 0, dtype=np.float32)
    across[:, -extra:] += np.arange(1, extra + 1, dtype=np.float32)
    return np.asarray(cv2.remap(picture, across + extra, down, cv2.INTER_LINEAR), dtype=np.float32)


def camera(page: NDArray[np.float32], rng: random.Random) -> NDArray[np.uint8]:
    """Blur, low resolution, noise, exposure and JPEG: grey levels 0 to 1 in, uint8 out."""
    height, width = page.shape
    if rng.random() < 0.35:
        page = cv2.GaussianBlur(page, (0, 0), rng.uniform(0.4, 1.0 + height / 60))
    if rng.random() < 0.08:
        length = rng.randint(2, 5)
        kernel = np.zeros((length, length), np.float32)
        kernel[length // 2] = 1 / length
        page = cv2.filter2D(page, -1, kernel)
    if rng.random() < 0.5:
        page = page + np.random.default_rng(rng.getrandbits(32)).standard_normal(
            page.shape, dtype=np.float32
        ) * rng.uniform(0, 0.06)
    if rng.random() < 0.25:
        light = cv2.resize(np.random.default_rng(rng.getrandbits(32)).random((2, 3), dtype=np.float32), (width, height))
        page = page * (1 - rng.uniform(0, 0.4) * light)
    if rng.random() < 0.12:  # scanned in black and white
        darker = cv2.GaussianBlur(page, (0, 0), height / 2) - page
        page = (darker < np.quantile(darker, 1 - INK_SHARE) * rng.uniform(0.3, 0.7)).astype(np.float32)
    contrast = rng.uniform(0.65, 1.3)
    page = (page - 0.5) * contrast + 0.5 + rng.uniform(-0.1, 0.1)
    if rng.random() < 0.03:
        page = 1 - page
    picture = np.clip(page * 255, 0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        scale = rng.uniform(0.35, 0.8) if height > 40 else rng.uniform(0.7, 0.95)
        small = (max(8, int(width * scale)), max(14, int(height * scale)))
        picture = np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if rng.random() < 0.3:
        _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(25, 85)])
        picture = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return picture


def augment(line: NDArray[np.uint8], rng: random.Random) -> NDArray[np.uint8]:
    """A real line as other people might have written it, on other paper, under another camera."""
    if rng.random() < UNTOUCHED_SHARE:
        return line
    paper = float(np.median(line))
    ink = (paper - line.astype(np.float32)) / 255  # so that the outside of what is bent is paper
    height = ink.shape[0]
    above, below = (rng.uniform(-0.08, 0.18) for _ in range(2))
    ink = ink[int(max(0.0, -above) * height) : height - int(max(0.0, -below) * height)]
    ink = cv2.copyMakeBorder(
        ink, int(max(0.0, above) * height), int(max(0.0, below) * height), 0, 0, cv2.BORDER_REPLICATE
    )
    if rng.random() < 0.85:
        ink = bend(np.asarray(ink, dtype=np.float32), rng, strength=rng.uniform(0.3, 1.0))
    choice = rng.random()
    if choice < 0.12:
        ink = cv2.dilate(ink, np.ones((2, 2), np.uint8))
    elif choice < 0.22:
        ink = np.maximum(cv2.erode(ink, np.ones((2, 2), np.uint8)), 0.5 * ink)
    if rng.random() < 0.3:
        ink = ink * rng.uniform(0.5, 1.25)
    if rng.random() < 0.06:
        _hide_a_spot(ink, rng)
    page = np.clip(paper / 255 - ink, 0, 1).astype(np.float32)
    return camera(page, rng) if rng.random() < 0.7 else (page * 255).astype(np.uint8)


def _hide_a_spot(ink: NDArray[np.float32], rng: random.Random) -> None:
    """A stain or a hole over part of a letter: the rest of the word must tell."""
    height, width = ink.shape
    x, y = rng.randrange(width), rng.randrange(height)
    size = rng.randint(2, max(3, height // 5))
    ink[max(0, y - size) : y + size, max(0, x - size) : x + size] = rng.choice((0.0, 0.4))


def to_input_height(line: NDArray[np.uint8], rng: random.Random | None = None) -> NDArray[np.uint8]:
    """Scale to the network's height; with ``rng`` also stretch at random along the writing."""
    height, width = line.shape
    stretch = rng.uniform(NARROWEST, WIDEST) if rng is not None else 1.0
    size = (max(16, round(width * stretch * INPUT_HEIGHT / height)), INPUT_HEIGHT)
    interpolation = cv2.INTER_AREA if height > INPUT_HEIGHT else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(line, size, interpolation=interpolation), dtype=np.uint8)
