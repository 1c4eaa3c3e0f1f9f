"""People who do not exist: whether a database is still empty of residents, and the mark that the demo's bear."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from uuid import UUID

from sqlalchemy import func, select, update

from storage.case_tables import Case
from storage.database import Connection
from storage.tables import Channel, Identity, Resident, table_of

#: Stands behind each alias, in every list and on every paper.
MARK = "(架空)"

_RESIDENTS = table_of(Resident)
_CASES = table_of(Case)
_IDENTITIES = table_of(Identity)


async def anybody(connection: Connection) -> bool:
    """Whether a resident has ever been here."""
    return (await connection.execute(select(_RESIDENTS.c.id).limit(1))).first() is not None


async def mark(connection: Connection, resident_id: UUID) -> None:
    """From now on whoever sees the alias sees that this is nobody."""
    alias = (await connection.execute(select(_RESIDENTS.c.alias).where(_RESIDENTS.c.id == resident_id))).scalar_one()
    marked, numbers = f"{alias}{MARK}", count(2)
    while await _is_taken(connection, marked):
        marked = f"{alias} {next(numbers)}{MARK}"
    for table, column in ((_RESIDENTS, _RESIDENTS.c.id), (_CASES, _CASES.c.resident_id)):
        await connection.execute(update(table).where(column == resident_id).values(alias=marked))


@dataclass(frozen=True, kw_only=True, slots=True)
class Phone:
    """Somebody who does not exist, and who has a case and a phone."""

    resident_id: UUID
    alias: str


async def phones(connection: Connection) -> list[Phone]:
    """Whoever of the demo can be answered, the newest case first."""
    query = (
        select(_RESIDENTS.c.id, _RESIDENTS.c.alias, func.max(_CASES.c.opened_at).label("opened_at"))
        .join_from(_RESIDENTS, _IDENTITIES, _IDENTITIES.c.resident_id == _RESIDENTS.c.id)
        .join(_CASES, _CASES.c.resident_id == _RESIDENTS.c.id)
        .where(_RESIDENTS.c.alias.endswith(MARK), _IDENTITIES.c.channel == Channel.LINE)
        .where(_RESIDENTS.c.erase_at.is_(None), _RESIDENTS.c.erased_at.is_(None))
        .group_by(_RESIDENTS.c.id, _RESIDENTS.c.alias)
        .order_by(func.max(_CASES.c.opened_at).desc(), _RESIDENTS.c.id)
    )
    return [Phone(resident_id=row.id, alias=row.alias) for row in await connection.execute(query)]


async def _is_taken(connection: Connection, alias: str) -> bool:
    return (await connection.execute(select(_RESIDENTS.c.id).where(_RESIDENTS.c.alias == alias))).first() is not None
