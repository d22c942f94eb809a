"""The vendor's public SDK from PyPI, unchanged, against our service."""

from __future__ import annotations

import base64
import importlib
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.pictures import NOTE, NOTE_TEXT, printed
from tests.service import running
from tests.service.conftest import png
from tests.service.running import Api, Service

pytestmark = pytest.mark.timeout(600)  # real processes start and read, on a machine that may be busy

# Its package has the same name as the newer one's: it lies beside, where scripts/setup puts it.
OLD_SDK = Path(sys.prefix) / "vendor-sdk-24.8.0"

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


def test_how_the_page_is_turned_need_not_be_told(client: Any) -> None:
    api = sdk.RecognizeImageApi(client)
    upside_down = io.BytesIO()
    Image.open(NOTE).rotate(180).save(upside_down, "PNG")
    settings = sdk.OCRSettingsRecognizeImage(language=sdk.Language.HWT_ENG, rotate=180, result_type=sdk.ResultType.TEXT)
    body = sdk.OCRRecognizeImageBody(image=encoded(upside_down.getvalue()), settings=settings)
    made = files(finished(api.get_recognize_image, api.post_recognize_image(ocr_recognize_image_body=body)))
    assert made == {"Text": NOTE_TEXT.encode() + b"\n"}


TABLE = (("Milk", "2.40"), ("Bread", "3.10"), ("Total", "5.50"))


