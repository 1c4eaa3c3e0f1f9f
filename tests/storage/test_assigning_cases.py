"""自動割当 and 休暇代行 on the tables of both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from case_cast import TERMS, case_of, staff_of
from cast import keyring_of
from sqlalchemy import select

from casework.people import Grant, Role
from casework.permissions import Action
from casework.queue import CaseState, Filters, Lane
from handlers.clock.assigning import Assigning, AssigningTerms
from storage import case_acts, case_queue, cases, rota, staff, stand_ins
from storage.audit_tables import AuditEntry
from storage.case_acts import By
from storage.case_tables import CaseEvent, ExclusionKind
from storage.database import Database
from storage.ids import new_id
from storage.jobs import Conversation
from storage.keyring import Keyring

pytestmark = pytest.mark.anyio

#: Ten in the morning of a Thursday.
NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


class Still:
    """An engine that only remembers what it was given."""

    def __init__(self) -> None:
        self.works: list[str] = []

    def wake(self, conversation: Conversation, *, after: timedelta = timedelta()) -> None:
        raise AssertionError(conversation)

    def deliver(self, resident_id: UUID) -> None:
        raise AssertionError(resident_id)

    def every(self, pace: timedelta, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self.works.append(name)


def assigning(database: Database, keyring: Keyring, *, wanted: bool = True) -> Assigning:
    return Assigning(
        database=database,
        keyring=keyring,
        engine=Still(),
        terms={"default": AssigningTerms(wanted=wanted, workdays=TERMS.workdays, most=10)},
        clock=lambda: NOW,
        new_id=new_id,
    )


async def hired(database: Database, *roles: Grant) -> list[UUID]:
    ids = await staff_of(database, *(f"staff{number}" for number in range(len(roles))))
    async with database.write() as connection:
        for staff_id, role in zip(ids, roles, strict=True):
            await staff.grant(connection, staff_id, role, by=None, now=NOW, new_id=new_id)
    return ids


def coordinator(*areas: str) -> Grant:
    return Grant(role=Role.COORDINATOR, desk_id="default", areas=frozenset(areas) or None)


async def viewer(database: Database, staff_id: UUID, now: datetime = NOW) -> object:
    async with database.read() as connection:
        account = await staff.by_id(connection, staff_id)
        assert account is not None
        return await staff.viewer(connection, account, now)


async def owner(database: Database, case_id: UUID) -> UUID | None:
    async with database.read() as connection:
        return (await connection.execute(select(cases.CASES.c.owner_id).where(cases.CASES.c.id == case_id))).scalar()


async def test_cases_are_spread_over_who_is_there_and_each_is_recorded(database: Database) -> None:
    keyring = await keyring_of(database)
    people = await hired(database, coordinator(), coordinator())
    made = [await case_of(database, keyring, bytes([65 + n])) for n in range(4)]
    await assigning(database, keyring).look()
    owners = [await owner(database, case.id) for _, case in made]
    assert sorted(map(str, owners)) == sorted(map(str, [*people, *people]))
    async with database.read() as connection:
        acts = (await connection.execute(select(AuditEntry.action, AuditEntry.actor, AuditEntry.detail))).all()
        events = (await connection.execute(select(CaseEvent.actor).where(CaseEvent.kind == "assigned"))).scalars().all()
        row = await cases.locked(connection, made[0][1].id)
    assert [(act.action, act.actor, act.detail["by_itself"]) for act in acts] == [
        ("case_assigned", "program", True)
    ] * 4
    assert list(events) == ["program"] * 4
    assert (row.state, row.auto_assigned_at) == (CaseState.OPEN, NOW)


async def test_a_desk_that_does_not_want_it_is_left_alone(database: Database) -> None:
    keyring = await keyring_of(database)
    await hired(database, coordinator())
    _, case = await case_of(database, keyring)
    work = assigning(database, keyring, wanted=False)
    await work.look()
    assert await owner(database, case.id) is None


async def test_what_somebody_gave_back_or_may_not_see_is_not_given_to_them(database: Database) -> None:
    keyring = await keyring_of(database)
    first, second = await hired(database, coordinator(), coordinator())
    _, case = await case_of(database, keyring)
    work = assigning(database, keyring)
    async with database.write() as connection:
        await case_acts.exclude(
            connection, case, By(staff_id=second, at=NOW, new_id=new_id), second, ExclusionKind.CONFLICT
        )
    await work.look()
    assert await owner(database, case.id) == first
    async with database.write() as connection:
        by = By(staff_id=first, at=NOW, new_id=new_id)
        assert await case_acts.give_back(connection, await cases.locked(connection, case.id), by)
    await work.look()
    assert await owner(database, case.id) is None


async def test_the_program_and_a_person_at_once_give_a_case_one_owner(database: Database) -> None:
    keyring = await keyring_of(database)
    (person,) = await hired(database, coordinator())
    made = [(await case_of(database, keyring, bytes([65 + n])))[1] for n in range(6)]

    async def claims(case: cases.CaseRow) -> bool:
        async with database.write() as connection:
            return await case_acts.claim(connection, case, By(staff_id=person, at=NOW, new_id=new_id))

    works = [assigning(database, keyring) for _ in range(2)]
    claimed = await asyncio.gather(*(claims(case) for case in made), *(work.look() for work in works))
    async with database.read() as connection:
        query = select(CaseEvent.case_id, CaseEvent.kind).where(CaseEvent.kind.in_(["claimed", "assigned"]))
        events = (await connection.execute(query)).all()
    assert sorted(str(event.case_id) for event in events) == sorted(str(case.id) for case in made)
    assert sum(event.kind == "claimed" for event in events) == sum(bool(one) for one in claimed[: len(made)])


async def test_a_stand_in_sees_the_absent_ones_cases_for_the_time_and_gets_new_ones_of_theirs(
    database: Database,
) -> None:
    keyring = await keyring_of(database)
    absent, substitute = await hired(database, coordinator("kita"), coordinator("minami"))
    _, case = await case_of(database, keyring)
    async with database.write() as connection:
        by = By(staff_id=absent, at=NOW, new_id=new_id)
        assert await case_acts.set_area(connection, case, by, "kita")
        assert await case_acts.claim(connection, case, by)
        await stand_ins.add(
            connection,
            absent_id=absent,
            stand_in_id=substitute,
            starts_at=NOW,
            ends_at=NOW + timedelta(days=3),
            by=absent,
            now=NOW,
            new_id=new_id,
        )
        during, afterwards = NOW + timedelta(days=1), NOW + timedelta(days=3)
        account = await staff.by_id(connection, substitute)
        assert account is not None
        for now, sees in ((NOW - timedelta(seconds=1), False), (during, True), (afterwards, False)):
            who = await staff.viewer(connection, account, now)
            found = await cases.load(connection, case.id, who, Action.HAND_OVER)
            mine = await case_queue.page(connection, "default", Filters(lane=Lane.MINE), who)
            assert (found is not None, len(mine.cases)) == (sees, int(sees)), now
        told = {one.viewer.staff_id: one for one in await rota.colleagues(connection, keyring, "default", now=during)}
        assert told[substitute].viewer.acts_for == {absent, substitute}
    _, fresh = await case_of(database, keyring, b"t")
    async with database.write() as connection:
        assert await case_acts.set_area(connection, fresh, By(staff_id=absent, at=NOW, new_id=new_id), "kita")
    await assigning(database, keyring).look()
    assert await owner(database, fresh.id) == substitute


async def test_who_stands_in_for_a_stand_in_gets_only_that_persons_own(database: Database) -> None:
    keyring = await keyring_of(database)
    first, second, third = await hired(database, coordinator("kita"), coordinator("minami"), coordinator("nishi"))
    _, case = await case_of(database, keyring)
    async with database.write() as connection:
        await case_acts.set_area(connection, case, By(staff_id=first, at=NOW, new_id=new_id), "kita")
        for absent, stand_in in ((first, second), (second, third)):
            await stand_ins.add(
                connection,
                absent_id=absent,
                stand_in_id=stand_in,
                starts_at=NOW,
                ends_at=NOW + timedelta(days=1),
                by=first,
                now=NOW,
                new_id=new_id,
            )
        for staff_id, sees in ((second, True), (third, False)):
            account = await staff.by_id(connection, staff_id)
            assert account is not None
            who = await staff.viewer(connection, account, NOW)
            assert (await cases.load(connection, case.id, who, Action.SEE_CASE) is not None) is sees
        (begun, _) = await stand_ins.current(connection, NOW)
        await stand_ins.end(connection, begun, now=NOW)
        assert len(await stand_ins.current(connection, NOW)) == 1
