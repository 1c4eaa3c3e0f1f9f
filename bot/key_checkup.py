"""Whether DATA_KEY, and the key that lies in the safe, open this database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from bot.database import sqlite_path
from bot.findings import Finding, Mark
from config.settings import Settings, decode_key
from storage.database import Connection, Database
from storage.keyring import key_place
from storage.tables import Key, KeyPurpose
from storage.vault import Place, SealingKey, UnsealError, open_with_any

#: An inner key of the database as it is stored: where it stands, and its sealed form.
Wrapped = tuple[Place, bytes]

_SAFE = "控えの鍵"


async def inner_keys(connection: Connection) -> list[Wrapped]:
    """The inner keys: none before the first start, two while a `tsunagu rekey` is not at its end."""
    rows = await connection.execute(select(Key.id, Key.wrapped).where(Key.purpose == KeyPurpose.DATA))
    return [(key_place(row.id), row.wrapped or b"") for row in rows]


def examine_keys(masters: Sequence[SealingKey], keys: Sequence[Wrapped]) -> list[Finding]:
    """Whether DATA_KEY opens them, and whether sealing anew was cut short."""
    if not keys:
        return []
    if not _opens(masters, keys):
        words = "このDATA_KEYでは、このデータベースは開けません"
        return [Finding(Mark.BAD, "鍵", words, "控えの鍵を確かめてください")]
    findings = [Finding(Mark.GOOD, "鍵", "データベースが開けます")]
    if len(keys) > 1:
        advice = "サーバーを止めて「tsunagu rekey」をもう一度実行してください(続きから始まります)"
        findings.append(Finding(Mark.NOTE, "鍵", "封のし直しが途中で止まっています", advice))
    return findings


async def escrowed_key(settings: Settings, file: Path) -> Finding:
    """Whether the key that lies in the safe opens this database: the day it is needed is too late to find out."""
    master = await asyncio.to_thread(_read_key, file)
    if master is None:
        return Finding(Mark.BAD, _SAFE, f"{file.name} が鍵として読めません")
    keys = await _keys_of(settings)
    if not keys:
        return Finding(Mark.BAD, _SAFE, "データベースが開けないか、まだ使われていないので、試せません")
    if not _opens([master], keys):
        return Finding(Mark.BAD, _SAFE, "控えの鍵では開けません", "いまのDATA_KEYを、あらためて金庫に入れてください")
    return Finding(Mark.GOOD, _SAFE, "控えの鍵でデータベースが開けます")


async def _keys_of(settings: Settings) -> list[Wrapped]:
    path = sqlite_path(settings)
    if path is not None and not path.exists():
        return []
    database = Database(settings.database_url)
    try:
        async with database.read() as connection:
            return await inner_keys(connection)
    except (DBAPIError, OSError):
        # Why it does not open has been told with the database.
        return []
    finally:
        await database.close()


def _opens(masters: Sequence[SealingKey], keys: Sequence[Wrapped]) -> bool:
    try:
        for place, wrapped in keys:
            open_with_any(masters, place, wrapped)
    except UnsealError:
        return False
    return True


def _read_key(file: Path) -> SealingKey | None:
    try:
        return SealingKey(decode_key(file.read_text(encoding="utf-8").strip()))
    except (OSError, ValueError):
        return None
