"""Lines of many widths in few shapes: buckets keep memory flat, batches keep the processor busy."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["bucket_width", "plan_batches"]

# Widths are rounded up to a step of about an eighth of themselves, from 64 on: at most 12 % is padding, and up to
# MAX_WIDTH there are fewer than 50 different widths, so that ONNX Runtime's buffers settle.
SMALLEST_WIDTH = 64
STEPS_PER_DOUBLING = 8
WIDTH_MULTIPLE = 16

# Columns of pixels in one run. The base recogniser answers with 18,710 floats per 8 columns: 2,048 columns are 19 MB.
# Smaller batches spread more evenly over threads.
BATCH_COLUMNS = 2048
# A line this wide (in pixels at the recogniser's height) has some 300 characters; longer ones are squeezed to it.
MAX_WIDTH = 4096


def bucket_width(width: int) -> int:
    """The width, not less than ``width``, to which a line is padded."""
    if width <= SMALLEST_WIDTH:
        return SMALLEST_WIDTH
    step = max(WIDTH_MULTIPLE, (1 << (width - 1).bit_length()) // 2 // STEPS_PER_DOUBLING)
    return -(-width // step) * step


def plan_batches(widths: Sequence[int]) -> list[tuple[int, list[int]]]:
    """Group lines of the same bucket, as many to a run as ``BATCH_COLUMNS`` allow.

    Returns:
        (padded width, indices into ``widths``), in no particular order.
    """
    buckets: dict[int, list[int]] = {}
    for index, width in enumerate(widths):
        buckets.setdefault(bucket_width(width), []).append(index)
    batches = []
    for padded, indices in buckets.items():
        size = max(1, BATCH_COLUMNS // padded)
        batches += [(padded, indices[i : i + size]) for i in range(0, len(indices), size)]
    return batches
