"""Jobs: files to be read, from the moment they are accepted until their results are deleted.

    queued ──▶ running ──▶ done | failed ──▶ expired
       ▲          │
       └──────────┘ the worker died, or the service stops

Both can be cancelled. Every change of state names the state that it starts from, so that of two who try only one
succeeds; whoever runs a job holds a lease, and when that runs out others may take the job over.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from unscrawl.exceptions import JobConflict, JobExpired, JobNotFound, ServiceBusy, TooManyRequests
from unscrawl.service.credentials import Caller
from unscrawl.service.database import Database
from unscrawl.service.orders import TaskResult
from unscrawl.service.quotas import Quotas
from unscrawl.service.tables import clients, jobs, results, uploads

__all__ = ["LEASE_SECONDS", "REMEMBERED_SECONDS", "Callback", "Claim", "Job", "JobState", "JobStore", "Submission"]

LEASE_SECONDS = 30.0
"""A worker that has not been heard of for so long is dead; leases are renewed several times as often."""

REMEMBERED_SECONDS = 30 * 24 * 3600.0
"""So long after its result was deleted a job is told to have expired; then there is no such job."""

BUSY_RETRY_SECONDS = 5.0
"""What a refused caller is told to wait: about the time of a few pages."""


MOST_NEGLECTED = 100
"""Jobs that are looked for at one time; the others follow the next time."""

CALLBACK_WAITS = (10.0, 60.0, 600.0, 3600.0)
"""Seconds between attempts to call back; then it is given up."""

MOST_CALLBACKS = 20
"""Callbacks made at one time."""


class JobState(Enum):
    """What has become of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def active(self) -> bool:
        """Whether something is still to come."""
        return self in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Submission:
    """A file to be read, with what to do.

    Attributes:
        order: What to do, for the worker; JSON.
        data: The file.
        idempotency_key: The client's name for this request, or None.
        fingerprint: Digest of the file and the options, to tell a repeated request from another.
        callback_url: Whom to tell when it is done, or None.
    """

    order: dict[str, Any]
    data: bytes
    idempotency_key: str | None = None
    fingerprint: str | None = None
    callback_url: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What is known of a job.

    Attributes:
        id: A random UUID.
        client_id: Whose it is.
        state: What has become of it.
        created: When it was accepted, in seconds since 1970.
        finished: When it ended, or None.
        pages: Pages read so far.
        error: The problem document of a failed job, or None.
        formats: The forms of the result, in the order asked for.
    """

    id: str
    client_id: str
    state: JobState
    created: float
    finished: float | None
    pages: int
    error: dict[str, Any] | None
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run a job.

    Attributes:
        job_id: Which.
        attempt: The how-manieth time it is run, from 1.
        order: What to do.
        data: The file.
    """

    job_id: str
    attempt: int
    order: dict[str, Any]
    data: bytes


@dataclass(frozen=True, slots=True)
class Callback:
    """Somebody to be told that a job has ended.

    Attributes:
        job_id: Which job.
        state: What has become of it.
        url: Whom to tell.
        key: What to sign with.
    """

    job_id: str
    state: str
    url: str
    key: str


# What every request says to the database is built once: that takes longer than most of it takes to be done.
_NOW = sa.bindparam("now", type_=sa.Float)
_ID = sa.bindparam("job", type_=sa.String)
_QUEUED = jobs.c.state == JobState.QUEUED.value
_JOB = sa.select(jobs).where(jobs.c.id == _ID)
_UPLOAD = sa.select(uploads.c.data).where(uploads.c.job_id == _ID)
_RESULT = sa.select(results).where(results.c.job_id == _ID, results.c.format == sa.bindparam("form"))
_FREE = sa.or_(_QUEUED, sa.and_(jobs.c.state == JobState.RUNNING.value, jobs.c.lease < _NOW))
_OLDEST = sa.select(jobs.c.id).where(_FREE).order_by(jobs.c.created).limit(1)
_CLAIM = (
    jobs.update()
    .where(jobs.c.id == _ID, _FREE)
    .values(
        state=JobState.RUNNING.value,
        attempts=jobs.c.attempts + 1,
        started=_NOW,
        lease=_NOW + LEASE_SECONDS,
        pages=0,
    )
    .returning(jobs.c.attempts, jobs.c.order)
)
_ROOM = sa.select(
    sa.func.count().filter(_QUEUED), sa.func.count().filter(jobs.c.client_id == sa.bindparam("client"))
).where(jobs.c.state.in_([state.value for state in JobState if state.active]))


