"""Whatever comes in: a typed error or pages, soon and in little memory."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.bad_inputs import bad_inputs, png_with_size, valid_inputs
from unscrawl.exceptions import LimitExceeded, OcrException
from unscrawl.imaging import PageFailure, PageImage, open_source
from unscrawl.options import ReadOptions

CASES = bad_inputs()
LIMITS = ReadOptions(page_timeout=20, max_megapixels=30)
FUZZ_SECONDS = 15.0
MOST_MEMORY = 1_500_000_000
"""Bytes: the interpreter, the corpus and one page at the limit in a few copies."""


def outcome(data: bytes, options: ReadOptions = LIMITS) -> list[PageImage | PageFailure] | OcrException:
    try:
        pages = list(open_source(data, options).read_pages())
    except OcrException as error:
        assert str(error)
        return error
    assert pages
    return pages


@pytest.mark.parametrize("name", CASES)
def test_bad_inputs(name: str) -> None:
    start = time.monotonic()
    outcome(CASES[name])
    assert time.monotonic() - start < 60


@pytest.mark.skipif(sys.platform == "win32", reason="needs the module resource")
def test_bad_inputs_need_little_memory() -> None:
    import resource

    for data in CASES.values():
        outcome(data)
    unit = 1 if sys.platform == "darwin" else 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit < MOST_MEMORY


@pytest.mark.parametrize("name", ["png-bomb-header", "png-flat-bomb", "png-tall-bomb", "tiff-bomb", "jpeg-65k"])
def test_bombs_are_refused_for_their_size(name: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        open_source(CASES[name], ReadOptions())
    assert caught.value.limit == "max_megapixels"


def test_too_many_frames_are_refused_for_their_number() -> None:
    with pytest.raises(LimitExceeded) as caught:
        open_source(CASES["gif-many-frames"], ReadOptions())
    assert caught.value.limit == "max_pages"
    assert caught.value.actual == 100_000


@pytest.mark.parametrize("name", [name for name in CASES if "-cut-5%" in name or "-cut-30%" in name])
def test_cut_files_are_errors(name: str) -> None:
    result = outcome(CASES[name], ReadOptions(pages="1"))
    assert isinstance(result, OcrException), name


@pytest.mark.parametrize(
    "name", ["png-1x1", "png-20000-wide", "png-1-high", "png-1-wide", "two-jpegs", "bmp-upside-down"]
)
def test_odd_but_sound_pictures_are_read(name: str) -> None:
    (page,) = open_source(CASES[name], ReadOptions()).read_pages()
    assert isinstance(page, PageImage)


@given(st.integers(1, 2**31 - 1), st.integers(1, 2**31 - 1))
@settings(deadline=500, max_examples=200)
def test_declared_sizes_over_the_limit_are_refused_before_decoding(width: int, height: int) -> None:
    assume(width * height > 1_000_000)
    with pytest.raises(LimitExceeded):
        open_source(png_with_size(width, height), ReadOptions(max_megapixels=1))


def mutations(seed: int) -> Iterator[bytes]:
    """Sound files with some bytes changed, taken out or doubled, for ever."""
    chance = random.Random(seed)
    # Each change to a PDF costs a process: it comes up once in a while.
    files = {name: data for name, data in valid_inputs().items() if name != "pdf"}
    names = [*files, *files, "pdf"]
    files["pdf"] = valid_inputs()["pdf"]
    while True:
        data = bytearray(files[chance.choice(names)])
        for _ in range(chance.choice([1, 1, 2, 5, 20])):
            at = chance.randrange(min(len(data), chance.choice([40, 200, len(data)])))
            kind = chance.random()
            if kind < 0.7:
                data[at] = chance.choice([0, 1, 127, 128, 255, chance.randrange(256)])
            elif kind < 0.85:
                del data[at : at + chance.randrange(1, 9)]
            else:
                data[at:at] = data[at : at + chance.randrange(1, 9)]
            if not data:
                break
        yield bytes(data)


def test_changed_files(recwarn: pytest.WarningsRecorder) -> None:
    end = time.monotonic() + FUZZ_SECONDS
    tried = 0
    for data in mutations(seed=20260101):
        outcome(data, ReadOptions(max_megapixels=2, page_timeout=10, max_pages=20))
        tried += 1
        if time.monotonic() > end:
            break
    assert tried > 100
    assert not recwarn.list


def test_threads_do_not_disturb_each_other() -> None:
    names = ["jpeg", "tiff", "gif", "png", "tiff-raw", "pdf"]
    files = valid_inputs()
    failures: list[BaseException] = []

    def work(offset: int) -> None:
        try:
            for i in range(12):
                result = outcome(files[names[(i + offset) % len(names)]])
                assert isinstance(result, list)
                assert all(isinstance(page, PageImage) for page in result)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
