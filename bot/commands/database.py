"""`tsunagu migrate`."""

from __future__ import annotations

import asyncio

import typer
from sqlalchemy.exc import DBAPIError

from bot.commands.refusing import load_settings, refuse
from bot.database import TOO_NEW, sqlite_path
from storage import migrate as migrations
from storage.database import Database


def migrate() -> None:
    """データベースの表を、この版の形にする。PostgreSQLでは更新のたびに先に実行する。"""
    settings = load_settings()
    try:
        if (path := sqlite_path(settings)) is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        revision = asyncio.run(_migrate(settings.database_url))
    except (DBAPIError, OSError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        refuse([f"DATABASE_URL: データベースが開けません({type(reason).__name__})"])
    except migrations.SchemaTooNew:
        refuse([TOO_NEW])
    typer.echo(f"データベースの表は {revision} の形です")


async def _migrate(url: str) -> str | None:
    database = Database(url)
    try:
        async with database.write() as connection:
            await migrations.upgrade(connection)
            return await migrations.current(connection)
    finally:
        await database.close()
