"""What the clock does: find the rows a crash or a fault left behind, and tidy up. The rows are the truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from storage import inbox, notices, outbox, processes
from storage.database import Database
from storage.intake import Intake
from storage.jobs import JobEngine

log = structlog.get_logger(__name__)

SWEEP_PACE = timedelta(seconds=5)
TIDY_PACE = timedelta(hours=1)


class Sweeps:
    """Periodic work over inbox and outbox. `process` is the one that sends here; None where nothing is sent."""

    def __init__(
        self,
        *,
        database: Database,
        intake: Intake,
        engine: JobEngine,
        process: UUID | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._intake = intake
        self._engine = engine
        self._process = process
        self._clock = clock

    def register(self) -> None:
        """Hand the work to the engine, at its pace."""
        self._engine.every(SWEEP_PACE, "own", self.own, here=True)
        self._engine.every(SWEEP_PACE, "sweep", self.sweep)
        self._engine.every(TIDY_PACE, "tidy", self.tidy)

    def register_inheritance(self) -> None:
        """Where several processes share the work: what dead ones left behind."""
        self._engine.every(SWEEP_PACE, "inherit", self.inherit)

    async def own(self) -> None:
        """What only this process can do: its spooled events into the database, what it has in hand to delivery."""
        if await self._intake.drain():
            await self.sweep()
        if self._process is not None:
            await self._deliver(self._process)

    async def sweep(self) -> None:
        """Waiting events to their turns, due messages that nobody has in hand to delivery."""
        async with self._database.read() as connection:
            conversations = await inbox.conversations_waiting(connection, now=self._clock())
        for conversation in conversations:
            self._engine.wake(conversation)
        await self._deliver(None)

    async def _deliver(self, hands: UUID | None) -> None:
        async with self._database.read() as connection:
            residents = await outbox.residents_waiting(connection, now=self._clock(), hands=[hands])
        for resident_id in residents:
            self._engine.deliver(resident_id)

    async def inherit(self) -> None:
        """Letters and mails that dead processes had in hand may have been sent; the others take them up."""
        async with self._database.write() as connection:
            buried = await processes.bury(connection)
            letters = await outbox.inherit(connection, alone=False)
            mails = await notices.inherit(connection, alone=False)
        if buried or letters or mails:
            log.warning("outbox.inherited", processes=buried, letters=letters, mails=mails)

    async def tidy(self) -> None:
        """Forget processed events after their time."""
        async with self._database.write() as connection:
            gone = await inbox.forget_done(connection, now=self._clock())
        if gone:
            log.info("inbox.forgotten", events=gone)
