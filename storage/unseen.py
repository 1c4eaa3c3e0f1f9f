"""Areas that a resident keeps away from their case: in the rules of visibility from the same transaction on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from casework.queue import CaseState
from storage import staff
from storage.case_tables import Case
from storage.cases import RESIDENT, CaseRow, add_event
from storage.database import Connection
from storage.ids import NewId
from storage.tables import table_of
from storage.unseen_tables import UnseenArea

_UNSEEN = table_of(UnseenArea)
_CASES = table_of(Case)


async def keep_away(connection: Connection, case: CaseRow, area: str, *, at: datetime, new_id: NewId) -> bool:
    """Nobody of this area sees the case any more; whose it was, if they are of it, it is no longer. Once."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    row = {"case_id": case.id, "area": area, "at": at}
    new = dialect.insert(_UNSEEN).values(row).on_conflict_do_nothing().returning(_UNSEEN.c.area)
    if (await connection.execute(new)).first() is None:
        return False
    theirs = {one.staff_id for one in await staff.grants(connection, at) if area in (one.grant.areas or ())}
    if case.owner_id in theirs:
        mine = update(_CASES).where(_CASES.c.id == case.id, _CASES.c.owner_id == case.owner_id)
        await connection.execute(mine.values(owner_id=None, state=CaseState.WAITING, auto_assigned_at=None))
    await add_event(
        connection, case.id, kind="area_kept_away", actor=RESIDENT, at=at, new_id=new_id, detail={"area": area}
    )
    return True


async def of_case(connection: Connection, case_id: UUID) -> frozenset[str]:
    """The areas that are kept away from a case."""
    query = select(_UNSEEN.c.area).where(_UNSEEN.c.case_id == case_id)
    return frozenset((await connection.execute(query)).scalars())
