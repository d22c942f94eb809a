"""PDFs: rendered in a process of their own, which may hang, crash or be killed."""

from __future__ import annotations

import gc
import io
import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import numpy as np
import pikepdf
import psutil
import pytest
from PIL import Image

from tests.bad_inputs import sample_picture
from tests.pdf_files import BLACK_SQUARE, encrypted, pdf_of_objects, pdf_of_pages, slow_content
from unscrawl.exceptions import (
    DamagedInput,
    InputTimeout,
    InvalidOption,
    LimitExceeded,
    PasswordRequired,
)
from unscrawl.imaging import PageFailure, PageImage, open_source
from unscrawl.options import ReadOptions

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")


OTHERS: set[int] = set()
"""Children that were there before the test: other files' tests may have run in this process."""


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if child.pid not in OTHERS]


@pytest.fixture(autouse=True)
def nothing_left_behind() -> object:
    OTHERS.clear()
    OTHERS.update(child.pid for child in workers())
    yield
    gc.collect()
    assert workers() == []


def page_of(data: bytes, **options: object) -> PageImage:
    (page,) = open_source(data, ReadOptions(**options)).read_pages()  # type: ignore[arg-type]
    assert isinstance(page, PageImage)
    return page


def slow_pdf() -> bytes:
    """A fast page, one that takes hours, a fast one."""
    content, resources, forms = slow_content()
    return pdf_of_pages(BLACK_SQUARE, content, BLACK_SQUARE, extra=resources, more=forms)


def test_a_page() -> None:
    page = page_of(pdf_of_pages(BLACK_SQUARE), pdf_dpi=144)
    assert page.pixels.shape == (400, 200, 3)
    assert page.original_size == (200, 400)
    assert page.dpi == 144
    assert (page.to_original == np.eye(3)).all()
    assert not page.pixels.flags.writeable
    # PDF counts from the bottom left: the square from 10 to 30 is near the lower corner.
    assert (page.pixels[350, 40] == 0).all()
    assert (page.pixels[40, 40] == 255).all()


def test_colours_are_not_swapped() -> None:
    page = page_of(pdf_of_pages(b"1 0 0 rg 0 0 100 200 re f"), pdf_dpi=72)
    assert page.pixels[100, 50].tolist() == [255, 0, 0]


def test_pictures_saved_as_pdf_by_pillow() -> None:
    out = io.BytesIO()
    pictures = [sample_picture(), sample_picture(48, 64)]
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:], resolution=72)
    pages = list(open_source(out.getvalue(), ReadOptions(pdf_dpi=72)).read_pages())
    assert [page.pixels.shape for page in pages if isinstance(page, PageImage)] == [(48, 64, 3), (64, 48, 3)]


def test_rotated_pages() -> None:
    page = page_of(pdf_of_pages(BLACK_SQUARE, extra=b"/Rotate 90"), pdf_dpi=72)
    assert page.pixels.shape == (100, 200, 3)
    assert (page.pixels[20, 20] == 0).all()  # from the lower left to the upper left corner


def test_annotations_and_form_fields_are_rendered() -> None:
    form = (
        b"<</Type /XObject /Subtype /Form /BBox [0 0 20 20] /Length 24>>\nstream\n1 0 0 rg 0 0 20 20 re f \nendstream"
    )
    for kind in (b"/Subtype /Square", b"/Subtype /Widget /FT /Tx /T (a)"):
        objects = [
            b"<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R]>>>>",
            b"<</Type /Pages /Count 1 /Kids [3 0 R]>>",
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Annots [4 0 R]>>",
            b"<</Type /Annot %b /Rect [40 40 60 60] /F 4 /AP <</N 5 0 R>>>>" % kind,
            form,
        ]
        page = page_of(pdf_of_objects(objects), pdf_dpi=72)
        assert page.pixels[50, 50].tolist()[0] == 255
        assert page.pixels[50, 50].tolist()[1] < 255, kind


