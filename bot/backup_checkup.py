"""Whether there is a fresh backup, and whether the key from the safe would open it."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from bot.findings import Finding, Mark
from config.settings import Settings, decode_key
from storage.database import Database
from storage.tables import Key, KeyPurpose
from storage.vault import Place, SealingKey, UnsealError, open_with_any

#: In DATA_DIR: when the last backup was made.
MARK_FILE = "last-backup.json"
#: A day, and the time in which somebody has noticed.
FRESH = timedelta(hours=48)
_ADVICE = "「tsunagu backup」を毎日動かしてください"


def last_backup(settings: Settings, now: datetime) -> Finding:
    """How old the newest backup is, as far as it was made from here."""
    try:
        mark = json.loads((settings.data_dir / MARK_FILE).read_text(encoding="utf-8"))
        age = now - datetime.fromisoformat(mark["at"])
    except FileNotFoundError:
        return Finding(Mark.NOTE, "控え", "控えがまだありません", _ADVICE)
    except (OSError, ValueError, KeyError, TypeError):
        return Finding(Mark.NOTE, "控え", f"{MARK_FILE} が読めません", _ADVICE)
    if age > FRESH:
        return Finding(Mark.NOTE, "控え", f"最後の控えは{age.days}日前です", _ADVICE)
    return Finding(Mark.GOOD, "控え", "新しい控えがあります")


async def escrowed_key(settings: Settings, file: Path) -> Finding:
    """Whether the key that lies in the safe opens this database: the day it is needed is too late to find out."""
    master = await asyncio.to_thread(_read_key, file)
    if master is None:
        return Finding(Mark.BAD, "控えの鍵", f"{file.name} が鍵として読めません")
    database = Database(settings.database_url)
    try:
        async with database.read() as connection:
            row = (await connection.execute(select(Key.id, Key.wrapped).where(Key.purpose == KeyPurpose.DATA))).one()
    finally:
        await database.close()
    try:
        open_with_any([master], Place(table="keys", column="wrapped", row=row.id), row.wrapped or b"")
    except UnsealError:
        return Finding(
            Mark.BAD, "控えの鍵", "控えの鍵では開けません", "いまのDATA_KEYを、あらためて金庫に入れてください"
        )
    return Finding(Mark.GOOD, "控えの鍵", "控えの鍵でデータベースが開けます")


def _read_key(file: Path) -> SealingKey | None:
    try:
        return SealingKey(decode_key(file.read_text(encoding="utf-8").strip()))
    except (OSError, ValueError):
        return None
