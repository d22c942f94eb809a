"""The vendor's public SDK from PyPI, unchanged, against our service."""

from __future__ import annotations

import base64
import importlib
import io
import json
import time
from collections.abc import Iterator
from typing import Any

import pikepdf
import pytest
from PIL import Image

from tests.pictures import NOTE, NOTE_TEXT, printed
from tests.service import running
from tests.service.conftest import png
from tests.service.running import Api, Service

pytestmark = pytest.mark.timeout(600)  # real processes start and read, on a machine that may be busy

sdk: Any = importlib.import_module("aspose_ocr_cloud")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running.service(home=tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture(scope="module")
def api(service: Service) -> Iterator[Api]:
    with service.api("vendor") as made:
        yield made


@pytest.fixture
def client(service: Service, api: Api) -> Any:
    return sdk.ApiClient(sdk.Configuration(host=service.url, access_token=api.token()))


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def finished(get: Any, task: str) -> Any:
    deadline = time.monotonic() + 120
    while True:
        answer = get(id=task)
        if answer.task_status not in ("Pending", "Processing"):
            return answer
        assert answer.response_status_code == "NotReady" and answer.results is None
        assert time.monotonic() < deadline
        time.sleep(0.2)


def files(answer: Any) -> dict[str, bytes]:
    assert (answer.task_status, answer.response_status_code, answer.error) == ("Completed", "Ok", None)
    return {result.type: base64.b64decode(result.data) for result in answer.results}


def test_a_handwritten_note_is_read(client: Any) -> None:
    api = sdk.RecognizeImageApi(client)
    settings = sdk.OCRSettingsRecognizeImage(language=sdk.Language.HWT_ENG, result_type=sdk.ResultType.TEXT)
    body = sdk.OCRRecognizeImageBody(image=encoded(NOTE.read_bytes()), settings=settings)
    task = api.post_recognize_image(ocr_recognize_image_body=body)
    assert files(finished(api.get_recognize_image, task)) == {"Text": NOTE_TEXT.encode() + b"\n"}
    status = sdk.UtilitiesApi(client).get_task_status(id=task)
    assert (status.task_status, status.results) == ("Completed", None)
    api.cancel_recognize_image(id=task)
    gone = api.get_recognize_image(id=task)
    assert (gone.task_status, gone.response_status_code) == ("NotExist", "TaskNotFound")


def test_several_results_and_pdfs(client: Any) -> None:
    api = sdk.RecognizePdfApi(client)
    page = io.BytesIO()
    Image.fromarray(printed(["Direct from a file"])).save(page, "PDF")
    settings = sdk.OCRSettingsRecognizePdf(language=sdk.Language.ENGLISH, result_type=sdk.ResultType.TEXTANDPDFANDHOCR)
    body = sdk.OCRRecognizePdfBody(image=encoded(page.getvalue()), settings=settings)
    made = files(finished(api.get_recognize_pdf, api.post_recognize_pdf(ocr_recognize_pdf_body=body)))
    assert list(made) == ["Text", "Pdf", "Hocr"]
    assert made["Text"] == b"Direct from a file\n"
    with pikepdf.open(io.BytesIO(made["Pdf"])) as pdf:
        assert len(pdf.pages) == 1
    assert b"ocrx_word" in made["Hocr"]


def test_json_has_blocks_with_corners(client: Any) -> None:
    api = sdk.RecognizeReceiptApi(client)
    settings = sdk.OCRSettingsRecognizeReceipt(result_type=sdk.ResultType.JSON)
    body = sdk.OCRRecognizeReceiptBody(image=encoded(png("Milk 1.20", "Bread 2.50")), settings=settings)
    made = files(finished(api.get_recognize_receipt, api.post_recognize_receipt(ocr_recognize_receipt_body=body)))
    blocks = json.loads(made["JSON"])
    assert [block["text"] for block in blocks] == ["Milk 1.20", "Bread 2.50"]
    assert all(block["topLeftX"] < block["bottomRightX"] for block in blocks)
    assert blocks[0]["bottomRightY"] < blocks[1]["topLeftY"] + 20


def test_labels_are_read(client: Any) -> None:
    api = sdk.RecognizeLabelApi(client)
    settings = sdk.OCRSettingsRecognizeLabel(language=sdk.Language.NETHERLANDS, result_type=sdk.ResultType.TEXT)
    body = sdk.OCRRecognizeLabelBody(image=encoded(png("label 7")), settings=settings)
    made = files(finished(api.get_recognize_label, api.post_recognize_label(ocr_recognize_label_body=body)))
    assert made == {"Text": b"label 7\n"}


def test_a_picture_that_cannot_be_read_ends_in_an_error(client: Any) -> None:
    api = sdk.RecognizeImageApi(client)
    body = sdk.OCRRecognizeImageBody(image=encoded(b"no picture"), settings=sdk.OCRSettingsRecognizeImage())
    answer = finished(api.get_recognize_image, api.post_recognize_image(ocr_recognize_image_body=body))
    assert (answer.task_status, answer.response_status_code) == ("Error", "Error")
    assert "cannot be read" in answer.error.messages[0]


def test_strangers_get_the_sdks_own_401(service: Service) -> None:
    api = sdk.RecognizeImageApi(sdk.ApiClient(sdk.Configuration(host=service.url)))
    body = sdk.OCRRecognizeImageBody(image=encoded(png("a")), settings=sdk.OCRSettingsRecognizeImage())
    with pytest.raises(sdk.exceptions.UnauthorizedException) as caught:
        api.post_recognize_image(ocr_recognize_image_body=body)
    assert json.loads(caught.value.body)["status"] == 401


@pytest.mark.parametrize(
    "path", ["IdentifyFont", "DjVu2PDF", "ConvertTextToSpeech", "RecognizeAndParseInvoice", "RecognizeTable", "Nothing"]
)
def test_what_is_not_offered_says_so(api: Api, path: str) -> None:
    answer = api.http.post(f"/v5.0/ocr/{path}", json={})
    assert (answer.status_code, answer.json()["code"]) == (501, "not-offered")
    assert "RecognizeImage" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"image": "?", "settings": {}}, 400),
        ({"settings": {}}, 422),
        ({"image": "", "settings": {"resultType": "Word"}}, 422),
        ({"image": "", "settings": {"resultType": "ImagePNG"}}, 422),
        ({"image": "", "settings": {"Rotate": 90}}, 422),
        ({"image": "", "settings": {"language": "Klingon"}}, 422),
    ],
)
def test_requests_that_make_no_sense_are_problems(api: Api, body: Any, code: int) -> None:
    answer = api.http.post("/v5.0/ocr/RecognizeImage", json=body)
    assert answer.status_code == code
    assert answer.headers["content-type"] == "application/problem+json"
