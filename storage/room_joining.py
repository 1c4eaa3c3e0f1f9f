"""Two rooms of one person: whoever lost their watchword begins a new room, and staff put the two together.

Somebody may only pretend to be who they say. So nothing of the earlier room is ever shown in the new one: the earlier
room is closed for everybody, nothing more is sent there, and the two cases know of each other. Words stay under the key
under which they were written, and consents with whom they were given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from casework.people import Viewer
from casework.permissions import Action
from storage import cases, followups, residents, room_links, rooms
from storage.case_acts import By
from storage.case_tables import CaseEvent
from storage.cases import CASES, COLUMNS, SHOWN, CaseRow, case_row
from storage.database import Connection
from storage.followup_tables import PlanEnd
from storage.room_tables import RoomPurpose
from storage.tables import table_of
from storage.visibility import visible

_EVENTS = table_of(CaseEvent)

#: Lines of the timeline: this room goes on, and this one was closed.
JOINED, CLOSED = "room_joined", "room_closed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Joined:
    """Another case that was put together with this one, and when."""

    case: CaseRow
    at: datetime
    goes_on: bool


async def find(connection: Connection, desk_id: str, number: str, viewer: Viewer) -> CaseRow | None:
    """The case of a number, if the viewer may put its room together with another."""
    query = select(*SHOWN).where(CASES.c.desk_id == desk_id, CASES.c.number == number, CASES.c.hidden_at.is_(None))
    row = (await connection.execute(query.where(visible(COLUMNS, viewer, Action.JOIN_ROOMS)))).one_or_none()
    return None if row is None else case_row(row)


async def join(connection: Connection, later: CaseRow, earlier: CaseRow, by: By) -> bool:
    """Close the earlier room for good. False when there is nothing to put together: the same person, or no rooms.

    `later` is locked by the caller.
    """
    if later.resident_id == earlier.resident_id or earlier.desk_id != later.desk_id:
        return False
    new = await rooms.room_of(connection, later.resident_id)
    old = await rooms.room_of(connection, earlier.resident_id)
    if new is None or old is None or old.created_at > new.created_at:
        return False
    await room_links.end_all(connection, earlier.resident_id, purpose=RoomPurpose.ROOM, now=by.at)
    await rooms.close(connection, old.id, now=by.at)
    await followups.retire(connection, earlier.resident_id, PlanEnd.STAFF, now=by.at)
    await residents.stop_contact(connection, earlier.resident_id, by.at)
    for case, kind, other in ((later, JOINED, earlier), (earlier, CLOSED, later)):
        await cases.add_event(
            connection,
            case.id,
            kind=kind,
            actor=by.staff_id,
            at=by.at,
            new_id=by.new_id,
            object_id=other.id,
            detail={"number": other.number},
        )
    return True


async def joined(connection: Connection, case_id: UUID, viewer: Viewer) -> list[Joined]:
    """What was put together with this case, as far as the viewer may see it; the newest first."""
    query = (
        select(_EVENTS.c.kind, _EVENTS.c.at, *SHOWN)
        .join_from(_EVENTS, CASES, CASES.c.id == _EVENTS.c.object_id)
        .where(_EVENTS.c.case_id == case_id, _EVENTS.c.kind.in_((JOINED, CLOSED)))
        .where(visible(COLUMNS, viewer, Action.SEE_CASE))
        .order_by(_EVENTS.c.at.desc())
    )
    return [
        Joined(case=case_row(row), at=row.at, goes_on=row.kind == JOINED) for row in await connection.execute(query)
    ]
