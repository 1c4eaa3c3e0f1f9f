"""世帯: residents who live together, as staff found out. Each keeps their own case, words and consents.

A household shows nothing by itself: whoever looks sees of each person what they may see of that person's own case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from casework.people import Viewer
from casework.permissions import Action
from casework.sheets import Handed
from storage.cases import CASES, COLUMNS, SHOWN, CaseRow, case_row
from storage.database import Connection
from storage.household_tables import Household, HouseholdMember, Part
from storage.ids import NewId
from storage.sheet_tables import HandoverRow, SheetRow
from storage.tables import Resident, table_of
from storage.visibility import visible

_HOUSEHOLDS = table_of(Household)
_MEMBERS = table_of(HouseholdMember)
_RESIDENTS = table_of(Resident)
_SHEETS = table_of(SheetRow)
_HANDOVERS = table_of(HandoverRow)


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """Somebody of a household, with their newest case. `case` is one that the viewer may see."""

    resident_id: UUID
    part: Part
    linked_by: UUID
    linked_at: datetime
    case: CaseRow


async def household_of(connection: Connection, resident_id: UUID) -> UUID | None:
    """The household somebody belongs to."""
    query = select(_MEMBERS.c.household_id).where(_MEMBERS.c.resident_id == resident_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def members(connection: Connection, resident_id: UUID, viewer: Viewer) -> list[Member]:
    """The people of somebody's household whom the viewer may see, the somebody first; empty without a household.

    Whom the viewer may not see is not there at all: not even that there is somebody.
    """
    own = select(_MEMBERS.c.household_id).where(_MEMBERS.c.resident_id == resident_id).scalar_subquery()
    query = (
        select(*SHOWN, _MEMBERS.c.part, _MEMBERS.c.linked_by, _MEMBERS.c.linked_at)
        .join_from(_MEMBERS, CASES, CASES.c.resident_id == _MEMBERS.c.resident_id)
        .where(_MEMBERS.c.household_id == own, CASES.c.hidden_at.is_(None))
        .where(visible(COLUMNS, viewer, Action.SEE_CASE))
        .order_by(CASES.c.closed_at.is_not(None), CASES.c.opened_at.desc())
    )
    found: dict[UUID, Member] = {}
    for row in await connection.execute(query):
        case = case_row(row)
        one = Member(
            resident_id=case.resident_id, part=row.part, linked_by=row.linked_by, linked_at=row.linked_at, case=case
        )
        found.setdefault(case.resident_id, one)
    return sorted(found.values(), key=lambda one: (one.resident_id != resident_id, one.linked_at, one.case.alias))


async def cases_of(connection: Connection, resident_id: UUID, viewer: Viewer) -> list[CaseRow]:
    """The cases of one resident that the viewer may see, the newest first."""
    query = select(*SHOWN).where(CASES.c.resident_id == resident_id, CASES.c.hidden_at.is_(None))
    seen = query.where(visible(COLUMNS, viewer, Action.SEE_CASE)).order_by(CASES.c.opened_at.desc())
    return [case_row(row) for row in await connection.execute(seen)]


async def find(connection: Connection, desk_id: str, number: str, viewer: Viewer) -> CaseRow | None:
    """The case of a number, if the viewer may link the person of it."""
    query = select(*SHOWN).where(CASES.c.desk_id == desk_id, CASES.c.number == number, CASES.c.hidden_at.is_(None))
    row = (await connection.execute(query.where(visible(COLUMNS, viewer, Action.LINK_HOUSEHOLD)))).one_or_none()
    return None if row is None else case_row(row)


@dataclass(frozen=True, kw_only=True, slots=True)
class Agency:
    """An organisation that has a sheet of somebody, with their consent."""

    case_id: UUID
    sheet_id: UUID
    number: str
    name: str
    state: Handed


async def agencies(connection: Connection, case_ids: frozenset[UUID]) -> list[Agency]:
    """Who has a sheet of these cases. What was shared without consent is known to who decided it, and not listed."""
    query = (
        select(_SHEETS.c.case_id, _SHEETS.c.id, _SHEETS.c.number, _HANDOVERS.c.name, _HANDOVERS.c.state)
        .join_from(_HANDOVERS, _SHEETS, _SHEETS.c.id == _HANDOVERS.c.sheet_id)
        .where(_SHEETS.c.case_id.in_(case_ids), _SHEETS.c.basis_kind.is_(None), _HANDOVERS.c.sent_at.is_not(None))
        .where(_HANDOVERS.c.recalled_at.is_(None))
        .order_by(_HANDOVERS.c.sent_at)
    )
    return [
        Agency(case_id=row.case_id, sheet_id=row.id, number=row.number, name=row.name, state=row.state)
        for row in await connection.execute(query)
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Linking:
    """Who links, and when."""

    by: UUID
    at: datetime
    new_id: NewId


async def join(
    connection: Connection, one: CaseRow, other: CaseRow, parts: tuple[Part, Part], linking: Linking
) -> bool:
    """Put two people into one household; False when they live in one already, or each in another."""
    await _lock(connection, one.resident_id, other.resident_id)
    theirs = [await household_of(connection, case.resident_id) for case in (one, other)]
    known = [household for household in theirs if household is not None]
    if len(known) == 2 or one.resident_id == other.resident_id:
        return False
    household_id = known[0] if known else await _new(connection, one.desk_id, linking)
    rows = [
        {
            "resident_id": case.resident_id,
            "household_id": household_id,
            "part": part,
            "linked_by": linking.by,
            "linked_at": linking.at,
        }
        for case, part, there in zip((one, other), parts, theirs, strict=True)
        if there is None
    ]
    await connection.execute(insert(_MEMBERS), rows)
    return True


async def _lock(connection: Connection, *residents: UUID) -> None:
    """Of two who link the same people at once, one waits and finds it done."""
    query = select(_RESIDENTS.c.id).where(_RESIDENTS.c.id.in_(residents)).order_by(_RESIDENTS.c.id)
    await connection.execute(query.with_for_update())


async def _new(connection: Connection, desk_id: str, linking: Linking) -> UUID:
    household_id = linking.new_id()
    row = {"id": household_id, "desk_id": desk_id, "created_at": linking.at}
    await connection.execute(insert(_HOUSEHOLDS), row)
    return household_id


async def set_part(connection: Connection, resident_id: UUID, part: Part) -> bool:
    """What somebody is in their household; False when they are in none."""
    changed = update(_MEMBERS).where(_MEMBERS.c.resident_id == resident_id).values(part=part)
    return (await connection.execute(changed)).rowcount == 1


async def leave(connection: Connection, resident_id: UUID) -> bool:
    """Take somebody out; a household of one is none. False when they were in none."""
    household_id = await household_of(connection, resident_id)
    if household_id is None:
        return False
    await connection.execute(delete(_MEMBERS).where(_MEMBERS.c.resident_id == resident_id))
    which = _MEMBERS.c.household_id == household_id
    left = (await connection.execute(select(func.count()).select_from(_MEMBERS).where(which))).scalar_one()
    if left < 2:
        await connection.execute(delete(_MEMBERS).where(which))
        await connection.execute(delete(_HOUSEHOLDS).where(_HOUSEHOLDS.c.id == household_id))
    return True
