"""Inside of Docling, with the real package where it is installed.

It is not among the packages for development: with PyTorch it has gigabytes. Its layout model is downloaded when it is
first used, which no test may. Here one takes its place that finds what it is told to; of what lies outside, Docling
makes a paragraph of each line.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from PIL import Image

from tests.pictures import NOTE, NOTE_TEXT, printed
from unscrawl import OcrEngine

pytest.importorskip("docling", reason="Docling is not installed: pip install 'unscrawl[docling]'", exc_type=ImportError)
pytestmark = pytest.mark.filterwarnings("ignore")  # Docling's and PyTorch's own


def converter(found: Sequence[tuple[float, float, float, float]] = (), **options: Any) -> Any:
    """Docling with our engine, found by the entry point.

    Args:
        found: The boxes (left, top, right, bottom, in points) that the layout model takes for text on each page.
        **options: Of our engine.
    """
    from docling.datamodel.base_models import Cluster, InputFormat, LayoutPrediction, Page
    from docling.datamodel.pipeline_options import BaseLayoutOptions, PdfPipelineOptions
    from docling.document_converter import DocumentConverter, ImageFormatOption, PdfFormatOption
    from docling.models.base_layout_model import BaseLayoutModel
    from docling.models.factories import get_layout_factory
    from docling_core.types.doc import BoundingBox, DocItemLabel

    from unscrawl.integrations.docling import UnscrawlOcrOptions

    class ToldLayoutOptions(BaseLayoutOptions):
        kind: ClassVar[str] = "told"

    class ToldLayout(BaseLayoutModel):
        def __init__(self, **_: Any) -> None:
            pass

        @classmethod
        def get_options_type(cls) -> type[BaseLayoutOptions]:
            return ToldLayoutOptions

        def predict_layout(self, conv_res: Any, pages: Sequence[Page]) -> list[LayoutPrediction]:
            clusters = [
                Cluster(id=number, label=DocItemLabel.TEXT, bbox=BoundingBox(l=box[0], t=box[1], r=box[2], b=box[3]))
                for number, box in enumerate(found)
            ]
            return [LayoutPrediction(clusters=clusters) for _ in pages]

    get_layout_factory(allow_external_plugins=True).register(ToldLayout, "test", __name__)
    pipeline = PdfPipelineOptions(
        allow_external_plugins=True,
        do_table_structure=False,
        generate_parsed_pages=True,
        layout_options=ToldLayoutOptions(),
        ocr_options=UnscrawlOcrOptions(**options),
    )
    return DocumentConverter(
        format_options={
            InputFormat.IMAGE: ImageFormatOption(pipeline_options=pipeline),
            InputFormat.PDF: PdfFormatOption(pipeline_options=pipeline),
        }
    )


def texts(document: Any) -> list[str]:
    return [item.text for item in document.texts]


def test_docling_finds_the_engine() -> None:
    from docling.models.factories import get_ocr_factory

    from unscrawl.integrations.docling import UnscrawlOcrModel, UnscrawlOcrOptions

    factory = get_ocr_factory(allow_external_plugins=True)
    assert factory.classes[UnscrawlOcrOptions] is UnscrawlOcrModel
    assert factory.registered_meta[UnscrawlOcrOptions].plugin_name == "unscrawl"
    assert isinstance(factory.create_options("unscrawl", lang=["fr"]), UnscrawlOcrOptions)
    # Unless it is asked for, Docling does not even import it.
    assert "unscrawl" not in get_ocr_factory(allow_external_plugins=False).registered_kind


def test_docling_reads_a_picture_with_us() -> None:
    result = converter(mode="full_page", writing="handwritten", lang=["en"]).convert(NOTE)
    assert result.status.value == "success", result.errors
    picture = Image.open(NOTE)
    (page,) = result.pages
    assert [cell.text for cell in page.cells] == NOTE_TEXT.splitlines()
    # Of paragraphs that it was not told of, Docling makes an order of its own.
    assert sorted(texts(result.document)) == sorted(NOTE_TEXT.splitlines())
    for cell in page.cells:
        box = cell.rect.to_bounding_box()
        assert cell.from_ocr and 0.5 < cell.confidence <= 1
        assert 0 <= box.l < box.r <= page.size.width and 0 <= box.t < box.b <= page.size.height
    first, *_, last = (cell.rect.to_bounding_box() for cell in page.cells)
    assert first.b < last.t
    assert (page.size.width / page.size.height) == pytest.approx(picture.width / picture.height, rel=0.01)
    assert result.confidence.ocr_score > 0.5


def test_lines_stand_where_they_are_on_the_page(tmp_path: Path, engine: OcrEngine) -> None:
    picture = Image.fromarray(printed(["first line", "second line"]))
    picture.save(tmp_path / "page.pdf", resolution=144)
    first, second = engine.recognize(picture, mode="printed").lines
    whole = converter(mode="full_page", writing="printed", lang=["iso:en"]).convert(tmp_path / "page.pdf")
    assert texts(whole.document) == ["first line", "second line"]
    # By default it reads only what the layout model has found.
    width, height, middle = picture.width / 2, picture.height / 2, (first.bbox[3] + second.bbox[1]) / 4
    part = converter([(0, middle, width, height)], writing="printed").convert(tmp_path / "page.pdf")
    assert texts(part.document) == ["second line"]
    for result, lines in ((whole, [first, second]), (part, [second])):
        for cell, line in zip(result.pages[0].cells, lines, strict=True):
            # The first of Docling's corners is the lower left; in points, of which 72 are an inch.
            for (x, y), index in zip(line.quad, (3, 2, 1, 0), strict=True):
                assert getattr(cell.rect, f"r_x{index}") == pytest.approx(x / 2, abs=2)
                assert getattr(cell.rect, f"r_y{index}") == pytest.approx(y / 2, abs=2)


def test_a_language_that_we_do_not_know_is_told() -> None:
    from docling.datamodel.accelerator_options import AcceleratorOptions
    from docling.exceptions import OcrLanguageNotSupportedError

    from unscrawl.integrations.docling import UnscrawlOcrModel, UnscrawlOcrOptions

    def model(*languages: str) -> Any:
        options = UnscrawlOcrOptions(lang=list(languages))
        return UnscrawlOcrModel(True, None, options, AcceleratorOptions())

    assert model("german", "fra", "iso:pt-BR").resolve_ocr_languages() == ["deu", "fra", "por"]
    with pytest.raises(OcrLanguageNotSupportedError, match="klingonese"):
        model("klingonese")
