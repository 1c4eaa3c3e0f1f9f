"""A second desk that holds a copy of every row of the first: what shows up at the first shows that they are not apart.

Ids are others, sealed words cannot be opened (their seals name the first desk's rows), aliases bear a mark; numbers of
cases, areas, keyed indexes and everything else are the same.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Table, insert, select

from storage.all_tables import Base
from storage.database import Connection
from storage.staff_tables import StaffGrant

MARK = "うつしの"
_SPACE = UUID(int=7)
Values = dict[str, Any]


async def copy_desk(connection: Connection, *, desk: str, to: str) -> dict[UUID, UUID]:
    """Copy all rows of a desk, and all that hang on them. The new id of each row that has one."""
    ids: dict[UUID, UUID] = {}
    later: list[tuple[Table, Values]] = []
    for table in Base.metadata.sorted_tables:
        if table.name == StaffGrant.__tablename__:
            # Nobody works at both.
            continue
        rows = [dict(row) for row in (await connection.execute(select(table))).mappings()]
        theirs = [row for row in rows if _hangs_on(table, row, desk, ids)]
        for row in theirs:
            if isinstance(own := row.get("id"), UUID):
                ids[own] = uuid5(_SPACE, str(own))
        later += [(table, row) for row in theirs]
    for table, row in later:
        await connection.execute(insert(table), _copied(table, row, to, ids))
    return ids


def _hangs_on(table: Table, row: Values, desk: str, ids: dict[UUID, UUID]) -> bool:
    if "desk_id" in table.c:
        return bool(row["desk_id"] == desk)
    return any(row[name] in ids for name in row if isinstance(row[name], UUID))


def _copied(table: Table, row: Values, to: str, ids: dict[UUID, UUID]) -> Values:
    made = {name: ids.get(value, value) if isinstance(value, UUID) else value for name, value in row.items()}
    if "desk_id" in made:
        made["desk_id"] = to
    if "alias" in made:
        made["alias"] = MARK + made["alias"]
    for column in table.columns:
        alone = column.unique or any(index.unique and list(index.columns) == [column] for index in table.indexes)
        if alone and isinstance(made[column.name], bytes):
            made[column.name] = made[column.name][::-1]
    return made
