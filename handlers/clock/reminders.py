"""予定・返事・制度切替: on a working day whoever has the case gets one mail without content, when something is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import structlog

from casework.alerting import Recipient
from casework.reminding import reminded, since_last_opening
from handlers.clock.calls import Telling
from storage import audit, cases, due_work, notices, rota
from storage.database import Connection, Database
from storage.ids import NewId
from storage.jobs import JobEngine
from storage.keyring import Keyring
from storage.notice_tables import NoticeKind
from storage.notices import About

log = structlog.get_logger(__name__)

PACE = timedelta(minutes=5)


class Reminders:
    """Once a day and desk, as soon as it is open. The row of each mail is unique for its day: a crash doubles none."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        telling: Telling,
        clock: Callable[[], datetime],
        new_id: NewId,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._telling = telling
        self._clock = clock
        self._new_id = new_id
        self._looked: dict[str, date] = {}

    def register(self, engine: JobEngine) -> None:
        """Hand the work to the engine, at its pace."""
        engine.every(PACE, "reminders", self.look)

    async def look(self) -> None:
        """Every desk that has opened today and was not looked at yet."""
        now = self._clock()
        for desk_id, words in self._telling.words.items():
            workdays = self._telling.workdays[desk_id]
            today = workdays.local(now).date()
            if not words.daily or self._looked.get(desk_id) == today or not workdays.is_open(now):
                continue
            recipients = await self._recipients(desk_id, today, now)
            if recipients:
                async with self._database.write() as connection:
                    await self._remind(connection, desk_id, today, recipients, now)
            self._looked[desk_id] = today

    async def _recipients(self, desk_id: str, today: date, now: datetime) -> tuple[Recipient, ...]:
        workdays = self._telling.workdays[desk_id]
        opened_at = since_last_opening(workdays, now)
        async with self._database.read() as connection:
            near_since = await notices.last_of_days(connection, desk_id, since=opened_at) or opened_at
            found = await due_work.due_cases(connection, desk_id, today=today, near_since=near_since)
            about = [await cases.facts_of(connection, case) for case in found]
            people = await rota.colleagues(connection, self._keyring, desk_id, now=now) if found else []
        return reminded(about, people, workdays, now)

    async def _remind(
        self, connection: Connection, desk_id: str, today: date, recipients: tuple[Recipient, ...], now: datetime
    ) -> None:
        told = [one for one in recipients if await self._put_down(connection, desk_id, today, one, now)]
        if told:
            detail = {"people": len(told)}
            act = audit.Act(action="staff_reminded", object_kind="desk", desk_id=desk_id, detail=detail)
            await audit.record(connection, self._keyring, act, at=now, new_id=self._new_id)
        log.info("staff.reminded", desk=desk_id, people=len(told))

    async def _put_down(
        self, connection: Connection, desk_id: str, today: date, recipient: Recipient, now: datetime
    ) -> bool:
        notice_id = await notices.add(
            connection,
            self._keyring,
            About(desk_id=desk_id, kind=NoticeKind.DAY, day=today),
            recipient,
            now=now,
            expires_at=now + self._telling.words[desk_id].expires(NoticeKind.DAY.value),
            domain=self._telling.domain,
            new_id=self._new_id,
        )
        return notice_id is not None
