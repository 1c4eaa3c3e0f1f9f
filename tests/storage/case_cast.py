"""What tests of cases start from: staff, viewers, news, one desk's terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from cast import NOW, resident_of

from casework.people import Grant, Role, Viewer
from casework.queue import Level
from casework.standing import Alarm, News, Terms
from casework.workdays import Workdays
from storage import cases, staff
from storage.cases import CaseRow, Whose
from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.residents import ResidentRow
from storage.staff import NewAccount

WEEK = frozenset({"mon", "tue", "wed", "thu", "fri"})
TERMS = Terms(
    urgent_within=timedelta(minutes=30),
    workdays=Workdays(zone=ZoneInfo("Asia/Tokyo"), hours=((WEEK, time(9), time(17)),)),
)
URGENT = Alarm(level=Level.URGENT, kinds=("lifeline",), rule="urgent.unknown.first")


async def staff_of(database: Database, *logins: str) -> list[UUID]:
    """Accounts; what they may is said by `viewer_of`."""
    async with database.write() as connection:
        organisation = await staff.organisation(connection, "見本市社協", new_id=new_id)
        accounts = [
            NewAccount(login=login, shown_name=login, organisation_id=organisation, password_hash="-")
            for login in logins
        ]
        return [await staff.add(connection, account, now=NOW, new_id=new_id) for account in accounts]


def viewer_of(staff_id: UUID, role: Role = Role.COORDINATOR, *areas: str) -> Viewer:
    grant = Grant(role=role, desk_id="default", areas=frozenset(areas) or None)
    return Viewer(staff_id=staff_id, organisation_id=UUID(int=1), grants=(grant,))


def news(*, minutes: int = 0, **what: Any) -> News:
    base = News(at=NOW + timedelta(minutes=minutes), turn=minutes + 1, wrote=True, answered=True)
    return replace(base, **what)


def whose(resident: ResidentRow) -> Whose:
    return Whose(id=resident.id, desk_id=resident.desk_id, alias=resident.alias)


async def told(database: Database, resident: ResidentRow, what: News) -> CaseRow | None:
    async with database.write() as connection:
        return await cases.note_turn(connection, whose(resident), what, TERMS, new_id=new_id)


async def case_of(
    database: Database, keyring: Keyring, name: bytes = b"s", *, at: datetime = NOW, **what: Any
) -> tuple[ResidentRow, CaseRow]:
    """Somebody who asked for a person."""
    resident = await resident_of(database, keyring, name=name, address=name.hex())
    asked = replace(news(**{"asks": "accepts_person", **what}), at=at)
    case = await told(database, resident, asked)
    assert case is not None
    return resident, case
