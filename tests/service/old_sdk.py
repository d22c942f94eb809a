"""Reads a picture with version 24.8.0 of the vendor's SDK; run by ``test_vendor.py`` where that is importable.

python old_sdk.py URL CLIENT_ID CLIENT_SECRET PICTURE
"""

from __future__ import annotations

import base64
import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

sdk: Any = importlib.import_module("aspose_ocr_cloud")


def main() -> None:
    url, client_id, client_secret, picture = sys.argv[1:]

    class Configuration(sdk.Configuration):  # type: ignore[misc]  # it has no types
        """The SDK's own, which has the vendor's token endpoint built in."""

        auth_host = property(lambda self: url + "/connect/token", lambda self, value: None)

    client = sdk.ApiClient(Configuration(host=url, client_id=client_id, client_secret=client_secret))
    image = base64.b64encode(Path(picture).read_bytes()).decode()
    read = {}
    api = sdk.RecognizeImageApi(client)
    settings = sdk.OCRSettingsRecognizeImage(language=sdk.Language.ENGLISH, result_type=sdk.ResultType.TEXT)
    body = sdk.OCRRecognizeImageBody(image=image, settings=settings)
    read["RecognizeImage"] = result(api.get_recognize_image, api.post_recognize_image(ocr_recognize_image_body=body))
    api = sdk.RecognizeTableApi(client)
    settings = sdk.OCRSettingsRecognizeTable(result_type_table=sdk.ResultTypeTable.CSV)
    body = sdk.OCRRecognizeTableBody(image=image, settings=settings)
    read["RecognizeTable"] = result(api.get_recognize_table, api.post_recognize_table(ocr_recognize_table_body=body))
    print(json.dumps(read))


def result(get: Any, task: str) -> str:
    deadline = time.monotonic() + 120
    while (answer := get(id=task)).task_status in ("Pending", "Processing"):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    (made,) = answer.results
    return base64.b64decode(made.data).decode()


if __name__ == "__main__":
    main()
