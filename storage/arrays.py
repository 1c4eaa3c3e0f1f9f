"""Many values as one parameter of a statement.

`column.in_(ids)` writes out a parameter for each: for hundreds of them the statement grows by kilobytes, which driver
and database read anew every time. One array (PostgreSQL) or one JSON list (SQLite) is read as quickly as one value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.array import ListBinaryDumper
from sqlalchemy import ARRAY, Select, Text, Uuid, bindparam, select
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

Processor = Callable[[Any], Any]


class _InBinary(list[Any]):
    """A list that goes to PostgreSQL in its binary form: as text, every element is searched for what must be quoted."""


psycopg.adapters.register_dumper(_InBinary, ListBinaryDumper)


class Column(TypeDecorator[Sequence[Any]]):
    """The values of one column for many rows. PostgreSQL only."""

    impl = ARRAY
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        self.item = item
        super().__init__(item)

    def bind_processor(self, dialect: Dialect) -> Processor:
        process = super().bind_processor(dialect)
        return lambda values: _InBinary(values if process is None else process(values))


class _Ids(TypeDecorator[Sequence[UUID]]):
    """Ids, each in the form in which it stands in a column of ids."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(Uuid()))

    def bind_processor(self, dialect: Dialect) -> Processor:
        if dialect.name == "sqlite":
            return lambda ids: json.dumps([one.hex for one in ids])
        return _InBinary


class _Rows(FunctionElement[Any]):
    """The function that makes a row of each element."""

    inherit_cache = True


@compiles(_Rows, "sqlite")
def _of_json(element: _Rows, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kw)})"


@compiles(_Rows, "postgresql")
def _of_array(element: _Rows, compiler: SQLCompiler, **kw: Any) -> str:
    return f"unnest({compiler.process(element.clauses, **kw)})"


def each_of(parameter: str) -> Select[tuple[UUID]]:
    """For `column.in_(each_of("ids"))` in a statement that is executed with `{"ids": […]}`."""
    rows = _Rows(bindparam(parameter, type_=_Ids())).table_valued("value", name="value")
    return select(rows.c.value)
