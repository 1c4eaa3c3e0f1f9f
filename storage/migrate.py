"""Bringing the schema up to date with Alembic, and refusing a schema made by newer code."""

from __future__ import annotations

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


async def upgrade(connection: Connection) -> None:
    """Run all missing migrations in the connection's transaction; a schema of newer code stays as it is.

    Raises SchemaTooNew when newer code says that this code must not touch it.
    """
    revision = await current(connection)
    if revision is not None and not _is_known(revision):
        await check(connection)
        return
    await connection.run_sync(lambda c: command.upgrade(_config(c), "head"))


async def check(connection: Connection) -> None:
    """Raises SchemaTooNew or SchemaMissing unless this code may work on this schema."""
    revision = await current(connection)
    if revision is None:
        raise SchemaMissing
    oldest = (await connection.execute(select(SchemaInfo.oldest_code))).scalar_one()
    if oldest > CODE:
        raise SchemaTooNew
    if revision != newest() and _is_known(revision):
        raise SchemaMissing


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
    """True when no resident and no event was ever stored."""
    rows = await connection.execute(text("SELECT 1 FROM residents UNION ALL SELECT 1 FROM inbox LIMIT 1"))
    return rows.first() is None
