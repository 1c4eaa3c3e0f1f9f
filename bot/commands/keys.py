"""`tsunagu key …`: the key that opens the database."""

from __future__ import annotations

import asyncio
import base64
import secrets
from datetime import UTC, datetime

import typer

from bot.commands.japanese import CommandLine
from bot.commands.refusing import load_settings, refuse, refusing
from bot.database import only_server, open_database
from bot.mode import choose_mode
from config.settings import Settings, SettingsError
from storage.ids import new_id
from storage.rekeying import rekey as seal_anew
from storage.vault import KEY_BYTES, UnsealError

app = CommandLine(help="データベースを開く鍵(DATA_KEY)。")


@app.callback()
def _keys() -> None:
    """データベースを開く鍵(DATA_KEY)。"""


@app.command("new")
def new() -> None:
    """新しい鍵を一つ作って表示する。控えを別の場所に保管すること(なくすと何も読めなくなる)。"""
    typer.echo(_fresh())


@app.command("rotate")
def rotate() -> None:
    """新しい鍵に替える手順と、そのための DATA_KEY の値を表示する。数秒で済み、相談の中身は書きかえない。"""
    settings = load_settings()
    if not settings.data_key:
        refuse(["DATA_KEY: ありません。はじめての鍵は「tsunagu key new」で作ってください"])
    old = settings.data_key[0].get_secret_value()
    typer.echo("1. DATA_KEY を次の値(新しい鍵,いまの鍵)に変えて、サーバーを一度動かしてください")
    typer.echo(f"   {_fresh()},{old}")
    typer.echo("2. 動いたら、DATA_KEY を前の半分(新しい鍵)だけにして、もう一度動かしてください")
    typer.echo(
        "3. 新しい鍵を金庫に入れてください。前の控えを開くには前の鍵もいるので、控えが残る間は捨てないでください"
    )
    typer.echo("   鍵を人に見られたおそれがある時は、このあと「tsunagu rekey」も行ってください")


def rekey() -> None:
    """すべてを新しい中の鍵で封をし直す(鍵を見られたおそれがある時)。サーバーを止めて行う。途中で止めても、やり直せば続く。"""
    settings = load_settings()
    with refusing():
        again = asyncio.run(_rekey(settings))
    typer.echo(f"○ {again:,}件の封をし直し、前の中の鍵を消しました。控え(tsunagu backup)を新しく作ってください")


async def _rekey(settings: Settings) -> int:
    mode = choose_mode(settings)
    with only_server(settings, alone=True):
        database = await open_database(settings, simulator=mode.simulator)
        try:
            return await seal_anew(database, mode.masters, now=datetime.now(UTC), new_id=new_id)
        except UnsealError:
            raise SettingsError(["DATA_KEY: この鍵では、このデータベースは開けません"]) from None
        finally:
            await database.close()


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
