"""18歳・40歳・65歳: staff are reminded some months before, where an age is known. Residents are told nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from casework.milestones import next_of
from dialogue import Desk
from storage import cases, changes, milestones
from storage.database import Database
from storage.ids import NewId
from storage.jobs import JobEngine
from storage.keyring import Keyring

log = structlog.get_logger(__name__)

PACE = timedelta(hours=1)


class Milestones:
    """Daily work: one line in the timeline of each case, which the queue shows for a month."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        desks: Mapping[str, Desk],
        clock: Callable[[], datetime],
        new_id: NewId,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._desks = desks
        self._clock = clock
        self._new_id = new_id
        self._looked: dict[str, date] = {}

    def register(self, engine: JobEngine) -> None:
        """Hand the work to the engine: hourly, so that a machine that sleeps at night has its day, too."""
        engine.every(PACE, "milestones", self.look)

    async def look(self) -> None:
        """Once a day, every open case of which nothing was said yet."""
        for desk in self._desks.values():
            today = desk.local(self._clock()).date()
            if self._looked.get(desk.id) == today:
                continue
            async with self._database.read() as connection:
                found = await milestones.unsaid(connection, desk.id, now=self._clock())
            for case_id, resident_id in found:
                await self._one(desk, case_id, resident_id, today)
            self._looked[desk.id] = today

    async def _one(self, desk: Desk, case_id: UUID, resident_id: UUID, today: date) -> None:
        async with self._database.read() as connection:
            age = await milestones.age_of(connection, self._keyring, case_id, resident_id)
        one = None if age is None else next_of(age, today, ZoneInfo(desk.content.desk.zone))
        if one is None or not one.is_near(today, desk.content.desk.months_before_milestone):
            return
        async with self._database.write() as connection:
            if (case_id, resident_id) not in await milestones.unsaid(connection, desk.id, now=self._clock()):
                return
            await cases.add_event(
                connection, case_id, kind=milestones.NEAR, actor=cases.PROGRAM, at=self._clock(), new_id=self._new_id
            )
            await changes.bump(connection, desk.id)
        log.info("milestone.near", case=str(case_id))
