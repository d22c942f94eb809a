"""An OCR engine for Docling: ``pip install 'unscrawl[docling]'``.

::

    options = PdfPipelineOptions(allow_external_plugins=True, ocr_options=UnscrawlOcrOptions(lang=["fr"]))

Docling finds it by the entry point ``unscrawl`` of the group ``docling``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Literal

from unscrawl.engine import OcrEngine
from unscrawl.exceptions import MissingDependency, UnknownLanguage
from unscrawl.inference import available_cpus
from unscrawl.languages import Language, resolve_languages
from unscrawl.result import Line

try:
    from docling.datamodel.accelerator_options import AcceleratorOptions
    from docling.datamodel.base_models import Page
    from docling.datamodel.document import ConversionResult
    from docling.datamodel.pipeline_options import OcrOptions
    from docling.exceptions import OcrLanguageNotSupportedError
    from docling.models.base_ocr_model import BaseOcrModel
    from docling.utils.ocr_language import OcrLanguage, OcrLanguageSupport
    from docling.utils.profiling import TimeRecorder
    from docling_core.types.doc import BoundingBox, CoordOrigin
    from docling_core.types.doc.page import BoundingRectangle, TextCell
    from pydantic import Field
except ImportError as error:
    raise MissingDependency(
        "The package docling is not installed.", remedy="Install it: pip install 'unscrawl[docling]'."
    ) from error

__all__ = ["UnscrawlOcrModel", "UnscrawlOcrOptions", "ocr_engines"]

_LIMIT = 1000.0
"""Megapixels: Docling has drawn the page already."""


class UnscrawlOcrOptions(OcrOptions):
    """How Docling has pages read by Unscrawl.

    Attributes:
        lang: Names or codes of languages; those of Docling (``iso:fr``) also. None has them told from the page.
        writing: What kind of writing to expect: ``auto``, ``handwritten`` or ``printed``.
    """

    kind: ClassVar[Literal["unscrawl"]] = "unscrawl"
    lang: list[str] = Field(default_factory=list)
    writing: Literal["auto", "handwritten", "printed"] = "auto"


class UnscrawlOcrModel(BaseOcrModel):
    """What Docling asks of an engine."""

    multiple_languages = True

    def __init__(
        self,
        enabled: bool,
        artifacts_path: Path | None,
        options: UnscrawlOcrOptions,
        accelerator_options: AcceleratorOptions,
    ) -> None:
        super().__init__(
            enabled=enabled, artifacts_path=artifacts_path, options=options, accelerator_options=accelerator_options
        )
        if enabled:
            self._languages = resolve_languages(self.resolve_ocr_languages() or [Language.AUTO])
            self._engine = OcrEngine(threads=min(accelerator_options.num_threads, available_cpus()))

    def supported_ocr_languages(self) -> OcrLanguageSupport:
        """All that we can name."""
        return OcrLanguageSupport(bcp47=[language.tag for language in Language if language is not Language.AUTO])

    def map_ocr_language(self, language: OcrLanguage) -> str:
        """Our code of a language.

        Raises:
            OcrLanguageNotSupportedError: If we have none of this name.
        """
        try:
            (found,) = resolve_languages([language.native or language.bcp47()])
        except UnknownLanguage as error:
            raise OcrLanguageNotSupportedError(
                "Unscrawl", language.tag(), supported=self.supported_ocr_languages(), detail=str(error)
            ) from error
        return str(found.value)

    def __call__(self, conv_res: ConversionResult, page_batch: Iterable[Page]) -> Iterable[Page]:
        """Read the parts of each page that Docling wants read."""
        for page in page_batch:
            if self.enabled and page._backend.is_valid():
                with TimeRecorder(conv_res, "ocr"):
                    parts = [part for part in self.get_ocr_rects(page) if part.area() > 0]
                    cells = [cell for part in parts for cell in self._cells(page, part)]
                    self.post_process_cells(cells, page, conv_res)
            yield page

    def _cells(self, page: Page, part: BoundingBox) -> Iterable[TextCell]:
        """A cell for each line in a part of the page, in units of the page."""
        scale = self.options.scale
        picture = page._backend.get_page_image(scale=scale, cropbox=part)
        result = self._engine.recognize(
            picture, language=self._languages, mode=self.options.writing, max_megapixels=_LIMIT
        )
        for index, line in enumerate(result.lines):
            yield TextCell(
                index=index,
                text=line.text,
                orig=line.text,
                confidence=line.confidence,
                from_ocr=True,
                rect=_rectangle(line, part, scale),
            )

    @classmethod
    def get_options_type(cls) -> type[OcrOptions]:
        """The options by which Docling chooses this engine."""
        return UnscrawlOcrOptions


def _rectangle(line: Line, part: BoundingBox, scale: float) -> BoundingRectangle:
    corners: dict[str, Any] = {}
    # Ours begin at the upper left and go round clockwise, Docling's at the lower left and go round the other way.
    for number, (x, y) in zip((3, 2, 1, 0), line.quad, strict=True):
        corners[f"r_x{number}"], corners[f"r_y{number}"] = part.l + x / scale, part.t + y / scale
    return BoundingRectangle(**corners, coord_origin=CoordOrigin.TOPLEFT)


def ocr_engines() -> dict[str, list[type[BaseOcrModel]]]:
    """The function by which Docling finds the engine."""
    return {"ocr_engines": [UnscrawlOcrModel]}
