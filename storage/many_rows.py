"""Many rows stored in one go, by the quick way of each database.

SQLite runs a statement once for each row: nothing has to travel. On PostgreSQL each of those is a message of its own
both ways, so that there all rows go in one statement: every column as an array, of which `unnest` makes rows again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, Insert, Table, bindparam, func, insert, select
from sqlalchemy.types import TypeEngine

from storage.arrays import Column
from storage.database import Connection

Rows = Sequence[Mapping[str, Any]]
Types = Mapping[str, TypeEngine[Any]]
#: What stands for the value of each name in a statement.
Values = Mapping[str, ColumnElement[Any]]


async def insert_many(connection: Connection, table: Table, rows: Rows) -> None:
    """New rows, all with values for the same columns."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        await connection.execute(insert(table), rows)
        return
    names = tuple(rows[0])
    await connection.execute(_inserting(table, names), _by_column(names, rows))


@lru_cache(maxsize=64)
def _inserting(table: Table, names: tuple[str, ...]) -> Insert:
    given = _given({name: table.c[name].type for name in names})
    return insert(table).from_select(names, select(*given.values()))


class Updating:
    """One update for many rows of values: `build` writes it, given what stands for the value of each name."""

    def __init__(self, types: Types, build: Callable[[Values], Executable]) -> None:
        self._names = tuple(types)
        self._for_one = build({name: bindparam(name, type_=kind) for name, kind in types.items()})
        self._for_all = build(_given(types))

    async def run(self, connection: Connection, rows: Rows) -> int:
        """How many rows of the table were changed."""
        if not rows:
            return 0
        if connection.dialect.name == "sqlite":
            return (await connection.execute(self._for_one, rows)).rowcount
        return (await connection.execute(self._for_all, _by_column(self._names, rows))).rowcount


def _given(types: Types) -> Values:
    arrays = (bindparam(name, type_=Column(kind)) for name, kind in types.items())
    given = func.unnest(*arrays).table_valued(*types).render_derived(name="given")
    return {name: given.c[name] for name in types}


def _by_column(names: Sequence[str], rows: Rows) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in names}
