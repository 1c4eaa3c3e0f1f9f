"""A process's right to send: it lasts while the process is seen in the database, and a while longer for the others.

The others give a process up `LEASE` after it was last seen. It counts those seconds itself, from before it asked and by
a clock that nobody sets, and begins nothing at LINE that might not have ended by then.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from storage import outbox, processes
from storage.database import Database

BEAT_PACE = timedelta(seconds=4)
#: The longest attempt at LINE, and some for a machine that is slow.
LONGEST_ATTEMPT = timedelta(seconds=10)


class Tenure:
    """One process among several. `untold`: what LINE answered it and the database could not be told of yet."""

    def __init__(
        self, *, database: Database, process: UUID, works: bool, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self.process = process
        self.works = works
        self._monotonic = monotonic
        self._until = 0.0
        self.untold: outbox.Untold = {}

    async def beat(self) -> None:
        """Be seen. Raises when the database does not answer."""
        begun = self._monotonic()
        async with self._database.write() as connection:
            await processes.beat(connection, self.process, works=self.works)
        self._until = begun + (processes.LEASE - LONGEST_ATTEMPT).total_seconds()

    def lasts(self) -> bool:
        """Whether an attempt may be begun now."""
        return self._monotonic() < self._until

    async def end(self, *, clean: bool) -> None:
        """Leave. After a `clean` end nothing that is still in hand was tried; otherwise the others find it unsure. With
        something untold no end is clean.
        """
        self._until = 0.0
        async with self._database.write() as connection:
            if clean and not self.untold:
                await outbox.release(connection, process=self.process)
            await processes.end(connection, self.process)
