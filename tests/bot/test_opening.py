"""Opening the database: migrated where that is ours to do, copied before, and refused in plain words."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from bot_cast import free_port, real_settings
from sqlalchemy import insert, select, text

from bot.database import only_server, open_database
from config.settings import Settings, SettingsError
from storage import migrate, staff
from storage.database import Database
from storage.ids import new_id
from storage.staff import NewAccount
from storage.tables import Channel, InboxEvent, InboxState, SchemaInfo

pytestmark = pytest.mark.anyio

#: A migration after the newest: with it, today's schema is an old one.
LATER = """
from alembic import op
import sqlalchemy as sa

revision = "9000"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
"""


@pytest.fixture
def later_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if this were the next version, which has a migration more."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate._FOLDER, folder)
    before = migrate.newest()
    (folder / "versions" / "9000_later.py").write_text(LATER.format(before=before), encoding="utf-8")
    monkeypatch.setattr(migrate, "_FOLDER", folder)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return real_settings(tmp_path, database_url=database_url)


async def change(url: str, *statements: str) -> None:
    database = Database(url)
    async with database.write() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await database.close()


async def use(url: str) -> None:
    """Leave an event in the database, as residents do."""
    database = Database(url)
    row = {"id": new_id(), "desk_id": "default", "channel": Channel.LINE, "event_id": "A", "event_at": 1, "tries": 0}
    async with database.write() as connection:
        received = {"received_at": datetime(2026, 11, 21, tzinfo=UTC), "state": InboxState.WAITING}
        await connection.execute(insert(InboxEvent).values(**row, **received))
    await database.close()


async def refused(settings: Settings, *, simulator: bool = False) -> str:
    with pytest.raises(SettingsError) as caught:
        await (await open_database(settings, simulator=simulator)).close()
    (line,) = caught.value.lines
    assert "\n" not in line
    return line


async def opens(settings: Settings, *, simulator: bool = False) -> None:
    await (await open_database(settings, simulator=simulator)).close()


def tables(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    return found


async def test_a_database_of_this_version_opens_and_nothing_is_copied(settings: Settings, tmp_path: Path) -> None:
    await opens(settings)
    assert list(tmp_path.glob("*.before-*")) == []


async def test_sqlite_is_made_on_first_use(tmp_path: Path) -> None:
    settings = real_settings(tmp_path, database_url=f"sqlite+aiosqlite:///{tmp_path}/new/tsunagu.db")
    with only_server(settings):
        await opens(settings)
    assert "inbox" in tables(tmp_path / "new" / "tsunagu.db")
    assert list((tmp_path / "new").glob("*.before-*")) == []


async def test_an_empty_postgresql_is_left_to_the_migrate_command(postgres: str, tmp_path: Path) -> None:
    settings = real_settings(tmp_path, database_url=postgres)
    assert "tsunagu migrate" in await refused(settings)


async def test_an_older_sqlite_is_copied_and_then_migrated(
    settings: Settings, tmp_path: Path, later_code: None
) -> None:
    if not settings.uses_sqlite:
        pytest.skip("PostgreSQL has its own test")
    await use(settings.database_url)
    await opens(settings)
    path = tmp_path / "tsunagu.db"
    copy = tmp_path / "tsunagu.db.before-9000"
    assert "later" in tables(path)
    assert "later" not in tables(copy)
    connection = sqlite3.connect(copy)
    assert connection.execute("SELECT count(*) FROM inbox").fetchone() == (1,)
    connection.close()


async def test_an_older_postgresql_is_left_to_the_migrate_command(settings: Settings, later_code: None) -> None:
    if settings.uses_sqlite:
        pytest.skip("SQLite has its own test")
    assert "tsunagu migrate" in await refused(settings)
    database = Database(settings.database_url)
    async with database.write() as connection:
        await migrate.upgrade(connection)
    await database.close()
    await opens(settings)


async def test_a_failed_migration_leaves_the_old_schema(settings: Settings, later_code: None) -> None:
    await change(settings.database_url, "CREATE TABLE later (id INTEGER PRIMARY KEY)")
    await refused(settings)
    database = Database(settings.database_url)
    async with database.read() as connection:
        assert await migrate.current(connection) != "9000"
    await database.close()


async def test_a_newer_schema_that_still_lets_this_code_in_is_used_as_it_is(settings: Settings, tmp_path: Path) -> None:
    await change(settings.database_url, "UPDATE alembic_version SET version_num = '9999'")
    await opens(settings)
    assert list(tmp_path.glob("*.before-*")) == []


async def test_a_newer_schema_that_shuts_this_code_out_is_refused(settings: Settings, tmp_path: Path) -> None:
    await change(
        settings.database_url,
        "UPDATE alembic_version SET version_num = '9999'",
        f"UPDATE schema_info SET oldest_code = {migrate.CODE + 1}",
    )
    assert "新しい版" in await refused(settings)
    assert list(tmp_path.glob("*.before-*")) == []


async def test_a_simulators_database_is_refused_in_earnest(settings: Settings) -> None:
    await opens(settings, simulator=True)
    await opens(settings, simulator=True)
    assert "シミュレーター" in await refused(settings)


async def test_a_real_database_that_was_used_is_refused_by_the_simulator(settings: Settings) -> None:
    await opens(settings)
    await use(settings.database_url)
    line = await refused(settings, simulator=True)
    assert line.startswith("LINE_CHANNEL_SECRET, LINE_CHANNEL_ACCESS_TOKEN: ")
    await opens(settings)


async def test_a_database_with_an_account_only_is_no_empty_one(settings: Settings) -> None:
    await opens(settings)
    database = Database(settings.database_url)
    async with database.write() as connection:
        organisation = await staff.organisation(connection, "見本市社協", new_id=new_id)
        aoki = NewAccount(login="aoki", shown_name="青木", organisation_id=organisation, password_hash="-")
        await staff.add(connection, aoki, now=datetime(2026, 11, 26, tzinfo=UTC), new_id=new_id)
    await database.close()
    assert "本番で使われている" in await refused(settings, simulator=True)
    await opens(settings)


async def test_a_refusal_by_the_simulator_leaves_no_mark(settings: Settings) -> None:
    await use(settings.database_url)
    await refused(settings, simulator=True)
    database = Database(settings.database_url)
    async with database.read() as connection:
        assert (await connection.execute(select(SchemaInfo.simulator))).scalar_one() is False
    await database.close()


async def test_a_second_server_on_one_sqlite_file_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    settings = real_settings(tmp_path)
    with only_server(settings), pytest.raises(SettingsError, match="もう動いているサーバー"), only_server(settings):
        raise AssertionError("two servers at once")
    with only_server(settings):
        pass


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where the folder should be")
    settings = real_settings(tmp_path, database_url=f"sqlite+aiosqlite:///{tmp_path}/file/tsunagu.db")
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: "), only_server(settings):
        raise AssertionError("opened")


async def test_a_folder_of_data_that_is_none_is_refused_before_a_night_needs_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where the folder should be")
    settings = real_settings(tmp_path, data_dir=tmp_path / "file")
    wanted = r"^DATA_DIR: .* に書けません\(フォルダーではありません"
    with pytest.raises(SettingsError, match=wanted), only_server(settings):
        raise AssertionError("opened")


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tsunagu.db").write_bytes(b"the minutes of last year's meeting, kept by mistake" * 40)
    before = (tmp_path / "tsunagu.db").read_bytes()
    assert (await refused(real_settings(tmp_path))).startswith("DATABASE_URL: ")
    assert (tmp_path / "tsunagu.db").read_bytes() == before


async def test_an_unreachable_postgresql_is_refused_without_its_password(tmp_path: Path) -> None:
    url = f"postgresql+psycopg://somebody:hush@127.0.0.1:{free_port()}/tsunagu"
    line = await refused(real_settings(tmp_path, database_url=url))
    assert line.startswith("DATABASE_URL: データベースが開けません(OperationalError)。サーバーが動いているか")


async def test_a_postgresql_without_that_database_is_refused(postgres: str, tmp_path: Path) -> None:
    url = postgres.replace("/postgres?", "/nowhere?")
    assert (await refused(real_settings(tmp_path, database_url=url))).startswith("DATABASE_URL: ")


async def test_a_second_server_on_one_postgresql_is_refused_and_let_in_afterwards(
    settings: Settings, tmp_path: Path
) -> None:
    if settings.uses_sqlite:
        pytest.skip("SQLite has its own test")
    with only_server(settings), pytest.raises(SettingsError, match="もう動いているサーバー"), only_server(settings):
        pass
    with only_server(settings):
        pass


_HOLDERS = """FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


