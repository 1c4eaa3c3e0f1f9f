"""`tsunagu audit …`: whether the record of acts is whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.japanese import CommandLine
from bot.commands.opened import Opened, with_database
from bot.commands.refusing import refuse
from handlers.clock.staffroom import HEADS_FILE, line_of
from storage import audit
from storage.audit import Flaw, Found, Head

app = CommandLine(help="操作の記録(監査)。")

_SAID = {
    Flaw.CHANGED: "書きかえられています",
    Flaw.MISSING: "抜けています",
    Flaw.CUT: "ここから後が切りとられています",
}


@app.callback()
def _audit() -> None:
    """操作の記録(監査)。"""


@app.command("head")
def head() -> None:
    """記録の今の終わりを、1行に1つのJSONで書く。別の場所に保管しておくと、後で切りとられたことがわかる。"""

    async def work(opened: Opened) -> list[str]:
        async with opened.database.read() as connection:
            return [line_of(found, opened.now) for found in await audit.heads(connection)]

    for line in with_database(work):
        typer.echo(line)


@app.command("verify")
def verify(
    heads: Annotated[
        list[Path] | None, typer.Option(help="保管しておいた「tsunagu audit head」の出力。何度でも書ける")
    ] = None,
) -> None:
    """記録に変更・抜け・切りとりがないかを調べる。あれば終了コード1。"""
    exported = [found for path in heads or [] for found in _read(path)]

    async def work(opened: Opened) -> tuple[list[Found], int]:
        daily = opened.settings.data_dir / HEADS_FILE
        known = [*exported, *(_read(daily) if daily.is_file() else [])]
        async with opened.database.read() as connection:
            return await audit.verify(connection, opened.keyring, known), len(known)

    found, compared = with_database(work)
    for flaw in found:
        typer.echo(f"× 窓口 {flaw.desk_id} の {flaw.number} 番: {_SAID[flaw.flaw]}")
    if found:
        raise typer.Exit(1)
    typer.echo(f"○ 操作の記録に変わりはありません(保管した終わり {compared} 件とも一致)")


def _read(path: Path) -> list[Head]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.strip()]
        return [Head(desk_id=row["desk"], number=int(row["number"]), mac=bytes.fromhex(row["mac"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError):
        refuse([f"{path.name}: 「tsunagu audit head」の出力として読めません"])
