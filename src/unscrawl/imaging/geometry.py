"""Points and the transforms between a page's versions.

Points are float arrays of shape (..., 2), x then y, in pixels; the origin is the top left corner of the top left
pixel, so a picture of width w spans x from 0 to w. Transforms are 3x3 homogeneous matrices that act on columns
(x, y, 1), so perspective fits as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Matrix", "Points", "identity", "quarter_turns", "scaling", "transform_points"]

Matrix = NDArray[np.float64]
Points = NDArray[np.float64]


def identity() -> Matrix:
    """The transform that changes nothing."""
    return np.eye(3)


def scaling(x: float, y: float) -> Matrix:
    """Scale by ``x`` and ``y`` about the origin."""
    return np.diag([x, y, 1.0])


def quarter_turns(turns: int, width: float, height: float) -> Matrix:
    """Rotate a picture of ``width`` x ``height`` by ``turns`` times 90 degrees counter-clockwise (as seen).

    The result maps points of the picture to points of the turned picture, like ``numpy.rot90(pixels, turns)``.
    """
    turns %= 4
    if turns == 1:
        return np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, width], [0.0, 0.0, 1.0]])
    if turns == 2:
        return np.array([[-1.0, 0.0, width], [0.0, -1.0, height], [0.0, 0.0, 1.0]])
    if turns == 3:
        return np.array([[0.0, -1.0, height], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    return identity()


def transform_points(matrix: Matrix, points: Points) -> Points:
    """Apply ``matrix`` (3x3) to ``points`` (..., 2); the result has the same shape."""
    points = np.asarray(points, dtype=np.float64)
    moved = points @ matrix[:, :2].T + matrix[:, 2]
    result: Points = moved[..., :2] / moved[..., 2:]
    return result
