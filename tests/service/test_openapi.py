"""The API held against its own description, by schemathesis."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.service import running
from unscrawl.service.tiers import BUILT_IN, Tier

UNLIMITED = Tier(name="unlimited", requests_per_minute=10**8, concurrent_jobs=10**6)


@pytest.mark.timeout(600)
def test_answers_are_as_described(tmp_path: Path) -> None:
    program = shutil.which("schemathesis", path=sysconfig.get_path("scripts"))
    assert program is not None
    tiers = {**BUILT_IN, "unlimited": UNLIMITED}
    with running.service(home=tmp_path, tiers=tiers) as service, service.api("fuzzer", "unlimited") as api:
        done = subprocess.run(
            [
                program,
                "run",
                service.url + "/openapi.json",
                "--header",
                f"Authorization: {api.http.headers['authorization']}",
                "--phases=coverage,fuzzing",
                "--max-examples=8",
                "--request-timeout=60",
                "--seed=1",
                # What a picture or a page range may be, a schema cannot say: values that fit it may still be refused.
                "--exclude-checks=positive_data_acceptance",
                "--no-color",
            ],
            capture_output=True,
            text=True,
            cwd=tmp_path,
        )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
