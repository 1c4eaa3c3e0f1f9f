"""Bringing the schema up to date with Alembic, and refusing a schema made by newer code.

Migrations only add, so that the code of before runs on while the new code comes up. One that takes away what only older
code needs says `after = True` and comes last: it is run when no older code is left, and raises `oldest_code`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import select, text

from storage.database import Connection
from storage.tables import SchemaInfo

#: Raised by one whenever older code could no longer run on the schema; migrations store the oldest that can.
CODE = 1

_FOLDER = Path(__file__).parent / "migrations"


class SchemaTooNew(Exception):
    """The database was changed by newer code, which says that this code must not touch it."""


class SchemaMissing(Exception):
    """The database has no schema, or an older one."""


class NotYet(Exception):
    """These migrations cannot be run by themselves: earlier ones are still to be run."""


def _config(connection: SyncConnection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision this code wants."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


async def current(connection: Connection) -> str | None:
    """The revision the database has; None for an empty one."""
    return await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())


class Part(StrEnum):
    """Which migrations are to be run: all, those that older code bears, or those that wait for its end."""

    ALL = "all"
    BEFORE = "before"
    AFTER = "after"


async def upgrade(connection: Connection, part: Part = Part.ALL) -> None:
    """Run missing migrations in the connection's transaction; a schema of newer code stays as it is.

    Raises SchemaTooNew when newer code says that this code must not touch it, and NotYet when the part would leave
    something out: a version was skipped, or the part before was not run.
    """
    if steps := await _to_run(connection, part):
        await connection.run_sync(lambda c: command.upgrade(_config(c), steps[-1].revision))


async def upgrade_by_one(connection: Connection, part: Part = Part.ALL) -> bool:
    """Run the first of the missing migrations alone; whether there are more. Raises as `upgrade` does.

    Beside a program that works the fewest tables are locked at a time. An empty database gets all at once.
    """
    if await current(connection) is None:
        await upgrade(connection, part)
        return False
    steps = await _to_run(connection, part)
    if steps:
        await connection.run_sync(lambda c: command.upgrade(_config(c), steps[0].revision))
    return len(steps) > 1


async def _to_run(connection: Connection, part: Part) -> list[_Step]:
    revision = await current(connection)
    if revision is not None and not _is_known(revision):
        await check(connection)
        return []
    steps = _steps()
    missing = steps[_position(steps, revision) + 1 :]
    if part is Part.BEFORE:
        late = _tail(missing)
        # An empty database has no older code to be kind to.
        if revision is not None and any(step.after for step in missing[: len(missing) - late]):
            raise NotYet
        return missing[: len(missing) - late]
    if part is Part.AFTER and not all(step.after for step in missing):
        raise NotYet
    return missing


@dataclass(frozen=True, slots=True)
class _Step:
    revision: str
    after: bool


def _steps() -> list[_Step]:
    """All migrations of this code, in order."""
    found = ScriptDirectory.from_config(_config()).walk_revisions()
    return [_Step(one.revision, bool(getattr(one.module, "after", False))) for one in found][::-1]


def _position(steps: Sequence[_Step], revision: str | None) -> int:
    """-1 for an empty database."""
    return next((number for number, step in enumerate(steps) if step.revision == revision), -1)


def _tail(steps: Sequence[_Step]) -> int:
    """How many migrations at the end wait until no older code is left."""
    return len(list(takewhile(lambda step: step.after, reversed(steps))))


async def check(connection: Connection) -> None:
    """Raises SchemaTooNew or SchemaMissing unless this code may work on this schema."""
    revision = await current(connection)
    if revision is None:
        raise SchemaMissing
    oldest = (await connection.execute(select(SchemaInfo.oldest_code))).scalar_one()
    if oldest > CODE:
        raise SchemaTooNew
    steps = _steps()
    if -1 < _position(steps, revision) < len(steps) - 1 - _tail(steps):
        raise SchemaMissing


async def is_behind(connection: Connection) -> bool:
    """Whether there are migrations to run, those that wait for the end of older code among them."""
    revision = await current(connection)
    return revision is None or (revision != newest() and _is_known(revision))


def _is_known(revision: str) -> bool:
    """True for a revision of this code, the newest or an older one. An unknown one was made by newer code."""
    return any(known.revision == revision for known in ScriptDirectory.from_config(_config()).walk_revisions())


async def is_simulator(connection: Connection) -> bool:
    """True when the database was marked as a simulator's."""
    return bool((await connection.execute(select(SchemaInfo.simulator))).scalar_one())


async def mark_simulator(connection: Connection) -> None:
    """From now on this database may only be used by the simulator."""
    await connection.execute(text("UPDATE schema_info SET simulator = :yes"), {"yes": True})


async def is_unused(connection: Connection) -> bool:
    """True when no resident, no event and no member of staff was ever stored."""
    tables = ("residents", "inbox", "staff")
    union = " UNION ALL ".join(f"SELECT 1 FROM {table}" for table in tables)  # noqa: S608 - names of our own
    rows = await connection.execute(text(f"{union} LIMIT 1"))
    return rows.first() is None
