"""`tsunagu migrate`."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Annotated

import typer
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.commands.refusing import load_settings, refuse
from bot.database import TOO_NEW, sqlite_path
from bot.reasons import of_database
from storage import migrate as migrations
from storage.database import Database
from storage.migrate import Part

_SKIPPED = "DATABASE_URL: 間の版を飛ばした更新です。サーバーをすべて止めて、何も付けずに実行してください"
_EARLIER = "DATABASE_URL: 先に「tsunagu migrate --before」を実行し、新しい版に入れかえてください"

#: The program works on the same tables: one of the two has to give way.
_IN_THE_WAY = (DeadlockDetected, LockNotAvailable)
_BUSY = "DATABASE_URL: 動いているサーバーが表を使っていて、替えられません。少しあとに、もう一度実行してください"
#: Shorter than a webhook waits until it goes to the spool: what is asked for here holds up everything behind it.
_PATIENCE = "SET LOCAL lock_timeout = '1s'"
TRIES = 60
AGAIN_AFTER = 0.5


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
        if isinstance(reason, _IN_THE_WAY):
            refuse([_BUSY])
        refuse([f"DATABASE_URL: {of_database(reason or error, settings.database_url)}"])
    except migrations.SchemaTooNew:
        refuse([TOO_NEW])
    except migrations.NotYet:
        refuse([_SKIPPED if before else _EARLIER])
    typer.echo(f"データベースの表は {revision} の形です")


async def _migrate(url: str, part: Part) -> str | None:
    database = Database(url)
    try:
        while await _one_more(database, part):
            pass
        async with database.read() as connection:
            return await migrations.current(connection)
    finally:
        await database.close()


async def _one_more(database: Database, part: Part) -> bool:
    """One migration; whether there are more. Where the running program stands in its way, it is tried again."""
    for tries in count(1):
        try:
            async with database.write() as connection:
                if not database.is_sqlite:
                    await connection.exec_driver_sql(_PATIENCE)
                return await migrations.upgrade_by_one(connection, part)
        except OperationalError as error:
            if tries == TRIES or not isinstance(error.orig, _IN_THE_WAY):
                raise
        await asyncio.sleep(AGAIN_AFTER)
    raise AssertionError
