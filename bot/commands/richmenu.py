"""`tsunagu richmenu …`: the menu under the talk."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot.commands.refusing import load_settings, refuse, refusing
from bot.mode import DEFAULT_DESK
from config.richmenu import rich_menu
from config.settings import Settings
from handlers.line.menus import Applied, MenuError, compose, put_up

app = typer.Typer(no_args_is_help=True, help="トーク画面の下のメニュー(リッチメニュー)。")


@app.callback()
def _menus() -> None:
    """トーク画面の下のメニュー(リッチメニュー)。"""


@app.command("apply")
def apply(
    desk: Annotated[str, typer.Option(help="窓口の名前")] = DEFAULT_DESK,
) -> None:
    """メニューの絵を描き、LINEに登録して、全員に表示する。何度実行しても一つだけ残る。"""
    settings = load_settings()
    if desk != DEFAULT_DESK:
        refuse([f"--desk: 「{desk}」という窓口はありません。この版の窓口は {DEFAULT_DESK} だけです"])
    if settings.line_channel_access_token is None:
        refuse(
            [
                "LINE_CHANNEL_ACCESS_TOKEN: ありません。LINE Developersの「チャネルアクセストークン」を入れてください",
                "  (シミュレーターでは、「tsunagu serve」がメニューを自動で出します)",
            ]
        )
    for line in _told(_apply(settings, settings.line_channel_access_token.get_secret_value(), desk)):
        typer.echo(line)


def _apply(settings: Settings, token: str, desk: str) -> Applied:
    with refusing():
        menu = compose(rich_menu(), desk)

    try:
        return asyncio.run(put_up(menu, desk, access_token=token, host=settings.line_api_url))
    except MenuError as error:
        refuse([f"メニュー: {error}"])


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
