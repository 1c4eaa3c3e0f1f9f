"""Carrying out what residents asked to have erased, once the time for second thoughts is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from storage import erasure
from storage.database import Database
from storage.jobs import JobEngine
from storage.keyring import Keyring

log = structlog.get_logger(__name__)

PACE = timedelta(minutes=1)


class Erasures:
    """Periodic work: residents whose 72 hours are over."""

    def __init__(
        self, *, database: Database, keyring: Keyring, engine: JobEngine, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._engine = engine
        self._clock = clock

    def register(self) -> None:
        """Hand the work to the engine, at its pace."""
        self._engine.every(PACE, "erase", self.erase_due)

    async def erase_due(self) -> None:
        """Erase whoever is due, each in a transaction of their own."""
        now = self._clock()
        async with self._database.read() as connection:
            residents = await erasure.due(connection, now=now)
        for resident_id in residents:
            async with self._database.write() as connection:
                erased = await erasure.erase(connection, self._keyring, resident_id, now=now)
            if erased:
                # Old pages of the write-ahead file still hold the wrapped key.
                await self._database.forget_old_pages()
                log.info("resident.erased", resident=str(resident_id))
