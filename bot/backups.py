"""Making a sealed copy of everything, and putting it back.

A backup is two files that belong in two places: the data, with no resident's key in it, and the file of keys and
endings (`storage.endings`), which is replaced each time. Both are sealed with DATA_KEY, which is in neither.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot.database import copy_sqlite
from bot.reasons import of_system
from config.settings import SettingsError
from storage import copying, endings, migrate
from storage.database import Database
from storage.endings import Endings
from storage.envelope import open_file, seal_file
from storage.ids import new_id
from storage.vault import SealingKey, UnsealError

KEYS_FILE = "tsunagu-keys.sealed"
_DATA, _KEYS = "backup", "backup-keys"
_ELSEWHERE = "空きが、データベースの大きさの二倍と少しいります。ほかの場所を使うなら、TMPDIR に書いてください"


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """The two files that were made."""

    data: Path
    keys: Path
    made_at: datetime


async def make(database: Database, master: SealingKey, *, data_in: Path, keys_in: Path, now: datetime) -> Backup:
    """Make both files, and read the sealed data once more to see that it opens whole. Raises SettingsError."""
    key = master.derived(_DATA)
    data, keys = data_in / f"tsunagu-{now:%Y%m%dT%H%M%SZ}.sealed", keys_in / KEYS_FILE
    with _workshop() as folder:
        plain = folder / "copy.db"
        found = await _plain_copy(database, plain, now=now)
        with plain.open("rb") as source, _replacing(data) as target:
            seal_file(key, _DATA, new_id(), source, target)
        with _replacing(keys) as target:
            seal_file(key, _KEYS, new_id(), BytesIO(json.dumps(found.to_json()).encode()), target)
        opened = folder / "again.db"
        _unseal(key, _DATA, data, opened)
        _check(opened, data)
    return Backup(data=data, keys=keys, made_at=now)


async def _plain_copy(database: Database, plain: Path, *, now: datetime) -> Endings:
    """A consistent copy as an SQLite file, whichever database it comes from; residents' keys apart."""
    if database.is_sqlite:
        copy_sqlite(Path(database.url.database or ""), plain)
    else:
        await _copy_snapshot(database, plain)
    copy = Database(f"sqlite+aiosqlite:///{plain}")
    try:
        async with copy.write() as connection:
            found = await endings.collect(connection, now=now)
            await endings.take_keys_out(connection)
    finally:
        await copy.close()
    with closing(sqlite3.connect(plain)) as file:
        # Free pages must not hold what was taken out, and one file must hold everything.
        file.execute("PRAGMA journal_mode=DELETE")
        file.execute("VACUUM")
    return found


async def _copy_snapshot(database: Database, plain: Path) -> None:
    copy = Database(f"sqlite+aiosqlite:///{plain}")
    try:
        async with database.read() as source, copy.write() as target:
            await source.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            await migrate.upgrade(target)
            await copying.copy(source, target)
    finally:
        await copy.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A backup that was opened: the data as a plain SQLite file, and the newest keys and endings."""

    plain: Path
    endings: Endings


@contextmanager
def opened(masters: tuple[SealingKey, ...], data: Path, keys: Path) -> Iterator[Opened]:
    """Open both files with the first key that fits. The plain copy is gone afterwards. Raises SettingsError."""
    with _workshop() as folder:
        plain, list_ = folder / "copy.db", folder / "keys.json"
        key = _fitting(masters, data, plain)
        _check(plain, data)
        try:
            _unseal(key, _KEYS, keys, list_)
            found = Endings.from_json(json.loads(list_.read_bytes()))
        except (UnsealError, KeyError, TypeError, ValueError):
            raise SettingsError([f"{keys.name}: この控えの鍵のファイルとして開けません"]) from None
        yield Opened(plain=plain, endings=found)


def _fitting(masters: tuple[SealingKey, ...], data: Path, plain: Path) -> SealingKey:
    for master in masters:
        key = master.derived(_DATA)
        try:
            _unseal(key, _DATA, data, plain)
        except UnsealError:
            continue
        return key
    raise SettingsError([f"{data.name}: このDATA_KEYでは開けないか、こわれています"])


def _unseal(key: SealingKey, kind: str, sealed: Path, plain: Path) -> None:
    try:
        source = sealed.open("rb")
    except OSError as error:
        raise SettingsError([f"{sealed}: 読めません({of_system(error)})"]) from None
    with source, plain.open("wb") as target:
        open_file(key, kind, source, target)


def _check(plain: Path, sealed: Path) -> None:
    with closing(sqlite3.connect(plain)) as file:
        rows: list[Any] = file.execute("PRAGMA integrity_check").fetchall()
    if rows != [("ok",)]:
        raise SettingsError([f"{sealed.name}: 中のデータベースがこわれています"])


@contextmanager
def _workshop() -> Iterator[Path]:
    """A folder that only we can read, gone afterwards. There has to be room in it. Raises SettingsError."""
    place = tempfile.gettempdir()
    try:
        with tempfile.TemporaryDirectory(prefix="tsunagu-") as folder:
            yield Path(folder)
    except OSError as error:
        raise SettingsError([f"{place}: 使えません({of_system(error)})。{_ELSEWHERE}"]) from None
    except (sqlite3.OperationalError, OperationalError) as error:
        reason = error.orig if isinstance(error, OperationalError) else error
        if not isinstance(reason, sqlite3.OperationalError):
            raise SettingsError(
                [f"DATABASE_URL: データベースが途中で答えなくなりました({type(reason).__name__})"]
            ) from None
        raise SettingsError([f"{place}: データベースの写しを置けません({reason})。{_ELSEWHERE}"]) from None


@contextmanager
def _replacing(path: Path) -> Iterator[Any]:
    """Write beside the file, force it to the disk, then put it in its place: never half a file under its name.

    What cannot be written to its end is taken away: a full disk is not to stay full. Raises SettingsError.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            part.chmod(0o600)
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise SettingsError([f"{path.parent}: 書けません({of_system(error)})"]) from None
