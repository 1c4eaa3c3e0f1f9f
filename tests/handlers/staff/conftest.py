"""Tests of the console run on SQLite; its statements are tried on both databases in tests/storage and test_journey."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from access import furnish
from office import Office, Person

from storage.database import Database


@pytest.fixture
async def office(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Office]:
    shutil.copy(sqlite_template, tmp_path / "office.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/office.db")
    yield await Office.opened(database)
    await database.close()


@dataclass(frozen=True)
class Furnished:
    """A database with everybody in it."""

    file: Path
    people: dict[str, Person]
    ids: dict[str, str]


@pytest.fixture(scope="session")
async def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    file = tmp_path_factory.mktemp("furnished") / "office.db"
    shutil.copy(sqlite_template, file)
    database = Database(f"sqlite+aiosqlite:///{file}")
    office = await Office.opened(database)
    await furnish(office)
    await database.close()
    return Furnished(file, office.people, office.ids)


@pytest.fixture
async def town(furnished: Furnished, tmp_path: Path) -> AsyncIterator[Office]:
    """An office with all people of the access table."""
    shutil.copy(furnished.file, tmp_path / "town.db")
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/town.db")
    opened = await Office.opened(database)
    opened.people, opened.ids = dict(furnished.people), dict(furnished.ids)
    yield opened
    await database.close()
