"""Why nothing is sent to a resident now, as staff read it: before they write or set something, not after."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from fastapi import Request

from casework.workdays import date_shown
from dialogue.followups import Calendar
from dialogue.sending import Skip, SkipReason, Verdict, Wait
from handlers import sending_rules
from handlers.at_door import place_of
from handlers.sending_words import SHOWN
from handlers.staff.console import console_of
from storage import residents, rooms
from storage.cases import CaseRow
from storage.database import Connection
from storage.residents import ResidentRow
from storage.tables import Place


class Rule(Protocol):
    """Whether something may be sent now."""

    async def __call__(
        self, connection: Connection, resident: ResidentRow, calendar: Calendar, *, now: datetime
    ) -> Verdict: ...


_ELSE = {
    SkipReason.UNSAFE: (
        "ほかの人が画面を見るおそれがあります。本人が書いてきてから30分のあいだは送れます。"
        "ほかの連絡のしかたを、係で話し合ってください。"
    ),
}


async def withheld(request: Request, case: CaseRow) -> str | None:
    """The reason, None where a person may write."""
    verdict, in_room = await _verdict(request, case, sending_rules.staff_answer)
    if in_room and (isinstance(verdict, Wait) or verdict == Skip(why=SkipReason.BLOCKED)):
        # Words in the room disturb nobody and need no LINE; the knock that tells of them waits by itself.
        return None
    return _shown(request, case, verdict, "本人が返事を待っているときは、すぐに送れます。")


async def untold(request: Request, case: CaseRow) -> str | None:
    """Why a resident is not told now what became of their check-ins: nobody waits for that at night."""
    verdict, in_room = await _verdict(request, case, sending_rules.check_ins_told)
    if in_room and isinstance(verdict, Wait):
        return None
    return _shown(request, case, verdict, "本人が書いてきているあいだは、すぐに送れます。")


async def _verdict(request: Request, case: CaseRow, rule: Rule) -> tuple[Verdict, bool]:
    """What the rule says, and whether words go to a room of ours."""
    console = console_of(request)
    desk = console.desks[case.desk_id]
    now, calendar = console.clock(), sending_rules.calendar_of(desk)
    async with console.database.glance() as connection:
        resident = await residents.by_id(connection, console.keyring, case.resident_id)
        if resident is None:
            return Skip(why=SkipReason.ERASED), False
        verdict = await rule(connection, resident, calendar, now=now)
        room = await rooms.room_of(connection, case.resident_id)
    return verdict, room is not None and place_of(desk, resident.place) is Place.ROOM


def _shown(request: Request, case: CaseRow, verdict: Verdict, sooner: str) -> str | None:
    """A verdict in words, with when it may be; `sooner`: in which case at once."""
    console = console_of(request)
    match verdict:
        case Skip(why=why):
            return f"いまは送りません({SHOWN[why]})。{_ELSE.get(why, '')}"
        case Wait(until=until, why=why):
            zone = sending_rules.calendar_of(console.desks[case.desk_id]).zone
            here, there = console.clock().astimezone(zone), until.astimezone(zone)
            when = f"{date_shown(there.date(), here.date())} {there:%H:%M}"
            return f"いまは送りません({SHOWN[why]})。{when}から送れます。{sooner}"
    return None
