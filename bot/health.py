"""What a balancer and a monitor may ask: alive, ready, and figures."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.metrics import exposition
from storage.tables import SchemaInfo

if TYPE_CHECKING:
    from bot.app import Program

router = APIRouter()


@router.get("/healthz")
async def healthz() -> Response:
    """200 as long as the process answers."""
    return PlainTextResponse("ok")


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """200 only when database, dictionary and engine are ready."""
    program: Program = request.app.state.program
    ready = {"database": await _database_answers(program), "dictionary": True, "engine": program.engine.running}
    # A desk that is wrong keeps nobody from the others: it is told, and this process stays ready.
    refused = {"desks_refused": sorted(program.installation.refused)} if program.installation.refused else {}
    return JSONResponse({**ready, **refused}, status_code=200 if all(ready.values()) else 503)


async def _database_answers(program: Program) -> bool:
    try:
        async with program.database.read() as connection:
            # A table, because SQLite answers a bare SELECT 1 without looking at its file.
            await connection.execute(select(SchemaInfo.id))
    except (SQLAlchemyError, OSError):
        return False
    return True


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus figures, with METRICS_TOKEN as bearer only. Lags are computed from the database."""
    program: Program = request.app.state.program
    token = program.settings.metrics_token
    given = request.headers.get("authorization", "")
    if token is None or not hmac.compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode()):
        return PlainTextResponse("not found", status_code=404)
    try:
        told = await exposition(program)
    except (SQLAlchemyError, OSError):
        return PlainTextResponse("the database does not answer", status_code=503)
    return Response(told, media_type=CONTENT_TYPE_LATEST)
