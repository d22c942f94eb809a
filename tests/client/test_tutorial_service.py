"""The tutorial where it concerns the service, against a running one; the tests name its statements."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pdf2image
import pytest
from PIL import Image

import unscrawl as ocr
from tests.pictures import HAND_FONT, NOTE, NOTE_TEXT, ROOT, printed
from tests.service import running
from tests.service.running import Service
from tests.test_tutorial import TUTORIAL
from unscrawl.service.credentials import NewSecret
from unscrawl.service.tiers import BUILT_IN, Tier

pytestmark = pytest.mark.timeout(600)  # real processes start and read, on a machine that may be busy

TINY = Tier(name="tiny", calls_per_month=2)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running.service(home=tmp_path_factory.mktemp("home"), tiers={**BUILT_IN, "tiny": TINY}) as made:
        yield made


@pytest.fixture(scope="module")
def account(service: Service) -> NewSecret:
    return service.state.credentials.create("reader", "standard")


@pytest.fixture
def remote(service: Service, account: NewSecret) -> Iterator[ocr.OcrEngine]:
    with ocr.OcrEngine(client_id=account.client_id, client_secret=account.secret, base_url=service.url) as engine:  # T8
        yield engine


@pytest.mark.skipif(not TUTORIAL.exists(), reason="the tutorial's text is not beside this checkout")
def test_t35_complete_script_runs_with_only_credentials_and_path_changed(
    service: Service, account: NewSecret, tmp_path: Path
) -> None:
    """T4, T6, T22 to T27, T33: through the shim, so that not even the import changes."""
    script = max(re.findall(r"```python\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL), key=len)
    note = tmp_path / "handwritten_note.jpg"
    note.write_bytes(NOTE.read_bytes())
    for placeholder, value in (
        ("YOUR_CLIENT_ID", account.client_id),
        ("YOUR_CLIENT_SECRET", account.secret),
        ("YOUR_DIRECTORY/handwritten_note.jpg", str(note)),
    ):
        assert script.count(f'"{placeholder}"') == 1
        script = script.replace(f'"{placeholder}"', repr(value))
    path = tmp_path / "ocr_handwritten.py"
    path.write_text(script, encoding="utf-8")
    environment = {**os.environ, "UNSCRAWL_URL": service.url, "PYTHONPATH": str(ROOT / "shim")}
    before = used(service)
    done = subprocess.run(
        [sys.executable, str(path)], capture_output=True, encoding="utf-8", cwd=tmp_path, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"\n=== Recognized Text ===\n{NOTE_TEXT}\n"
    assert used(service) == before + 1  # it was the service that read


def used(service: Service) -> int:
    text = service.state.metrics.render().decode()
    return int(float(re.findall(r"^unscrawl_pages_total (.*)$", text, re.MULTILINE)[0]))


def test_t9_t11_missing_and_wrong_credentials_are_401(service: Service, account: NewSecret) -> None:
    for name, secret in ((None, None), (account.client_id, "wrong"), ("nobody", "wrong")):
        with ocr.OcrEngine(client_id=name, client_secret=secret, base_url=service.url) as engine:
            engine.load_image(NOTE)
            with pytest.raises(ocr.exceptions.OcrException) as caught:
                engine.recognize()
            assert caught.value.status == 401 and not caught.value.retryable
            assert "401" in str(caught.value) and "Unauthorized" in str(caught.value)


def test_t13_wrong_path_is_told_by_load_image(remote: ocr.OcrEngine) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        remote.load_image("no/such/note.jpg")
    assert not isinstance(caught.value, ocr.OcrException)


def test_t17_recognize_before_loading_says_what_to_do(remote: ocr.OcrEngine) -> None:
    with pytest.raises(ocr.OcrException, match="load_image"):
        remote.recognize()


def test_t18_t23_t24_t25_the_result_is_the_same_as_on_this_machine(
    remote: ocr.OcrEngine, engine: ocr.OcrEngine
) -> None:
    remote.set_recognition_mode(ocr.RecognitionMode.HANDWRITTEN)
    remote.set_language(ocr.Language.ENGLISH)
    remote.load_image(str(NOTE))
    there = remote.recognize()
    assert there.text == NOTE_TEXT
    here = engine.recognize(NOTE, mode="handwritten", language="en")
    assert [word.text for word in there.words] == [word.text for word in here.words]
    assert there.words[0].bbox == pytest.approx(here.words[0].bbox, abs=0.1)
    assert there.source == str(NOTE)
    assert asyncio.run(remote.recognize_async()).text == NOTE_TEXT


def test_t16_t37_loops_work_and_the_last_image_wins(remote: ocr.OcrEngine) -> None:
    words = ("alpha", "bravo")
    read = []
    for word in words:
        remote.load_image(printed([word]))  # from memory
        remote.set_recognition_mode(ocr.RecognitionMode.PRINTED)
        read.append(remote.recognize().text)
    assert read == list(words)


def test_t15_pdfs_are_read_and_saved_as_searchable_ones(remote: ocr.OcrEngine, tmp_path: Path) -> None:
    path = tmp_path / "page.pdf"
    Image.fromarray(printed(["Direct from a file"])).save(path)
    result = remote.recognize(path)
    assert result.text == "Direct from a file"
    result.save(tmp_path / "searchable.pdf")
    assert (tmp_path / "searchable.pdf").read_bytes().startswith(b"%PDF")


def test_t5_a_client_of_a_service_loads_no_ocr_engine(service: Service, account: NewSecret, tmp_path: Path) -> None:
    script = f"""
