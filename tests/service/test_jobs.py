"""Jobs and quotas, on both databases, without a server."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest
import sqlalchemy as sa

from unscrawl.exceptions import (
    JobConflict,
    JobExpired,
    JobNotFound,
    OcrException,
    QuotaExceeded,
    ServiceBusy,
    TooManyRequests,
)
from unscrawl.service.credentials import Caller, Credentials
from unscrawl.service.database import Database
from unscrawl.service.jobs import CALLBACK_WAITS, LEASE_SECONDS, REMEMBERED_SECONDS, JobState, JobStore, Submission
from unscrawl.service.orders import TaskResult
from unscrawl.service.quotas import WINDOW_SECONDS, Quotas
from unscrawl.service.tables import results, uploads

RESULT = TaskResult("text", "text/plain", b"Buy milk")


def client(database: Database, name: str, tier: str = "standard") -> Caller:
    return Caller(Credentials(database).create(name, tier).client_id, name, tier, admin=False)


def submission(key: str | None = None, print_: str = "1", callback: str | None = None) -> Submission:
    order = {"name": "a.png", "formats": ["text"], "options": {"password": "sesame"}}
    return Submission(order, b"picture", key, print_, callback)


def at(seconds: float) -> object:
    now = time.time()
    return patch("unscrawl.service.jobs.time.time", lambda: now + seconds)


def count_uploads(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(uploads)) or 0


def test_a_job_runs_once_and_leaves_only_its_result(database: Database, store: JobStore, quotas: Quotas) -> None:
    alice = client(database, "alice")
    job, new = store.submit(alice, submission())
    assert (new, job.state, job.formats) == (True, JobState.QUEUED, ("text",))
    claim = store.claim()
    assert claim is not None
    assert (claim.job_id, claim.attempt, claim.data) == (job.id, 1, b"picture")
    assert store.claim() is None and store.claim(job.id) is None
    store.progress(claim, 2)
    assert store.get(job.id, alice).pages == 2
    assert store.finish(claim, [RESULT], pages=3)
    assert not store.finish(claim, [RESULT], pages=3)
    done = store.get(job.id, alice)
    assert (done.state, done.pages, done.formats) == (JobState.DONE, 3, ("text",))
    assert store.result(done, "text") == RESULT
    with pytest.raises(JobNotFound):
        store.result(done, "json")
    assert count_uploads(database) == 0
    assert quotas.report(alice)["month"] == {
        "period": quotas.report(alice)["month"]["period"],
        "calls": 1,
        "calls_limit": None,
        "pages": 3,
        "pages_limit": None,
    }


def test_the_password_of_a_document_does_not_outlive_its_job(database: Database, store: JobStore) -> None:
    job, _ = store.submit(client(database, "alice"), submission())
    claim = store.claim(job.id)
    assert claim is not None and claim.order["options"]["password"] == "sesame"
    store.finish(claim, [RESULT], 1)
    with database.read() as connection:
        assert "sesame" not in repr(connection.execute(sa.text("SELECT * FROM jobs")).all())


def test_jobs_of_others_are_not_there(database: Database, store: JobStore) -> None:
    alice, bob = client(database, "alice"), client(database, "bob")
    job, _ = store.submit(alice, submission())
    for look in (lambda: store.get(job.id, bob), lambda: store.cancel(job.id, bob)):
        with pytest.raises(JobNotFound):
            look()
    assert store.get(job.id, alice).state is JobState.QUEUED


def test_a_job_whose_worker_is_lost_is_run_again(database: Database, store: JobStore, quotas: Quotas) -> None:
    alice = client(database, "alice")
    job, _ = store.submit(alice, submission())
    first = store.claim()
    assert first is not None
    assert store.renew([first]) == {job.id}
    assert store.claim() is None and store.neglected(0) == []
    with at(LEASE_SECONDS + 1):  # type: ignore[attr-defined]
        assert store.neglected(0) == [job.id]
        second = store.claim()
        assert second is not None and second.attempt == 2 and second.data == b"picture"
        # Whoever was thought dead, but was only slow, changes nothing any more.
        assert store.renew([first]) == set()
        assert not store.finish(first, [RESULT], pages=1)
        assert store.finish(second, [RESULT], pages=1)
    assert quotas.report(alice)["month"]["pages"] == 1


def test_a_job_that_is_given_back_waits_again(database: Database, store: JobStore) -> None:
    alice = client(database, "alice")
    store.submit(alice, submission())
    for counted, attempt in ((True, 1), (False, 2), (False, 2)):
        claim = store.claim()
        assert claim is not None and claim.attempt == attempt
        store.give_back(claim, counted=counted)
    assert store.waiting() == 1


def test_failed_jobs_keep_their_problem(database: Database, store: JobStore, quotas: Quotas) -> None:
    alice = client(database, "alice")
    job, _ = store.submit(alice, submission())
    claim = store.claim()
    assert claim is not None
    store.fail(claim, {"code": "damaged-input"})
    failed = store.get(job.id, alice)
    assert failed.state is JobState.FAILED and failed.error == {"code": "damaged-input"}
    assert count_uploads(database) == 0
    assert quotas.report(alice)["month"]["pages"] == 0


def test_cancelled_jobs_leave_nothing(database: Database, store: JobStore) -> None:
    alice = client(database, "alice")
    queued, running, done = (store.submit(alice, submission())[0] for _ in range(3))
    claims = {job.id: store.claim(job.id) for job in (running, done)}
    finished = claims[done.id]
    assert finished is not None
    store.finish(finished, [RESULT], 1)
    for job in (queued, running, done):
        store.cancel(job.id, alice)
        assert store.get(job.id, alice).state is JobState.CANCELLED
    late = claims[running.id]
    assert late is not None and not store.finish(late, [RESULT], 1)
    assert store.claim() is None and count_uploads(database) == 0
    with pytest.raises(JobNotFound):
        store.result(store.get(done.id, alice), "text")


def test_results_are_deleted_when_their_time_is_over(database: Database, store: JobStore) -> None:
    alice = client(database, "alice")
    old, waiting = store.submit(alice, submission())[0], store.submit(alice, submission())[0]
    claim = store.claim(old.id)
    assert claim is not None
    store.finish(claim, [RESULT], 1)
    assert store.expire_finished_before(time.time() - 10) == 0
    assert store.expire_finished_before(time.time() + 10) == 1
    assert store.expire_finished_before(time.time() + 10) == 0
    with database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(results)) == 0
    for look in (lambda: store.get(old.id, alice), lambda: store.cancel(old.id, alice)):
        with pytest.raises(JobExpired):
            look()
    assert store.get(waiting.id, alice).state is JobState.QUEUED
    with pytest.raises(JobNotFound) as another:
        store.get(old.id, client(database, "bob"))
    assert not isinstance(another.value, JobExpired)
    store.expire_finished_before(time.time() + REMEMBERED_SECONDS + 10)
    with pytest.raises(JobNotFound) as forgotten:
        store.get(old.id, alice)
    assert not isinstance(forgotten.value, JobExpired)


def test_the_key_of_an_expired_job_is_free_again(database: Database, store: JobStore) -> None:
    alice = client(database, "alice")
    old, _ = store.submit(alice, submission("key"))
    claim = store.claim(old.id)
    assert claim is not None
    store.finish(claim, [RESULT], 1)
    store.expire_finished_before(time.time() + 10)
    assert store.submit(alice, submission("key", print_="2"))[1]


def test_the_same_key_means_the_same_job(database: Database, store: JobStore, quotas: Quotas) -> None:
    alice, bob = client(database, "alice"), client(database, "bob")
    job, new = store.submit(alice, submission("key"))
    again, anew = store.submit(alice, submission("key"))
    assert (new, anew, again.id) == (True, False, job.id)
    with pytest.raises(JobConflict):
        store.submit(alice, submission("key", print_="2"))
    assert store.submit(bob, submission("key"))[1]
    assert quotas.report(alice)["month"]["calls"] == 1


def test_the_same_key_at_the_same_time_is_one_job(database: Database, store: JobStore, quotas: Quotas) -> None:
    alice = client(database, "alice")
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: store.submit(alice, submission("key")), range(16)))
    assert len({job.id for job, _ in found}) == 1
    assert sum(new for _, new in found) == 1
    assert quotas.report(alice)["month"]["calls"] == 1


def finish_all(store: JobStore, pages: int) -> None:
    while claim := store.claim():
        store.finish(claim, [RESULT], pages)


def attempt(store: JobStore, caller: Caller) -> type[OcrException] | None:
    try:
        job, _ = store.submit(caller, submission())
    except OcrException as error:
        return type(error)
    claim = store.claim(job.id)
    assert claim is not None
    store.finish(claim, [RESULT], 0)
    return None


def test_calls_are_counted_exactly_under_concurrency(database: Database, store: JobStore, quotas: Quotas) -> None:
    tight = client(database, "tight", "tight")  # 10 calls a month, 2 at one time
    accepted = 0
    with ThreadPoolExecutor(8) as threads:
        for _ in range(6):
            outcomes = list(threads.map(lambda _: attempt(store, tight), range(16)))
            accepted += outcomes.count(None)
            assert {outcome for outcome in outcomes if outcome} <= {TooManyRequests, QuotaExceeded}
    assert accepted == 10
    assert quotas.report(tight)["month"]["calls"] == 10


def test_files_at_one_time_are_counted_exactly_under_concurrency(database: Database, store: JobStore) -> None:
    tight = client(database, "tight", "tight")
    with ThreadPoolExecutor(8) as threads:

        def submit(_: int) -> bool:
            try:
                return store.submit(tight, submission())[1]
            except TooManyRequests as error:
                assert error.retry_after and error.retry_after > 0
                return False

        assert sum(threads.map(submit, range(16))) == 2


def test_a_day_of_pages_can_be_used_up(database: Database, store: JobStore) -> None:
    tight = client(database, "tight", "tight")  # 3 pages a day
    store.submit(tight, submission())
    finish_all(store, pages=3)
    with pytest.raises(QuotaExceeded) as caught:
        store.submit(tight, submission())
    assert "3 pages a day" in str(caught.value)
    assert caught.value.retry_after and 0 < caught.value.retry_after <= 24 * 3600
    with pytest.raises(QuotaExceeded):
        store.check_admission(tight)


def test_a_full_queue_refuses_everybody(database: Database, store: JobStore) -> None:
    for number in range(2):
        caller = client(database, f"client {number}")
        for _ in range(10):
            store.submit(caller, submission())
    with pytest.raises(ServiceBusy) as caught:
        store.submit(client(database, "late"), submission())
    assert caught.value.retryable and caught.value.retry_after


def test_requests_a_minute_are_counted_exactly_and_come_back(database: Database, quotas: Quotas) -> None:
    tight = client(database, "tight", "tight")  # 5 a minute

    def take(_: int) -> bool:
        try:
            quotas.take_request(tight)
        except TooManyRequests as error:
            assert error.retry_after and 0 < error.retry_after <= WINDOW_SECONDS / 5
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(take, range(20))) == 5
    now = time.time()
    with patch("unscrawl.service.quotas.time.time", lambda: now + WINDOW_SECONDS / 5 + 1):
        assert [take(0), take(0)] == [True, False]


def test_rate_headers_follow_the_draft(database: Database, quotas: Quotas) -> None:
    state = quotas.take_request(client(database, "tight", "tight"))
    assert state.headers() == {"RateLimit-Policy": '"requests";q=5;w=60', "RateLimit": '"requests";r=4;t=12'}


def test_callbacks_are_due_until_they_succeed_or_are_given_up(database: Database, store: JobStore) -> None:
    job, _ = store.submit(client(database, "alice"), submission(callback="https://example.org/hook"))
    assert store.due_callbacks() == []
    claim = store.claim()
    assert claim is not None
    store.finish(claim, [RESULT], 1)
    (first,) = store.due_callbacks()
    assert (first.job_id, first.state, first.url) == (job.id, "done", "https://example.org/hook")
    assert first.key.startswith("whsec_")
    assert store.due_callbacks() == []  # given out once
    moment = 0.0
    for wait in CALLBACK_WAITS:
        moment += wait + 1
        with at(moment):  # type: ignore[attr-defined]
            assert len(store.due_callbacks()) == 1
    with at(moment + 10 * max(CALLBACK_WAITS)):  # type: ignore[attr-defined]
        assert store.due_callbacks() == []


def test_a_callback_that_succeeded_is_not_repeated(database: Database, store: JobStore) -> None:
    job, _ = store.submit(client(database, "alice"), submission(callback="https://example.org/hook"))
    claim = store.claim()
    assert claim is not None
    store.finish(claim, [RESULT], 1)
    assert len(store.due_callbacks()) == 1
    store.callback_done(job.id)
    with at(1e6):  # type: ignore[attr-defined]
        assert store.due_callbacks() == []
