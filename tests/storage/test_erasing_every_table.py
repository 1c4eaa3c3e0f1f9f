"""Erasing a resident, table by table: a row of every table there is, and nothing sealed of theirs is left in any."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from cast import NOW, keyring_of, resident_of
from sqlalchemy import JSON, Column, Enum, LargeBinary, String, Table, UniqueConstraint, insert, select

from casework.consents import ConsentKind
from config.contents.forms import Needs
from storage import erasure, residents
from storage.all_tables import Base
from storage.database import Connection, Database
from storage.ids import new_id
from storage.residents import ResidentRow
from storage.tables import InboxState
from storage.types import UtcDateTime

pytestmark = pytest.mark.anyio

#: What must be so for the resident to be erased, and for the row to be theirs to lose.
GIVEN: dict[str, Any] = {
    "legal_holds.ended_at": NOW,
    "sheets.needs": Needs.CONSENT,
    "consents.kind": ConsentKind.ASK_AROUND,
    "consents.items": ["wish"],
    "findings.risk_level": "watch",
    "alerts.level": "watch",
    "inbox.state": InboxState.DONE,
    "inbox.sender": b"s" * 32,
}
#: Sealed columns that stay, and why.
KEPT = {
    "notices.address_sealed": "the address of a member of staff, under the program's own key",
    "legal_holds.reason_sealed": "why a law once kept the words: a record of the office, for the law",
}
_VALUES: dict[type, Any] = {bool: False, int: 1, float: 0.5}


def theirs() -> list[Table]:
    """Every table whose rows belong to a resident, by whatever way of foreign keys, and the inbox; in their order."""
    found = {"residents", "inbox"}
    while more := {table.name for table in Base.metadata.sorted_tables if _refers(table, found)} - found:
        found |= more
    return [table for table in Base.metadata.sorted_tables if table.name in found]


def _refers(table: Table, to: set[str]) -> bool:
    return any(key.column.table.name in to for key in table.foreign_keys)


def sealed(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.name.endswith("_sealed")]


class Rows:
    """One row of each table, each referring to the others."""

    def __init__(self, connection: Connection, resident: ResidentRow) -> None:
        self._connection = connection
        self._made: dict[str, dict[str, Any]] = {"residents": {"id": resident.id}}
        self._on_the_way: set[str] = set()

    async def of(self, table: Table) -> dict[str, Any]:
        """This table's row, made if there is none; empty for one that is just being made."""
        if table.name not in self._made and table.name not in self._on_the_way:
            self._on_the_way.add(table.name)
            row = {column.name: await self._value(table, column) for column in table.columns}
            await self._connection.execute(insert(table).values(**row))
            self._made[table.name] = row
        return self._made.get(table.name, {})

    async def _value(self, table: Table, column: Column[Any]) -> Any:
        if (name := f"{table.name}.{column.name}") in GIVEN:
            return GIVEN[name]
        if column.foreign_keys:
            (key,) = column.foreign_keys
            return (await self.of(key.column.table)).get(key.column.name)
        if column.name.endswith("_sealed"):
            return b"words of " + name.encode()
        return None if column.nullable else _filled(column)


def _filled(column: Column[Any]) -> Any:
    if isinstance(column.type, Enum) and column.type.enum_class is not None:
        return next(iter(column.type.enum_class))
    if isinstance(column.type, LargeBinary):
        return new_id().bytes * 2
    if isinstance(column.type, String):
        return new_id().hex[: min(column.type.length or 8, 8)]
    if isinstance(column.type, UtcDateTime):
        return NOW
    if isinstance(column.type, JSON):
        return []
    kind = column.type.python_type
    return new_id() if kind is UUID else _VALUES[kind]


async def test_no_table_keeps_anything_sealed_of_a_resident_who_was_erased(database: Database) -> None:
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring)
    async with database.write() as connection:
        rows = Rows(connection, resident)
        for table in theirs():
            await rows.of(table)
        await residents.plan_erasure(connection, resident.id, NOW)
    async with database.read() as connection:
        before = {name for name, value in await left(connection) if value is not None}
    columns = {f"{table.name}.{column.name}" for table in theirs() for column in sealed(table)}
    assert columns - before <= {"residents.state_sealed", "residents.known_sealed"}, "every column had words"
    async with database.write() as connection:
        assert await erasure.erase(connection, keyring, resident.id, now=NOW)
    async with database.read() as connection:
        after = {name for name, value in await left(connection) if value is not None}
        assert after == set(KEPT)
        assert (await connection.execute(select(Base.metadata.tables["inbox"].c.sender))).scalars().all() == [None]


async def left(connection: Connection) -> list[tuple[str, bytes | None]]:
    """What stands in every sealed column."""
    found: list[tuple[str, bytes | None]] = []
    for table in theirs():
        for column in sealed(table):
            values = (await connection.execute(select(column))).scalars()
            found += [(f"{table.name}.{column.name}", value) for value in values]
    return found


#: Rows of these tables stay for good, so that nothing has to look for who points at them.
STAY = {
    "cases", "consent_requests", "consent_wordings", "keys", "notices", "organisations", "residents", "sheets", "staff",
    "turns",
}  # fmt: skip


def _first_of_an_index(table: Table) -> set[str]:
    """The columns by which rows are found at once; an index over a part of the rows counts where the part is all that
    point at something.
    """
    found = {next(iter(table.primary_key.columns)).name}
    for unique in table.constraints:
        if isinstance(unique, UniqueConstraint):
            found.add(next(iter(unique.columns)).name)
    for index in table.indexes:
        first, part = next(iter(index.columns)).name, index.dialect_options["sqlite"]["where"]
        if part is None or str(part) == f"{first} IS NOT NULL":
            found.add(first)
    return found


def test_whatever_points_at_rows_that_are_erased_is_found_by_an_index() -> None:
    """Without one, each row that goes has the database read the other table whole."""
    slow = {
        f"{table.name}.{key.parent.name}"
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name not in STAY and key.parent.name not in _first_of_an_index(table)
    }
    assert slow == set()
