"""The tasks of the vendor's REST API that are offered, and what each is here."""

from __future__ import annotations

__all__ = ["VENDOR_TASKS"]

VENDOR_TASKS = {
    "RecognizeImage": "read",
    "RecognizePdf": "read",
    "RecognizeLabel": "read",
    "RecognizeReceipt": "read",
    "RecognizeTable": "read",
    "RecognizeRegions": "regions",
    "DetectRegions": "boxes",
    "BinarizeImage": "binarise",
    "DeskewImage": "deskew",
    "DewarpImage": "dewarp",
    "UpscaleImage": "upscale",
}
"""The last part of the path -> the task of :func:`unscrawl.service.tasks.perform`."""