import sys, unscrawl as ocr
engine = ocr.OcrEngine(client_id={account.client_id!r}, client_secret={account.secret!r}, base_url={service.url!r})
print(engine.recognize({str(NOTE)!r}, mode="handwritten").text)
print(sorted({{"onnxruntime", "tesserocr", "rapidocr"}} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", cwd=tmp_path)
    assert done.stdout == f"{NOTE_TEXT}\n[]\n", done.stderr


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="Poppler is not installed")
def test_t31_t36_pages_made_by_the_tutorials_helper_are_read(remote: ocr.OcrEngine, tmp_path: Path) -> None:
    path = tmp_path / "letter.pdf"
    first, second = (Image.fromarray(printed([text])) for text in ("first page", "second page"))
    first.save(path, save_all=True, append_images=[second])
    read = []
    for number, picture in enumerate(pdf2image.convert_from_path(path, dpi=300)):
        out = f"{path}_page{number}.png"
        picture.save(out, "PNG")
        remote.load_image(out)
        read.append(remote.recognize().text)
    assert read == ["first page", "second page"]


def test_t38_languages_are_chosen_there_too(remote: ocr.OcrEngine) -> None:
    remote.set_language(ocr.Language.SPANISH)
    result = remote.recognize(printed(["mañana será otro día"], 40, font_file=HAND_FONT))
    assert (result.text, result.language) == ("mañana será otro día", ocr.Language.SPANISH)


def test_t39_the_three_filters_are_offered_there(remote: ocr.OcrEngine, engine: ocr.OcrEngine) -> None:
    filters = (ocr.Filter.CONTRAST, ocr.Filter.MEDIAN, ocr.Filter.BINARISE)
    there = remote.recognize(NOTE, filters=filters, mode="handwritten").text
    assert there == engine.recognize(NOTE, filters=filters, mode="handwritten").text
    assert there.splitlines()[:2] == NOTE_TEXT.splitlines()[:2]


def test_t3_the_tier_is_enforced(service: Service) -> None:
    made = service.state.credentials.create("tiny", "tiny")
    with ocr.OcrEngine(client_id=made.client_id, client_secret=made.secret, base_url=service.url) as engine:
        for _ in range(2):
            engine.recognize(printed(["a"]))
        with pytest.raises(ocr.exceptions.QuotaExceeded) as caught:
            engine.recognize(printed(["a"]))
        assert (caught.value.status, caught.value.retryable) == (429, False)
        assert caught.value.retry_after and caught.value.retry_after > 0


def test_t2_credentials_can_be_revoked(service: Service) -> None:
    made = service.state.credentials.create("gone", "free")
    with ocr.OcrEngine(client_id=made.client_id, client_secret=made.secret, base_url=service.url) as engine:
        assert engine.recognize(printed(["before"])).text == "before"
        service.state.credentials.revoke("gone")
        with pytest.raises(ocr.exceptions.Unauthorized):
            engine.recognize(printed(["after"]))


def test_t34_a_bad_picture_raises_what_it_raises_on_this_machine(remote: ocr.OcrEngine) -> None:
    cut = NOTE.read_bytes()[:3000]
    with pytest.raises(ocr.exceptions.DamagedInput) as caught:
        remote.recognize(cut)
    assert not caught.value.retryable
