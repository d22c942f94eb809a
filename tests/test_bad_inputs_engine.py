"""Whatever comes in, the engine gives a typed error or a document, soon."""

from __future__ import annotations

import contextlib
import io
import time

import pytest

import unscrawl
from tests.bad_inputs import bad_inputs
from tests.pictures import printed
from unscrawl.options import ReadOptions

CASES = bad_inputs()
LIMITS = ReadOptions(page_timeout=20, max_megapixels=30, max_pages=50)
MOST_SECONDS = 60.0


@pytest.fixture(scope="module")
def limited() -> unscrawl.OcrEngine:
    return unscrawl.OcrEngine(LIMITS)


@pytest.mark.parametrize("name", CASES)
def test_bad_inputs_end_in_a_typed_error_or_a_document(limited: unscrawl.OcrEngine, name: str) -> None:
    started = time.monotonic()
    try:
        document = limited.recognize(CASES[name])
    except (unscrawl.OcrException, OSError) as error:
        assert str(error)
    else:
        assert document.pages
        assert all(page.error or min(page.width, page.height) >= 1 for page in document)
        assert document.to_json()
    assert time.monotonic() - started < MOST_SECONDS


@pytest.mark.parametrize("name", ["png-1x1", "jpeg-cut-90%", "text"])
def test_a_stream_ends_as_its_bytes_do(limited: unscrawl.OcrEngine, name: str) -> None:
    def outcome(source: bytes | io.BytesIO) -> str:
        try:
            return limited.recognize(source).text
        except unscrawl.OcrException as error:
            return error.slug

    assert outcome(io.BytesIO(CASES[name])) == outcome(CASES[name])


def test_the_engine_reads_on_after_them(limited: unscrawl.OcrEngine) -> None:
    for name in ("pdf-garbage", "png-no-data", "empty", "png-1x1"):
        with contextlib.suppress(unscrawl.OcrException):
            limited.recognize(CASES[name])
        assert limited.recognize(printed(["still well"])).text == "still well"
