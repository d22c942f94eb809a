"""Workers and whole services that are killed: no accepted job is lost."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.service import running
from tests.service.conftest import BACKENDS, png
from tests.service.running import Api, Process, Service, command
from unscrawl.service.credentials import NewSecret
from unscrawl.service.runner import MOST_ATTEMPTS

pytestmark = pytest.mark.timeout(600)  # real processes start and read, on a machine that may be busy

ASYNC = {"Prefer": "respond-async"}


def make_client(home: Path, database: str, name: str) -> NewSecret:
    made = json.loads(command("clients", "create", name, "--tier", "standard", "--json", home=home, database=database))
    return NewSecret(made["client_id"], made["client_secret"], made["webhook_key"])


def next_pid(service: Service, known: set[int]) -> int:
    """The number of the process that runs a job, once it is one that is not known yet."""
    while True:
        for pid in set(service.state.runner.pids()) - known:
            return pid
        time.sleep(0.01)


@pytest.mark.slow
def test_a_killed_workers_job_is_run_again_and_a_deadly_file_is_given_up(tmp_path: Path) -> None:
    with running.service(home=tmp_path, sync_seconds=0) as service, service.api("alice") as api:

        def kill_next(job_id: str, times: int) -> None:
            killed: set[int] = set()
            for _ in range(times):
                pid = next_pid(service, killed)
                assert api.http.get(f"/v1/jobs/{job_id}").json()["status"] == "running"
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)

        page = png(*["a long page of text"] * 30)
        survivor = api.recognize(page).json()["id"]
        kill_next(survivor, 1)
        assert api.wait(survivor)["status"] == "done"

        deadly = api.recognize(page).json()["id"]
        kill_next(deadly, MOST_ATTEMPTS)
        failed = api.wait(deadly)
        assert (failed["status"], failed["error"]["code"]) == ("failed", "damaged-input")
        assert api.http.get("/v1/usage").json()["month"]["pages"] == 1
        assert "unscrawl_worker_deaths_total 4.0" in api.http.get("/metrics").text


def test_a_cancelled_job_stops_at_once(tmp_path: Path) -> None:
    with running.service(home=tmp_path, sync_seconds=0) as service, service.api("alice") as api:
        job = api.recognize(png(*["a long page of text"] * 40)).json()["id"]
        pid = next_pid(service, set())
        assert api.http.delete(f"/v1/jobs/{job}").status_code == 204
        deadline = time.monotonic() + 5
        while psutil.pid_exists(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not psutil.pid_exists(pid)
        assert api.http.get(f"/v1/jobs/{job}").json()["status"] == "cancelled"
        assert api.text(png("next")) == "next"


def test_a_job_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with running.service(home=tmp_path, job_seconds=0.05) as service, service.api("alice") as api:
        job = api.recognize(png(*["a long page of text"] * 30), headers=ASYNC).json()["id"]
        assert api.wait(job)["error"]["code"] == "input-timeout"


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_jobs_outlive_the_service(
    tmp_path: Path, new_database: Callable[[str], str], backend: str, how: signal.Signals
) -> None:
    database = new_database(backend)
    made = make_client(tmp_path, database, "alice")
    words = [f"job {number}" for number in range(4)]
    first = Process(tmp_path, database, "--grace-seconds", "1")
    with Api(first.url, made) as api:
        jobs = [api.recognize(png(word), format="text", headers=ASYNC).json()["id"] for word in words]
    workers = psutil.Process(first.process.pid).children(recursive=True)
    assert workers
    assert first.end(how) == -how
    # They end with their parent, who, if it is killed, cannot wait for them.
    assert psutil.wait_procs(workers, timeout=0 if how is signal.SIGTERM else 60)[1] == []
    stopped = "service stopped" in [entry["message"] for entry in first.entries()]
    assert stopped == (how is signal.SIGTERM)

    second = Process(tmp_path, database)
    try:
        with Api(second.url, made) as api:
            assert [api.wait(job)["status"] for job in jobs] == ["done"] * len(jobs)
            assert [api.http.get(f"/v1/jobs/{job}/result").text for job in jobs] == [word + "\n" for word in words]
            assert api.http.get("/v1/usage").json()["month"] | {"period": ""} == {
                "period": "",
                "calls": len(jobs),
                "calls_limit": None,
                "pages": len(jobs),
                "pages_limit": None,
            }
        workers = psutil.Process(second.process.pid).children(recursive=True)
    finally:
        second.end()
    assert workers and psutil.wait_procs(workers, timeout=0)[1] == []


@pytest.mark.slow
def test_several_nodes_share_the_work(tmp_path: Path, new_database: Callable[[str], str]) -> None:
    database = new_database("postgresql")
    made = make_client(tmp_path, database, "alice")
    nodes = [Process(tmp_path, database) for _ in range(2)]
    words = [f"job {number}" for number in range(8)]
    try:
        with Api(nodes[0].url, made) as one, Api(nodes[1].url, made) as other:
            jobs = [one.recognize(png(word), format="text", headers=ASYNC).json()["id"] for word in words]
            assert [other.wait(job)["status"] for job in jobs] == ["done"] * len(jobs)
            assert [other.http.get(f"/v1/jobs/{job}/result").text for job in jobs] == [word + "\n" for word in words]
        done = [sum(entry["message"] == "job done" for entry in node.entries()) for node in nodes]
        assert sum(done) == len(jobs) and min(done) > 0
    finally:
        for node in nodes:
            node.end()


def test_logs_hold_neither_texts_nor_names_nor_secrets(tmp_path: Path) -> None:
    made = make_client(tmp_path, "", "alice")
    node = Process(tmp_path, "")
    try:
        with Api(node.url, made) as api:
            token = api.http.headers["authorization"].removeprefix("Bearer ")
            api.text(png("confidential"), password="sesame")
            api.recognize(b"not a picture", "love-letter.png")
            api.http.get("/v1/nothing", params={"secret": "in the query"})
    finally:
        node.end()
    log = node.log.read_text()
    assert '"code": "unsupported-format"' in log and '"message": "request"' in log
    for secret in ("confidential", "love-letter", "sesame", "in the query", token, made.secret):
        assert secret not in log
    assert all({"time", "level", "logger", "message"} <= entry.keys() for entry in node.entries())
