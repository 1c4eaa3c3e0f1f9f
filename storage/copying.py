"""Copying a whole database into an empty one, table by table, and comparing every row afterwards.

Both have the schema of this code. Rows go in the order of their keys, so that neither side is ever held in memory,
and a row that points into its own table gets that pointer in a second pass.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Table, delete, func, insert, literal, select, tuple_, update

from storage.all_tables import Base
from storage.database import Connection
from storage.tables import SchemaInfo, table_of

BATCH = 500

Values = dict[str, Any]


class NotEmpty(Exception):
    """The target holds rows already: nothing was copied. `table` is the first that does."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


async def copy(source: Connection, target: Connection) -> Mapping[str, int]:
    """Copy everything, in the target's one transaction. Returns the rows of each table. Raises NotEmpty."""
    await _must_be_empty(target)
    await target.execute(delete(table_of(SchemaInfo)))
    tables = Base.metadata.sorted_tables
    return {table.name: await _copy_table(source, target, table) for table in tables}


async def differences(source: Connection, target: Connection) -> list[str]:
    """Tables in which the two do not hold the very same rows: empty after a good copy."""
    return [table.name for table in Base.metadata.sorted_tables if not await _same(source, target, table)]


async def _must_be_empty(target: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        if table.name != SchemaInfo.__tablename__ and await _count(target, table):
            raise NotEmpty(table.name)


async def _copy_table(source: Connection, target: Connection, table: Table) -> int:
    pointers = _own_pointers(table)
    copied, later = 0, []
    async for batch in _batches(source, table):
        later += [row for row in batch if any(row[name] is not None for name in pointers)]
        await target.execute(insert(table), [{**row, **dict.fromkeys(pointers)} for row in batch])
        copied += len(batch)
    keys = list(table.primary_key)
    for row in later:
        mine = [column == row[column.name] for column in keys]
        await target.execute(update(table).where(*mine).values({name: row[name] for name in pointers}))
    return copied


async def _same(source: Connection, target: Connection, table: Table) -> bool:
    if await _count(source, table) != await _count(target, table):
        return False
    async for batch in _batches(source, table):
        if await _rows_of(target, table, batch) != _by_key(table, batch):
            return False
    return True


async def _batches(connection: Connection, table: Table) -> AsyncIterator[list[Values]]:
    """All rows in the order of the primary key, some at a time."""
    keys = list(table.primary_key)
    query = select(table).order_by(*keys).limit(BATCH)
    last: Values | None = None
    while True:
        beyond = query if last is None else query.where(_tuple(keys) > _values(keys, last))
        rows = [dict(row) for row in (await connection.execute(beyond)).mappings()]
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        last = rows[-1]


async def _rows_of(connection: Connection, table: Table, rows: Sequence[Values]) -> Mapping[Any, Values]:
    keys = list(table.primary_key)
    if len(keys) == 1:
        wanted = keys[0].in_([row[keys[0].name] for row in rows])
    else:
        wanted = tuple_(*keys).in_([tuple(row[key.name] for key in keys) for row in rows])
    found = (await connection.execute(select(table).where(wanted))).mappings()
    return _by_key(table, [dict(row) for row in found])


def _by_key(table: Table, rows: Sequence[Values]) -> Mapping[Any, Values]:
    keys = [column.name for column in table.primary_key]
    return {tuple(row[name] for name in keys): row for row in rows}


def _tuple(keys: Sequence[Column[Any]]) -> Any:
    return keys[0] if len(keys) == 1 else tuple_(*keys)


def _values(keys: Sequence[Column[Any]], row: Values) -> Any:
    values = [literal(row[key.name], key.type) for key in keys]
    return values[0] if len(keys) == 1 else tuple_(*values)


def _own_pointers(table: Table) -> list[str]:
    return [key.parent.name for key in table.foreign_keys if key.column.table is table]


async def _count(connection: Connection, table: Table) -> int:
    return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())
