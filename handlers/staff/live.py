"""What open pages listen to: one poll of the change counters a process feeds all its streams.

The counters are rows that rise in the transaction of the change itself (`storage.changes`), so that a page served by
one process sees what another has changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from storage import changes
from storage.changes import Counters
from storage.database import Database

log = structlog.get_logger(__name__)

#: A new urgent message has to show within two seconds.
PACE = 0.5
#: After this long a browser comes back by itself: whoever signed out meanwhile does not get in again.
LONGEST_STREAM = 120.0
#: A sign of life, so that proxies keep a quiet stream open.
HEARTBEAT = 15.0


class Live:
    """Polls while anybody listens."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listening = 0
        self._known: Mapping[str, Counters] = {}
        self._changed = asyncio.Event()
        self._polling: asyncio.Task[None] | None = None
        self._stopped = False

    def stop(self) -> None:
        """End all streams; called when the server is asked to stop, also from a signal handler."""
        self._stopped = True
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def stream(self, desk_id: str) -> AsyncIterator[Counters | None]:
        """The desk's counters now and after every change; None is a sign of life. Ends by itself."""
        ends = asyncio.get_running_loop().time() + LONGEST_STREAM
        self._listening += 1
        if self._polling is None:
            self._polling = asyncio.create_task(self._poll())
        try:
            told: Counters | None = None
            while not self._stopped and (left := ends - asyncio.get_running_loop().time()) > 0:
                changed = self._changed
                now = self._known.get(desk_id)
                if now is not None and now != told:
                    told = now
                    yield now
                    continue
                try:
                    await asyncio.wait_for(changed.wait(), min(HEARTBEAT, left))
                except TimeoutError:
                    yield None
        finally:
            self._listening -= 1

    async def _poll(self) -> None:
        try:
            while self._listening and not self._stopped:
                with suppress(SQLAlchemyError):
                    async with self._database.glance() as connection:
                        found = await changes.counters(connection)
                    if found != self._known:
                        self._known = found
                        self._tell()
                await asyncio.sleep(PACE)
        finally:
            self._polling = None


async def counters_now(database: Database, desk_id: str) -> Counters:
    """For pages whose proxy lets no stream through: asked every few seconds."""
    async with database.glance() as connection:
        found = await changes.counters(connection)
    return found.get(desk_id, Counters(queue=0, talk=0))
