"""The application: the routes, the gate in front of them, and what runs beside."""

from __future__ import annotations

import asyncio
import http
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.staticfiles import StaticFiles

import unscrawl
from unscrawl.exceptions import InvalidRequest, OcrException
from unscrawl.inference import available_cpus
from unscrawl.service.config import ServiceConfig
from unscrawl.service.gate import Gate, problem_response
from unscrawl.service.problems import MEDIA_TYPE, problem_from
from unscrawl.service.queues import DistributedQueue, EmbeddedQueue
from unscrawl.service.routes import operations, recognize, token, vendor, web
from unscrawl.service.runner import Runner
from unscrawl.service.state import State
from unscrawl.service.waiters import Waiters
from unscrawl.service.webhooks import deliver_callbacks

__all__ = ["create_app"]

_log = logging.getLogger(__name__)

UNION_TAGS = ("int", "bool", "float", "str")

CALLBACK_LOOK_SECONDS = 1.0
RETENTION_LOOK_SECONDS = 60.0


def create_app(config: ServiceConfig) -> FastAPI:
    """The service as an ASGI application; its tables are made, its workers start with its lifespan.

    Raises:
        MissingDependency: If a package is missing that the configuration needs.
    """
    state = State.of(config)
    state.database.migrate()
    if config.trial:
        state.credentials.ensure_trial()
    app = FastAPI(
        title="Unscrawl",
        version=unscrawl.__version__,
        description="Reads handwritten notes and printed pages into text.",
        docs_url=None,  # its page would come from other people's servers
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.service = state
    app.add_middleware(Gate, state=state)
    for module in (token, recognize, vendor, operations, web):
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=web.STATIC))
    app.add_exception_handler(OcrException, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state: State = app.state.service
    config = state.config
    state.waiters = Waiters()
    workers = config.workers or available_cpus()
    state.runner = Runner(
        state.jobs,
        children=workers,
        megabytes=config.worker_megabytes,
        seconds=config.job_seconds,
        ended=state.waiters.wake,
        metrics=state.metrics,
    )
    await run_in_threadpool(state.runner.start)
    beside = [asyncio.create_task(_callbacks(state)), asyncio.create_task(_retention(state))]
    if config.distributed:
        conninfo = sa.make_url(config.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
        state.queue = DistributedQueue(conninfo, state.jobs, state.runner, workers)
        beside.append(asyncio.create_task(state.waiters.watch(state.jobs.ended)))
    else:
        state.queue = EmbeddedQueue(state.jobs, state.runner, workers)
    await state.queue.start()
    state.ready = True
    _log.info("service started", extra={"workers": workers, "distributed": config.distributed})
    try:
        yield
    finally:
        state.ready = False
        state.waiters.close()
        await state.queue.stop(config.grace_seconds)
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        state.database.close()
        _log.info("service stopped")


async def _callbacks(state: State) -> None:
    while True:
        try:
            await run_in_threadpool(deliver_callbacks, state.jobs)
        except Exception:  # the database is away for a moment, say
            _log.exception("callbacks could not be made")
        await asyncio.sleep(CALLBACK_LOOK_SECONDS)


async def _retention(state: State) -> None:
    while True:
        try:
            limit = time.time() - state.config.retention_hours * 3600
            deleted = await run_in_threadpool(state.jobs.expire_finished_before, limit)
            await run_in_threadpool(state.credentials.forget_expired)
            if deleted:
                _log.info("results deleted", extra={"jobs": deleted})
        except Exception:
            _log.exception("old results could not be deleted")
        await asyncio.sleep(RETENTION_LOOK_SECONDS)


async def _on_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OcrException)
    return problem_response(error, request.state.request_id)


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    # What was sent is not repeated: it may be a password.
    errors = [
        # Of a field that may be left out pydantic also tells that it is not None, and names which of the two it means.
        {"field": ".".join(str(part) for part in each["loc"] if part not in UNION_TAGS), "message": each["msg"]}
        for each in error.errors()
        if each["type"] != "none_required"
    ]
    what = "; ".join(f"{each['field']}: {each['message']}" for each in errors)
    problem = problem_from(InvalidRequest(f"{what}."), request.state.request_id, errors=errors)
    return JSONResponse({**problem, "status": 422}, status_code=422, media_type=MEDIA_TYPE)


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    phrase = http.HTTPStatus(error.status_code).phrase
    headers = dict(error.headers or {})
    if error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
        # Starlette names the methods of the first route of this path only.
        partial = [each for each in request.app.router.routes if each.matches(request.scope)[0] is Match.PARTIAL]
        headers["Allow"] = ", ".join(sorted({method for each in partial for method in getattr(each, "methods", ())}))
    problem = {
        "type": "about:blank",
        "title": phrase,
        "status": error.status_code,
        "code": phrase.lower().replace(" ", "-"),
        "detail": error.detail,
        "retryable": False,
        "instance": request.state.request_id,
    }
    return JSONResponse(problem, status_code=error.status_code, headers=headers, media_type=MEDIA_TYPE)
