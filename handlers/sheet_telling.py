"""Telling a resident about their sheet: what is due is decided here, said in one turn, and kept as told.

The same letters, the same outbox and the same lock of the resident as for everything else that staff say. Where the
program may not say it, the row says why, and the queue shows that a person has to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog

from casework.queue import SafeContact
from casework.sheet_moves import told
from casework.sheet_needs import Due, due
from casework.sheet_news import AFTER_DANGER, Held, NewsKind, by_when, may_be_told_at, next_step_by
from casework.sheets import Handover, Sheet
from casework.workdays import Workdays
from config.contents.forms import Form
from config.sheets import Forms
from dialogue.events import SheetTold
from dialogue.followups import Calendar
from dialogue.sending import Skip, SkipReason, Wait
from handlers import sending_rules
from handlers.staff_turn import NobodyThere, NotTold, Turned
from handlers.turn import Turns
from storage import case_acts, case_talk, cases, changes, residents, sheet_news, sheets, staff_messages
from storage.case_acts import By
from storage.cases import CaseRow
from storage.database import Connection, Database
from storage.ids import NewId
from storage.keyring import Keyring
from storage.sheet_news import News
from storage.sheets import Saving, Stored

log = structlog.get_logger(__name__)


_HELD = {SkipReason.BLOCKED: Held.OUT_OF_REACH, SkipReason.ERASED: Held.ERASING, SkipReason.UNSAFE: Held.UNSAFE}


class _ToldMeanwhile(Exception):
    """Another process was faster."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Matter:
    """Something to tell, with all that is needed to tell it. `event` None: it is past, and is not told any more."""

    news: News
    case: CaseRow
    stored: Stored
    event: SheetTold | None
    words: str | None


