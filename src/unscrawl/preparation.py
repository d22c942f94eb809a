"""Preparing a page for reading: legible, upright, flat, and looked at closely enough to find its text.

    light ─▶ detect ─▶ flatten ─▶ turn upright ─▶ straighten ─▶ look closer

The idea: look at the page as it is, and change only what the look gives reason to change. Most pages pass through
untouched, for the price of reading a few snippets to see which side is up. Whatever moves pixels carries the way back
in ``to_original``; every change is noted with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from unscrawl.detection.coverage import closer_scale
from unscrawl.detection.detector import TextDetector, overview_scale
from unscrawl.detection.direction import moved, samples, text_direction
from unscrawl.detection.fragments import Fragment
from unscrawl.imaging.crops import crop_quad
from unscrawl.imaging.filters import filtered
from unscrawl.imaging.geometry import quarter_turns
from unscrawl.imaging.light import even_light, ink_darkness
from unscrawl.imaging.page_image import PageImage
from unscrawl.imaging.polarity import dark_on_light
from unscrawl.imaging.scale import within_side_limit
from unscrawl.imaging.sheet import find_tilted_sheet
from unscrawl.imaging.warping import flattened, half_turn, rotated, turned
from unscrawl.options import Filter, ReadOptions
from unscrawl.recognition.router import Certainty, Recognition

__all__ = ["Change", "PreparedPage", "prepare"]

# Ink paler than this (0 paper, 1 black) is strengthened. Pencil on old squared paper has 0.30 and reads better without
# (7.2 % of its characters wrong, 7.5 with); at a quarter of that contrast it is 95 % without, and 7 with.
FAINT = 0.2
# Below this there is no ink at all to strengthen, only the grain of the paper.
BLANK = 0.03

# Text that runs in so many directions tells nothing about the page.
LEAST_AGREEMENT = 0.5
# Lines are cut out along their own slant: up to here the page may stay as it is. Error rates of six pages at skews of
# 0, 3, 8 and 15 degrees: 16.2, 16.0, 16.0, 16.1.
LARGEST_SLANT = 15.0

# Which side is up: so many snippets are read, each so many times as long as high (0.1 s together).
SNIPPETS = 4
SNIPPET_LENGTH = 7.0
# Of 28 pages all upright ones but three read with more certainty than this, and no upside-down one with more than 0.83.
# With later weights of Hand, two upside-down lines of print had 0.87.
SURELY_UPRIGHT = 0.92
# A page is turned over if it then reads with so much more certainty, and surely...
LEAST_ADVANTAGE = 0.06
LEAST_TURNED = 0.9
# ... or by far better: hard cursive reads with 0.73 and more the right way up, and mostly with 0.23 to 0.34 less upside
# down. Scripts that our networks do not know must not be turned: nine lines of Hebrew read 0.20 better upside down, and
# two lines 0.29, so this takes all snippets.
LARGE_ADVANTAGE = 0.22
MOST_FOREIGN = 0.5

# A sheet is flattened only if so much of the text lies inside it: the rest would be lost.
LEAST_INSIDE = 0.97

# At most so often is a closer look taken: each may find text that is smaller still.
CLOSER_LOOKS = 3


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was done to a page.

    Attributes:
        what: What was done.
        why: What gave reason to do it, with the figures.
    """

    what: str
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class PreparedPage:
    """A page ready for reading.

    Attributes:
        page: The page as the networks see it; its ``to_original`` undoes all that moved pixels.
        fragments: The text found on it; nothing where the page is taken as one line.
        changes: What was done, in order.
    """

    page: PageImage
    fragments: Sequence[Fragment] = ()
    changes: tuple[Change, ...] = ()


def prepare(
    page: PageImage, detector: TextDetector | None, recognition: Recognition, options: ReadOptions
) -> PreparedPage:
    """Make a page ready for reading.

    Args:
        page: As it was opened.
        detector: Finds the text; None if the page is one cut line.
        recognition: Reads snippets, to see which side is up.
        options: Mode and languages are heeded.
    """
    ready = _legible(_filtered(PreparedPage(within_side_limit(page)), options.filters))
    if detector is None:
        return ready
    ready = replace(ready, fragments=detector.detect(ready.page.pixels))
    as_found = ready.page
    ready = _flat(ready)
    if ready.page is not as_found:
        ready = replace(ready, fragments=detector.detect(ready.page.pixels))
    as_found = ready.page
    ready = _straight(_upright(ready, recognition, options))
    if ready.page is not as_found:
        ready = replace(ready, fragments=detector.detect(ready.page.pixels))
    return _seen_closely(ready, detector)


def _changed(
    ready: PreparedPage, what: str, why: str, *, page: PageImage, fragments: Sequence[Fragment]
) -> PreparedPage:
    return PreparedPage(page, fragments, (*ready.changes, Change(what, why)))


def _filtered(ready: PreparedPage, filters: Sequence[Filter]) -> PreparedPage:
    """What was asked for by name."""
    for each in filters:
        page = filtered(ready.page, [each])
        ready = _changed(ready, f"Filter: {each.value}", "it was asked for", page=page, fragments=())
    return ready


