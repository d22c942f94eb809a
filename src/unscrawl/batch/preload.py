"""The networks, loaded once: workers are forked from the process that imports this, and share its memory.

One thread for each worker: many pages at a time, each on one processor, are read faster than one page after another on
all of them, and never more threads run than there are processors.
"""

from __future__ import annotations

import os
from contextlib import suppress

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # read when the libraries below are loaded

import cv2  # noqa: E402
import numpy as np  # noqa: E402

from unscrawl.exceptions import ModelUnavailable  # noqa: E402
from unscrawl.imaging import open_source  # noqa: E402
from unscrawl.options import ReadOptions, RecognitionMode  # noqa: E402
from unscrawl.pipeline import Models, read_pages  # noqa: E402

__all__ = ["MODELS"]

cv2.setNumThreads(1)

MODELS = Models(1)
"""What all workers read with."""


def _warm_up() -> None:
    """Load what reading needs, by reading an empty line and an empty page."""
    blank = np.full((48, 64, 3), 255, np.uint8)
    for options in (
        ReadOptions(single_line=True),
        ReadOptions(single_line=True, mode=RecognitionMode.PRINTED),
        ReadOptions(),
    ):
        for _ in read_pages(open_source(blank, options), MODELS, options):
            pass


with suppress(ModelUnavailable):  # the workers will meet it again, and tell
    _warm_up()
