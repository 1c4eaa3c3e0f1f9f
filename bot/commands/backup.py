"""`tsunagu backup`, `tsunagu restore`, `tsunagu copy`: a sealed copy of everything, and the way back."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import ArgumentError, DBAPIError

from bot import backups
from bot.backup_checkup import MARK_FILE
from bot.backups import Backup
from bot.commands.opened import Opened, with_database
from bot.commands.refusing import load_settings, refuse, refusing
from bot.database import only_server
from bot.desks import desks_of
from bot.mode import choose_mode
from bot.reasons import of_database, of_system
from bot.restoring import Restored
from bot.restoring import restore as put_back
from config.settings import Settings, SettingsError
from storage import copying, migrate
from storage.database import Database

_WRONG_TARGET = "--to: postgresql+psycopg://… の形にしてください"

Folder = Annotated[Path, typer.Argument(help="控えを置くフォルダー", exists=True, file_okay=False)]


def backup(
    folder: Folder,
    keys: Annotated[
        Path,
        typer.Option(help="住民ごとの鍵を置くフォルダー。控えとは別の場所にすること", exists=True, file_okay=False),
    ],
) -> None:
    """すべてを封をした控えにする。動かしたままでできる。開くには、2つのファイルとDATA_KEYの3つがいる。"""
    if folder.resolve() == keys.resolve():
        refuse(["--keys: 控えと同じ場所です。一緒になくしたり盗まれたりしないよう、別の場所にしてください"])

    async def work(opened: Opened) -> Backup:
        made = await backups.make(opened.database, opened.mode.masters[0], data_in=folder, keys_in=keys, now=opened.now)
        _mark(opened.settings.data_dir, made)
        return made

    made = with_database(work)
    size = made.data.stat().st_size
    typer.echo(f"○ 控えができました: {made.data}({size:,}バイト)。開いて確かめました")
    typer.echo(f"○ 鍵と「消したもの」の一覧: {made.keys}(前のものと置きかえました)")


def _mark(folder: Path, made: Backup) -> None:
    """For `tsunagu doctor`: when the last one was made."""
    mark = {"at": made.made_at.isoformat(), "file": made.data.name}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK_FILE).write_text(json.dumps(mark), encoding="utf-8")
    except OSError as error:
        line = f"DATA_DIR: 控えはできましたが、そのことを {folder} に書けません({of_system(error)})"
        raise SettingsError([line]) from None


def restore(
    file: Annotated[Path, typer.Argument(help="控えのファイル(tsunagu-….sealed)", exists=True, dir_okay=False)],
    keys: Annotated[Path, typer.Option(help="いちばん新しい鍵のファイル", exists=True, dir_okay=False)],
) -> None:
    """控えを空のデータベースに戻す。控えのあとで消された人・取り消された言葉・やめた同意は、もう一度消してから戻す。"""
    settings = load_settings()
    with refusing():
        done = asyncio.run(_restore(settings, file, keys))
    typer.echo(f"○ 戻しました。もう一度消した人 {done.erased}人、取り消された言葉 {done.unsent}件")
    typer.echo(f"  答えずに置いたもの: 届いた言葉 {done.events}件、送る前の言葉 {done.letters}件")
    typer.echo("  控えを作ったあとの相談は入っていません。LINEの画面で、その間の方に声をかけてください")


async def _restore(settings: Settings, file: Path, keys: Path) -> Restored:
    mode = choose_mode(settings)
    masters = mode.masters
    forms = {name: desk.content.forms for name, desk in desks_of(settings, mode).items()}
    now = datetime.now(UTC)
    with only_server(settings, alone=True), backups.opened(masters, file, keys) as found:
        return await put_back(settings, masters, found.plain, found.endings, forms=forms, now=now)


def copy(
    to: Annotated[str, typer.Option(help="写す先(空のPostgreSQL: postgresql+psycopg://…)")],
) -> None:
    """データベースをそっくり別の空のデータベースに写し、一行ずつ比べる。サーバーを止めてから行う。"""
    if not to.startswith("postgresql+psycopg://"):
        refuse([_WRONG_TARGET])
    settings = load_settings()
    with refusing(), only_server(settings, alone=True):
        rows, differing = _copied(settings, to)
    if differing:
        refuse([f"写したあとの表 {name} が同じではありません" for name in differing])
    typer.echo(f"○ {rows:,}行を写し、一行ずつ比べて同じでした")
    typer.echo("  DATABASE_URLを写した先に変えて、サーバーを動かしてください")


def _copied(settings: Settings, to: str) -> tuple[int, list[str]]:
    try:
        return asyncio.run(_copy(settings, to))
    except copying.NotEmpty as error:
        refuse([f"--to: 空ではありません(表 {error.table})。何も写していません"])
    except migrate.SchemaTooNew:
        refuse(["--to: より新しい版のつなぐが使っています"])
    except migrate.SchemaMissing:
        refuse(["DATABASE_URL: 古い形です。「tsunagu migrate」を先に実行してください"])
    except ArgumentError:
        refuse([_WRONG_TARGET])
    except (DBAPIError, OSError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        refuse([f"DATABASE_URL, --to: {of_database(reason or error, to)}"])


async def _copy(settings: Settings, to: str) -> tuple[int, list[str]]:
    source, target = Database(settings.database_url), Database(to)
    try:
        async with source.write() as connection:
            await migrate.check(connection)
        async with source.read() as old, target.write() as new:
            await migrate.upgrade(new)
            copied = await copying.copy(old, new)
            differing = await copying.differences(old, new)
            if differing:
                # Nothing half right stays behind.
                raise _Differs(differing)
        return sum(copied.values()), []
    except _Differs as error:
        return 0, error.tables
    finally:
        await source.close()
        await target.close()


class _Differs(Exception):
    """The copy is not the same, so that it is undone."""

    def __init__(self, tables: list[str]) -> None:
        super().__init__(", ".join(tables))
        self.tables = tables
