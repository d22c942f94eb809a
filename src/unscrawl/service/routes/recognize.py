"""Our own API: files in, results or jobs out."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Header, Query, Request, UploadFile
from fastapi.responses import JSONResponse, Response
from fastapi.security import OAuth2
from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema
from starlette.concurrency import run_in_threadpool

from unscrawl.exceptions import InvalidRequest, JobConflict
from unscrawl.export import FORMS
from unscrawl.options import ReadOptions
from unscrawl.service.credentials import Caller
from unscrawl.service.jobs import Job, JobState, Submission
from unscrawl.service.orders import order_from_options
from unscrawl.service.problems import MEDIA_TYPE
from unscrawl.service.routes.fields import file_name, option_fields, parse_formats, within_tier
from unscrawl.service.state import State
from unscrawl.service.webhooks import check_callback_url

__all__ = ["ABOUT_FILES", "PROBLEMS", "SCHEME", "answer", "job_form", "router", "submit", "submit_bytes"]

LONGEST_KEY = 255
LONGEST_WAIT = 60.0
POLL_SECONDS = 1

SCHEME = OAuth2(
    flows={"clientCredentials": {"tokenUrl": "/connect/token", "scopes": {}}},
    scheme_name="clientCredentials",
    auto_error=False,  # the gate has looked already
)


class Problem(BaseModel):
    """A problem document of RFC 9457."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    retryable: bool
    instance: str | None = None


class JobForm(BaseModel):
    """A job."""

    id: UUID
    status: Literal["queued", "running", "done", "failed", "cancelled"]
    created: datetime
    finished: datetime | None
    pages: int = Field(description="Pages read so far.")
    formats: list[str]
    result: str | None = Field(description="Where the result is, once it is done.")
    error: Problem | None


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: _problem("Not a request that the service understands."),
    401: _problem("No credentials, or wrong, expired or revoked ones."),
    403: _problem("Not allowed with these credentials."),
    422: _problem("A field has a value that makes no sense, or the file cannot be read."),
    429: _problem("More than the tier allows; Retry-After tells when to come again."),
    500: _problem("The service failed."),
    503: _problem("The queue is full; Retry-After tells when to come again."),
}
ABOUT_JOBS: dict[int | str, dict[str, Any]] = {
    404: _problem("There is no such job."),
    410: _problem("There was such a job, but its result is no longer kept."),
}
ABOUT_FILES: dict[int | str, dict[str, Any]] = {
    408: _problem("The request arrived too slowly."),
    409: _problem("The Idempotency-Key was used for another request."),
    413: _problem("The file is larger than the tier allows."),
    415: _problem("The file is not in a format that can be read."),
    501: _problem("The file's format needs a package that is not installed in this service."),
}
FORMS_OF_RESULT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The result, in the form asked for.",
        "content": {form.media_type.partition(";")[0]: {} for form in FORMS.values()},
    }
}

router = APIRouter(prefix="/v1", dependencies=[Depends(SCHEME)])


