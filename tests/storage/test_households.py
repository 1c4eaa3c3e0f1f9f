"""世帯 on the tables of both databases: nobody sees more of a household than of each one's own case."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from case_cast import case_of, staff_of, viewer_of
from cast import NOW, keyring_of
from sqlalchemy import func, select, update

from casework.people import Role
from storage import case_acts, erasure, households
from storage.case_acts import By
from storage.case_tables import ExclusionKind
from storage.cases import CaseRow
from storage.database import Database
from storage.household_tables import Household, HouseholdMember, Part
from storage.households import Linking
from storage.ids import new_id
from storage.tables import Resident

pytestmark = pytest.mark.anyio


async def linked(database: Database, staff_id: UUID, one: CaseRow, other: CaseRow) -> bool:
    async with database.write() as connection:
        linking = Linking(by=staff_id, at=NOW, new_id=new_id)
        return await households.join(connection, one, other, (Part.PARENT, Part.CHILD), linking)


async def numbers(database: Database, case: CaseRow, viewer: object) -> list[str]:
    async with database.read() as connection:
        return [one.case.number for one in await households.members(connection, case.resident_id, viewer)]  # type: ignore[arg-type]


async def counted(database: Database) -> tuple[int, int]:
    async with database.read() as connection:
        homes, people = [
            (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (Household, HouseholdMember)
        ]
    return homes, people


async def test_of_a_household_everybody_sees_only_whom_they_may_see_anyway(database: Database) -> None:
    keyring = await keyring_of(database)
    (owner, other) = await staff_of(database, "owner", "other")
    made = [(await case_of(database, keyring, bytes([65 + n])))[1] for n in range(3)]
    areas = ("kita", "minami", "kita")
    async with database.write() as connection:
        for case, area in zip(made, areas, strict=True):
            await case_acts.set_area(connection, case, By(staff_id=owner, at=NOW, new_id=new_id), area)
    assert await linked(database, owner, made[0], made[1])
    assert await linked(database, owner, made[0], made[2])
    kita, minami = viewer_of(owner, Role.COORDINATOR, "kita"), viewer_of(other, Role.COORDINATOR, "minami")
    assert await numbers(database, made[0], kita) == [made[0].number, made[2].number]
    assert await numbers(database, made[1], minami) == [made[1].number]
    assert len(await numbers(database, made[1], viewer_of(other, Role.SUPERVISOR))) == 3
    for role in (Role.ADMIN, Role.AUDITOR, Role.TRIAGER, Role.RECIPIENT):
        assert await numbers(database, made[0], viewer_of(other, role)) == []
    async with database.write() as connection:
        by = By(staff_id=owner, at=NOW, new_id=new_id)
        await case_acts.exclude(connection, made[2], by, owner, ExclusionKind.CONFLICT)
    assert await numbers(database, made[0], kita) == [made[0].number]
    async with database.read() as connection:
        assert await households.find(connection, "default", made[1].number, kita) is None
        assert await households.find(connection, "default", made[2].number, kita) is None
        assert await households.find(connection, "other", made[0].number, kita) is None
        found = await households.find(connection, "default", made[0].number, kita)
        assert found is not None
        assert found.id == made[0].id


async def test_nobody_lives_in_two_households_and_one_person_is_none(database: Database) -> None:
    keyring = await keyring_of(database)
    (owner,) = await staff_of(database, "owner")
    a, b, c, d = [(await case_of(database, keyring, bytes([65 + n])))[1] for n in range(4)]
    assert await linked(database, owner, a, b)
    assert not await linked(database, owner, b, a)
    assert not await linked(database, owner, a, a)
    assert await linked(database, owner, c, d)
    assert not await linked(database, owner, a, c)
    assert await counted(database) == (2, 4)
    async with database.write() as connection:
        assert await households.leave(connection, a.resident_id)
        assert not await households.leave(connection, a.resident_id)
    assert await counted(database) == (1, 2)
    assert await linked(database, owner, a, c)
    assert await counted(database) == (1, 3)


async def test_two_who_link_the_same_people_at_once_make_one_household(database: Database) -> None:
    keyring = await keyring_of(database)
    (owner,) = await staff_of(database, "owner")
    a, b, c = [(await case_of(database, keyring, bytes([65 + n])))[1] for n in range(3)]
    done = await asyncio.gather(
        linked(database, owner, a, b), linked(database, owner, b, a), linked(database, owner, c, a)
    )
    assert done.count(True) == 2
    assert await counted(database) == (1, 3)


async def test_whoever_is_erased_is_in_no_household(database: Database) -> None:
    keyring = await keyring_of(database)
    (owner,) = await staff_of(database, "owner")
    a, b = [(await case_of(database, keyring, bytes([65 + n])))[1] for n in range(2)]
    assert await linked(database, owner, a, b)
    async with database.write() as connection:
        await connection.execute(update(Resident).where(Resident.id == a.resident_id).values(erase_at=NOW))
        assert await erasure.erase(connection, keyring, a.resident_id, now=NOW)
    assert await counted(database) == (0, 0)
