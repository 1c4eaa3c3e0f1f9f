"""What the clock does: find the rows a crash or a fault left behind, and tidy up. The rows are the truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from storage import inbox, outbox
from storage.database import Database
from storage.intake import Intake
from storage.jobs import JobEngine

log = structlog.get_logger(__name__)

SWEEP_PACE = timedelta(seconds=5)
TIDY_PACE = timedelta(hours=1)


class Sweeps:
    """Periodic work over inbox and outbox."""

    def __init__(self, *, database: Database, intake: Intake, engine: JobEngine, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._intake = intake
        self._engine = engine
        self._clock = clock

    def register(self) -> None:
        """Hand the work to the engine, at its pace."""
        self._engine.every(SWEEP_PACE, "sweep", self.sweep)
        self._engine.every(TIDY_PACE, "tidy", self.tidy)

    async def sweep(self) -> None:
        """Spooled events into the database, waiting events to their turns, due messages to delivery."""
        await self._intake.drain()
        now = self._clock()
        async with self._database.read() as connection:
            conversations = await inbox.conversations_waiting(connection, now=now)
            residents = await outbox.residents_waiting(connection, now=now)
        for conversation in conversations:
            self._engine.wake(conversation)
        for resident_id in residents:
            self._engine.deliver(resident_id)

    async def tidy(self) -> None:
        """Forget processed events after their time."""
        async with self._database.write() as connection:
            gone = await inbox.forget_done(connection, now=self._clock())
        if gone:
            log.info("inbox.forgotten", events=gone)