@pytest.fixture(scope="module")
def table() -> bytes:
    picture = Image.new("RGB", (700, 300), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(34)
    for number, row in enumerate(TABLE):
        for x, text in zip((40, 480), row, strict=True):
            draw.text((x, 40 + 70 * number), text, fill="black", font=font)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def test_tables_have_rows_and_columns(client: Any, table: bytes) -> None:
    api = sdk.RecognizeTableApi(client)
    settings = sdk.OCRSettingsRecognizeTable(
        language=sdk.Language.ENGLISH, result_type_table=sdk.ResultTypeTable.CSVANDEXCEL
    )
    body = sdk.OCRRecognizeTableBody(image=encoded(table), settings=settings)
    made = files(finished(api.get_recognize_table, api.post_recognize_table(ocr_recognize_table_body=body)))
    assert list(made) == ["Csv", "Excel"]
    assert made["Csv"].decode() == "".join(",".join(row) + "\n" for row in TABLE)
    sheet = openpyxl.load_workbook(io.BytesIO(made["Excel"])).active
    assert tuple(tuple(row) for row in sheet.iter_rows(values_only=True)) == TABLE


def test_regions_have_results_of_their_own_in_their_order(client: Any, table: bytes) -> None:
    api = sdk.RecognizeRegionsApi(client)
    price, name = (
        sdk.OCRRegion(
            rect=sdk.OCRRect(top_left_x=x, top_left_y=100, bottom_right_x=x + 200, bottom_right_y=165), order=order
        )
        for x, order in ((460, 2), (20, 1))
    )
    settings = sdk.OCRSettingsRecognizeRegions(regions=[price, name], result_type=sdk.ResultType.TEXTANDHOCR)
    body = sdk.OCRRecognizeRegionsBody(image=encoded(table), settings=settings)
    answer = finished(api.get_recognize_regions, api.post_recognize_regions(ocr_recognize_regions_body=body))
    assert [result.type for result in answer.results] == ["Text", "Hocr"] * 2
    texts = [base64.b64decode(result.data) for result in answer.results]
    assert (texts[0], texts[2]) == (b"Bread\n", b"3.10\n")
    assert b"Bread" in texts[1] and b"3.10" in texts[3]


def test_regions_are_found(client: Any, table: bytes) -> None:
    api = sdk.DetectRegionsApi(client)
    body = sdk.OCRDetectRegionsBody(image=encoded(table), settings=sdk.OCRSettingsDetectRegions())
    made = files(finished(api.get_detect_regions, api.post_detect_regions(ocr_detect_regions_body=body)))
    boxes = json.loads(made["Other"])
    assert len(boxes) == 6 and [box[0] > 400 for box in boxes] == [False, True] * 3
    for number, (left, top, right, bottom) in enumerate(boxes):
        y = 40 + 70 * (number // 2)
        assert 20 <= left < right <= 620 and y - 15 < top < y + 20 < bottom < y + 60


def picture_of(answer: Any) -> Image.Image:
    (made,) = files(answer).items()
    assert made[0] == "ImagePNG"
    picture = Image.open(io.BytesIO(made[1]))
    assert picture.format == "PNG"
    return picture


def test_pictures_are_cleaned(client: Any, table: bytes) -> None:
    """What each does to a picture in detail stands in ``test_cleaning.py``."""
    grey = Image.open(io.BytesIO(table)).point(lambda value: 60 + value // 2)
    file = io.BytesIO()
    grey.save(file, "PNG")
    image = encoded(file.getvalue())
    made = {}
    for name in ("binarize", "deskew", "dewarp", "upscale"):
        api = getattr(sdk, f"{name.capitalize()}ImageApi")(client)
        body = getattr(sdk, f"OCR{name.capitalize()}ImageBody")(image=image)
        task = getattr(api, f"post_{name}_image")(**{f"ocr_{name}_image_body": body})
        made[name] = picture_of(finished(getattr(api, f"get_{name}_image"), task))
    assert made["binarize"].mode == "1" and made["binarize"].size == grey.size
    assert made["deskew"].size == made["dewarp"].size == grey.size
    assert made["upscale"].size == (1400, 600)


@pytest.mark.skipif(not OLD_SDK.exists(), reason="the vendor's older SDK is not installed: bash scripts/setup")
def test_the_older_sdk_gets_its_own_token(service: Service, api: Api, table: bytes, tmp_path: Path) -> None:
    """Version 24.8.0 trades client_id and client_secret for a token itself; only the two hosts are set."""
    picture = tmp_path / "table.png"
    picture.write_bytes(table)
    arguments = (service.url, api.made.client_id, api.made.secret, str(picture))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(Path(__file__).with_name("old_sdk.py")), *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(OLD_SDK)},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "RecognizeImage": "".join(" ".join(row) + "\n" for row in TABLE),
        "RecognizeTable": "".join(",".join(row) + "\n" for row in TABLE),
    }


def test_a_result_that_is_no_longer_kept_is_lost(service: Service, client: Any) -> None:
    api = sdk.RecognizeImageApi(client)
    body = sdk.OCRRecognizeImageBody(image=encoded(png("old")), settings=sdk.OCRSettingsRecognizeImage())
    task = api.post_recognize_image(ocr_recognize_image_body=body)
    finished(api.get_recognize_image, task)
    service.state.jobs.expire_finished_before(time.time())
    gone = api.get_recognize_image(id=task)
    assert (gone.task_status, gone.response_status_code) == ("NotExist", "ResultDataLost")


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
    "path", ["IdentifyFont", "DjVu2PDF", "ConvertTextToSpeech", "RecognizeAndParseInvoice", "Nothing"]
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
        ({"image": "", "settings": {"regions": [{"rect": {"topLeftX": 1}}]}}, 422),
        ({"image": "", "settings": {"language": "Klingon"}}, 422),
    ],
)
def test_requests_that_make_no_sense_are_problems(api: Api, body: Any, code: int) -> None:
    answer = api.http.post("/v5.0/ocr/RecognizeImage", json=body)
    assert answer.status_code == code
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("regions", [[], [(5, 5, 5, 9)]])
def test_regions_that_are_none_are_refused(api: Api, regions: list[tuple[int, int, int, int]]) -> None:
    names = ("topLeftX", "topLeftY", "bottomRightX", "bottomRightY")
    settings = {"regions": [{"rect": dict(zip(names, region, strict=True))} for region in regions]}
    answer = api.http.post("/v5.0/ocr/RecognizeRegions", json={"image": "", "settings": settings})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-option")
