"""`tsunagu richmenu …`: the menu under the talk."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot.commands.japanese import CommandLine
from bot.commands.refusing import load_settings, refuse, refusing
from bot.desks import ONE_DESK, desks_of, named
from bot.mode import choose_mode
from config.content import load_content
from config.richmenu import RichMenuWords
from config.settings import Settings, SettingsError
from handlers.line.menus import Applied, MenuError, compose, put_up

app = CommandLine(help="トーク画面の下のメニュー(リッチメニュー)。")


@app.callback()
def _menus() -> None:
    """トーク画面の下のメニュー(リッチメニュー)。"""


@app.command("apply")
def apply(
    desk: Annotated[str | None, typer.Option(help=ONE_DESK)] = None,
) -> None:
    """メニューの絵を描き、LINEに登録して、全員に表示する。何度実行しても一つだけ残る。"""
    settings = load_settings()
    if settings.line_channel_access_token is None and settings.desks_file is None:
        refuse(
            [
                "LINE_CHANNEL_ACCESS_TOKEN: ありません。LINE Developersの「チャネルアクセストークン」を入れてください",
                "  (シミュレーターでは、「tsunagu serve」がメニューを自動で出します)",
            ]
        )
    for line in _told(_apply(settings, desk)):
        typer.echo(line)


def _apply(settings: Settings, asked: str | None) -> Applied:
    with refusing():
        desk, token, words = _account(settings, asked)
        menu = compose(words, desk)

    try:
        return asyncio.run(put_up(menu, desk, access_token=token, host=settings.line_api_url))
    except MenuError as error:
        refuse([f"メニュー: {error}"])


def _account(settings: Settings, asked: str | None) -> tuple[str, str, RichMenuWords]:
    """Desk, access token and words. A single desk needs nothing but its token for this."""
    if (token := settings.line_channel_access_token) is not None and settings.desks_file is None:
        return named(None, asked), token.get_secret_value(), load_content().richmenu
    mode = choose_mode(settings)
    desk = named(mode.file, asked)
    if (found := desks_of(settings, mode).get(desk)) is None:
        raise SettingsError([f"--desk: 窓口「{desk}」の文面が読めません。「tsunagu doctor」で確かめてください"])
    return desk, mode.tokens[desk], found.content.richmenu


def _told(applied: Applied) -> list[str]:
    """What was done, for the person at the terminal."""
    lines = []
    if applied.made:
        lines.append(
            "メニューを作り、全員に表示するようにしました。トークを開き直すと出ます(1分ほどかかることがあります)"
        )
    elif applied.shown:
        lines.append("同じメニューがあったので、それを全員に表示するようにしました")
    else:
        lines.append("同じメニューがすでに表示されています。何も変えていません")
    if applied.instead:
        lines.append("これまでは、つなぐが作っていないメニューが表示されていました。そのメニューは消していません")
    if applied.removed:
        lines.append(f"つなぐの古いメニューを{applied.removed}つ消しました")
    return lines
