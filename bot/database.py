"""Opening the database for a server: one server per SQLite file, a copy before migrating, refusals in plain words."""

from __future__ import annotations

import errno
import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import psycopg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bot import place
from bot.reasons import of_database, of_system
from config.settings import JobEngineName, Settings, SettingsError
from storage import migrate
from storage.database import Connection, Database

TOO_NEW = "DATABASE_URL: このデータベースは、より新しい版のつなぐが使っています。新しい版で動かしてください"


@contextmanager
def only_server(settings: Settings, *, alone: bool = False) -> Iterator[None]:
    """Let no second server with an engine of its own work on a database. Raises SettingsError.

    Servers and workers that share an engine share the lock, too, and keep out only one that has its own. On SQLite
    this is a file lock, on PostgreSQL an advisory lock (`bot/place.py`); both end with the process, however it ends.
    `alone`: for a command beside which nothing may run, whatever the engine.
    """
    path = sqlite_path(settings)
    with _alone_on_postgresql(settings, alone=alone) if path is None else _alone_on_file(path):
        if not alone:
            _must_hold_data(settings.data_dir)
        yield


@contextmanager
def _alone_on_postgresql(settings: Settings, *, alone: bool) -> Iterator[None]:
    address = settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
    shares = settings.job_engine is JobEngineName.PROCRASTINATE and not alone
    with ExitStack() as stack:
        try:
            stack.enter_context(place.held(address, shared=shares))
        except psycopg.errors.LockNotAvailable:
            line = "DATABASE_URL: もう動いているサーバーが使っています(JOB_ENGINE も確かめてください)"
            raise SettingsError([line]) from None
        except psycopg.OperationalError as error:
            raise SettingsError([f"DATABASE_URL: {of_database(error, settings.database_url)}"]) from None
        yield


def _must_hold_data(folder: Path) -> None:
    """What comes while the database is away is kept in DATA_DIR: found out now, not in that night.

    A disk that is only full is no reason not to answer. Raises SettingsError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return
        raise SettingsError([f"DATA_DIR: {folder} に書けません({of_system(error)})"]) from None


@contextmanager
def _alone_on_file(path: Path) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(path.name + ".lock").open("w")
    except OSError as error:
        raise SettingsError([f"DATABASE_URL: {path.parent} に書けません({of_system(error)})"]) from None
    with lock as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsError([f"DATABASE_URL: {path} は、もう動いているサーバーが使っています"]) from None
        yield


async def open_database(settings: Settings, *, simulator: bool) -> Database:
    """The database, with the schema this code wants. Raises SettingsError when it may not be used."""
    database = Database(settings.database_url)
    try:
        await _prepare(database, settings)
        await _fitting(database, simulator=simulator)
    except DBAPIError as error:
        await database.close()
        raise SettingsError([f"DATABASE_URL: {of_database(error.orig or error, settings.database_url)}"]) from None
    except SettingsError:
        await database.close()
        raise
    return database


async def _prepare(database: Database, settings: Settings) -> None:
    path = sqlite_path(settings)
    async with database.write() as connection:
        try:
            if path is not None:
                await _migrate(connection, path)
            await migrate.check(connection)
        except migrate.SchemaTooNew:
            raise SettingsError([TOO_NEW]) from None
        except migrate.SchemaMissing:
            line = "DATABASE_URL: 表がまだないか、古い形です。「tsunagu migrate」を先に実行してください"
            raise SettingsError([line]) from None


async def _migrate(connection: Connection, path: Path) -> None:
    if await migrate.is_behind(connection):
        if await migrate.current(connection) is not None:
            copy_sqlite(path, path.with_name(f"{path.name}.before-{migrate.newest()}"))
        await migrate.upgrade(connection)


async def _fitting(database: Database, *, simulator: bool) -> None:
    """Real words and tried-out words never share a database."""
    async with database.write() as connection:
        marked = await migrate.is_simulator(connection)
        if marked and not simulator:
            raise SettingsError(
                ["DATABASE_URL: シミュレーターで使ったデータベースです。本番には別のデータベースを使ってください"]
            )
        if simulator and not marked:
            if not await migrate.is_unused(connection):
                missing = "LINE_CHANNEL_SECRET, LINE_CHANNEL_ACCESS_TOKEN: ありません"
                why = "このデータベースは本番で使われているので、シミュレーターでは開けません"
                raise SettingsError([f"{missing}。{why}"])
            await migrate.mark_simulator(connection)


def sqlite_path(settings: Settings) -> Path | None:
    """The SQLite file; None on PostgreSQL."""
    return Path(make_url(settings.database_url).database or "") if settings.uses_sqlite else None


def copy_sqlite(source: Path, target: Path) -> None:
    """A consistent copy of a database that may be in use, by SQLite's own backup."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
