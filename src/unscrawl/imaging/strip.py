"""The strip of a page that a line of writing fills: as long as the line, as high as its letters, and bent like it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from unscrawl.imaging.geometry import Points
from unscrawl.imaging.scale import LONGEST_SIDE

__all__ = ["Strip"]


@dataclass(frozen=True, eq=False)
class Strip:
    """A band between two polylines.

    Attributes:
        upper: float64 (n, 2), n >= 2: its upper edge in page pixels, as the writing runs.
        lower: float64 (n, 2): its lower edge; point i lies across from point i of the upper edge.
    """

    upper: Points
    lower: Points

    @classmethod
    def from_quad(cls, quad: Points) -> Strip:
        """The straight strip with these corners (4, 2): top left, top right, bottom right, bottom left."""
        return cls(quad[:2], quad[[3, 2]])

    @property
    def quad(self) -> Points:
        """Its corners (4, 2): top left, top right, bottom right, bottom left."""
        return np.array([self.upper[0], self.upper[-1], self.lower[-1], self.lower[0]])

    @cached_property
    def _along(self) -> NDArray[np.float64]:
        """How far along the line each pair of points lies, in page pixels."""
        steps = np.linalg.norm(np.diff((self.upper + self.lower) / 2, axis=0), axis=1)
        return np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its picture in pixels: at least 1, at most ``LONGEST_SIDE``."""
        height = np.linalg.norm(self.lower - self.upper, axis=1).mean()
        return _side(self._along[-1]), _side(height)

    def at(self, along: NDArray[np.float64]) -> tuple[Points, Points]:
        """The points of the upper and the lower edge at shares of the length: 0 the left end, 1 the right end."""
        far = np.asarray(along) * self._along[-1]
        edges = [
            np.stack([np.interp(far, self._along, edge[:, axis]) for axis in (0, 1)], axis=-1)
            for edge in (self.upper, self.lower)
        ]
        return edges[0], edges[1]

    def part(self, start: float, end: float) -> Points:
        """The corners (4, 2) of the part between two shares of the length: what bends within it is cut straight."""
        upper, lower = self.at(np.array([start, end]))
        return np.array([upper[0], upper[1], lower[1], lower[0]])

    def grown(self, share: float) -> Strip:
        """A strip higher by ``share`` of this one's height above and below."""
        across = (self.lower - self.upper) * share
        return Strip(self.upper - across, self.lower + across)

    def sampling(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """For every pixel of its picture the column and the row of the page that it shows: (height, width) each."""
        width, height = self.size
        upper, lower = self.at((np.arange(width) + 0.5) / width)
        down = ((np.arange(height) + 0.5) / height)[:, None]
        # Points count from a pixel's corner, OpenCV's maps from its centre.
        x, y = (
            np.asarray(upper[:, axis] * (1 - down) + lower[:, axis] * down - 0.5, dtype=np.float32) for axis in (0, 1)
        )
        return x, y


def _side(length: float) -> int:
    return min(max(1, round(float(length))), LONGEST_SIDE)
