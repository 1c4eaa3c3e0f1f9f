"""What the clock does for the rooms: forget old links and sessions, and rooms that were opened and never used.

An anonymous crowd that opens rooms leaves nothing for long.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from storage import residents, room_links, room_sessions, watchwords
from storage.database import Database
from storage.jobs import JobEngine

log = structlog.get_logger(__name__)

PACE = timedelta(hours=1)
#: A browser that was let in stays for a day; after that nobody finds into a room without words and watchword.
EMPTY_KEPT = timedelta(hours=25)


class Rooms:
    """Hourly work. What is erased here goes the way of every erasure."""

    def __init__(self, *, database: Database, engine: JobEngine, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._engine = engine
        self._clock = clock

    def register(self) -> None:
        """Hand the work to the engine."""
        self._engine.every(PACE, "rooms", self.tidy)

    async def tidy(self) -> None:
        """Forget what is past."""
        now = self._clock()
        async with self._database.write() as connection:
            await room_links.tidy(connection, now)
            await room_sessions.tidy(connection, now)
            empty = await watchwords.left_empty(connection, before=now - EMPTY_KEPT)
            for resident_id in empty:
                await residents.plan_erasure(connection, resident_id, now)
        if empty:
            log.info("rooms.emptied", rooms=len(empty))
