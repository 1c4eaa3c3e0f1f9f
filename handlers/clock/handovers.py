"""What follows from handing sheets over, by the clock: mails without content to recipients, words to the resident,
answers that are late, and recipients who were told to stop.

All of it is derived from the handovers themselves: whichever door sent or recalled one, nothing has to be thought of
there, and a crash in between loses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from casework.alerting import Recipient
from casework.sheet_moves import stop_told
from casework.sheet_needs import due
from casework.sheet_news import WORTH_TELLING, NewsKind
from casework.sheets import Refused
from casework.workdays import Workdays
from config.notices import NoticeWords
from config.sheets import Forms
from handlers.sheet_telling import SheetTelling, workdays_added
from storage import audit, cases, changes, notices, private_page, sheet_news, sheets
from storage.database import Connection, Database
from storage.ids import NewId
from storage.jobs import JobEngine
from storage.keyring import Keyring
from storage.notice_tables import NoticeKind
from storage.notices import About
from storage.sheet_news import Gone, Stopped
from storage.sheets import Saving
from storage.tables import Resident

log = structlog.get_logger(__name__)

PACE = timedelta(seconds=10)
#: Lateness is counted in days, and every sheet that is out is opened for it.
LATE_PACE = timedelta(minutes=10)
TIDY_PACE = timedelta(hours=1)


class Handovers:
    """Periodic work over what was handed over."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        engine: JobEngine,
        telling: SheetTelling,
        forms: Mapping[str, Forms],
        workdays: Mapping[str, Workdays],
        words: Mapping[str, NoticeWords],
        domain: str,
        clock: Callable[[], datetime],
        new_id: NewId,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._engine = engine
        self._telling = telling
        self._forms = forms
        self._workdays = workdays
        self._words = words
        self._domain = domain
        self._clock = clock
        self._new_id = new_id
        self._round = asyncio.Lock()
        self._late_from: datetime | None = None

    def register(self) -> None:
        """Hand the work to the engine, at its pace."""
        self._engine.every(PACE, "handovers", self.look)
        self._engine.every(TIDY_PACE, "private_pages", self.tidy)

    async def tidy(self) -> None:
        """Forget old browsers of the private page, and what was typed too late and never fetched."""
        async with self._database.write() as connection:
            await private_page.tidy(connection, self._clock())

    async def look(self) -> None:
        """One round. Each row is done in a transaction of its own."""
        async with self._round:
            for kind in (NoticeKind.RECALLED, NoticeKind.HANDED):
                await self._write_to_recipients(kind)
            await self._note_submissions()
            await self._note_late()
            await self._note_stopped()
            await self._telling.round()

    async def _write_to_recipients(self, kind: NoticeKind) -> None:
        now = self._clock()
        async with self._database.glance() as connection:
            found = await sheet_news.unnoticed(connection, kind, since=now - WORTH_TELLING)
        for gone in found:
            async with self._database.write() as connection:
                await self._mail(connection, gone, kind, now)

    async def _mail(self, connection: Connection, gone: Gone, kind: NoticeKind, now: datetime) -> None:
        """A mail that says that something waits, or must not be used any more: neither of whom nor what."""
        address = await sheet_news.mail_of(connection, gone.desk_id, gone.org_id)
        notice_id: UUID | None = None
        if address is not None:
            about = About(desk_id=gone.desk_id, kind=kind, number=gone.number[:16])
            notice_id = await notices.add(
                connection,
                self._keyring,
                about,
                Recipient(address=address),
                now=now,
                expires_at=now + self._words[gone.desk_id].expires(kind.value),
                domain=self._domain,
                new_id=self._new_id,
            )
        await sheet_news.noticed(connection, gone.handover_id, kind, notice_id, at=now)
        act = audit.Act(
            action="recipient_mailed" if notice_id is not None else "recipient_without_mail",
            object_kind="sheet",
            object_id=gone.sheet_id,
            desk_id=gone.desk_id,
            detail={"kind": kind.value, "org": str(gone.org_id)},
        )
        await audit.record(connection, self._keyring, act, at=now, new_id=self._new_id)
        log.info("handover.noticed", sheet=str(gone.sheet_id), kind=kind.value, mailed=notice_id is not None)

    async def _note_submissions(self) -> None:
        now = self._clock()
        async with self._database.glance() as connection:
            found = await sheet_news.untold_submissions(connection, since=now - WORTH_TELLING)
        for gone in found:
            async with self._database.write() as connection:
                at = {"at": now, "next_try_at": now, "new_id": self._new_id}
                await sheet_news.add(connection, gone, NewsKind.SUBMITTED, **at)  # type: ignore[arg-type]

    async def _note_late(self) -> None:
        """受領2開庁日・回答7日, by the terms of the form: the queue shows it, and the resident is told once."""
        now = self._clock()
        if self._late_from is not None and now < self._late_from:
            return
        self._late_from = now + LATE_PACE
        async with self._database.glance() as connection:
            found = [one for one in await sheet_news.expected(connection) if await self._is_late(connection, one, now)]
        for gone in found:
            async with self._database.write() as connection:
                added = await sheet_news.add(
                    connection, gone, NewsKind.OVERDUE, at=now, next_try_at=now, new_id=self._new_id
                )
                if added is not None:
                    await cases.add_event(
                        connection, gone.case_id, kind="sheet_late", actor=cases.PROGRAM, at=now, new_id=self._new_id,
                        object_id=gone.sheet_id,
                    )  # fmt: skip
                    await changes.bump(connection, gone.desk_id)
                    log.info("handover.late", sheet=str(gone.sheet_id))

    async def _is_late(self, connection: Connection, gone: Gone, now: datetime) -> bool:
        stored = await sheets.load(connection, self._keyring, gone.case_id, gone.sheet_id)
        if stored is None:
            return False
        workdays, sheet = self._workdays[gone.desk_id], stored.sheet
        one = next((o for o in sheet.handovers if o.id == gone.handover_id), None)
        if one is None:
            return False
        expected = due(sheet, self._forms[gone.desk_id][sheet.form_id], one, workdays_added(workdays), workdays.zone)
        return expected.late(workdays.local(now).date())

    async def _note_stopped(self) -> None:
        """A recipient whose mail server took the recall counts as told; all others wait for a person."""
        async with self._database.glance() as connection:
            found = await sheet_news.stopped_by_mail(connection)
        for stopped in found:
            async with self._database.write() as connection:
                await self._stop(connection, stopped)

    async def _stop(self, connection: Connection, stopped: Stopped) -> None:
        now = self._clock()
        await connection.execute(select(Resident.id).where(Resident.id == stopped.resident_id).with_for_update())
        stored = await sheets.load(connection, self._keyring, stopped.case_id, stopped.sheet_id, lock=True)
        if stored is None:
            return
        try:
            after = stop_told(stored.sheet, stopped.handover_id, at=stopped.at)
        except Refused:
            return
        saving = Saving(
            actor=cases.PROGRAM, action="stopped", at=now, forms_version=self._forms[stored.sheet.desk_id].version
        )
        await sheets.save(connection, self._keyring, stored, after, saving, new_id=self._new_id)
        await changes.bump(connection, stored.sheet.desk_id)
