"""What happens to pages on their way to a reader, each the same way every time.

Every function takes a page (uint8, RGB) and a source of chance that is seeded by the page's name, and gives another
page. Degrees are clockwise as seen; sizes are shares of the page's width.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["DEGRADATIONS", "degrade"]

Pixels = NDArray[np.uint8]
Chance = np.random.Generator

_DESK = (92, 74, 58)
"""What lies around a photographed sheet: brown, darker than any paper."""


def degrade(name: str, page: Pixels, page_name: str) -> Pixels:
    """The page after the degradation of this name, a key of :data:`DEGRADATIONS`."""
    chance = np.random.default_rng(zlib.crc32(f"{name} {page_name}".encode()))
    return np.ascontiguousarray(DEGRADATIONS[name](page, chance), dtype=np.uint8)


def _as_it_is(page: Pixels, chance: Chance) -> Pixels:
    return page


def _turned(page: Pixels, chance: Chance, *, quarters: int) -> Pixels:
    return np.rot90(page, -quarters)


def _skewed(page: Pixels, chance: Chance, *, degrees: float) -> Pixels:
    """On white paper that is large enough for all of it."""
    height, width = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    new_width, new_height = int(height * sin + width * cos), int(height * cos + width * sin)
    matrix[:, 2] += (new_width - width) / 2, (new_height - height) / 2
    paper = _paper(page)
    warped = cv2.warpAffine(page, matrix, (new_width, new_height), flags=cv2.INTER_CUBIC, borderValue=paper)
    return np.asarray(warped, np.uint8)


def _at_an_angle(page: Pixels, chance: Chance, *, narrower: float) -> Pixels:
    """A sheet on a desk, its far end narrower than the near one by this share."""
    page = _with_margin(page, 0.04)
    height, width = page.shape[:2]
    shift = width * narrower / 2
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = corners + np.array([[shift, 0], [-shift, 0], [0, 0], [0, 0]], np.float32)
    seen += chance.uniform(-0.01, 0.01, (4, 2)).astype(np.float32) * width
    border = 0.06 * width
    matrix = cv2.getPerspectiveTransform(corners, (seen + border).astype(np.float32))
    size = (int(width + 2 * border), int(height + 2 * border))
    return np.asarray(cv2.warpPerspective(page, matrix, size, flags=cv2.INTER_CUBIC, borderValue=_DESK), np.uint8)


def _under_a_shadow(page: Pixels, chance: Chance) -> Pixels:
    """The shadow of a hand and a phone, with a soft edge, and a lamp at one side."""
    height, width = page.shape[:2]
    light = np.linspace(1.0, 0.75, width, dtype=np.float32)[None].repeat(height, axis=0)
    shadow = np.zeros((height, width), np.float32)
    left, top = (chance.uniform(0.2, 0.5, 2) * (width, height)).astype(int)
    cv2.ellipse(shadow, (int(left), int(top)), (width // 3, height // 3), chance.uniform(0, 180), 0, 360, 1.0, -1)
    cv2.rectangle(shadow, (int(left), int(top)), (width, height), 1.0, -1)
    shadow = np.asarray(cv2.GaussianBlur(shadow, (0, 0), 0.03 * width), np.float32)
    return np.asarray(page * (light * (1 - 0.5 * shadow))[..., None], np.uint8)


def _blurred(page: Pixels, chance: Chance, *, share: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(page, (0, 0), share * page.shape[1]), np.uint8)


def _smaller(page: Pixels, chance: Chance, *, scale: float) -> Pixels:
    return np.asarray(cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _noisy(page: Pixels, chance: Chance) -> Pixels:
    """Grain of a dark room: standard deviation 25 of 255."""
    return np.asarray(np.clip(page + chance.normal(0, 25, page.shape), 0, 255), np.uint8)


def _as_poor_jpeg(page: Pixels, chance: Chance) -> Pixels:
    _, coded = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, 20])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def _faint(page: Pixels, chance: Chance) -> Pixels:
    """A hard pencil, or the end of a cartridge: a third of the ink's contrast."""
    paper = np.array(_paper(page), np.float32)
    return np.asarray(paper + (page - paper) / 3, np.uint8)


def _crumpled(page: Pixels, chance: Chance) -> Pixels:
    """Folded and flattened again: creases that shift and shade."""
    height, width = page.shape[:2]
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    across, down, light = columns.copy(), rows.copy(), np.ones((height, width), np.float32)
    for _ in range(6):
        angle = chance.uniform(0, np.pi)
        normal = np.array([np.cos(angle), np.sin(angle)], np.float32)
        place = chance.uniform(0.15, 0.85, 2) * (width, height)
        distance = (columns - place[0]) * normal[0] + (rows - place[1]) * normal[1]
        near = np.exp(-((distance / (0.04 * width)) ** 2)).astype(np.float32)
        shift = chance.uniform(-0.006, 0.006) * width
        across += near * shift * normal[0]
        down += near * shift * normal[1]
        light -= 0.25 * near * np.sign(distance).astype(np.float32) * chance.uniform(0.3, 1.0)
    bent = cv2.remap(page, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(np.clip(bent * np.clip(light, 0.4, 1.15)[..., None], 0, 255), np.uint8)


def _with_margin(page: Pixels, share: float) -> Pixels:
    margin = int(share * page.shape[1])
    border = cv2.copyMakeBorder(page, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=_paper(page))
    return np.asarray(border, np.uint8)


def _paper(page: Pixels) -> tuple[int, int, int]:
    red, green, blue = (int(np.median(page[..., channel])) for channel in range(3))
    return red, green, blue


DEGRADATIONS: Mapping[str, Callable[[Pixels, Chance], Pixels]] = {
    "as it is": _as_it_is,
    "turned by 90°": partial(_turned, quarters=1),
    "turned by 180°": partial(_turned, quarters=2),
    "turned by 270°": partial(_turned, quarters=3),
    "skewed by 3°": partial(_skewed, degrees=3),
    "skewed by 8°": partial(_skewed, degrees=8),
    "skewed by -15°": partial(_skewed, degrees=-15),
    "at an angle, 15 % narrower": partial(_at_an_angle, narrower=0.15),
    "under a shadow": _under_a_shadow,
    "crumpled": _crumpled,
    "faint, a third of the contrast": _faint,
    "blurred, 0.1 % of the width": partial(_blurred, share=0.001),
    "noisy": _noisy,
    "JPEG, quality 20": _as_poor_jpeg,
    "half the resolution": partial(_smaller, scale=0.5),
    "a third of the resolution": partial(_smaller, scale=1 / 3),
}
"""From its name, as tables have it."""