@pytest.mark.parametrize("engine", ["embedded", "procrastinate"])
async def test_a_server_takes_its_place_again_after_the_database_was_restarted(
    postgres_url: str, tmp_path: Path, engine: str
) -> None:
    settings = real_settings(tmp_path, database_url=postgres_url, job_engine=engine)
    address = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as other, only_server(settings):
        other.execute(f"SELECT pg_terminate_backend(pid, 5000) {_HOLDERS}")
        while not other.execute(f"SELECT 1 {_HOLDERS}").fetchall():
            # The database tells nobody who waits for a lock.
            await asyncio.sleep(0.05)
        with pytest.raises(SettingsError, match="もう動いているサーバー"), only_server(settings, alone=True):
            raise AssertionError("two at once")
    with only_server(settings, alone=True):
        pass


async def test_a_server_whose_place_another_took_meanwhile_says_so_and_has_it_when_that_ends(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = real_settings(tmp_path, database_url=postgres_url)
    address = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as other, only_server(settings):
        # Who waits has the lock the moment that it is free.
        wanted = "SELECT pg_advisory_lock(hashtext('tsunagu.server'))"
        with psycopg.connect(address, autocommit=True) as killer:
            waits = threading.Thread(target=other.execute, args=(wanted,))
            waits.start()
            while not killer.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchall():
                await asyncio.sleep(0.05)
            killer.execute(f"SELECT pg_terminate_backend(pid, 5000) {_HOLDERS}")
            waits.join()
            said = ""
            while "server.not_alone" not in said:
                await asyncio.sleep(0.05)
                said += capsys.readouterr().out
        other.execute("SELECT pg_advisory_unlock_all()")
        while "server.place_taken_again" not in said:
            await asyncio.sleep(0.05)
            said += capsys.readouterr().out
