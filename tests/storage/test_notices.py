"""Rota, calls and mails, on both databases."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from case_cast import URGENT, case_of, staff_of, viewer_of
from cast import NOW, keyring_of
from sqlalchemy import select

from casework.alerting import Circle, Due, Recipient, Urgency, Window
from casework.people import Grant, Role
from storage import calls, case_acts, conversations, notices, rota, staff
from storage.audit_tables import AuditEntry
from storage.calls import NewCall
from storage.case_acts import By
from storage.cases import CaseRow
from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.notice_tables import AddressList, CallEnd, NoticeKind, NoticeState, StaffContact
from storage.notices import About, Change
from storage.residents import ResidentRow
from storage.tables import table_of

pytestmark = pytest.mark.anyio

BOX = Recipient(address="aoki@shakyo.example")


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


async def called(database: Database, resident: ResidentRow, case: CaseRow, urgency: Urgency = Urgency.URGENT) -> UUID:
    """A call with two steps, raised by a turn."""
    turn_id = new_id()
    steps = tuple(Due(circle=circle, at=later(m)) for circle, m in ((Circle.ON_CALL, 0), (Circle.DESK, 10)))
    async with database.write() as connection:
        await conversations.add_turn(
            connection, resident, turn_id=turn_id, at=NOW, content_version="c", listener_version="l"
        )
        new = NewCall(case_id=case.id, desk_id="default", turn_id=turn_id, urgency=urgency, raised_at=NOW, plan=steps)
        return await calls.add(connection, new, new_id=new_id)


async def written(
    database: Database, keyring: Keyring, about: About | None = None, box: Recipient = BOX, *, now: datetime = NOW
) -> UUID | None:
    async with database.write() as connection:
        return await notices.add(
            connection,
            keyring,
            about or About(desk_id="default", kind=NoticeKind.TEST),
            box,
            now=now,
            expires_at=now + timedelta(hours=1),
            domain="shakyo.example",
            new_id=new_id,
        )


async def test_addresses_are_sealed_and_come_back_with_the_people_of_the_desk(database: Database) -> None:
    keyring = await keyring_of(database)
    aoki, baba, gone = await staff_of(database, "aoki", "baba", "gone")
    window = Window(starts=time(17), ends=time(9), weekdays=frozenset({0, 4}), first=date(2026, 11, 1))
    async with database.write() as connection:
        for one, desk in ((aoki, "default"), (baba, "other"), (gone, "default")):
            grant = Grant(role=Role.COORDINATOR, desk_id=desk)
            await staff.grant(connection, one, grant, by=None, now=NOW, new_id=new_id)
            await rota.set_contact(connection, keyring, one, f"{one}@x.example", now=NOW)
        await staff.set_disabled(connection, gone, NOW)
        await rota.add_window(connection, aoki, "default", window, new_id=new_id)
        await rota.add_window(connection, aoki, "other", window, new_id=new_id)
    async with database.read() as connection:
        (one,) = await rota.colleagues(connection, keyring, "default", now=NOW)
        sealed = (await connection.execute(select(table_of(StaffContact).c.address_sealed))).scalars().all()
    assert (one.viewer.staff_id, one.address, one.windows) == (aoki, f"{aoki}@x.example", (window,))
    assert all(b"x.example" not in bytes(value) for value in sealed)


async def test_a_list_holds_an_address_once_and_gives_it_up_to_its_own_desk_only(database: Database) -> None:
    keyring = await keyring_of(database)
    async with database.write() as connection:
        added = [
            await rota.add_address(connection, keyring, "default", AddressList.NIGHT, address, new_id=new_id)
            for address in ("n@x.example", "N@X.example", "m@x.example")
        ]
        first, _ = await rota.addresses(connection, keyring, "default")
        assert not await rota.remove_address(connection, "other", first.id)
        assert await rota.remove_address(connection, "default", first.id)
        found = await rota.lists(connection, keyring, "default")
    assert added == [True, False, True]
    assert (found.desk, found.night) == ((), ("m@x.example",))


async def test_whether_anybody_can_be_reached(database: Database) -> None:
    keyring = await keyring_of(database)
    (aoki,) = await staff_of(database, "aoki")
    async with database.write() as connection:
        await rota.set_contact(connection, keyring, aoki, "a@x.example", now=NOW)
        assert not await rota.is_reachable(connection, keyring, "default", now=NOW)
        grant = Grant(role=Role.COORDINATOR, desk_id="default")
        await staff.grant(connection, aoki, grant, by=None, now=NOW, new_id=new_id)
        assert await rota.is_reachable(connection, keyring, "default", now=NOW)
        await rota.set_contact(connection, keyring, aoki, None, now=NOW)
        assert not await rota.is_reachable(connection, keyring, "default", now=NOW)


async def test_of_two_processes_one_takes_a_mail_and_only_it_records(database: Database) -> None:
    keyring = await keyring_of(database)
    notice_id = await written(database, keyring)
    assert notice_id is not None
    processes = [new_id(), new_id()]

    async def take(process: UUID) -> bool:
        async with database.write() as connection:
            return await notices.take(connection, keyring, notice_id, process=process, now=NOW) is not None

    took = await asyncio.gather(*(take(process) for process in processes))
    assert sorted(took) == [False, True]
    winner, loser = processes if took[0] else processes[::-1]
    async with database.write() as connection:
        sent = Change(state=NoticeState.SENT)
        assert not await notices.record(connection, notice_id, sent, process=loser, now=NOW)
        assert await notices.record(connection, notice_id, sent, process=winner, now=NOW)
        assert await notices.due(connection, now=later(60)) == []


async def test_what_a_dead_process_had_in_hand_comes_back_unsure(database: Database) -> None:
    keyring = await keyring_of(database)
    notice_id = await written(database, keyring)
    assert notice_id is not None
    async with database.write() as connection:
        first = await notices.take(connection, keyring, notice_id, process=new_id(), now=NOW)
        assert first is not None
        assert not first.unsure
        assert await notices.due(connection, now=later(1)) == []
        assert await notices.due(connection, now=later(3)) == [notice_id]
        again = await notices.take(connection, keyring, notice_id, process=new_id(), now=later(3))
        assert again is not None
        assert (again.unsure, again.tries, again.message_id) == (True, 2, first.message_id)


async def test_after_a_start_nothing_waits_for_a_lease(database: Database) -> None:
    keyring = await keyring_of(database)
    notice_id = await written(database, keyring)
    assert notice_id is not None
    async with database.write() as connection:
        await notices.take(connection, keyring, notice_id, process=new_id(), now=NOW)
        assert await notices.inherit(connection, alone=True) == 1
        mail = await notices.take(connection, keyring, notice_id, process=new_id(), now=NOW)
    assert mail is not None
    assert mail.unsure


async def test_a_step_tells_a_mail_box_once_and_danger_goes_first(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, case = await case_of(database, keyring, alarm=URGENT)
    call_id = await called(database, resident, case)
    about = About(
        desk_id="default", kind=NoticeKind.URGENT, call_id=call_id, case_id=case.id, number=case.number, step=0
    )
    test = await written(database, keyring)
    first = await written(database, keyring, about)
    assert await written(database, keyring, about, Recipient(address="AOKI@shakyo.example")) is None
    async with database.read() as connection:
        assert await notices.due(connection, now=NOW) == [first, test]
        told = await notices.recent(connection, "default")
        standing = (await notices.standing(connection, now=NOW))["default"]
    assert {one.number for one in told} == {case.number, None}
    assert (standing.by_state["waiting"], standing.waiting_since, standing.stuck) == (2, NOW, 0)


async def test_a_call_stands_until_it_ends_and_drops_what_nobody_sent(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, case = await case_of(database, keyring, alarm=URGENT)
    call_id = await called(database, resident, case)
    about = About(desk_id="default", kind=NoticeKind.URGENT, call_id=call_id, case_id=case.id)
    notice_id = await written(database, keyring, about)
    async with database.write() as connection:
        assert await calls.due(connection, now=NOW) == [(call_id, case.id)]
        await calls.took(connection, call_id, told=1, next_at=later(10))
        assert await calls.due(connection, now=later(9)) == []
        call = await calls.open_of_case(connection, case.id)
        assert call is not None
        alert = await calls.standing(connection, call)
        assert (alert.reached, [due.circle for due in alert.plan]) == ((1,), [Circle.ON_CALL, Circle.DESK])
        await calls.end(connection, call_id, CallEnd.REACTED, now=later(5))
        assert await calls.open_of_case(connection, case.id) is None
        assert await notices.due(connection, now=later(5)) == []
        (told,) = await notices.recent(connection, "default")
    assert notice_id is not None
    assert (told.state, told.reason) == (NoticeState.DROPPED, "reacted")


async def test_mail_that_came_to_nothing_has_reached_nobody(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, case = await case_of(database, keyring, alarm=URGENT)
    call_id = await called(database, resident, case)
    about = About(desk_id="default", kind=NoticeKind.URGENT, call_id=call_id, case_id=case.id)
    notice_id, process = await written(database, keyring, about), new_id()
    assert notice_id is not None
    async with database.write() as connection:
        await calls.took(connection, call_id, told=1, next_at=later(10))
        await notices.take(connection, keyring, notice_id, process=process, now=NOW)
        failed = Change(state=NoticeState.FAILED, reason="550")
        await notices.record(connection, notice_id, failed, process=process, now=NOW)
        await calls.look_again(connection, call_id, now=NOW)
        call = await calls.open_of_case(connection, case.id)
        assert call is not None
        assert (await calls.standing(connection, call)).reached == (0,)
        assert await calls.due(connection, now=NOW) == [(call_id, case.id)]
        assert (await notices.standing(connection, now=later(1)))["default"].in_vain == 1


async def test_acts_of_staff_and_looks_are_reactions_and_pages_that_renew_themselves_are_not(
    database: Database,
) -> None:
    keyring = await keyring_of(database)
    (aoki,) = await staff_of(database, "aoki")
    resident, case = await case_of(database, keyring, alarm=URGENT)
    await called(database, resident, case)

    async def seen(connection, at: datetime, number: int, **detail: bool) -> None:
        row = {"id": new_id(), "desk_id": "default", "number": number, "at": at, "actor": str(aoki), "address": None}
        act = {"action": "case_seen", "object_kind": "case", "object_id": str(case.id), "detail": detail, "mac": b""}
        await connection.execute(table_of(AuditEntry).insert(), {**row, **act})

    async with database.write() as connection:
        await seen(connection, later(-1), 1)
        await seen(connection, later(1), 2, by_itself=True)
        assert await calls.reactions(connection, case.id, NOW) == []
        await seen(connection, later(2), 3)
        assert await calls.reactions(connection, case.id, NOW) == [later(2)]
        await case_acts.claim(connection, case, By(staff_id=aoki, at=later(3), new_id=new_id))
        assert sorted(await calls.reactions(connection, case.id, NOW)) == [later(2), later(3)]


async def test_pages_ring_for_cases_their_reader_sees(database: Database) -> None:
    keyring = await keyring_of(database)
    aoki, baba = await staff_of(database, "aoki", "baba")
    resident, case = await case_of(database, keyring, alarm=URGENT)
    call_id = await called(database, resident, case)
    async with database.write() as connection:
        by = By(staff_id=aoki, at=NOW, new_id=new_id)
        await case_acts.set_area(connection, case, by, "hokubu")
        north, south = viewer_of(aoki, Role.COORDINATOR, "hokubu"), viewer_of(baba, Role.COORDINATOR, "nanbu")
        assert await calls.ringing(connection, "default", north, since=NOW) == [(call_id, Urgency.URGENT)]
        assert await calls.ringing(connection, "default", south, since=NOW) == []
        assert await calls.unanswered(connection) == {}
        await calls.end(connection, call_id, CallEnd.UNANSWERED, now=later(20))
        assert await calls.unanswered(connection) == {"default": 1}


async def test_when_a_desk_was_last_reminded_of_a_day(database: Database) -> None:
    keyring = await keyring_of(database)

    async def last(desk_id: str = "default") -> datetime | None:
        async with database.read() as connection:
            return await notices.last_of_days(connection, desk_id, since=NOW)

    await written(
        database, keyring, About(desk_id="default", kind=NoticeKind.DAY, day=date(2026, 11, 23)), now=later(-9)
    )
    await written(database, keyring, now=later(20))
    assert await last() is None
    for minutes, day in ((1, 25), (5, 26)):
        about = About(desk_id="default", kind=NoticeKind.DAY, day=date(2026, 11, day))
        await written(database, keyring, about, now=later(minutes))
    assert (await last(), await last("other")) == (later(5), None)
