"""What open rooms listen to: one poll of a process tells all of them what has changed.

The numbers are rows that rise in the transaction of the change itself (`storage.rooms.bump`), so that a room served by
one process sees what another has changed. A change made in this process need not wait for the pace: `nudge`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from storage import rooms
from storage.database import Database
from storage.jobs import DeliveryWork

log = structlog.get_logger(__name__)

PACE = 0.5
#: After this long a browser comes back by itself: whoever left meanwhile does not get in again.
LONGEST_STREAM = 120.0
#: A sign of life, so that proxies keep a quiet stream open.
HEARTBEAT = 15.0
#: Pages of one room that may listen at the same time.
LISTENERS = 6


class TooManyListeners(Exception):
    """This room is open in too many pages; they ask now and then instead."""


class RoomLive:
    """Polls while anybody listens."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listening: Counter[UUID] = Counter()
        self._known: dict[UUID, int] = {}
        self._changed = asyncio.Event()
        self._nudged = asyncio.Event()
        self._polling: asyncio.Task[None] | None = None
        self._stopped = False

    @property
    def listening(self) -> int:
        """How many pages listen now."""
        return self._listening.total()

    def count(self, room_id: UUID) -> int:
        """How many pages of one room listen now."""
        return self._listening.get(room_id, 0)

    def is_open(self, room_id: UUID) -> bool:
        """Whether a page of this room listens now."""
        return room_id in self._listening

    def after(self, delivery: DeliveryWork) -> DeliveryWork:
        """The same delivery, after which open pages look at once."""

        async def deliver(resident_id: UUID) -> datetime | None:
            try:
                return await delivery(resident_id)
            finally:
                self.nudge()

        return deliver

    def stop(self) -> None:
        """End all streams; called when the server is asked to stop, also from a signal handler."""
        self._stopped = True
        self._tell()

    def nudge(self) -> None:
        """Look at once: something has changed in this process."""
        self._nudged.set()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def stream(
        self, room_id: UUID, *, known: int | None = None, lasts: float = LONGEST_STREAM
    ) -> AsyncIterator[int | None]:
        """The room's number now, unless it is `known`, and after every change; None is a sign of life.

        Ends by itself, and when the room is closed. Raises TooManyListeners.
        """
        if self._listening[room_id] >= LISTENERS:
            raise TooManyListeners
        ends = asyncio.get_running_loop().time() + lasts
        self._listening[room_id] += 1
        self._known.pop(room_id, None)
        self._begin()
        try:
            while not self._stopped and (left := ends - asyncio.get_running_loop().time()) > 0:
                changed, now = self._changed, self._known.get(room_id)
                if now is not None and now < 0:
                    return
                if now is not None and now != known:
                    known = now
                    yield now
                    continue
                try:
                    await asyncio.wait_for(changed.wait(), min(HEARTBEAT, left))
                except TimeoutError:
                    yield None
        finally:
            self._listening[room_id] -= 1
            if not self._listening[room_id]:
                del self._listening[room_id]
                self._known.pop(room_id, None)

    def _begin(self) -> None:
        self.nudge()
        if self._polling is None:
            self._polling = asyncio.create_task(self._poll())

    async def _poll(self) -> None:
        try:
            while self._listening and not self._stopped:
                self._nudged.clear()
                with suppress(SQLAlchemyError):
                    await self._look()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._nudged.wait(), PACE)
        finally:
            self._polling = None

    async def _look(self) -> None:
        asked = list(self._listening)
        async with self._database.glance() as connection:
            found = await rooms.counters(connection, asked)
        # A room that is not there any more has a number no open one has.
        now = {room_id: found.get(room_id, -1) for room_id in asked}
        if any(self._known.get(room_id) != number for room_id, number in now.items()):
            self._known = now
            self._tell()
