"""What is shown when a page cannot be shown: always a page of ours, kind, with a way on, and nothing typed is lost."""

from __future__ import annotations

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.types import Scope

from handlers.guarding import SAFE_METHODS
from handlers.room.ending import Ended, ended_page
from handlers.room.inside import NotInside
from handlers.room.pages import page
from handlers.room.security import FormRefused, TooFast
from handlers.room.talking import by_script, talk_page

log = structlog.get_logger(__name__)

RETRY_SECONDS = 5
_WHY = {404: "missing", 413: "too_long", 429: "too_fast"}


def register(app: FastAPI) -> None:
    """Give the app a page for every way to fail."""
    app.add_exception_handler(NotInside, _not_inside)
    app.add_exception_handler(Ended, ended_page)
    app.add_exception_handler(FormRefused, _form_refused)
    app.add_exception_handler(TooFast, _too_fast)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _missing)
    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(kind, _database_down)


def refusal(app: FastAPI, scope: Scope, status: int) -> Response:
    """The page for a request that no route was asked about."""
    return problem(Request({**scope, "app": app, "state": {}}), status)


def problem(
    request: Request, status: int, *, why: str | None = None, draft: str = "", headers: dict[str, str] | None = None
) -> Response:
    """A page, or one word of JSON for our own script. `draft` is what was written and not taken."""
    why = why or _WHY.get(status, "broken")
    if by_script(request) or "text/event-stream" in request.headers.get("accept", ""):
        return JSONResponse({"why": why}, status_code=status, headers=headers)
    return page(request, "problem.html", None, status=status, headers=headers, why=why, draft=draft)


async def _written(request: Request) -> str:
    """What somebody wrote into a form that is not taken."""
    if request.method in SAFE_METHODS:
        return ""
    text = (await request.form()).get("text")
    return text if isinstance(text, str) else ""


async def _not_inside(request: Request, _error: Exception) -> Response:
    if by_script(request) or request.url.path.endswith(("/stream", "/lines")):
        return JSONResponse({"why": "closed"}, status_code=401)
    return page(request, "closed.html", None, status=401, draft=await _written(request))


async def _form_refused(request: Request, _error: Exception) -> Response:
    """Another tab entered anew, or the form is nobody's: the words come back on a fresh page of who is inside."""
    inside = getattr(request.state, "inside", None)
    if by_script(request) or inside is None or request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        return problem(request, 403, why="stale")
    return await talk_page(request, inside, status=403, problem="stale", draft=await _written(request))


async def _too_fast(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooFast)
    headers = {"retry-after": str(max(1, round(error.wait.total_seconds())))}
    return problem(request, 429, draft=await _written(request), headers=headers)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(request, error.status_code)


async def _missing(request: Request, _error: Exception) -> Response:
    return problem(request, 404)


async def _database_down(request: Request, error: Exception) -> Response:
    cause = error.orig if isinstance(error, DBAPIError) else error
    log.error("room.database_down", kind=type(cause).__name__)
    headers = {"retry-after": str(RETRY_SECONDS)}
    return problem(request, 503, draft=await _written(request), headers=headers)