class JobStore:
    """All jobs.

    Args:
        database: Where they are kept.
        quotas: Who counts them.
        queue_limit: How many may wait.
    """

    def __init__(self, database: Database, quotas: Quotas, queue_limit: int) -> None:
        self._database = database
        self._quotas = quotas
        self._queue_limit = queue_limit

    def check_admission(self, caller: Caller) -> None:
        """Refuse what ``submit`` would refuse for want of room, before the file is sent.

        Raises:
            QuotaExceeded: If calls or pages are used up.
            ServiceBusy: If the queue is full.
            TooManyRequests: If too many of the caller's files are under way.
        """
        with self._database.read() as connection:
            self._check_room(connection, caller)

    def submit(self, caller: Caller, submission: Submission) -> tuple[Job, bool]:
        """Accept a file and count it, or find what the same request has given before.

        Returns:
            The job, and whether it is new.

        Raises:
            JobConflict: If the idempotency key was used for another request.
            QuotaExceeded: If calls or pages are used up.
            ServiceBusy: If the queue is full.
            TooManyRequests: If too many of the caller's files are under way.
        """
        with self._database.write() as connection:
            # One request of a client at a time, so that two cannot both be the last that is allowed.
            connection.execute(sa.select(clients.c.id).where(clients.c.id == caller.client_id).with_for_update())
            if submission.idempotency_key is not None:
                known = connection.execute(
                    sa.select(jobs).where(
                        jobs.c.client_id == caller.client_id, jobs.c.idempotency_key == submission.idempotency_key
                    )
                ).one_or_none()
                if known is not None:
                    if known.fingerprint != submission.fingerprint:
                        raise JobConflict(
                            "This Idempotency-Key came with another file or other options before.",
                            remedy="Use a new key for each new request.",
                        )
                    return _job(known), False
            self._check_room(connection, caller)
            self._quotas.count_call(connection, caller)
            job_id = str(uuid.uuid4())
            connection.execute(
                jobs.insert().values(
                    id=job_id,
                    client_id=caller.client_id,
                    state=JobState.QUEUED.value,
                    created=time.time(),
                    attempts=0,
                    order=json.dumps(submission.order),
                    size=len(submission.data),
                    pages=0,
                    idempotency_key=submission.idempotency_key,
                    fingerprint=submission.fingerprint,
                    callback_url=submission.callback_url,
                    callback_attempts=0,
                )
            )
            connection.execute(uploads.insert().values(job_id=job_id, data=submission.data))
            return self._get(connection, job_id), True

    def get(self, job_id: str, caller: Caller) -> Job:
        """A caller's job.

        Raises:
            JobExpired: If there was one, whose result is no longer kept.
            JobNotFound: If there is none, or it is another's.
        """
        with self._database.read() as connection:
            job = self._get(connection, job_id)
        if job.client_id != caller.client_id:
            raise _not_found(job_id)
        if job.state is JobState.EXPIRED:
            raise JobExpired(f"The result of the job {job_id} is no longer kept.")
        return job

    def result(self, job: Job, form: str) -> TaskResult:
        """One form of a done job's result.

        Raises:
            JobNotFound: If this form was not asked for, or is no longer kept.
        """
        with self._database.read() as connection:
            row = connection.execute(_RESULT, {"job": job.id, "form": form}).one_or_none()
        if row is None:
            raise JobNotFound(f"The job {job.id} has no result in the form {form!r}.")
        return TaskResult(row.format, row.media_type, bytes(row.data))

    def cancel(self, job_id: str, caller: Caller) -> None:
        """Stop a job and delete all that is kept of it but the fact itself.

        Raises:
            JobNotFound: If there is none, or it is another's.
        """
        self.get(job_id, caller)
        with self._database.write() as connection:
            connection.execute(
                jobs.update()
                .where(jobs.c.id == job_id)
                .values(state=JobState.CANCELLED.value, finished=time.time(), lease=None, order="{}", error=None,
                        callback_due=None)
            )  # fmt: skip
            connection.execute(uploads.delete().where(uploads.c.job_id == job_id))
            connection.execute(results.delete().where(results.c.job_id == job_id))

    def claim(self, job_id: str | None = None) -> Claim | None:
        """Take a job to run it: the one named, or the oldest that waits.

        Returns:
            None if there is nothing to do (any more).
        """
        now = time.time()
        if job_id is None:
            with self._database.read() as connection:  # most often there is nothing, and a look disturbs nobody
                job_id = connection.scalar(_OLDEST, {"now": now})
            if job_id is None:
                return None
        with self._database.write() as connection:
            taken = connection.execute(_CLAIM, {"job": job_id, "now": now}).one_or_none()
            if taken is None:
                return None
            data = connection.scalar(_UPLOAD, {"job": job_id})
        return Claim(job_id, taken.attempts, json.loads(taken.order), bytes(data or b""))

    def renew(self, claims: Iterable[Claim]) -> set[str]:
        """Prolong leases; gives the ids of those jobs that are still to be run."""
        kept = set()
        with self._database.write() as connection:
            for claim in claims:
                done = connection.execute(jobs.update().where(*_held(claim)).values(lease=time.time() + LEASE_SECONDS))
                if done.rowcount:
                    kept.add(claim.job_id)
        return kept

    def progress(self, claim: Claim, pages: int) -> None:
        """Note how many pages have been read."""
        with self._database.write() as connection:
            connection.execute(jobs.update().where(*_held(claim)).values(pages=pages))

    def finish(self, claim: Claim, forms: Sequence[TaskResult], pages: int) -> bool:
        """Keep a job's results, count its pages, and delete its upload, all at once.

        Returns:
            Whether the job still was to be run; if not, nothing is kept.
        """
        with self._database.write() as connection:
            if not self._end(connection, claim, JobState.DONE, [form.format for form in forms], pages=pages):
                return False
            for form in forms:
                connection.execute(
                    results.insert().values(
                        job_id=claim.job_id, format=form.format, media_type=form.media_type, data=form.data
                    )
                )
            client_id = connection.scalar(sa.select(jobs.c.client_id).where(jobs.c.id == claim.job_id))
            self._quotas.count_pages(connection, str(client_id), pages)
        return True

    def fail(self, claim: Claim, problem: dict[str, Any]) -> bool:
        """End a job that cannot be read; returns whether it still was to be run."""
        with self._database.write() as connection:
            formats = claim.order.get("formats", [])
            return self._end(connection, claim, JobState.FAILED, formats, error=json.dumps(problem))

    def give_back(self, claim: Claim, *, counted: bool) -> None:
        """Put a job back into the queue.

        Args:
            claim: The right to run it.
            counted: Whether the attempt counts: it does if the worker died, it does not if the service stops.
        """
        with self._database.write() as connection:
            connection.execute(
                jobs.update()
                .where(*_held(claim))
                .values(
                    state=JobState.QUEUED.value,
                    lease=None,
                    attempts=jobs.c.attempts - (0 if counted else 1),
                )
            )

    def neglected(self, seconds: float) -> list[str]:
        """The ids of jobs that should be running: queued for so long, or run by somebody who is gone."""
        now = time.time()
        queued = sa.and_(jobs.c.state == JobState.QUEUED.value, jobs.c.created <= now - seconds)
        lost = sa.and_(jobs.c.state == JobState.RUNNING.value, jobs.c.lease < now)
        with self._database.read() as connection:
            return list(
                connection.scalars(
                    sa.select(jobs.c.id).where(sa.or_(queued, lost)).order_by(jobs.c.created).limit(MOST_NEGLECTED)
                )
            )

    def ended(self, job_ids: list[str]) -> list[str]:
        """Those of some jobs that are no longer active."""
        active = [state.value for state in JobState if state.active]
        with self._database.read() as connection:
            query = sa.select(jobs.c.id).where(jobs.c.id.in_(job_ids), jobs.c.state.not_in(active))
            return list(connection.scalars(query))

    def due_callbacks(self) -> list[Callback]:
        """The callbacks to be made now; each is given out once, until it is due again.

        Whoever makes one tells ``callback_done``; if that does not happen it is due again later, and finally given up.
        """
        now = time.time()
        due = []
        with self._database.write() as connection:
            query = (
                sa.select(jobs.c.id, jobs.c.state, jobs.c.callback_url, jobs.c.callback_attempts, clients.c.webhook_key)
                .join(clients, clients.c.id == jobs.c.client_id)
                .where(jobs.c.callback_due <= now)
                .limit(MOST_CALLBACKS)
                .with_for_update(of=jobs, skip_locked=True)
            )
            for row in connection.execute(query).all():
                waits = CALLBACK_WAITS[row.callback_attempts :]
                connection.execute(
                    jobs.update()
                    .where(jobs.c.id == row.id)
                    .values(callback_due=now + waits[0] if waits else None, callback_attempts=row.callback_attempts + 1)
                )
                due.append(Callback(row.id, row.state, row.callback_url, row.webhook_key))
        return due

    def callback_done(self, job_id: str) -> None:
        """Note that whoever wanted to be told of a job has been."""
        with self._database.write() as connection:
            connection.execute(jobs.update().where(jobs.c.id == job_id).values(callback_due=None))

    def waiting(self) -> int:
        """How many jobs are queued."""
        with self._database.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(jobs).where(_QUEUED)) or 0

    def expire_finished_before(self, moment: float) -> int:
        """Delete the results of jobs that ended before a time, and all of them but that they were; returns how many.

        After ``REMEMBERED_SECONDS`` more that is forgotten too.
        """
        with self._database.write() as connection:
            connection.execute(jobs.delete().where(jobs.c.finished < moment - REMEMBERED_SECONDS))
            old = sa.select(jobs.c.id).where(jobs.c.finished < moment, jobs.c.state != JobState.EXPIRED.value)
            connection.execute(results.delete().where(results.c.job_id.in_(old)))
            return connection.execute(
                jobs.update()
                .where(jobs.c.finished < moment, jobs.c.state != JobState.EXPIRED.value)
                .values(state=JobState.EXPIRED.value, order="{}", error=None, idempotency_key=None, fingerprint=None,
                        callback_url=None, callback_due=None)
            ).rowcount  # fmt: skip

    def _check_room(self, connection: Connection, caller: Caller) -> None:
        waiting, under_way = connection.execute(_ROOM, {"client": caller.client_id}).one()
        if waiting >= self._queue_limit:
            raise ServiceBusy("The queue is full.", retry_after=BUSY_RETRY_SECONDS)
        tier = self._quotas.tier(caller)
        if under_way >= tier.concurrent_jobs:
            raise TooManyRequests(
                f"The tier {caller.tier!r} allows {tier.concurrent_jobs} files at one time.",
                retry_after=BUSY_RETRY_SECONDS,
            )
        self._quotas.check(connection, caller)

    def _get(self, connection: Connection, job_id: str) -> Job:
        row = connection.execute(_JOB, {"job": job_id}).one_or_none()
        if row is None:
            raise _not_found(job_id)
        return _job(row)

    def _end(
        self, connection: Connection, claim: Claim, state: JobState, formats: Sequence[str], **values: Any
    ) -> bool:
        now = time.time()
        ended = connection.execute(
            jobs.update()
            .where(*_held(claim))
            .values(
                state=state.value,
                finished=now,
                lease=None,
                # The options may hold a password.
                order=json.dumps({"formats": list(formats)}),
                callback_due=sa.case((jobs.c.callback_url.is_not(None), now), else_=None),
                **values,
            )
        )
        if not ended.rowcount:
            return False
        connection.execute(uploads.delete().where(uploads.c.job_id == claim.job_id))
        return True


def _held(claim: Claim) -> tuple[Any, ...]:
    return jobs.c.id == claim.job_id, jobs.c.state == JobState.RUNNING.value, jobs.c.attempts == claim.attempt


def _not_found(job_id: str) -> JobNotFound:
    return JobNotFound(f"There is no job {job_id!r}.")


def _job(row: Any) -> Job:
    return Job(
        row.id,
        row.client_id,
        JobState(row.state),
        row.created,
        row.finished,
        row.pages,
        json.loads(row.error) if row.error else None,
        tuple(json.loads(row.order).get("formats", ())),
    )
