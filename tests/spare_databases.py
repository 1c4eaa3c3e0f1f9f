"""Databases of PostgreSQL for one test each. To empty one costs a tenth of making one, so they are used again.

A database whose tables, columns, triggers or settings are not those of the template any more is dropped.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, LiteralString, cast

import psycopg

TEMPLATE = "template_tsunagu"

_PUBLIC = "SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace"
_SHAPE = f"""
SELECT md5(string_agg(one, ',' ORDER BY one)) FROM (
  SELECT concat_ws(' ', oid, relname, relkind, relchecks, relhastriggers) AS one FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', attrelid, attnum, attname, atttypid, atttypmod, attnotnull, atthasdef)
    FROM pg_attribute WHERE attrelid IN ({_PUBLIC})
  UNION ALL SELECT concat_ws(' ', oid, tgname, tgenabled, tgfoid) FROM pg_trigger WHERE tgrelid IN ({_PUBLIC})
  UNION ALL SELECT concat_ws(' ', oid, conname) FROM pg_constraint WHERE conrelid IN ({_PUBLIC})
  UNION ALL SELECT concat_ws(' ', oid, proname, md5(prosrc)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', setrole, setconfig) FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
) AS everything
"""
_TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
_USED_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
_CUT = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"


@dataclass
class SpareDatabases:
    """The databases of one server. `address` is its own, with the database `postgres` at the end."""

    address: str
    free: list[str] = field(default_factory=list)
    _number: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        with self._inside(TEMPLATE) as connection:
            self._shape = _one(connection, _SHAPE)
            self._tables = [name for (name,) in connection.execute(_TABLES)]
            #: What the migrations themselves write has to stay as it is.
            self._kept = {name: _content(connection, name) for name in _filled(connection, self._tables)}

    def take(self) -> str:
        """The name of one that is as the template is."""
        if self.free:
            return self.free.pop()
        name = f"test_{next(self._number)}"
        self._outside(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def give_back(self, name: str) -> None:
        """Whatever is still connected is cut off."""
        with self._inside("postgres") as connection:
            connection.execute(_CUT, [name])
        if self._emptied(name):
            self.free.append(name)
        else:
            self._outside(f"DROP DATABASE {name} WITH (FORCE)")

    def _emptied(self, name: str) -> bool:
        with self._inside(name) as connection:
            if _one(connection, _SHAPE) != self._shape:
                return False
            connection.execute("SET session_replication_role = replica")
            for table in set(_filled(connection, self._tables)) - self._kept.keys():
                connection.execute(_sql(f'DELETE FROM "{table}"'))
            for (sequence,) in connection.execute(_USED_SEQUENCES).fetchall():
                connection.execute(_sql(f'ALTER SEQUENCE "{sequence}" RESTART'))
            return all(_content(connection, table) == content for table, content in self._kept.items())

    def _inside(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(self.address.replace("/postgres?", f"/{name}?"), autocommit=True)

    def _outside(self, statement: str) -> None:
        with self._inside("postgres") as connection:
            connection.execute(_sql(statement))


def _sql(statement: str) -> LiteralString:
    """Names come from the database itself."""
    return cast("LiteralString", statement)


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(_sql(query)).fetchone()
    assert row is not None
    return row[0]


def _filled(connection: psycopg.Connection[Any], tables: list[str]) -> list[str]:
    """Those that have a row."""
    looks = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables)
    return [name for (name,) in connection.execute(_sql(" UNION ALL ".join(looks)))]


def _content(connection: psycopg.Connection[Any], table: str) -> Any:
    return _one(connection, f"SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM \"{table}\" AS t")
