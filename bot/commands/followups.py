"""`tsunagu followups`: what would go out, and what not and why. Sending is the server's business."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import Annotated

import typer

from bot.commands.opened import Opened, with_database
from bot.commands.refusing import load_settings, refuse, refusing
from bot.desks import ONE_DESK, desks_of, named
from bot.mode import choose_mode
from casework.workdays import DAYS_SHOWN
from dialogue.followups import Band, Rhythm
from handlers.checkin_forecast import Foreseen, foresee
from handlers.sending_rules import Allowance, calendar_of
from handlers.sending_words import SHOWN
from storage.followup_tables import CheckInKind

LONGEST = timedelta(days=400)
KNOWN_TODAY = (
    "いま分かっていることからの見込みです。これから返事がない方への二度目のひと声と、そのあとお便りが止まることは、"
    "入っていません。送る直前に、もう一度すべて確かめます。"
)
_RHYTHMS = {
    Rhythm.TOMORROW: "1回",
    Rhythm.WEEKLY: "週1",
    Rhythm.FORTNIGHTLY: "2週に1",
    Rhythm.MONTHLY: "月1",
    Rhythm.ON_DAY: "1回",
}
_BANDS = {Band.MORNING: "朝", Band.NOON: "昼", Band.EVENING: "夕"}


def followups(
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="この日まで(この日を含む)")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="何も送らず、予定だけを見る")] = False,
    left: Annotated[
        int | None, typer.Option(min=0, help="今月あと何通送れるか。書かなければ上限なしとして見る")
    ] = None,
    desk: Annotated[str | None, typer.Option(help=ONE_DESK)] = None,
) -> None:
    """これから送るお便りと、送らないものの理由を、今わかっていることから並べる。送るのはサーバー。"""
    if not dry_run:
        refuse(["followups: 送るのはサーバーです。予定を見るには --dry-run を付けてください"])
    with refusing():
        settings = load_settings()
        mode = choose_mode(settings)
        one = desks_of(settings, mode)[named(mode.file, desk)]
    zone = calendar_of(one).zone
    ends = datetime.combine(until.date() + timedelta(days=1), time(), zone)

    async def work(opened: Opened) -> list[Foreseen]:
        if ends > opened.now + LONGEST:
            refuse([f"followups: --until は{LONGEST.days}日先までにしてください"])
        allowance = Allowance(left=left, reserve=one.content.desk.sending.quota_reserve)
        async with opened.database.read() as connection:
            return await foresee(connection, opened.keyring, one, now=opened.now, until=ends, allowance=allowance)

    found = with_database(work)
    for foreseen in found:
        typer.echo(_line(foreseen, foreseen.at.astimezone(zone)))
    skipped = Counter(SHOWN[one.why] for one in found if one.why is not None)
    typer.echo(f"送る {len(found) - skipped.total()} 件、送らない {skipped.total()} 件")
    for why, count in skipped.most_common():
        typer.echo(f"  {count} 件: {why}")
    typer.echo(KNOWN_TODAY)


def _line(one: Foreseen, here: datetime) -> str:
    when = f"{here:%Y-%m-%d}({DAYS_SHOWN[here.weekday()]}) {here:%H:%M}"
    what = (
        "二度目のひと声" if one.kind is CheckInKind.SECOND else f"{_RHYTHMS[one.plan.rhythm]}・{_BANDS[one.plan.band]}"
    )
    return f"{when}  {one.alias}  {what}  " + ("送る" if one.why is None else f"送らない: {SHOWN[one.why]}")
