"""Who did not answer a check-in: seen by whoever may see them, until something comes back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from case_cast import case_of, staff_of, viewer_of
from cast import NOW, keyring_of, resident_of
from sqlalchemy import update

from casework.people import Role
from config.content import load_content
from dialogue.followups import Band, CheckInPlan, DeskCalendar, Rhythm
from storage import followups, residents, silences
from storage.case_tables import Case
from storage.database import Database
from storage.followup_tables import CheckIn, CheckInState
from storage.followup_tables import CheckInPlan as PlanTable
from storage.followups import Clockwork
from storage.ids import new_id
from storage.residents import ResidentRow
from storage.tables import Resident, table_of

pytestmark = pytest.mark.anyio

CONTENT = load_content()
CALENDAR = DeskCalendar.of(CONTENT.desk, CONTENT.checkins.timing)
PLAN = CheckInPlan(rhythm=Rhythm.WEEKLY, band=Band.NOON, starts=date(2026, 11, 28))
PLANS, CHECK_INS = table_of(PlanTable), table_of(CheckIn)
SINCE = NOW + timedelta(days=1)
LATER = NOW + timedelta(days=2)


async def fell_silent(database: Database, resident: ResidentRow, at: datetime = SINCE) -> None:
    made = Clockwork(calendar=CALENDAR, now=NOW, new_id=new_id)
    async with database.write() as connection:
        plan_id = await followups.set_plan(connection, resident, PLAN, made)
        await connection.execute(update(PLANS).where(PLANS.c.id == plan_id).values(silent_at=at))


async def with_case(database: Database, staff_id: UUID, role: Role = Role.COORDINATOR, *areas: str) -> list[UUID]:
    async with database.read() as connection:
        viewer = viewer_of(staff_id, role, *areas)
        found = await silences.cases_of_silent(connection, "default", viewer, now=LATER)
    return [case.id for case, _ in found]


async def without_case(database: Database, now: datetime = LATER) -> list[UUID]:
    async with database.read() as connection:
        return [one.resident_id for one in await silences.without_case(connection, "default", now=now)]


async def test_somebody_with_a_case_and_somebody_without_stand_in_different_lists(database: Database) -> None:
    keyring = await keyring_of(database)
    (aoki,) = await staff_of(database, "aoki")
    known, case = await case_of(database, keyring, b"a")
    unknown = await resident_of(database, keyring, name=b"b", address="b")
    for resident in (known, unknown):
        await fell_silent(database, resident)
    assert await with_case(database, aoki) == [case.id]
    assert await without_case(database) == [unknown.id]


async def test_nobody_sees_a_case_that_is_none_of_theirs(database: Database) -> None:
    keyring = await keyring_of(database)
    (aoki,) = await staff_of(database, "aoki")
    resident, _ = await case_of(database, keyring, b"a")
    await fell_silent(database, resident)
    async with database.write() as connection:
        await connection.execute(update(Case).values(area="nanbu"))
    assert await with_case(database, aoki, Role.COORDINATOR, "hokubu") == []
    assert await without_case(database) == []


@pytest.mark.parametrize("way", ["words", "button", "erasing", "time"])
async def test_the_entry_is_gone_when_something_comes_back_or_they_go(database: Database, way: str) -> None:
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring)
    await fell_silent(database, resident)
    assert await without_case(database) == [resident.id]
    async with database.write() as connection:
        match way:
            case "words":
                await connection.execute(update(Resident).values(heard_at=LATER))
            case "button":
                answered = {"state": CheckInState.QUEUED, "answered_at": LATER, "answer": "good"}
                await connection.execute(update(CHECK_INS).values(answered))
            case "erasing":
                await residents.plan_erasure(connection, resident.id, LATER)
    now = SINCE + silences.SHOWN_FOR + timedelta(days=1) if way == "time" else LATER
    assert await without_case(database, now) == []
