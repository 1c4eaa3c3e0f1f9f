"""What the clock does for the console: forget old sign-ins, and keep the end of the record of acts outside of it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import structlog

from storage import audit, kept_forms, sessions
from storage.audit import Head
from storage.database import Database
from storage.jobs import JobEngine

log = structlog.get_logger(__name__)

PACE = timedelta(hours=1)
HEADS_FILE = "audit-heads.jsonl"


class Staffroom:
    """Hourly work. The heads of the record are written down once a day."""

    def __init__(self, *, database: Database, engine: JobEngine, clock: Callable[[], datetime], folder: Path) -> None:
        self._database = database
        self._engine = engine
        self._clock = clock
        self._folder = folder
        self._written: date | None = None

    def register(self) -> None:
        """Hand the work to the engine."""
        self._engine.every(PACE, "staffroom", self.tidy)

    async def tidy(self) -> None:
        """Forget what is past, and write the heads down if that was not done today."""
        now = self._clock()
        async with self._database.write() as connection:
            await sessions.tidy(connection, now)
            await kept_forms.tidy(connection, now)
            heads = await audit.heads(connection)
        if self._written != now.date() and heads:
            await asyncio.to_thread(append_heads, self._folder / HEADS_FILE, heads, now)
            self._written = now.date()
            # The log leaves the machine in most places: so do the heads, which give nothing away.
            for head in heads:
                log.info("audit.head", desk=head.desk_id, number=head.number, mac=head.mac.hex())


def line_of(head: Head, at: datetime) -> str:
    """A head as it is exported: one line of JSON."""
    return json.dumps(
        {"at": at.isoformat(timespec="seconds"), "desk": head.desk_id, "number": head.number, "mac": head.mac.hex()}
    )


def append_heads(file: Path, heads: Sequence[Head], at: datetime) -> None:
    """Add lines to the file, on the disk when this returns."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="ascii") as out:
        out.write("".join(line_of(head, at) + "\n" for head in heads))
        out.flush()
        os.fsync(out.fileno())
