"""Which desks a database knows, whatever the file of desks says now."""

from __future__ import annotations

from sqlalchemy import select, union

from storage.database import Connection
from storage.staff_tables import StaffGrant
from storage.tables import Resident, table_of

_RESIDENTS = table_of(Resident)
_GRANTS = table_of(StaffGrant)


async def known(connection: Connection) -> frozenset[str]:
    """Every desk that somebody has written to or works at."""
    working = select(_GRANTS.c.desk_id).where(_GRANTS.c.desk_id.is_not(None))
    return frozenset((await connection.execute(union(select(_RESIDENTS.c.desk_id), working))).scalars())