def test_ranges_and_limits() -> None:
    data = pdf_of_pages(*[BLACK_SQUARE] * 5)
    source = open_source(data, ReadOptions(pages="2,4-", pdf_dpi=72))
    assert source.page_count == 5
    for _ in range(2):  # repeatable
        assert [page.number for page in source.read_pages()] == [2, 4, 5]
    with pytest.raises(InvalidOption):
        open_source(data, ReadOptions(pages="6"))
    with pytest.raises(LimitExceeded):
        open_source(data, ReadOptions(max_pages=4))
    assert open_source(data, ReadOptions(max_pages=4, pages="1-4")).page_count == 5


def test_the_header_may_come_late() -> None:
    assert page_of(b"From a mail gateway\r\n" + pdf_of_pages(BLACK_SQUARE), pdf_dpi=72).original_size == (
        100,
        200,
    )


def test_a_page_over_the_limit_is_rendered_smaller() -> None:
    page = page_of(pdf_of_pages(BLACK_SQUARE, box="0 0 1000 1000"), max_megapixels=2)
    width, height = page.original_size
    assert 1_950_000 < width * height <= 2_000_000
    assert page.dpi == pytest.approx(width / 1000 * 72, rel=0.01)
    with pytest.raises(LimitExceeded) as caught:
        page_of(pdf_of_pages(BLACK_SQUARE, box="0 0 1000 1000"), max_megapixels=0.9)
    assert caught.value.actual == pytest.approx(1)


def test_the_largest_page_allowed_fits_into_the_worker_s_memory() -> None:
    page = page_of(pdf_of_pages(BLACK_SQUARE, box="0 0 5000 5000"), pdf_dpi=300)
    assert 99e6 < page.pixels.shape[0] * page.pixels.shape[1] <= 100e6


def test_passwords() -> None:
    data = encrypted(pdf_of_pages(BLACK_SQUARE), "schlüssel")
    with pytest.raises(PasswordRequired, match="no password was given"):
        open_source(data, ReadOptions())
    with pytest.raises(PasswordRequired, match="is wrong"):
        open_source(data, ReadOptions(password="Schlüssel"))
    assert page_of(data, password="schlüssel", pdf_dpi=72).original_size == (100, 200)
    # A password that is not needed does no harm.
    assert page_of(pdf_of_pages(BLACK_SQUARE), password="x", pdf_dpi=72).original_size == (100, 200)


def test_a_slow_page_is_given_up_and_the_others_are_read() -> None:
    start = time.monotonic()
    pages = list(open_source(slow_pdf(), ReadOptions(page_timeout=1.5, pdf_dpi=72)).read_pages())
    assert [type(page) for page in pages] == [PageImage, PageFailure, PageImage]
    assert isinstance(pages[1], PageFailure)
    assert isinstance(pages[1].error, InputTimeout)
    assert "1.5 seconds" in str(pages[1].error)
    assert time.monotonic() - start < 10
    with pytest.raises(InputTimeout):
        list(open_source(slow_pdf(), ReadOptions(page_timeout=1.5, pages="2")).read_pages())


@posix
def test_a_worker_killed_at_work() -> None:
    pages = open_source(slow_pdf(), ReadOptions(pdf_dpi=72)).read_pages()
    assert isinstance(next(pages), PageImage)
    (worker,) = workers()
    killer = threading.Timer(0.5, lambda: os.kill(worker.pid, signal.SIGKILL))
    killer.start()
    second = next(pages)
    killer.join()
    assert isinstance(second, PageFailure)
    assert isinstance(second.error, DamagedInput)
    assert "signal 9" in str(second.error)
    assert isinstance(next(pages), PageImage)
    assert list(pages) == []


