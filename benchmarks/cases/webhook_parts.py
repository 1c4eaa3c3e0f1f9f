"""Where the time of an acknowledgement goes, step by step, in one process and without HTTP."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from linebot.v3.webhook import WebhookParser

from benchmarks.figures import Figure, Result, median, spread
from benchmarks.processes import scratch
from benchmarks.webhooks import SECRET, body_of, messages, signature_of, text_event, user
from handlers.line.signature import signature_ok
from handlers.line.webhook import parse_envelope
from storage import inbox, migrate
from storage.database import Database
from storage.ids import new_id
from storage.inbox import NewEvent, seal_event
from storage.tables import Channel
from storage.vault import SealingKey

ROUNDS = 5
TIMES = 300
COMMITS = 60


def measure() -> Result:
    """Medians of some rounds, in microseconds for one event."""
    event = text_event(user(1), messages()[0], "token")
    body = body_of(event)
    signature = signature_of(body)
    key, parser = SealingKey.fresh(), WebhookParser(SECRET)
    secrets = (SECRET.encode(),)
    with scratch() as folder:
        figures = [
            _timed("floor: the SDK's parser (with signature)", lambda: parser.parse(body.decode(), signature)),
            _timed("signature", lambda: signature_ok(secrets, body, signature)),
            _timed("envelope (JSON, nesting)", lambda: parse_envelope(body)),
            _timed("sealing one event", lambda: _sealed(key, event)),
            _figure("floor: 1 KB written and synced", _syncs(folder / "raw")),
            *asyncio.run(_commits(folder / "parts.db", key, event)),
        ]
    return Result(figures=tuple(figures), notes=("all in µs for one event; noise over the rounds",))


def _sealed(key: SealingKey, event: dict[str, Any]) -> NewEvent:
    return seal_event(
        key,
        id=new_id(),
        desk_id="default",
        channel=Channel.LINE,
        event_id=f"bench-{next(_NUMBERS)}",
        sender=b"s" * 32,
        event_at=event["timestamp"],
        received_at=datetime.now(UTC),
        body=event,
    )


_NUMBERS = itertools.count()


def _timed(name: str, work: Callable[[], object]) -> Figure:
    rounds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        for _ in range(TIMES):
            work()
        rounds.append((time.perf_counter() - begin) / TIMES)
    return _figure(name, rounds)


def _figure(name: str, rounds: list[float]) -> Figure:
    return Figure(name=name, value=1e6 * median(rounds), unit="µs", noise=spread(rounds))


def _syncs(path: Path) -> list[float]:
    """What the disk asks for one durable write."""
    rounds = []
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            for _ in range(COMMITS):
                os.write(handle, b"x" * 1024)
                os.fsync(handle)
            rounds.append((time.perf_counter() - begin) / COMMITS)
    finally:
        os.close(handle)
    return rounds


async def _commits(path: Path, key: SealingKey, event: dict[str, Any]) -> list[Figure]:
    """A commit of the inbox alone, and shared by as many as wait together."""
    database = Database(f"sqlite+aiosqlite:///{path}")
    async with database.write() as connection:
        await migrate.upgrade(connection)
    figures = []
    for together in (1, 16):
        rounds = []
        for _ in range(ROUNDS):
            batches = [[_sealed(key, event) for _ in range(together)] for _ in range(COMMITS)]
            begin = time.perf_counter()
            for batch in batches:
                async with database.write() as connection:
                    await inbox.add(connection, batch)
            rounds.append((time.perf_counter() - begin) / COMMITS / together)
        name = "durable commit, alone" if together == 1 else f"durable commit, shared by {together}"
        figures.append(_figure(name, rounds))
    await database.close()
    return figures