class SheetTelling:
    """`await telling.one(news_id)` tells it, or says in the row why not."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        turns: Turns,
        deliver: Callable[[UUID], None],
        forms: Mapping[str, Forms],
        workdays: Mapping[str, Workdays],
        calendars: Mapping[str, Calendar],
        clock: Callable[[], datetime],
        new_id: NewId,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._turns = turns
        self._deliver = deliver
        self._forms = forms
        self._workdays = workdays
        self._calendars = calendars
        self._clock = clock
        self._new_id = new_id

    async def round(self) -> None:
        """Everything that is due; one that fails does not stop the others."""
        async with self._database.glance() as connection:
            found = await sheet_news.due(connection, now=self._clock())
        for news_id in found:
            try:
                await self.one(news_id)
            except Exception as error:  # noqa: BLE001 - one that cannot be told must not keep the others waiting
                log.error("sheet.untold", news=str(news_id), reason=type(error).__name__)  # noqa: TRY400
                async with self._database.write() as connection:
                    await sheet_news.later(connection, news_id, at=self._clock() + timedelta(minutes=5))

    async def one(self, news_id: UUID) -> None:
        """Tell one thing, if it may be told now."""
        now = self._clock()
        async with self._database.glance() as connection:
            news = await sheet_news.open_one(connection, news_id)
        if news is None:
            return
        if (opens := may_be_told_at(self._workdays[news.desk_id], now)) is not None:
            await self._later(news_id, opens)
            return
        async with self._database.glance() as connection:
            matter = await self._matter(connection, news, now)
        if isinstance(matter, Held):
            await self._hold(news, matter)
            return
        if isinstance(matter, datetime):
            await self._later(news_id, matter)
            return
        try:
            turned = await self._turns.staff(
                news.resident_id, matter.event, words=matter.words, within=lambda c, t: self._within(c, t, matter)
            )
        except NotTold as error:
            await (self._later(news_id, now + AFTER_DANGER) if error.why.passes else self._hold(news, error.why))
            return
        except (NobodyThere, _ToldMeanwhile):
            return
        log.info("sheet.told", sheet=str(news.sheet_id), kind=news.kind.value)
        if turned.letter_id is not None:
            self._deliver(news.resident_id)

    async def _matter(self, connection: Connection, news: News, now: datetime) -> _Matter | Held | datetime:
        """What to tell, why a person has to, or when to ask again."""
        case = await cases.open_case_of(connection, news.resident_id)
        stored = await sheets.load(connection, self._keyring, news.case_id, news.sheet_id)
        resident = await residents.by_id(connection, self._keyring, news.resident_id)
        if case is None or stored is None or resident is None or case.hidden_at is not None:
            return Held.OVER
        if not await case_talk.may_be_reached(connection, news.resident_id):
            return Held.OUT_OF_REACH
        match await sending_rules.result_told(connection, resident, self._calendars[news.desk_id], now=now):
            case Skip(why=why):
                return _HELD.get(why, Held.OUT_OF_REACH)
            case Wait(until=until):
                return until
        event = self._event(news, case, stored.sheet, now)
        if event is None:
            return Held.OVER
        words = sheet_news.words_of(resident.key, news) or None
        return _Matter(news=news, case=case, stored=stored, event=event, words=words)

    def _event(self, news: News, case: CaseRow, sheet: Sheet, now: datetime) -> SheetTold | None:
        workdays, form = self._workdays[news.desk_id], self._forms[news.desk_id][sheet.form_id]
        today = workdays.local(now).date()
        if news.kind is NewsKind.ANSWERED:
            return SheetTold(kind=news.kind)
        discreet = case.safe_contact is not SafeContact.YES
        one = next((o for o in sheet.handovers if o.id == news.handover_id and o.state.live), None)
        expected = None if one is None else by_when([self._due(sheet, form, one)], workdays, today)
        if one is None or expected is None:
            return None
        if news.kind is NewsKind.OVERDUE:
            return SheetTold(kind=news.kind, place=one.name, at=next_step_by(workdays, now), discreet=discreet)
        return SheetTold(
            kind=news.kind, place=one.name, received=expected.received, at=expected.heard, discreet=discreet
        )

    def _due(self, sheet: Sheet, form: Form, one: Handover) -> Due:
        workdays = self._workdays[sheet.desk_id]
        return due(sheet, form, one, workdays_added(workdays), workdays.zone)

    async def _within(self, connection: Connection, turned: Turned, matter: _Matter) -> None:
        """In the turn's transaction: the resident is locked, then the case, then the sheet."""
        news = matter.news
        case = await cases.open_case_of(connection, news.resident_id, lock=True)
        if case is None or not await sheet_news.told(connection, news.id, at=turned.at):
            raise _ToldMeanwhile
        await cases.add_event(
            connection, case.id, kind=f"sheet_told_{news.kind.value}", actor=news.by or cases.PROGRAM, at=turned.at,
            new_id=self._new_id, object_id=news.sheet_id,
        )  # fmt: skip
        if news.kind is NewsKind.ANSWERED and news.by is not None and matter.words is not None:
            await self._answered(connection, turned, case, matter, news.by, matter.words)
        await changes.bump(connection, news.desk_id)

    async def _answered(
        self, connection: Connection, turned: Turned, case: CaseRow, matter: _Matter, by: UUID, words: str
    ) -> None:
        """A person's words stand in the talk like all others, and the sheet says when the resident was told."""
        message_id = self._new_id()
        await staff_messages.add(
            connection,
            turned.resident.key,
            message_id=message_id,
            case_id=case.id,
            resident_id=turned.resident.id,
            author_id=by,
            text=words,
            at=turned.at,
            letter_id=turned.letter_id,
        )
        await case_acts.wrote(connection, case, By(staff_id=by, at=turned.at, new_id=self._new_id), message_id)
        news = matter.news
        stored = await sheets.load(connection, self._keyring, news.case_id, news.sheet_id, lock=True)
        if stored is None:
            return
        today = self._workdays[news.desk_id].local(turned.at).date()
        saving = Saving(actor=by, action="told", at=turned.at, forms_version=self._forms[news.desk_id].version)
        after = told(stored.sheet, on=today, at=turned.at)
        await sheets.save(connection, self._keyring, stored, after, saving, new_id=self._new_id)

    async def _later(self, news_id: UUID, at: datetime) -> None:
        async with self._database.write() as connection:
            await sheet_news.later(connection, news_id, at=at)

    async def _hold(self, news: News, why: Held) -> None:
        async with self._database.write() as connection:
            await sheet_news.held(connection, news.id, why)
            await changes.bump(connection, news.desk_id)
        log.info("sheet.held", sheet=str(news.sheet_id), kind=news.kind.value, why=why.value)


def workdays_added(workdays: Workdays) -> Callable[[date, int], date]:
    """The desk's own way to count working days. A desk without any counts all days."""

    def add(day: date, count: int) -> date:
        for _ in range(count):
            day = workdays.workday_after(day) or day + timedelta(days=1)
        return day

    return add
