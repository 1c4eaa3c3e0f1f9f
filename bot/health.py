"""What a balancer and a monitor may ask: alive, ready, and figures."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from storage import calls, figures, notices
from storage.notices import Standing
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
    return JSONResponse(ready, status_code=200 if all(ready.values()) else 503)


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
        async with program.database.read() as connection:
            found = await figures.collect(connection)
            mails = await notices.standing(connection, now=program.clock())
            unanswered = await calls.unanswered(connection)
    except (SQLAlchemyError, OSError):
        return PlainTextResponse("the database does not answer", status_code=503)
    registry = CollectorRegistry()
    inbox = Gauge("tsunagu_inbox_events", "Webhook events by state", ["state"], registry=registry)
    outbox = Gauge("tsunagu_outbox_letters", "Messages to residents by state", ["state"], registry=registry)
    for state, count in found.inbox.items():
        inbox.labels(state).set(count)
    for state, count in found.outbox.items():
        outbox.labels(state).set(count)
    single = {
        "tsunagu_inbox_oldest_waiting_seconds": ("Age of the oldest event not yet answered", found.inbox_waiting_since),
        "tsunagu_outbox_oldest_waiting_seconds": ("Age of the oldest message not sent", found.outbox_waiting_since),
    }
    now = program.clock()
    for name, (meaning, since) in single.items():
        age = 0.0 if since is None else (now - since).total_seconds()
        Gauge(name, meaning, registry=registry).set(age)
    doubled = Gauge("tsunagu_outbox_maybe_doubled", "Messages that may have been said twice", registry=registry)
    doubled.set(found.maybe_doubled)
    _mail_figures(registry, mails, unanswered=unanswered, now=now)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _mail_figures(registry: CollectorRegistry, mails: Standing, *, unanswered: int, now: datetime) -> None:
    """How telling staff goes."""
    by_state = Gauge("tsunagu_staff_mails", "Mails to staff by state", ["state"], registry=registry)
    for state, count in mails.by_state.items():
        by_state.labels(state).set(count)
    age = 0.0 if mails.waiting_since is None else (now - mails.waiting_since).total_seconds()
    single = {
        "tsunagu_staff_mails_oldest_waiting_seconds": ("Age of the oldest mail to staff not sent", age),
        "tsunagu_staff_mails_stuck": ("Mails to staff whose last try failed", mails.stuck),
        "tsunagu_staff_mails_in_vain_24h": ("Mails of the last day that came to nothing", mails.in_vain),
        "tsunagu_staff_mails_maybe_doubled": ("Mails to staff that may have come twice", mails.maybe_doubled),
        "tsunagu_urgent_unanswered": ("Dangers told to everybody that nobody has looked at", unanswered),
    }
    for name, (meaning, value) in single.items():
        Gauge(name, meaning, registry=registry).set(value)
