"""休暇代行: who stands in for whom, and what they may meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from casework.people import Grant, for_absent
from storage.database import Connection
from storage.household_tables import StandIn
from storage.ids import NewId
from storage.staff_tables import StaffGrant
from storage.tables import table_of

_STAND_INS = table_of(StandIn)
_GRANTS = table_of(StaffGrant)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One period in which somebody stands in."""

    id: UUID
    absent_id: UUID
    stand_in_id: UUID
    starts_at: datetime
    ends_at: datetime
    given_by: UUID

    def holds(self, now: datetime) -> bool:
        """Whether it is going on."""
        return self.starts_at <= now < self.ends_at


async def add(
    connection: Connection,
    *,
    absent_id: UUID,
    stand_in_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    by: UUID,
    now: datetime,
    new_id: NewId,
) -> UUID:
    """From `starts_at` to `ends_at` somebody stands in for somebody."""
    row = {
        "id": new_id(),
        "absent_id": absent_id,
        "stand_in_id": stand_in_id,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "given_by": by,
        "given_at": now,
    }
    await connection.execute(insert(_STAND_INS), row)
    return UUID(str(row["id"]))


async def end(connection: Connection, standing: Standing, *, now: datetime) -> None:
    """Over now; one that has not begun never was."""
    which = _STAND_INS.c.id == standing.id
    if now <= standing.starts_at:
        await connection.execute(delete(_STAND_INS).where(which))
    else:
        await connection.execute(update(_STAND_INS).where(which, _STAND_INS.c.ends_at > now).values(ends_at=now))


async def current(connection: Connection, now: datetime) -> list[Standing]:
    """Those that go on or are still to come, the earliest first."""
    query = select(_STAND_INS).where(_STAND_INS.c.ends_at > now).order_by(_STAND_INS.c.starts_at, _STAND_INS.c.id)
    names = Standing.__slots__
    return [Standing(**{name: getattr(row, name) for name in names}) for row in await connection.execute(query)]


async def grants_for(connection: Connection, staff_id: UUID, now: datetime) -> tuple[Grant, ...]:
    """What somebody may now for those they stand in for: the absent one's own grants, never what these stand in for."""
    standing = (_STAND_INS.c.stand_in_id == staff_id, _STAND_INS.c.starts_at <= now, _STAND_INS.c.ends_at > now)
    query = (
        select(_GRANTS, _STAND_INS.c.absent_id)
        .join_from(_STAND_INS, _GRANTS, _GRANTS.c.staff_id == _STAND_INS.c.absent_id)
        .where(*standing, _GRANTS.c.ends_at.is_(None) | (_GRANTS.c.ends_at > now))
        .order_by(_GRANTS.c.id)
    )
    rows = await connection.execute(query)
    areas = [(row, None if row.areas is None else frozenset(row.areas)) for row in rows]
    return _taken_over(
        (Grant(role=row.role, desk_id=row.desk_id, areas=within), row.absent_id) for row, within in areas
    )


def _taken_over(held: Iterable[tuple[Grant, UUID]]) -> tuple[Grant, ...]:
    found = (for_absent(grant, absent_id) for grant, absent_id in held)
    return tuple(grant for grant in found if grant is not None)
