"""A small part of the demo's town, lived through once: residents, cases, sheets, staff, all by the real road."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot_cast import shared_listener
from sqlalchemy import func, select

from bot.demo import Filled, Town, fill, load_town
from storage import audit, migrate
from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.vault import SealingKey

#: Thursday, ten in the morning.
NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
#: Who shows the things that are promised; the whole town would show them, too, and take longer.
SHOWN = (
    "今日食べるものがない40代",
    "消えたいと書いた20代",
    "母の世話をする中学生",
    "家賃を二か月払えない40代",
    "80代の母と50代の息子",
    "片付けられない50代",
    "リボ払いの20代",
    "障害のある20代",
    "賭け事をやめられない40代",
    "消すことを選んだ人",
    "きのう消すことを選んだ人",
    "電話をくれた80代",
    "会社が倒産した50代",
    "やさしい日本語の工場で働く人",
    "妻を介護する70代",
    "週に一度のお便りを選んだ50代",
    "ひとことを待つ30代",
    "月に一度だけの60代",
    "お便りをお休みしている40代",
    "お便りに返事のない50代",
    "日を決めた40代",
    "もうすぐ18歳の人",
    "両親と暮らす40代",
    "部屋で書く30代",
    "記録を残すことになった人",
)


#: A sheet, check-ins and a room: whatever could come out differently a second time.
FEW = ("家賃を二か月払えない40代", "週に一度のお便りを選んだ50代", "部屋で書く30代")


def cut(town: Town, shown: Collection[str]) -> Town:
    return replace(town, people=tuple(one for one in town.people if one.who in shown), filler_count=2)


@dataclass
class Made:
    """A town that was made, and how to look at it."""

    url: str
    filled: Filled

    def rows(self, query: Any) -> list[Any]:
        async def look() -> list[Any]:
            database = Database(self.url)
            async with database.read() as connection:
                found = list((await connection.execute(query)).all())
            await database.close()
            return found

        return asyncio.run(look())

    def values(self, column: Any) -> set[Any]:
        return {row[0] for row in self.rows(select(column))}

    def count(self, table: Any) -> int:
        return int(self.rows(select(func.count()).select_from(table))[0][0])


def made(folder: Path, shown: Collection[str] = SHOWN) -> Made:
    folder.mkdir(exist_ok=True)
    url = f"sqlite+aiosqlite:///{folder / 'tsunagu.db'}"

    async def make() -> Filled:
        database = Database(url)
        async with database.write() as connection:
            await migrate.upgrade(connection)
        keyring = await Keyring.open(database, [SealingKey(b"k" * 32)], now=NOW, new_id=new_id)
        filled = await fill(database, keyring, shared_listener(), cut(load_town(), shown), now=NOW)
        async with database.read() as connection:
            assert await audit.verify(connection, keyring, []) == []
        await database.close()
        return filled

    return Made(url, asyncio.run(make()))
