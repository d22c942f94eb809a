"""Memory over many pictures, in a process of its own: what other tests left behind would blur the measure."""

from __future__ import annotations

import gc
import json
import subprocess
import sys

import cv2
import numpy as np
import psutil
import pytest

import unscrawl
from tests.pictures import ROOT, printed

IMAGES = 100
SETTLED = 40
# From 30 pictures to the next 30. EasyOCR grows by 33 MB a call (EasyOCR#815).
LARGEST_GROWTH_MB = 20.0


@pytest.mark.timeout(900)  # a minute and a half of work, and several times that where others use the processors too
def test_memory_stays_flat_over_many_shapes() -> None:
    done = subprocess.run([sys.executable, "-m", "tests.test_memory"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    resident = json.loads(done.stdout)
    assert len(resident) == IMAGES // 10
    # Free memory is given back once there are 16 MB of it, so what is held goes up and down: a leak raises the least.
    settled = resident[SETTLED // 10 :]
    half = len(settled) // 2
    growth = min(settled[half:]) - min(settled[:half])
    assert growth < LARGEST_GROWTH_MB, " ".join(f"{each:.0f}" for each in resident)


def read_many() -> list[float]:
    """Resident memory in MB after every ten pictures."""
    engine = unscrawl.OcrEngine()
    process = psutil.Process()
    rng = np.random.default_rng(1)
    resident = []
    # A word in doubt, for which all is loaded that some line will need.
    engine.recognize(np.asarray(cv2.GaussianBlur(printed(["in doubt"]), (0, 0), 3), dtype=np.uint8), single_line=True)
    for number in range(IMAGES):
        lines = [f"line {number} " + "word " * int(rng.integers(1, 7)) for _ in range(int(rng.integers(1, 4)))]
        engine.recognize(printed(lines, size=int(rng.integers(14, 30))))
        if number % 10 == 9:
            gc.collect()
            resident.append(process.memory_info().rss / 2**20)
    return resident


if __name__ == "__main__":
    print(json.dumps(read_many()))
