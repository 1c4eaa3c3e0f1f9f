"""What came in and was not worked off: supervisors and admins see that it is there, and decide what becomes of it."""

from __future__ import annotations

import pytest
from access import laid_aside
from office import Office
from sqlalchemy import select

from casework.people import Grant, Role
from storage import inbox, residents, set_aside
from storage.endings import RESTORED
from storage.ids import new_id
from storage.jobs import Conversation
from storage.residents import Sender
from storage.tables import Channel, InboxEvent, InboxState, table_of

pytestmark = pytest.mark.anyio

PAGE = "/staff/set-aside"
INBOX = table_of(InboxEvent)


async def state_of(town: Office, event_id: str) -> tuple[InboxState, bool]:
    async with town.console.database.read() as connection:
        rows = await connection.execute(select(INBOX.c.id, INBOX.c.state, INBOX.c.body_sealed))
        (row,) = [row for row in rows if str(row.id) == event_id]
    return row.state, row.body_sealed is not None


@pytest.mark.parametrize("who", ["supervisor", "admin"])
async def test_a_banner_leads_there_while_there_is_something(town: Office, who: str) -> None:
    async with await town.at_work(town.people[who]) as browser:
        shown = (await browser.get("/staff/account")).text
        assert "処理できなかったものが1件" in shown
        assert PAGE in shown
        page = (await browser.get(PAGE)).token
        await browser.post(f"{PAGE}/{town.ids['event_id']}/close", page)
        assert "処理できなかったものが" not in (await browser.get("/staff/account")).text


@pytest.mark.parametrize("who", ["owner", "auditor", "recipient", "other_desk"])
async def test_others_are_told_nothing(town: Office, who: str) -> None:
    async with await town.at_work(town.people[who]) as browser:
        assert "処理できなかったものが" not in (await browser.get("/staff/account")).text


async def test_each_reason_is_said_and_no_word_of_what_came(town: Office) -> None:
    console, now = town.console, town.clock()
    await laid_aside(console, "event-2", reason=RESTORED, now=now)
    await laid_aside(console, "event-3", reason="ValueError", now=now)
    await laid_aside(console, "event-4", reason="beacon", now=now, state=InboxState.UNKNOWN)
    async with await town.at_work(town.people["supervisor"]) as browser:
        shown = (await browser.get(PAGE)).text
    for said in ("控えから戻した", "読み取れませんでした", "失敗しました（ValueError）", "知らない種類"):
        assert said in shown
    assert "ひみつの言葉" not in shown


async def test_the_supervisor_sees_from_whom_it_came_and_the_admin_does_not(town: Office) -> None:
    console = town.console
    sender = Sender(desk_id="default", channel=Channel.LINE, index=b"known" + bytes(27))
    async with console.database.write() as connection:
        resident = await residents.create(
            connection, console.keyring, sender, address="U" + "2" * 32, now=town.clock(), new_id=new_id
        )
    await laid_aside(console, "event-5", reason="ValueError", now=town.clock(), sender=sender.index)
    for who, seen in (("supervisor", True), ("admin", False)):
        async with await town.at_work(town.people[who]) as browser:
            assert (resident.alias in (await browser.get(PAGE)).text) is seen


async def test_tried_again_it_waits_like_any_other(town: Office) -> None:
    event_id = town.ids["event_id"]
    async with await town.at_work(town.people["supervisor"]) as browser:
        shown = await browser.send(PAGE, f"{PAGE}/{event_id}/again")
        assert shown.location == f"{PAGE}?done=again"
    assert await state_of(town, event_id) == (InboxState.WAITING, True)
    async with town.console.database.read() as connection:
        (found,) = await inbox.conversations_waiting(connection, now=town.clock())
        assert isinstance(found, Conversation)
        waiting = await inbox.waiting(connection, town.console.keyring.data, found, now=town.clock())
    assert [(str(event.id), event.tries) for event in waiting] == [(event_id, 0)]
    assert "set_aside_again" in await town.acts()


async def test_closed_its_words_are_gone(town: Office) -> None:
    event_id = town.ids["event_id"]
    async with await town.at_work(town.people["admin"]) as browser:
        await browser.send(PAGE, f"{PAGE}/{event_id}/close")
        page = (await browser.get("/staff/account")).token
        assert (await browser.post(f"{PAGE}/{event_id}/again", page)).status == 404
    assert await state_of(town, event_id) == (InboxState.IGNORED, False)
    assert (await town.acts()).count("set_aside_closed") == 1


async def test_an_event_that_still_waits_or_is_done_is_nobodys_to_close(town: Office) -> None:
    console = town.console
    event = inbox.seal_event(
        console.keyring.data, id=new_id(), desk_id="default", channel=Channel.LINE, event_id="event-6",
        sender=b"s" * 32, event_at=1, received_at=town.clock(), body={},
    )  # fmt: skip
    async with console.database.write() as connection:
        await inbox.add(connection, [event])
    async with await town.at_work(town.people["supervisor"]) as browser:
        page = (await browser.get("/staff/account")).token
        assert (await browser.post(f"{PAGE}/{event.id}/close", page)).status == 404
    assert await state_of(town, str(event.id)) == (InboxState.WAITING, True)


async def test_the_supervisor_of_another_desk_changes_nothing(town: Office) -> None:
    other = await town.person("faraway", Grant(role=Role.SUPERVISOR, desk_id="other"))
    event_id = town.ids["event_id"]
    async with await town.at_work(other) as browser:
        assert "いまはありません" in (await browser.get(PAGE)).text
        page = (await browser.get("/staff/account")).token
        for act in ("again", "close"):
            assert (await browser.post(f"{PAGE}/{event_id}/{act}", page)).status == 404
    assert await state_of(town, event_id) == (InboxState.ASIDE, True)


async def test_counting_asks_its_own_index(town: Office) -> None:
    async with town.console.database.read() as connection:
        query = str(
            select(INBOX.c.id)
            .where(set_aside.SET_ASIDE, INBOX.c.desk_id.in_(["default"]))
            .compile(compile_kwargs={"literal_binds": True})
        )
        plan = [row[-1] for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
    assert any("ix_inbox_set_aside" in line for line in plan), plan
