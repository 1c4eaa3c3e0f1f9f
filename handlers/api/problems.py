"""What is answered when something cannot be done: problem details (RFC 9457) whose words are plain Japanese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

log = structlog.get_logger(__name__)

RETRY_SECONDS = 5
MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """Problem details after RFC 9457. `type` names the kind of problem and never changes its meaning."""

    type: str = Field(examples=["urn:tsunagu:problem:not-found"])
    title: str
    status: int
    detail: str
    reasons: list[str] = Field(default_factory=list, description="断られた理由。ひとつずつの文")


class Refusal(Exception):
    """A request that is not carried out. `reasons` are Japanese sentences."""

    def __init__(self, status: int, *reasons: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.reasons = reasons
        self.headers = headers


_SAID: Mapping[int, tuple[str, str, str]] = {
    400: ("bad-request", "読み取れない要求です", "要求の書き方を確かめてください。"),
    401: (
        "no-token",
        "トークンが要ります",
        "Authorization ヘッダーに「Bearer 」とトークンを入れてください。期限が切れたか、取り消されたのかもしれません。",
    ),
    403: ("not-allowed", "このトークンではできません", "窓口の管理者に、できることを加えたトークンを頼んでください。"),
    404: ("not-found", "見つかりません", "ないか、本人の同意が終わったか、こちらの機関には渡されていません。"),
    405: ("wrong-method", "このやり方ではできません", "OpenAPIの説明（openapi.json）を確かめてください。"),
    409: ("not-now", "いまの段階ではできません", "シートを読み直して、いまの状態を確かめてください。"),
    413: ("too-large", "大きすぎます", "一度に送れるのは64KBまでです。"),
    421: ("wrong-host", "このアドレスでは受け付けません", "窓口から知らされたアドレスを使ってください。"),
    422: ("not-understood", "項目の値が正しくありません", "OpenAPIの説明（openapi.json）を確かめてください。"),
    429: ("too-many", "要求が多すぎます", "Retry-After の秒数だけ待ってから、もう一度お試しください。"),
    500: ("failed", "うまく動きませんでした", "プログラムの側の問題です。時刻を窓口の管理者に伝えてください。"),
    503: (
        "unavailable",
        "いま、記録を読み書きできません",
        "Retry-After の秒数だけ待ってから、もう一度お試しください。",
    ),
}


def problem(status: int, reasons: tuple[str, ...] = (), headers: Mapping[str, str] | None = None) -> Response:
    """The answer for a status."""
    known = status if status in _SAID else (400 if status < 500 else 500)
    kind, title, detail = _SAID[known]
    body = Problem(type=f"urn:tsunagu:problem:{kind}", title=title, status=status, detail=detail, reasons=list(reasons))
    given = {**({"www-authenticate": "Bearer"} if status == 401 else {}), **(headers or {})}
    return JSONResponse(body.model_dump(), status_code=status, headers=given, media_type=MEDIA_TYPE)


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route says in the OpenAPI document of its ways to fail; those of every route come along."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _SAID[status][1], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in sorted({401, 403, 413, 421, 422, 429, 500, 503, *statuses})
    }


def register(app: FastAPI) -> None:
    """Give the app problem details for every way to fail."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _not_understood)
    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(kind, _database_down)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return problem(error.status, error.reasons, error.headers)


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, headers=error.headers)


async def _not_understood(_request: Request, error: Exception) -> Response:
    """Which fields are wrong, by name; never what stood in them."""
    assert isinstance(error, RequestValidationError)
    places = (".".join(str(part) for part in one["loc"] if isinstance(part, str)) for one in error.errors())
    return problem(422, tuple(f"{place[:100]} の値を確かめてください。" for place in dict.fromkeys(places)))


async def _database_down(_request: Request, error: Exception) -> Response:
    cause = error.orig if isinstance(error, DBAPIError) else error
    log.error("api.database_down", kind=type(cause).__name__)
    return problem(503, headers={"retry-after": str(RETRY_SECONDS)})