def _legible(ready: PreparedPage) -> PreparedPage:
    """Dark on light, and faint ink strengthened."""
    pixels = dark_on_light(ready.page.pixels)
    if pixels is not ready.page.pixels:
        page = replace(ready.page, pixels=pixels)
        ready = _changed(ready, "Colours inverted", "the ground is dark", page=page, fragments=())
    darkness = ink_darkness(pixels)
    if BLANK < darkness < FAINT:
        page = replace(ready.page, pixels=even_light(pixels, darkness))
        why = f"the ink is only {darkness:.0%} darker than the paper"
        ready = _changed(ready, "Ink strengthened and light evened", why, page=page, fragments=())
    return ready


def _flat(ready: PreparedPage) -> PreparedPage:
    """A sheet photographed at an angle, seen from above; fragments are to be found anew."""
    sheet = find_tilted_sheet(ready.page.pixels)
    if sheet is None or not ready.fragments:
        return ready
    centres = np.array([each.quad.mean(axis=0) for each in ready.fragments])
    edges = np.roll(sheet, -1, axis=0) - sheet
    offsets = centres[:, None] - sheet[None]
    inside = (edges[:, 0] * offsets[..., 1] - edges[:, 1] * offsets[..., 0] >= 0).all(axis=1)
    if inside.mean() < LEAST_INSIDE:
        return ready
    why = "its outline stands out from the background, and opposite sides differ in length"
    return _changed(ready, "Sheet flattened", why, page=flattened(ready.page, sheet), fragments=())


def _upright(ready: PreparedPage, recognition: Recognition, options: ReadOptions) -> PreparedPage:
    """Turned by quarters so that text runs from left to right, the right side up."""
    direction = text_direction(ready.fragments)
    if direction.agreement < LEAST_AGREEMENT:
        return ready
    sideways = abs(direction.degrees) > 45
    quarters = 1 if sideways else 0
    height, width = ready.page.pixels.shape[:2]
    page = turned(ready.page, quarters)
    fragments = moved(ready.fragments, quarter_turns(quarters, width, height)) if quarters else ready.fragments
    snippets = [crop_quad(page.pixels, quad)[0] for quad in samples(fragments, SNIPPETS, SNIPPET_LENGTH)]
    if not snippets:
        return ready
    as_is = recognition.certainty(snippets, options, enough=1.0 if sideways else SURELY_UPRIGHT)
    if as_is.confidence >= SURELY_UPRIGHT and not sideways:
        return ready
    half_turned = recognition.certainty([half_turn(snippet) for snippet in snippets], options, enough=1.0)
    few = len(snippets) < SNIPPETS
    if _reads_better(half_turned, as_is, few=few):
        quarters += 2
    elif not sideways or not _reads_better(as_is, half_turned, few=few):
        # Sideways and no better either way: columns of Chinese or Japanese, or no text at all.
        return ready
    other, surer = sorted((as_is.confidence, half_turned.confidence))
    why = f"snippets read with a certainty of {surer:.2f} this way up, {other:.2f} the other"
    if sideways:
        why = f"lines run up or down the page, and {why}"
    what = f"Turned by {quarters % 4 * 90}° counter-clockwise"
    fragments = moved(ready.fragments, quarter_turns(quarters, width, height))
    return _changed(ready, what, why, page=turned(ready.page, quarters), fragments=fragments)


def _reads_better(one: Certainty, other: Certainty, *, few: bool) -> bool:
    """Whether the first is the right way up rather than the second; ``few`` if little was read of them."""
    advantage = one.confidence - other.confidence
    if one.confidence > LEAST_TURNED and advantage > LEAST_ADVANTAGE:
        return True
    return advantage > LARGE_ADVANTAGE and one.foreign < MOST_FOREIGN and not few


def _straight(ready: PreparedPage) -> PreparedPage:
    """Rotated so that lines lie level, where they are far from it."""
    direction = text_direction(ready.fragments)
    if direction.agreement < LEAST_AGREEMENT or not LARGEST_SLANT < abs(direction.degrees) <= 45:
        return ready
    why = f"lines slant by {direction.degrees:.0f}°"
    return _changed(
        ready,
        f"Straightened by {abs(direction.degrees):.0f}°",
        why,
        page=rotated(ready.page, direction.degrees),
        fragments=(),
    )


def _seen_closely(ready: PreparedPage, detector: TextDetector) -> PreparedPage:
    """Small text looked for in a larger view."""
    height, width = ready.page.pixels.shape[:2]
    scale = overview_scale(width, height)
    for _ in range(CLOSER_LOOKS):
        closer = closer_scale(ready.fragments, scale)
        if closer is None:
            break
        found = detector.detect(ready.page.pixels, closer)
        if len(found) <= len(ready.fragments):
            break
        why = f"at {scale:.0%} the text was too small to be found reliably"
        ready = _changed(
            ready, f"Looked at closely, at {closer:.0%} of its size", why, page=ready.page, fragments=found
        )
        scale = closer
    return ready