@posix
def test_a_worker_killed_between_two_pages() -> None:
    pages = open_source(pdf_of_pages(*[BLACK_SQUARE] * 3), ReadOptions(pdf_dpi=72)).read_pages()
    next(pages)
    (worker,) = workers()
    os.kill(worker.pid, signal.SIGKILL)
    psutil.wait_procs([worker], timeout=5)
    assert [type(page) for page in pages] == [PageImage, PageImage]


def test_abandoned_readers_leave_nothing() -> None:
    source = open_source(pdf_of_pages(*[BLACK_SQUARE] * 3), ReadOptions(pdf_dpi=72))
    assert workers() == []  # nor does opening
    before = psutil.Process().num_fds() if hasattr(psutil.Process, "num_fds") else 0
    pages = source.read_pages()
    next(pages)
    assert len(workers()) == 1
    pages.close()  # type: ignore[attr-defined]
    assert workers() == []
    pages = source.read_pages()
    next(pages)
    del pages
    gc.collect()
    assert workers() == []
    if before:
        assert psutil.Process().num_fds() == before


@posix
def test_ctrl_c_ends_the_worker(tmp_path: Path) -> None:
    (tmp_path / "slow.pdf").write_bytes(slow_pdf())
    program = (
        "import sys\nfrom unscrawl.imaging import open_source\nfrom unscrawl.options import ReadOptions\n"
        "print('ready', flush=True)\n"
        "list(open_source(sys.argv[1], ReadOptions(pages='2')).read_pages())\n"
    )
    run = [sys.executable, "-c", program, str(tmp_path / "slow.pdf")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        deadline = time.monotonic() + 20
        children: list[psutil.Process] = []
        time.sleep(1)
        while not children and time.monotonic() < deadline:
            children = psutil.Process(process.pid).children()
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert b"KeyboardInterrupt" in errors
    assert psutil.wait_procs(children, timeout=5)[1] == []


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the limit of another process")
def test_the_worker_s_memory_is_limited() -> None:
    pages = open_source(pdf_of_pages(*[BLACK_SQUARE] * 2), ReadOptions(pdf_dpi=72)).read_pages()
    next(pages)
    (worker,) = workers()
    soft, _ = worker.rlimit(psutil.RLIMIT_AS)
    assert 2_000_000_000 < soft < 2_300_000_000
    pages.close()  # type: ignore[attr-defined]


def test_the_worker_imports_nothing_heavy() -> None:
    program = (
        "import sys, unscrawl.imaging.pdf_worker, pypdfium2\n"
        "print([name for name in ('cv2', 'onnxruntime', 'PIL', 'numpy') if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    assert answer.stdout.strip() == "[]"


def test_modules_in_the_current_folder_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("json", "pypdfium2", "unscrawl"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    assert page_of(pdf_of_pages(BLACK_SQUARE), pdf_dpi=72).original_size == (100, 200)


def test_a_decompression_bomb_does_no_harm() -> None:
    # 30,000 x 30,000 pixels of RGB, 2.7 GB, in a picture of 3 MB: more than the worker may use.
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(100, 100))
        image = document.make_stream(
            b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=30_000, Height=30_000,
            ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8,
        )  # fmt: skip
        # A block of deflate that does not look back may be repeated as it stands.
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        block = packer.compress(bytes(90_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
        packed = b"\x78\xda" + block * 30 + b"\x03\x00" + bytes(4)
        image.write(packed, filter=pikepdf.Name.FlateDecode)
        document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=image))
        document.pages[0].Contents = document.make_stream(b"100 0 0 100 0 0 cm /I Do")
        document.save(out)
    try:
        page = page_of(out.getvalue(), pdf_dpi=72, page_timeout=30)
    except (DamagedInput, InputTimeout):
        return
    assert page.original_size == (100, 100)


def test_jbig2_and_friends_through_pillow() -> None:
    out = io.BytesIO()
    Image.new("1", (100, 100), 1).save(out, "PDF", resolution=72)
    assert (page_of(out.getvalue(), pdf_dpi=72).pixels == 255).all()
