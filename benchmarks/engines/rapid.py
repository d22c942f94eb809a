"""RapidOCR with the PP-OCRv6-small models that its wheel carries."""

from __future__ import annotations

import logging
from importlib.metadata import version
from typing import Any

from benchmarks.engines.base import EngineUnavailable, join_boxes

__all__ = ["Rapid"]


class Rapid:
    """RapidOCR's own pipeline; only the grouping of its boxes into lines is ours (:func:`join_boxes`).

    Cut lines are given straight to its recogniser (``use_det=False``). On such flat pictures its detector,
    left on, raises the error rate (25 to 33 % on the first 40 lines of Copiste) and takes forty times as
    long.
    """

    external = False

    def __init__(self, *, use_cls: bool, threads: int) -> None:
        self._use_cls = use_cls
        self._threads = threads
        self._engine: Any = None

    def load(self) -> dict[str, str]:
        """Build the engine."""
        try:
            from rapidocr import RapidOCR
        except ImportError as error:
            raise EngineUnavailable(f"rapidocr cannot be imported: {error}") from None
        # It logs each picture without text.
        logging.disable(logging.ERROR)
        self._engine = RapidOCR(
            params={
                "Global.use_cls": self._use_cls,
                "EngineConfig.onnxruntime.intra_op_num_threads": self._threads,
            }
        )
        return {"rapidocr": version("rapidocr"), "onnxruntime": version("onnxruntime")}

    def read(self, path: str, layout: str, language: str | None) -> str:
        """The text of a picture."""
        # The flags are told each time, because RapidOCR keeps those of the call before.
        result = self._engine(path, use_det=layout == "pages", use_cls=self._use_cls, use_rec=True)
        texts = list(result.txts or ())
        if layout == "lines":
            return " ".join(texts)
        boxes = result.boxes if result.boxes is not None else ()
        return join_boxes((corners.tolist(), text) for corners, text in zip(boxes, texts, strict=True))
