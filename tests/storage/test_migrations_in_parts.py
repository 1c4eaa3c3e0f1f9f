"""Old code and new code on one schema: what only adds comes before the new code, what takes away after the old one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from storage import migrate
from storage.database import Database
from storage.migrate import Part

pytestmark = pytest.mark.anyio

_MIGRATION = '''"""A step of a later version"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{down}"
branch_labels = None
depends_on = None
{attribute}

def upgrade() -> None:
    {body}
'''
ADD = 'op.add_column("offers", sa.Column("mood", sa.String(8), nullable=True))'
DROP = (
    'op.drop_index("ix_offers_unanswered", "offers")\n'
    '    op.get_bind().execute(sa.text("UPDATE schema_info SET oldest_code = 2"))'
)


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of migrations of a later version: one that adds, and one that takes away."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate._FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    head = int(migrate.newest())
    for number, (body, attribute) in enumerate(((ADD, ""), (DROP, "after = True")), head + 1):
        content = _MIGRATION.format(revision=f"{number:04}", down=f"{number - 1:04}", body=body, attribute=attribute)
        (folder / "versions" / f"{number:04}_later.py").write_text(content, encoding="utf-8")
    return folder


async def upgrade(database: Database, part: Part) -> str | None:
    async with database.write() as connection:
        await migrate.upgrade(connection, part)
        return await migrate.current(connection)


async def checked(database: Database) -> bool:
    async with database.read() as connection:
        await migrate.check(connection)
    return True


async def indexes(database: Database) -> set[str | None]:
    async with database.read() as connection:
        return await connection.run_sync(lambda c: {one["name"] for one in inspect(c).get_indexes("offers")})


async def test_a_deploy_without_a_pause(database: Database, later: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, head = migrate._FOLDER, int(migrate.newest())
    # The new version's command adds what is new, while the old version runs.
    monkeypatch.setattr(migrate, "_FOLDER", later)
    assert await upgrade(database, Part.BEFORE) == f"{head + 1:04}"
    assert await checked(database)
    # The old version starts again in the middle of it, and leaves the schema alone.
    monkeypatch.setattr(migrate, "_FOLDER", now)
    assert await checked(database)
    assert await upgrade(database, Part.ALL) == f"{head + 1:04}"
    assert "ix_offers_unanswered" in await indexes(database)
    # When all is new, the new version takes away what only the old one needed.
    monkeypatch.setattr(migrate, "_FOLDER", later)
    monkeypatch.setattr(migrate, "CODE", 2)
    assert await upgrade(database, Part.AFTER) == f"{head + 2:04}"
    assert await checked(database)
    assert "ix_offers_unanswered" not in await indexes(database)
    # From then on the old version refuses.
    monkeypatch.setattr(migrate, "_FOLDER", now)
    monkeypatch.setattr(migrate, "CODE", 1)
    with pytest.raises(migrate.SchemaTooNew):
        await checked(database)


async def test_the_new_version_does_not_start_on_the_schema_of_the_old_one(
    database: Database, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_FOLDER", later)
    with pytest.raises(migrate.SchemaMissing):
        await checked(database)


async def test_what_takes_away_waits_for_what_adds(
    database: Database, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_FOLDER", later)
    with pytest.raises(migrate.NotYet):
        await upgrade(database, Part.AFTER)


async def test_a_version_that_was_skipped_needs_a_pause(
    database: Database, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = int(migrate.newest())
    content = _MIGRATION.format(revision=f"{head + 3:04}", down=f"{head + 2:04}", body="pass", attribute="")
    (later / "versions" / f"{head + 3:04}_later.py").write_text(content, encoding="utf-8")
    monkeypatch.setattr(migrate, "_FOLDER", later)
    with pytest.raises(migrate.NotYet):
        await upgrade(database, Part.BEFORE)
    assert await upgrade(database, Part.ALL) == f"{head + 3:04}"


async def test_an_empty_database_gets_what_the_code_needs(
    tmp_path: Path, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = int(migrate.newest())
    monkeypatch.setattr(migrate, "_FOLDER", later)
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/empty.db")
    assert await upgrade(database, Part.BEFORE) == f"{head + 1:04}"
    assert await checked(database)
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT mood FROM offers"))).all() == []
    await database.close()
