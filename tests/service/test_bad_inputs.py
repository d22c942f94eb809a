"""The corpus of broken, hostile and odd files, over HTTP: no 500, no hang, and the service reads on."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from tests.bad_inputs import bad_inputs, valid_inputs
from tests.service import running
from tests.service.conftest import png
from unscrawl.service.database import SQLITE_CONNECTIONS

pytestmark = pytest.mark.slow

THREADS = 4


@pytest.mark.timeout(900)
def test_no_file_breaks_the_service(tmp_path: Path) -> None:
    # Of the files that end too early, one of each kind: the library's own tests read them all.
    broken = {name: data for name, data in bad_inputs().items() if "-cut-" not in name or name.endswith("-30%")}
    cases = {**broken, **valid_inputs()}
    with running.service(home=tmp_path, sync_seconds=600, job_seconds=300) as service, service.api("mallory") as api:
        api.text(png("before"))
        # What may be kept open is opened first: a connection for each thread, both ends of which are here, and those
        # to the database.
        with ExitStack() as held:
            for _ in range(SQLITE_CONNECTIONS):
                held.enter_context(service.state.database.read())
            live = [held.enter_context(api.http.stream("GET", "/health/live")) for _ in range(THREADS)]
            for answer in live:
                answer.read()  # a connection is kept only when its answer was read to the end
        process = psutil.Process()
        descriptors = process.num_fds()

        def send(case: tuple[str, bytes]) -> tuple[str, int, str]:
            answer = api.recognize(case[1], case[0], format="text", mode="printed")
            code = answer.json()["code"] if answer.status_code != 200 else ""
            return case[0], answer.status_code, code

        with ThreadPoolExecutor(THREADS) as threads:
            answers = list(threads.map(send, cases.items()))
        unexpected = [each for each in answers if each[1] not in (200, 413, 415, 422)]
        assert unexpected == []
        assert Counter(status for _, status, _ in answers)[200] >= len(valid_inputs())
        assert api.text(png("after")) == "after"
        assert "unscrawl_worker_deaths_total 0.0" in api.http.get("/metrics").text
        assert process.num_fds() <= descriptors
