"""OAuth 2 client credentials (RFC 6749, section 4.4) and the revocation of tokens (RFC 7009)."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any
from urllib.parse import unquote_plus

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from pydantic.json_schema import SkipJsonSchema
from starlette.concurrency import run_in_threadpool

from unscrawl.exceptions import Unauthorized
from unscrawl.service.credentials import TOKEN_SECONDS
from unscrawl.service.state import State

__all__ = ["router"]

router = APIRouter(tags=["Credentials"])

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Token(BaseModel):
    """A token, good until it expires or is revoked."""

    access_token: str
    token_type: str = "Bearer"
    expires_in: int = TOKEN_SECONDS


class TokenError(BaseModel):
    """Why there is no token (RFC 6749, section 5.2)."""

    error: str
    error_description: str | None = None


ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": TokenError, "description": "Not a request for a token."},
    401: {"model": TokenError, "description": "The credentials are wrong; which half is not told."},
    413: {"description": "The request is too large.", "content": {"application/problem+json": {}}},
}


@router.post("/connect/token", response_model=Token, responses=ERRORS)
async def issue_token(
    request: Request,
    grant_type: Annotated[str | SkipJsonSchema[None], Form(description="Always client_credentials.")] = None,
    client_id: Annotated[str | SkipJsonSchema[None], Form(description="Or by HTTP Basic.")] = None,
    client_secret: Annotated[str | SkipJsonSchema[None], Form(description="Or by HTTP Basic.")] = None,
) -> Response:
    """Get a token for an hour in exchange for a client's id and secret."""
    state: State = request.app.state.service
    if grant_type is None:
        return _error("invalid_request", "grant_type is missing.")
    if grant_type != "client_credentials":
        return _error("unsupported_grant_type", "Only client_credentials is offered.")
    found = _credentials(request, client_id, client_secret)
    if isinstance(found, Response):
        return found
    try:
        token = await run_in_threadpool(state.credentials.issue_token, *found)
    except Unauthorized:
        return _unauthorized(request)
    return JSONResponse(Token(access_token=token).model_dump(), headers=NO_STORE)


@router.post("/connect/revoke", status_code=200, responses=ERRORS)
async def revoke_token(
    request: Request,
    token: Annotated[str | SkipJsonSchema[None], Form(description="The token to end.")] = None,
    client_id: Annotated[str | SkipJsonSchema[None], Form()] = None,
    client_secret: Annotated[str | SkipJsonSchema[None], Form()] = None,
) -> Response:
    """End a token before its time. Whoever holds the credentials or the token may do so."""
    state: State = request.app.state.service
    if token is None:
        return _error("invalid_request", "token is missing.")
    found = _credentials(request, client_id, client_secret)
    if isinstance(found, Response):
        return found
    try:
        proof = await run_in_threadpool(state.credentials.issue_token, *found)
    except Unauthorized:
        return _unauthorized(request)
    caller = await run_in_threadpool(state.credentials.caller, proof)
    owner = await run_in_threadpool(state.credentials.caller, token)
    if owner is not None and owner == caller:
        await run_in_threadpool(state.credentials.end_token, token)
    await run_in_threadpool(state.credentials.end_token, proof)
    return JSONResponse({}, headers=NO_STORE)


def _credentials(request: Request, client_id: str | None, client_secret: str | None) -> tuple[str, str] | Response:
    """Id and secret, from the header or the body."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        if client_secret is not None:
            return _error("invalid_request", "Give the credentials once: in the header or in the body.")
        try:
            decoded = base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return _unauthorized(request)
        name, colon, secret = decoded.partition(":")
        return (unquote_plus(name), unquote_plus(secret)) if colon else _unauthorized(request)
    if client_id is None or client_secret is None:
        return _unauthorized(request)
    return client_id, client_secret


def _error(code: str, description: str) -> Response:
    return JSONResponse({"error": code, "error_description": description}, status_code=400, headers=NO_STORE)


def _unauthorized(request: Request) -> Response:
    headers = dict(NO_STORE)
    if "authorization" in request.headers:
        headers["WWW-Authenticate"] = 'Basic realm="unscrawl", charset="UTF-8"'
    content = {"error": "invalid_client", "error_description": "client_id or client_secret is wrong, or was revoked."}
    return JSONResponse(content, status_code=401, headers=headers)
