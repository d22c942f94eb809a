"""The web page: read a note; and for administrators the dashboard of clients. Plain HTML, nothing from elsewhere."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader
from starlette.concurrency import run_in_threadpool

from unscrawl.exceptions import Forbidden, InvalidOption, InvalidRequest, OcrException, Unauthorized
from unscrawl.languages import Language
from unscrawl.options import ReadOptions
from unscrawl.service.credentials import SESSION_SECONDS, Caller, NewSecret
from unscrawl.service.quotas import this_month
from unscrawl.service.routes.fields import option_fields
from unscrawl.service.routes.recognize import LONGEST_WAIT, answer, submit
from unscrawl.service.state import SESSION_COOKIE, State, cookie

__all__ = ["STATIC", "router"]

_HOME = Path(__file__).parent.parent / "web"
STATIC = _HOME / "static"

_templates = Environment(loader=FileSystemLoader(_HOME / "templates"), autoescape=True, trim_blocks=True)

router = APIRouter(include_in_schema=False)

NO_STORE = {"Cache-Control": "no-store"}


@router.get("/")
async def try_page(request: Request) -> Response:
    """The page to read a note."""
    caller = await _visitor(request)
    if caller is None:
        return RedirectResponse("/sign-in", status_code=303)
    languages = [language for language in Language if language is not Language.AUTO]
    return _page(request, "try.html", caller, here="try", languages=languages)


@router.post("/try")
async def read_note(
    request: Request,
    file: Annotated[UploadFile, File()],
    options: Annotated[ReadOptions, Depends(option_fields)],
) -> Response:
    """Read what was dropped on the page."""
    _check_own_page(request)
    state: State = request.app.state.service
    caller: Caller = request.state.caller
    job = await submit(state, caller, file, options, ("json",))
    return await answer(state, caller, job, state.config.sync_seconds)


@router.get("/try/{job_id}")
async def look_at_note(
    request: Request, job_id: UUID, wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT)] = 0.0
) -> Response:
    """Wait for a job of the page."""
    _check_own_page(request)
    state: State = request.app.state.service
    caller = await run_in_threadpool(state.page_caller, request.headers)
    job = await run_in_threadpool(state.jobs.get, str(job_id), caller)
    return await answer(state, caller, job, wait)


@router.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    """The form to sign in."""
    return _page(request, "sign_in.html", None)


@router.post("/sign-in")
async def sign_in(
    request: Request, client_id: Annotated[str, Form()] = "", client_secret: Annotated[str, Form()] = ""
) -> Response:
    """Sign in with a client's credentials."""
    state: State = request.app.state.service
    try:
        token = await run_in_threadpool(
            state.credentials.issue_token, client_id.strip(), client_secret.strip(), "session"
        )
    except Unauthorized:
        error = "The client id or the secret is wrong, or was revoked."
        return _page(request, "sign_in.html", None, status=401, error=error)
    caller = await run_in_threadpool(state.credentials.caller, token, "session")
    response = RedirectResponse("/dashboard" if caller and caller.admin else "/", status_code=303)
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.post("/sign-out")
async def sign_out(request: Request, csrf: Annotated[str, Form()] = "") -> Response:
    """End the session."""
    state: State = request.app.state.service
    _check_csrf(request, csrf)
    await run_in_threadpool(state.credentials.end_token, cookie(request.headers) or "")
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(SESSION_COOKIE)
    return response


@router.get("/dashboard")
async def dashboard(request: Request) -> Response:
    """All clients."""
    caller = await _visitor(request)
    if caller is None or caller.client_id == "trial":
        return RedirectResponse("/sign-in", status_code=303)
    _check_admin(caller)
    return await _dashboard(request, caller)


@router.post("/dashboard/{deed}")
async def change_client(
    request: Request,
    deed: str,
    csrf: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    client: Annotated[str, Form()] = "",
    tier: Annotated[str, Form()] = "",
    admin: Annotated[bool, Form()] = False,
) -> Response:
    """Make, change or end a client."""
    state: State = request.app.state.service
    caller = await run_in_threadpool(state.session_caller, request.headers)
    if caller is None:
        return RedirectResponse("/sign-in", status_code=303)
    _check_admin(caller)
    _check_csrf(request, csrf)

    def change() -> NewSecret | None:
        if deed in ("create", "tier") and tier not in state.config.tiers:
            raise InvalidOption(f"There is no tier {tier!r}.")
        if deed == "create":
            return state.credentials.create(name, tier, admin=admin)
        if deed == "rotate":
            return state.credentials.rotate(client)
        if deed == "revoke":
            state.credentials.revoke(client)
        elif deed == "tier":
            state.credentials.set_tier(client, tier)
        else:
            raise InvalidRequest(f"There is nothing to {deed!r} here.")
        return None

    try:
        made = await run_in_threadpool(change)
    except OcrException as error:
        return await _dashboard(request, caller, status=error.http_status, error=str(error))
    if made is None:
        return RedirectResponse("/dashboard", status_code=303)
    return await _dashboard(request, caller, made=made)


async def _dashboard(
    request: Request, caller: Caller, *, status: int = 200, error: str | None = None, made: NewSecret | None = None
) -> Response:
    state: State = request.app.state.service
    clients = await run_in_threadpool(state.credentials.list, this_month())
    names = {each.client_id: each.name for each in clients}
    return _page(
        request,
        "dashboard.html",
        caller,
        status=status,
        here="dashboard",
        error=error,
        made=made,
        made_name=names.get(made.client_id) if made else None,
        month=this_month(),
        clients=clients,
        tiers=list(state.config.tiers),
        limits={name: tier.calls_per_month for name, tier in state.config.tiers.items()},
    )


async def _visitor(request: Request) -> Caller | None:
    state: State = request.app.state.service
    try:
        return await run_in_threadpool(state.page_caller, request.headers)
    except Unauthorized:
        return None


def _page(request: Request, template: str, caller: Caller | None, *, status: int = 200, **values: Any) -> Response:
    content = _templates.get_template(template).render(caller=caller, csrf=_csrf(request), **values)
    return HTMLResponse(content, status_code=status, headers=NO_STORE)


def _csrf(request: Request) -> str | None:
    """What forms of this session carry; another site cannot know it."""
    token = cookie(request.headers)
    return hashlib.sha256(b"csrf:" + token.encode()).hexdigest() if token else None


def _check_csrf(request: Request, given: str) -> None:
    expected = _csrf(request)
    if expected is None or not hmac.compare_digest(expected.encode(), given.encode()):
        raise Forbidden("The form is not of this session.", remedy="Load the page again.")


def _check_own_page(request: Request) -> None:
    # Pages of other sites cannot set this header without being asked by the browser first, and we do not answer that.
    if "x-unscrawl" not in request.headers:
        raise Forbidden("This is for the page of this service only.", remedy="Programs use POST /v1/recognize.")


def _check_admin(caller: Caller) -> None:
    if not caller.admin:
        raise Forbidden(
            f"{caller.name} is no administrator.", remedy="'unscrawl clients create NAME --admin' makes one."
        )
