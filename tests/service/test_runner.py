"""Worker processes when the jobs' database fails, or when all is to stop at an awkward moment."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from PIL import Image

from tests.pictures import printed
from unscrawl.options import ReadOptions
from unscrawl.service.child import Child
from unscrawl.service.config import ServiceConfig
from unscrawl.service.credentials import Caller
from unscrawl.service.jobs import Claim, Job, JobState, Submission
from unscrawl.service.orders import order_from_options
from unscrawl.service.runner import Runner
from unscrawl.service.state import State

pytestmark = pytest.mark.timeout(600)  # real processes start and read, on a machine that may be busy


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    made = State.of(ServiceConfig(home=tmp_path))
    made.database.migrate()
    yield made
    made.database.close()


@pytest.fixture
def alice(state: State) -> Caller:
    return Caller(state.credentials.create("alice", "standard").client_id, "alice", "standard", admin=False)


def make_runner(state: State) -> Runner:
    runner = Runner(
        state.jobs, children=1, megabytes=4096, seconds=300, ended=lambda job_id: None, metrics=state.metrics
    )
    runner.start()
    return runner


def submit(state: State, caller: Caller, *pages: str) -> tuple[Job, Claim]:
    """A job with a TIFF of pages with one word each, and the right to run it."""
    first, *others = (Image.fromarray(printed([page])) for page in pages)
    file = io.BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=others)
    order = order_from_options("a.tif", ReadOptions(), ("text",))
    job, _ = state.jobs.submit(caller, Submission(order, file.getvalue()))
    claim = state.jobs.claim(job.id)
    assert claim is not None
    return job, claim


def test_what_a_job_left_unsaid_is_not_the_next_ones_answer(
    state: State, alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = make_runner(state)

    def away(claim: Claim, pages: int) -> None:
        raise RuntimeError("the database is away")

    _, claim = submit(state, alice, "alpha", "bravo")
    with monkeypatch.context() as patched:
        patched.setattr(state.jobs, "progress", away)
        with pytest.raises(RuntimeError):
            runner.run(claim)
    job, claim = submit(state, alice, "charlie")
    runner.run(claim)
    assert state.jobs.result(state.jobs.get(job.id, alice), "text").data == b"charlie\n"
    runner.stop(0)


class SlowQueue(Queue[Any]):
    """Takes its time to take something in."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        time.sleep(0.5)
        super().put(item, block, timeout)


def test_no_process_outlives_a_stop_in_the_moment_that_a_job_ends(
    state: State, alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unscrawl.service.runner.SimpleQueue", SlowQueue)
    children: list[Child] = []
    start = Child.__init__

    def noted(child: Child, megabytes: int) -> None:
        children.append(child)
        start(child, megabytes)

    monkeypatch.setattr(Child, "__init__", noted)
    runner = make_runner(state)
    job, claim = submit(state, alice, "alpha")
    running = threading.Thread(target=runner.run, args=(claim,))
    running.start()
    while state.jobs.get(job.id, alice).state.active:
        time.sleep(0.01)
    runner.stop(60)
    (child,) = children
    assert child.ended
    running.join()
    assert state.jobs.get(job.id, alice).state is JobState.DONE

    job, claim = submit(state, alice, "too late")
    runner.run(claim)
    assert state.jobs.get(job.id, alice).state is JobState.QUEUED
