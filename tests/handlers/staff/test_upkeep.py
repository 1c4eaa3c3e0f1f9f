"""What the calendar asks of staff: ages that come near, tasks that are due, numbers nobody checked, words let go."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from office import Office
from plan_cast import with_case
from sqlalchemy import select, update

from casework.people import Role
from handlers.clock.milestones import Milestones
from nlp import Listener
from storage import notes, residents, retention
from storage.case_tables import CaseEvent
from storage.cases import CaseRow
from storage.ids import new_id
from storage.residents import ResidentRow
from storage.tables import Resident, table_of

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="session")
def listener() -> Listener:
    return Listener.load()


def clockwork(office: Office) -> Milestones:
    console = office.console
    return Milestones(
        database=console.database, keyring=console.keyring, desks=console.desks, clock=office.clock, new_id=new_id
    )


async def says(office: Office, resident: ResidentRow, listener: Listener, words: str) -> None:
    """The listener heard this of them."""
    async with office.console.database.write() as connection:
        fresh = await residents.by_id(connection, office.console.keyring, resident.id)
        assert fresh is not None
        known = listener.hear(words).known.to_json()
        values = {"state": fresh.state, "messages": 1, "heard_at": office.clock(), "blocked_at": None}
        await residents.decided(connection, fresh, known=known, **values)


async def told(office: Office, case: CaseRow) -> int:
    async with office.console.database.read() as connection:
        events = select(CaseEvent.id).where(CaseEvent.case_id == case.id, CaseEvent.kind == "milestone")
        return len((await connection.execute(events)).all())


async def test_staff_are_told_once_that_an_age_with_other_services_comes_near(
    office: Office, listener: Listener
) -> None:
    near, near_case = await with_case(office)
    far, far_case = await with_case(office)
    _, silent_case = await with_case(office)
    await says(office, near, listener, "64歳です。仕事がなくなりました")
    await says(office, far, listener, "50歳です。仕事がなくなりました")
    work = clockwork(office)
    for _ in range(3):
        await work.look()
        office.clock.passes(days=1)
    assert [await told(office, case) for case in (near_case, far_case, silent_case)] == [1, 0, 0]
    person = await office.person("aoki", Role.COORDINATOR)
    async with await office.at_work(person) as browser:
        queue = await browser.get("/staff/queue")
        page = await browser.get(f"/staff/cases/{near_case.id}")
    assert queue.text.count("制度の切りかわり") == 1
    assert "制度の切りかわる年齢が近い" in page.text
    # The age itself is the resident's own, and read only where they agreed to it.
    assert "65歳" not in page.text.replace("65–74歳", "")


async def test_the_line_of_the_timeline_holds_no_age(office: Office, listener: Listener) -> None:
    near, _ = await with_case(office)
    await says(office, near, listener, "17歳です。家に帰りたくない")
    await clockwork(office).look()
    async with office.console.database.read() as connection:
        event = (await connection.execute(select(table_of(CaseEvent)).where(CaseEvent.kind == "milestone"))).one()
    assert (event.detail, event.object_id, event.actor) == ({}, None, "program")


@pytest.mark.parametrize(
    ("days", "mark"), [(0, "予定の日"), (-1, "予定の期限切れ"), (1, None)], ids=["today", "yesterday", "tomorrow"]
)
async def test_the_queue_shows_what_is_to_be_done_today_or_is_late(office: Office, days: int, mark: str | None) -> None:
    resident, case = await with_case(office)
    person = await office.person("aoki", Role.COORDINATOR)
    async with office.console.database.write() as connection:
        task_id = await notes.add_task(
            connection, resident.key, case_id=case.id, author_id=person.id, title="電話する",
            due_on=date(2026, 11, 26) + timedelta(days=days), at=office.clock(), new_id=new_id,
        )  # fmt: skip
    async with await office.at_work(person) as browser:
        shown = (await browser.get("/staff/queue")).text
        assert [name for name in ("予定の日", "予定の期限切れ") if name in shown] == ([mark] if mark else [])
        async with office.console.database.write() as connection:
            await notes.finish_task(connection, task_id, case.id, by=person.id, at=office.clock())
        after = (await browser.get("/staff/queue")).text
    assert "予定の日" not in after
    assert "予定の期限切れ" not in after


async def test_numbers_that_nobody_checked_for_long_are_told_to_who_keeps_the_desk(office: Office) -> None:
    admin = await office.person("kanri", Role.ADMIN)
    worker = await office.person("aoki", Role.COORDINATOR)
    async with await office.at_work(admin) as browser:
        fresh = await browser.get("/staff/upkeep")
        assert "日以内に確かめてあります" in fresh.text
        assert "知らせの不具合" not in fresh.text
    office.clock.passes(days=200)
    async with await office.at_work(admin) as browser, await office.at_work(worker) as other:
        stale = await browser.get("/staff/upkeep")
        rota = await browser.get("/staff/rota")
        queue = await other.get("/staff/queue")
    assert "200日前" in stale.text or "205日前" in stale.text
    for page in (stale, rota):
        assert "180日より長く確かめられていません" in page.text
    assert "確かめられていません" not in queue.text
    assert "upkeep_seen" in await office.acts()


async def test_runs_over_old_words_are_shown(office: Office) -> None:
    admin = await office.person("kanri", Role.ADMIN)
    async with office.console.database.write() as connection:
        await retention.note_run(
            connection, "default", {"anonymous": 3, "open_case": 7}, at=office.clock(), carried_out=True, new_id=new_id
        )
        await connection.execute(update(Resident).values(heard_at=None))
    async with await office.at_work(admin) as browser:
        shown = (await browser.get("/staff/upkeep")).text
    assert "同意のない相談 3人" in shown
    assert "相談が終わっていない 7人" in shown
