"""What is shown when a page cannot be shown: always a page of ours, in Japanese, with a way on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.types import Scope

from handlers.guarding import SAFE_METHODS
from handlers.staff.access import TOKEN_FIELD, FormRefused, NotAllowed, SignInNeeded, typed
from handlers.staff.console import Console
from handlers.staff.pages import page

log = structlog.get_logger(__name__)

RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Said:
    """A heading and what to do."""

    title: str
    text: str


_SAID: Mapping[int, Said] = {
    400: Said("この操作は受け付けられませんでした", "画面を開き直して、もう一度お試しください。"),
    403: Said(
        "この画面を見る権限がありません",
        "あなたの役割では、この操作はできません。必要なときは、管理者に役割の追加を頼んでください。",
    ),
    404: Said("ページが見つかりません", "アドレスが変わったか、あなたの担当の外にあります。"),
    405: Said("この操作はできません", "画面のボタンから操作してください。"),
    413: Said("内容が大きすぎます", "一度に送れるのは1MBまでです。分けて送ってください。"),
    421: Said("このアドレスでは開けません", "管理者から知らされたアドレスで開いてください。"),
    429: Said("少しお待ちください", "続けて操作されたため、しばらく受け付けを休んでいます。"),
    500: Said(
        "うまく動きませんでした",
        "プログラムの側で問題が起きました。もう一度お試しください。続くときは、この時刻を管理者に伝えてください。",
    ),
    503: Said(
        "データベースにつながりません",
        "いま、記録を読み書きできません。住民からのメッセージは別に保管されていて、失われません。"
        f"{RETRY_SECONDS}秒ごとに、自動でつなぎ直します。",
    ),
}
_FORM_REFUSED = Said(
    "画面が古くなっています",
    "安全のため、この操作は行いませんでした。前の画面に戻って開き直し、もう一度送ってください。",
)


def register(app: FastAPI) -> None:
    """Give the app a page for every way to fail."""
    app.add_exception_handler(SignInNeeded, _sign_in)
    app.add_exception_handler(NotAllowed, _not_allowed)
    app.add_exception_handler(FormRefused, _form_refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _not_found)
    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(kind, _database_down)


def refusal(app: FastAPI, console: Console, scope: Scope, status: int) -> Response:
    """The page for a request that no route was asked about."""
    request = Request({**scope, "app": app, "state": {}})
    # Its own cookie is no reason to trust it here.
    return page(request, "error.html", None, status=status, **_values(status, console))


def _values(status: int, console: Console, said: Said | None = None) -> dict[str, Any]:
    return {"said": said or _SAID.get(status, _SAID[400]), "at": console.clock(), "retry": None, "again": None}


def _wants_data(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "text/html" not in accepted and ("json" in accepted or "event-stream" in accepted)


def error_page(request: Request, status: int, said: Said | None = None) -> Response:
    """A page, or one line of JSON for our own scripts."""
    if _wants_data(request):
        return JSONResponse({"error": status}, status_code=status)
    signed = getattr(request.state, "signed", None)
    viewer = None if signed is None else signed.viewer
    return page(request, "error.html", viewer, status=status, **_values(status, request.app.state.console, said))


async def _sign_in(request: Request, error: Exception) -> Response:
    assert isinstance(error, SignInNeeded)
    if _wants_data(request):
        return JSONResponse({"error": 401}, status_code=401)
    return RedirectResponse(error.location, status_code=303)


async def _not_allowed(request: Request, _error: Exception) -> Response:
    return error_page(request, 403)


async def _form_refused(request: Request, _error: Exception) -> Response:
    return error_page(request, 403, _FORM_REFUSED)


async def _not_found(request: Request, _error: Exception) -> Response:
    """An id that is none is like one that nobody has: our forms send no others."""
    return error_page(request, 404)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return error_page(request, error.status_code)


async def _database_down(request: Request, error: Exception) -> Response:
    """503, and what was typed comes back with a button to send it once more."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    log.error("staff.database_down", kind=type(cause).__name__)
    if _wants_data(request):
        return JSONResponse({"error": 503}, status_code=503, headers={"retry-after": str(RETRY_SECONDS)})
    values = _values(503, request.app.state.console)
    if request.method in SAFE_METHODS:
        values["retry"] = RETRY_SECONDS
    else:
        form = await request.form()
        values["again"] = {"path": request.url.path, "fields": typed(form), "token": form.get(TOKEN_FIELD, "")}
    # Nobody is looked up: the database is what fails.
    return page(request, "error.html", None, status=503, headers={"retry-after": str(RETRY_SECONDS)}, **values)
