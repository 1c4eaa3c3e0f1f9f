"""`tsunagu migrate` beside a program that works on the same tables."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import typer

from bot.commands import database as command
from storage import migrate
from storage.migrate import Part

pytestmark = pytest.mark.anyio

_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{down}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in {tables}:
        op.add_column(table, sa.Column("later", sa.String(8), nullable=True))
"""
WAITS = "SELECT 1 FROM pg_locks WHERE NOT granted"


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A later version has two more migrations: the newest."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate._FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    head = int(migrate.newest())
    for number, tables in enumerate((["offers"], ["residents", "outbox"]), head + 1):
        content = _MIGRATION.format(revision=f"{number:04}", down=f"{number - 1:04}", tables=tables)
        (folder / "versions" / f"{number:04}_later.py").write_text(content, encoding="utf-8")
    monkeypatch.setattr(migrate, "_FOLDER", folder)
    return f"{head + 2:04}"


@pytest.fixture
def program(postgres_url: str) -> Iterator[psycopg.Connection]:
    """The program's side: never the one of two that gives way."""
    address = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, options="-c deadlock_timeout=60s") as connection:
        yield connection


async def waits(address: str) -> None:
    """Until the migration stands before a lock."""
    with psycopg.connect(address.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as look:
        while not look.execute(WAITS).fetchall():
            await asyncio.sleep(0.02)


async def test_a_migration_that_the_program_stands_in_the_way_of_gives_way_and_comes_again(
    postgres_url: str, later: str, program: psycopg.Connection
) -> None:
    program.execute("SELECT 1 FROM outbox")
    migrating = asyncio.create_task(command._migrate(postgres_url, Part.BEFORE))
    await waits(postgres_url)
    # Each has what the other wants.
    await asyncio.to_thread(program.execute, "SELECT 1 FROM residents FOR UPDATE")
    # What came before it stays.
    program.execute("SELECT later FROM offers")
    program.commit()
    assert await migrating == later


async def test_a_migration_that_never_gets_its_turn_says_so_and_leaves_the_rest_as_it_was(
    postgres_url: str,
    later: str,
    program: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "TRIES", 2)
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    program.execute("SELECT 1 FROM outbox")
    with pytest.raises(typer.Exit):
        await asyncio.to_thread(command.migrate, before=True, after=False)
    assert "動いているサーバーが表を使っていて" in capsys.readouterr().err
    with pytest.raises(psycopg.errors.UndefinedColumn):
        program.execute("SELECT later FROM residents")
    program.rollback()
    await asyncio.to_thread(command.migrate, before=True, after=False)
    assert later in capsys.readouterr().out


async def test_an_empty_database_gets_all_at_once(tmp_path: Path, later: str) -> None:
    assert await command._migrate(f"sqlite+aiosqlite:///{tmp_path}/empty.db", Part.BEFORE) == later
