"""For those who run the service: health and metrics; and what the types of problems mean."""

from __future__ import annotations

from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from unscrawl.service.metrics import MEDIA_TYPE
from unscrawl.service.problems import error_classes, title
from unscrawl.service.state import State

__all__ = ["router"]

router = APIRouter(tags=["Operations"])


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Whether the process answers."""
    return {"status": "ok"}


@router.get("/health/ready", responses={503: {"description": "Not now: it starts, stops, or has no database."}})
async def ready(request: Request) -> Response:
    """Whether requests can be taken now."""
    state: State = request.app.state.service
    reason = None if state.ready else "starting or stopping"
    if reason is None:
        try:
            await run_in_threadpool(state.jobs.waiting)
        except Exception:
            reason = "the database does not answer"
    if reason is not None:
        return JSONResponse({"status": "not ready", "reason": reason}, status_code=503)
    return JSONResponse({"status": "ok"})


@router.get("/metrics", responses={200: {"content": {"text/plain": {}}}})
async def metrics(request: Request) -> Response:
    """Counters in the form of Prometheus."""
    state: State = request.app.state.service
    return Response(await run_in_threadpool(state.metrics.render), media_type=MEDIA_TYPE)


@router.get("/problems/{code}", include_in_schema=False)
async def problem(code: str) -> Response:
    """What the type of a problem document means."""
    cls = error_classes().get(code)
    if cls is None:
        return HTMLResponse("<!doctype html><title>Unknown</title><p>There is no such problem.", status_code=404)
    text = " ".join((cls.__doc__ or "").partition("Args:")[0].split()).replace("``", "")
    return HTMLResponse(
        f"<!doctype html><html lang=en><title>{escape(title(cls))}</title><h1>{escape(title(cls))}</h1>"
        f"<p>{escape(text)}</p><p>Code <code>{escape(code)}</code>, status {cls.http_status}.</p></html>"
    )
