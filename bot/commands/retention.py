"""`tsunagu retention …`: whose words are kept no longer, and whose must not go."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from bot.commands.japanese import CommandLine
from bot.commands.opened import Opened, with_database
from bot.commands.refusing import refuse
from bot.desks import ONE_DESK, desks_of, named
from casework.retention import Rule, Stays
from handlers.clock.retention import Retention, Run
from storage import audit, retention
from storage.audit import Act
from storage.database import Connection
from storage.ids import new_id
from storage.retention import Whose

app = CommandLine(help="記録の保存期間。")

_GOES = {
    Rule.ANONYMOUS: "同意のない相談で、最後の連絡から時間がたったもの",
    Rule.CONSENTED: "同意のある相談で、終結から年数がたったもの",
}
_STAYS = {
    Stays.OPEN_CASE: "終結していない",
    Stays.HELD: "保存を命じられている",
    Stays.CHECKED_IN: "伴走のお便りが続いている",
    Stays.NOT_YET: "期間がまだ終わっていない",
}
OfDesk = Annotated[str | None, typer.Option(help=ONE_DESK)]
Number = Annotated[str, typer.Argument(help="相談の番号(例 2026-0001)")]


@app.callback()
def _retention() -> None:
    """記録の保存期間。"""


@app.command("run")
def run(
    carry_out: Annotated[bool, typer.Option("--carry-out", help="数えるだけでなく、ほんとうに消す")] = False,
) -> None:
    """保存期間が終わった相談を数える。--carry-out をつけると消す(元に戻せない)。数だけは名前なしで残る。"""

    async def work(opened: Opened) -> dict[str, Run]:
        desks = desks_of(opened.settings, opened.mode)
        keeper = Retention(
            database=opened.database, keyring=opened.keyring, desks=desks, clock=lambda: opened.now, new_id=new_id
        )
        return {name: await keeper.run(name, carry_out=carry_out) for name in desks}

    for desk_id, found in with_database(work).items():
        typer.echo(f"窓口 {desk_id}: {'消しました' if carry_out else '消える予定(まだ消していません)'}")
        for rule, words in _GOES.items():
            typer.echo(f"  {words}: {found.going.get(rule, 0)}人")
        for reason, words in _STAYS.items():
            typer.echo(f"  残るもの({words}): {found.staying.get(reason, 0)}人")


@app.command("hold")
def hold(
    number: Number,
    reason: Annotated[str, typer.Option(help="理由(開示請求、裁判所の命令など)。封をして残す")],
    desk: OfDesk = None,
) -> None:
    """この方の記録を、期間が過ぎても本人が「消して」と言っても、消さずに置く。"""

    async def work(opened: Opened) -> bool:
        async with opened.database.write() as connection:
            case = await retention.whose(connection, named(opened.mode.file, desk), number)
            if case is None:
                return False
            await retention.hold(connection, opened.keyring, case, reason, by=None, at=opened.now, new_id=new_id)
            await _note(connection, opened, case, "held")
        return True

    try:
        if not with_database(work):
            refuse([f"{number}: その番号の相談はありません"])
    except retention.HoldStands:
        refuse([f"{number}: もう保存が命じられています"])
    typer.echo(f"○ {number} の記録は、解くまで消えません")


@app.command("release")
def release(number: Number, desk: OfDesk = None) -> None:
    """保存の命令を解く。消すことを選んでいた方の記録は、このあと消える。"""

    async def work(opened: Opened) -> bool:
        async with opened.database.write() as connection:
            case = await retention.whose(connection, named(opened.mode.file, desk), number)
            if case is None or not await retention.release(connection, case.resident_id, by=None, at=opened.now):
                return False
            await _note(connection, opened, case, "released")
        return True

    if not with_database(work):
        refuse([f"{number}: 保存は命じられていません"])
    typer.echo(f"○ {number} の保存を解きました")


@app.command("holds")
def holds() -> None:
    """保存が命じられている記録と、その理由。"""

    async def work(opened: Opened) -> list[tuple[str, str, datetime, str]]:
        async with opened.database.read() as connection:
            return list(await retention.holds(connection, opened.keyring))

    for desk_id, number, since, reason in with_database(work):
        typer.echo(f"{desk_id}\t{number}\t{since:%Y-%m-%d}\t{reason}")


async def _note(connection: Connection, opened: Opened, case: Whose, action: str) -> None:
    act = Act(action=action, object_kind="case", object_id=case.id, desk_id=case.desk_id)
    await audit.record(connection, opened.keyring, act, at=opened.now, new_id=new_id)