@router.post(
    "/recognize",
    tags=["Reading"],
    responses={**PROBLEMS, **ABOUT_FILES, **FORMS_OF_RESULT, 202: {"model": JobForm, "description": "A job."}},
)
async def recognize(
    request: Request,
    file: Annotated[UploadFile, File(description="A picture or a PDF.")],
    options: Annotated[ReadOptions, Depends(option_fields)],
    formats: Annotated[
        str, Form(alias="format", description=f"{', '.join(FORMS)}; several with commas: the first is the answer.")
    ] = "json",
    callback_url: Annotated[str | SkipJsonSchema[None], Form(description="Whom to tell when it has ended.")] = None,
    prefer: Annotated[str | None, Header(description="respond-async: give a job at once.")] = None,
    idempotency_key: Annotated[
        str | None, Header(description="A name for this request: sent again, it is done only once.")
    ] = None,
) -> Response:
    """Read a file.

    Small files are answered with the result. Large ones, and those that take long, are answered with 202 and a job to
    poll.
    """
    state: State = request.app.state.service
    caller: Caller = request.state.caller
    if idempotency_key is not None and not 0 < len(idempotency_key) <= LONGEST_KEY:
        raise InvalidRequest(f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.")
    if callback_url:
        check_callback_url(callback_url, state.config.callback_hosts)
    job = await submit(state, caller, file, options, parse_formats(formats), idempotency_key, callback_url or None)
    asynchronous = "respond-async" in (prefer or "").lower()
    small = (file.size or 0) <= state.config.sync_megabytes * 1e6
    seconds = 0.0 if asynchronous or not small else state.config.sync_seconds
    return await answer(state, caller, job, seconds)


async def submit(
    state: State,
    caller: Caller,
    file: UploadFile,
    options: ReadOptions,
    formats: tuple[str, ...],
    idempotency_key: str | None = None,
    callback_url: str | None = None,
) -> Job:
    """Make a job of a file, or find the one that the same request has made before."""
    data = await file.read()
    await file.close()  # its copy on disk must not stay until the answer
    return await submit_bytes(state, caller, file_name(file), data, options, formats, idempotency_key, callback_url)


async def submit_bytes(
    state: State,
    caller: Caller,
    name: str,
    data: bytes,
    options: ReadOptions,
    formats: tuple[str, ...],
    idempotency_key: str | None = None,
    callback_url: str | None = None,
    task: str = "read",
) -> Job:
    """The same with a file's content, and with any task of :func:`unscrawl.service.tasks.perform`."""
    options = within_tier(options, state.quotas.tier(caller))
    order = order_from_options(name, options, formats, task)
    fingerprint = None
    if idempotency_key is not None:
        named = json.dumps([order, callback_url], sort_keys=True).encode()
        fingerprint = hashlib.sha256(hashlib.sha256(data).digest() + named).hexdigest()
    submission = Submission(order, data, idempotency_key, fingerprint, callback_url)
    job, new = await run_in_threadpool(state.jobs.submit, caller, submission)
    if new:
        await state.queue.announce(job.id)
    return job


async def answer(state: State, caller: Caller, job: Job, seconds: float) -> Response:
    """Wait a while for a job; then its result, its problem, or the job itself."""
    if seconds > 0 and job.state.active:
        job = await state.waiters.wait(job.id, lambda: state.jobs.get(job.id, caller), seconds)
    location = f"/v1/jobs/{job.id}"
    if job.state is JobState.DONE:
        result = await run_in_threadpool(state.jobs.result, job, job.formats[0])
        return Response(result.data, media_type=result.media_type, headers={"Content-Location": location})
    if job.state is JobState.FAILED and job.error is not None:
        return JSONResponse(
            job.error, status_code=job.error["status"], media_type=MEDIA_TYPE, headers={"Content-Location": location}
        )
    headers = {"Location": location, "Retry-After": str(POLL_SECONDS)}
    return JSONResponse(job_form(job), status_code=202, headers=headers)


@router.get("/jobs/{job_id}", tags=["Jobs"], response_model=JobForm, responses={**PROBLEMS, **ABOUT_JOBS})
async def get_job(
    request: Request,
    job_id: UUID,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for its end.")] = 0.0,
) -> Response:
    """See what has become of a job."""
    state: State = request.app.state.service
    caller: Caller = request.state.caller
    job = await state.waiters.wait(str(job_id), lambda: state.jobs.get(str(job_id), caller), wait)
    headers = {"Cache-Control": "no-store"}
    if job.state.active:
        headers["Retry-After"] = str(POLL_SECONDS)
    return JSONResponse(job_form(job), headers=headers)


@router.get(
    "/jobs/{job_id}/result",
    tags=["Jobs"],
    responses={**PROBLEMS, **ABOUT_JOBS, **ABOUT_FILES, **FORMS_OF_RESULT},
)
async def get_result(
    request: Request,
    job_id: UUID,
    form: Annotated[str | None, Query(alias="format", description="One of the job's formats.")] = None,
) -> Response:
    """Get the result of a job that is done; of one that failed, its problem."""
    state: State = request.app.state.service
    caller: Caller = request.state.caller
    job = await run_in_threadpool(state.jobs.get, str(job_id), caller)
    if job.state is JobState.FAILED:
        return await answer(state, caller, job, 0)
    if job.state is not JobState.DONE:
        raise JobConflict(
            f"The job is {job.state.value}.",
            remedy="Wait until it is done." if job.state.active else "Send the file again.",
        )
    if form is not None and form not in job.formats:
        raise InvalidRequest(f"{form!r} was not asked for.", remedy=f"This job has {', '.join(job.formats)}.")
    result = await run_in_threadpool(state.jobs.result, job, form or job.formats[0])
    return Response(result.data, media_type=result.media_type, headers={"Cache-Control": "no-store"})


@router.delete("/jobs/{job_id}", tags=["Jobs"], status_code=204, responses={**PROBLEMS, **ABOUT_JOBS})
async def cancel_job(request: Request, job_id: UUID) -> Response:
    """Stop a job, and delete its file and its result."""
    state: State = request.app.state.service
    await run_in_threadpool(state.jobs.cancel, str(job_id), request.state.caller)
    state.runner.cancel(str(job_id))
    state.waiters.wake(str(job_id))
    return Response(status_code=204)


@router.get("/usage", tags=["Credentials"], responses=PROBLEMS)
async def get_usage(request: Request) -> dict[str, Any]:
    """See what the tier allows, and how much of it is used."""
    state: State = request.app.state.service
    return await run_in_threadpool(state.quotas.report, request.state.caller)


def job_form(job: Job) -> dict[str, Any]:
    """A job as JSON tells it."""
    return {
        "id": job.id,
        "status": job.state.value,
        "created": _time(job.created),
        "finished": _time(job.finished) if job.finished is not None else None,
        "pages": job.pages,
        "formats": list(job.formats),
        "result": f"/v1/jobs/{job.id}/result" if job.state is JobState.DONE else None,
        "error": job.error,
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
