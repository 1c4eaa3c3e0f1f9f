"""Migrations make what the models say, on both databases, and may be run again."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import inspect, select, text

from storage import job_schema, migrate
from storage.all_tables import Base
from storage.database import Database
from storage.tables import SchemaInfo

pytestmark = pytest.mark.anyio


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The job queue's tables are its own."""
    return not (kind == "table" and name is not None and name.startswith(job_schema.PREFIX))


def differences(connection: SyncConnection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True, "include_name": is_ours}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))


def constraints(connection: SyncConnection) -> set[str]:
    """What Alembic does not compare: names of primary keys and foreign keys, unnamed ones included as such."""
    found = inspect(connection)
    names: set[str] = set()
    for table in found.get_table_names():
        if table != "alembic_version" and is_ours(table, "table", None):
            names.add(f"{table}: {found.get_pk_constraint(table)['name']}")
            names |= {f"{table}: {key['name']}" for key in found.get_foreign_keys(table)}
    return names


async def test_migrations_make_what_the_models_say(database: Database) -> None:
    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_constraints_have_the_names_of_the_models(database: Database) -> None:
    wanted = {
        f"{table.name}: {constraint.name}"
        for table in Base.metadata.tables.values()
        for constraint in (table.primary_key, *table.foreign_key_constraints)
    }
    async with database.read() as connection:
        assert await connection.run_sync(constraints) == wanted


async def test_a_difference_would_be_found(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("DROP INDEX ix_keys_purpose"))
        assert len(await connection.run_sync(differences)) == 1


async def test_running_them_again_changes_nothing(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("UPDATE schema_info SET simulator = true"))
    for _ in range(2):
        async with database.write() as connection:
            await migrate.upgrade(connection)
            await migrate.check(connection)
            assert await migrate.current(connection) == migrate.newest()
    async with database.read() as connection:
        rows = (await connection.execute(select(SchemaInfo.oldest_code, SchemaInfo.simulator))).all()
    assert [tuple(row) for row in rows] == [(migrate.CODE, True)]


async def test_an_empty_database_has_no_schema_yet(tmp_path: Path, postgres: str) -> None:
    for url in (f"sqlite+aiosqlite:///{tmp_path}/empty.db", postgres):
        database = Database(url)
        async with database.read() as connection:
            assert await migrate.current(connection) is None
            with pytest.raises(migrate.SchemaMissing):
                await migrate.check(connection)
        await database.close()


async def test_an_upgrade_that_fails_leaves_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/half.db")
    with pytest.raises(RuntimeError):
        async with database.write() as connection:
            await migrate.upgrade(connection)
            raise RuntimeError
    async with database.read() as connection:
        assert await migrate.current(connection) is None
        assert await connection.run_sync(lambda c: inspect(c).get_table_names()) == []
    await database.close()


def test_the_revisions_are_one_line_numbered_as_their_files() -> None:
    revisions = list(ScriptDirectory.from_config(migrate._config()).walk_revisions())
    names = [Path(revision.path).name for revision in reversed(revisions)]
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert [revision.revision for revision in reversed(revisions)] == [name[:4] for name in names]
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", name) for name in names)


def test_migrations_do_not_read_the_models_which_will_change() -> None:
    folder = Path(importlib.import_module("storage").__path__[0]) / "migrations" / "versions"
    for path in folder.glob("*.py"):
        assert not re.search(r"storage\.(\w+_)?tables", path.read_text(encoding="utf-8"))
