"""Once on a working day whoever has a case is told by mail, without content, that something is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from office import Office, Person
from plan_cast import with_case
from sqlalchemy import select, update

from casework.people import Role
from casework.workdays import Workdays
from config.notices import NoticeWords, notice_words
from handlers.clock.calls import Telling
from handlers.clock.mails import Envelope
from handlers.clock.reminders import Reminders
from storage import cases, notes, rota
from storage.case_tables import Case
from storage.cases import CaseRow
from storage.ids import new_id
from storage.milestones import NEAR
from storage.notice_tables import Notice, NoticeKind
from storage.notices import Mail

pytestmark = pytest.mark.anyio

#: The office opens on Thursday, 26 November 2026, at ten.
TODAY = date(2026, 11, 26)
NOW = datetime(2026, 11, 26, 1, tzinfo=UTC)


def clockwork(office: Office, words: NoticeWords | None = None) -> Reminders:
    console = office.console
    desks = {desk_id: console.desks[desk_id] for desk_id in ("default", "other")}
    telling = Telling(
        words=dict.fromkeys(desks, words or notice_words()),
        workdays={desk_id: Workdays.of(desk.content.desk) for desk_id, desk in desks.items()},
        domain="shakyo.example",
    )
    return Reminders(
        database=console.database, keyring=console.keyring, telling=telling, clock=office.clock, new_id=new_id
    )


async def coordinator(office: Office, login: str) -> Person:
    person = await office.person(login, Role.COORDINATOR)
    async with office.console.database.write() as connection:
        await rota.set_contact(
            connection, office.console.keyring, person.id, f"{login}@shakyo.example", now=office.clock()
        )
    return person


async def with_task(office: Office, owner: Person, due_on: date) -> tuple[CaseRow, UUID]:
    resident, case = await with_case(office)
    async with office.console.database.write() as connection:
        await connection.execute(update(Case).where(Case.id == case.id).values(owner_id=owner.id))
        task_id = await notes.add_task(
            connection, resident.key, case_id=case.id, author_id=owner.id, title="田中さんに電話する",
            due_on=due_on, at=office.clock(), new_id=new_id,
        )  # fmt: skip
    return case, task_id


async def mails(office: Office) -> list[tuple[UUID | None, str, date | None]]:
    async with office.console.database.read() as connection:
        rows = await connection.execute(
            select(Notice.staff_id, Notice.desk_id, Notice.day).where(Notice.kind == NoticeKind.DAY).order_by(Notice.id)
        )
        return [(row.staff_id, row.desk_id, row.day) for row in rows]


async def test_who_has_a_case_gets_one_mail_a_day_while_something_is_due(office: Office) -> None:
    aoki, mori = await coordinator(office, "aoki"), await coordinator(office, "mori")
    await with_task(office, aoki, TODAY - timedelta(days=1))
    await with_task(office, aoki, TODAY)
    await with_task(office, mori, TODAY + timedelta(days=1))
    for _ in range(3):
        # A server that starts anew remembers nothing: the rows do.
        await clockwork(office).look()
        office.clock.passes(hours=1)
    assert await mails(office) == [(aoki.id, "default", TODAY)]
    assert (await office.acts()).count("staff_reminded") == 1
    office.clock.passes(days=1)
    await clockwork(office).look()
    tomorrow = TODAY + timedelta(days=1)
    assert sorted((await mails(office))[1:], key=str) == sorted(
        [(aoki.id, "default", tomorrow), (mori.id, "default", tomorrow)], key=str
    )


async def test_nobody_is_told_while_the_desk_is_closed(office: Office) -> None:
    aoki = await coordinator(office, "aoki")
    await with_task(office, aoki, TODAY)
    office.clock.passes(hours=10)
    await clockwork(office).look()
    # Saturday.
    office.clock.passes(days=2, hours=-10)
    await clockwork(office).look()
    assert await mails(office) == []
    office.clock.passes(days=2)
    await clockwork(office).look()
    assert [day for _, _, day in await mails(office)] == [date(2026, 11, 30)]


async def test_what_is_done_or_closed_is_told_no_more(office: Office) -> None:
    aoki = await coordinator(office, "aoki")
    done, task_id = await with_task(office, aoki, TODAY)
    closed, _ = await with_task(office, aoki, TODAY)
    async with office.console.database.write() as connection:
        await notes.finish_task(connection, task_id, done.id, by=aoki.id, at=office.clock())
        await connection.execute(update(Case).where(Case.id == closed.id).values(closed_at=office.clock()))
    await clockwork(office).look()
    assert await mails(office) == []


@pytest.mark.parametrize("hours", [20, 9, 0])
async def test_an_age_that_came_near_since_the_last_opening_is_told_once(office: Office, hours: int) -> None:
    aoki = await coordinator(office, "aoki")
    _, case = await with_case(office)
    async with office.console.database.write() as connection:
        await connection.execute(update(Case).where(Case.id == case.id).values(owner_id=aoki.id))
        at = office.clock() - timedelta(hours=hours)
        await cases.add_event(connection, case.id, kind=NEAR, actor=cases.PROGRAM, at=at, new_id=new_id)
    await clockwork(office).look()
    office.clock.passes(days=1)
    await clockwork(office).look()
    office.clock.passes(days=3)
    await clockwork(office).look()
    assert [day for _, _, day in await mails(office)] == [TODAY]


async def test_a_desk_may_do_without(office: Office) -> None:
    aoki = await coordinator(office, "aoki")
    await with_task(office, aoki, TODAY)
    await clockwork(office, notice_words().model_copy(update={"daily": False})).look()
    assert await mails(office) == []


def test_the_mail_leads_also_to_what_nobody_has_yet() -> None:
    envelope = Envelope(
        words={"default": notice_words()}, accounts={"default": "つなぐ"}, site="https://shakyo.example"
    )
    mail = Mail(
        id=new_id(), desk_id="default", kind=NoticeKind.DAY, call_id=None, case_id=None, number=None, step=0, minutes=0,
        address="aoki@shakyo.example", message_id="<1@shakyo.example>", created_at=NOW, expires_at=NOW, tries=0,
        unsure=False, maybe_doubled=False,
    )  # fmt: skip
    assert envelope.link(mail) == "https://shakyo.example/staff/queue"
    assert "担当のまだいない" in notice_words().mails["day"].text
