"""`tsunagu migrate`."""

from __future__ import annotations

import asyncio

import typer
from sqlalchemy.exc import DBAPIError

from bot.commands.refusing import load_settings, refuse
from bot.database import sqlite_path
from storage import migrate as migrations
from storage.database import Database


def migrate() -> None:
    """データベースの表を、この版の形にする。PostgreSQLでは更新のたびに先に実行する。"""
    settings = load_settings()
    if (path := sqlite_path(settings)) is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        revision = asyncio.run(_migrate(settings.database_url))
    except DBAPIError as error:
        refuse([f"DATABASE_URL: データベースが開けません({type(error.orig).__name__})"])
    typer.echo(f"データベースの表は {revision} の形です")


async def _migrate(url: str) -> str:
    database = Database(url)
    try:
        async with database.write() as connection:
            await migrations.upgrade(connection)
    finally:
        await database.close()
    return migrations.newest()
