"""`tsunagu migrate`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from bot.commands.refusing import load_settings, refuse
from bot.database import TOO_NEW, sqlite_path
from bot.reasons import of_database
from storage import migrate as migrations
from storage.database import Database
from storage.migrate import Part

_SKIPPED = "DATABASE_URL: 間の版を飛ばした更新です。サーバーをすべて止めて、何も付けずに実行してください"
_EARLIER = "DATABASE_URL: 先に「tsunagu migrate --before」を実行し、新しい版に入れかえてください"


def migrate(
    before: Annotated[bool, typer.Option("--before", help="古い版が動いたままでよいものだけ")] = False,
    after: Annotated[bool, typer.Option("--after", help="古い版をすべて止めたあとのものだけ")] = False,
) -> None:
    """データベースの表を、この版の形にする。PostgreSQLでは更新のたびに先に実行する。"""
    if before and after:
        refuse(["--before と --after は、どちらか一つにしてください(両方なら、何も付けません)"])
    part = Part.BEFORE if before else Part.AFTER if after else Part.ALL
    settings = load_settings()
    try:
        if (path := sqlite_path(settings)) is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        revision = asyncio.run(_migrate(settings.database_url, part))
    except (DBAPIError, OSError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        refuse([f"DATABASE_URL: {of_database(reason or error, settings.database_url)}"])
    except migrations.SchemaTooNew:
        refuse([TOO_NEW])
    except migrations.NotYet:
        refuse([_SKIPPED if before else _EARLIER])
    typer.echo(f"データベースの表は {revision} の形です")


async def _migrate(url: str, part: Part) -> str | None:
    database = Database(url)
    try:
        async with database.write() as connection:
            await migrations.upgrade(connection, part)
            return await migrations.current(connection)
    finally:
        await database.close()
