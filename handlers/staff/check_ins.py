"""お便り(伴走): what goes out to whom this week and next, whether the month's messages last, and pauses for many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from casework.people import Viewer
from casework.permissions import Action, Scope, reaches
from handlers.checkin_forecast import Foreseen
from handlers.sending_words import SHOWN
from handlers.staff import check_in_labels, words
from handlers.staff.access import refused, require
from handlers.staff.acts import note
from handlers.staff.console import Console, console_of
from handlers.staff.desk_choice import desk_here
from handlers.staff.foresight import days_of, foresights, reasons_of
from handlers.staff.forms import text_of
from handlers.staff.pages import page
from storage import changes, check_in_board, contact_pauses, staff
from storage.check_in_board import Standing
from storage.contact_pauses import PauseRow
from storage.database import Connection
from storage.followup_tables import PauseReason

router = APIRouter()

Worker = Annotated[Viewer, Depends(require(Action.CLAIM))]

#: As many of one day as one can look through.
MOST = 200
LONGEST_PAUSE = timedelta(days=92)
SHOWN_FOR = timedelta(days=30)
#: The value of the field for the whole desk; areas have letters and digits only.
WHOLE = "*"
DONE = {
    "paused": "お便りを一斉に休みにしました。期間中は、新しいお便りが出ません。",
    "resumed": "一斉の休みを取り消しました。次のお便りから、また届きます。休みの間の分は送り直しません。",
}
WRONG = "だれの分を、いつからいつまで休むのかを確かめてください。終わりの日は、きょうから3か月以内です。"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One word of a day. Without `standing` it is somebody who has no open case."""

    one: Foreseen
    standing: Standing | None


@router.get("/check-ins")
async def check_ins_page(request: Request, viewer: Worker) -> Response:
    """The calendar, one day of it by name, the month's messages, and the pauses."""
    return await _show(request, viewer, notice=DONE.get(request.query_params.get("done", "")))


async def _show(request: Request, viewer: Viewer, *, status: int = 200, **values: Any) -> Response:
    console, now = console_of(request), console_of(request).clock()
    desk_id = _desk(request, viewer)
    zone = console.zone_of(desk_id)
    known = await foresights(request).of(desk_id)
    async with console.database.read() as connection:
        standings = await check_in_board.standings(connection, desk_id, viewer)
        pauses = await contact_pauses.recent(connection, desk_id, since=now - SHOWN_FOR)
        names = await staff.names(connection)
    wanted = _day(request.query_params.get("day", ""), known.at.astimezone(zone).date())
    of_day = [one for one in known.found if one.at.astimezone(zone).date() == wanted]
    only_short = request.query_params.get("show") == "short"
    rows = _rows(known.short if only_short else of_day, standings)
    async with console.database.write() as connection:
        await note(request, connection, "check_ins_seen", "queue", None, desk_id=desk_id)
    areas, whole = pausable(console, viewer, desk_id)
    shown = {
        "desk_id": desk_id,
        "known": known,
        "days": days_of(known, console, desk_id),
        "wanted": wanted,
        "only_short": only_short,
        "rows": rows[:MOST],
        "more": max(len(rows) - MOST, 0),
        "elsewhere": (len(known.short) if only_short else len(of_day)) - len(rows),
        "reasons": reasons_of(known.found),
        "pauses": pauses,
        "names": names,
        "areas": areas,
        "whole": whole,
        "WHOLE": WHOLE,
        "area_name": console.words_of(desk_id).area_name,
        "skips": SHOWN,
        "labels": check_in_labels,
        "weekday": words.weekday,
        "today": now.astimezone(zone).date(),
        "pause_reasons": list(PauseReason),
        "may_end": lambda pause: _may_touch(console, viewer, desk_id, pause.area),
        "now": now,
        "typed": {"until": "", "from": "", "area": "", "reason": ""},
    }
    return page(request, "check_ins.html", viewer, status=status, **{**shown, **values})


def _desk(request: Request, viewer: Viewer) -> str:
    return desk_here(request, viewer, Action.CLAIM)


def _rows(found: list[Foreseen], standings: Mapping[UUID, Standing]) -> list[Row]:
    """Those of whom the viewer may know. Who has no case is known to all who work at the desk."""
    rows = [Row(one=one, standing=standings.get(one.resident_id)) for one in found]
    return [row for row in rows if row.standing is None or (row.standing.seen and not row.standing.hidden)]


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def pausable(console: Console, viewer: Viewer, desk_id: str) -> tuple[list[str], bool]:
    """The areas for which somebody may pause, and whether the whole desk: whoever works there may stop it."""
    given = [grant for scope, grant in reaches(viewer, Action.CLAIM) if scope in {Scope.AREA, Scope.DESK}]
    here = [grant for grant in given if grant.is_at(desk_id)]
    areas = [area.id for area in console.words_of(desk_id).areas if any(grant.is_in(area.id) for grant in here)]
    return areas, any(grant.areas is None for grant in here)


def _may_touch(console: Console, viewer: Viewer, desk_id: str, area: str | None) -> bool:
    areas, whole = pausable(console, viewer, desk_id)
    return whole if area is None else area in areas


@router.post("/check-ins/pauses")
async def pause(request: Request, viewer: Worker) -> Response:
    """Nothing goes out to an area, or to the whole desk, for some days."""
    console, now = console_of(request), console_of(request).clock()
    desk_id = _desk(request, viewer)
    typed = {name: await text_of(request, name) for name in ("area", "reason", "from", "until")}
    span = _span(typed["from"], typed["until"], now, console.zone_of(desk_id))
    area = None if typed["area"] == WHOLE else typed["area"]
    if span is None or typed["reason"] not in set(PauseReason):
        return await _show(request, viewer, status=422, problem=WRONG, typed=typed)
    if not _may_touch(console, viewer, desk_id, area):
        return await _show(request, viewer, status=422, problem="休みにできるのは、担当の圏域だけです。", typed=typed)
    async with console.database.write() as connection:
        pause_id = await contact_pauses.add(
            connection,
            desk_id,
            area=area,
            reason=PauseReason(typed["reason"]),
            starts_at=span[0],
            ends_at=span[1],
            by=viewer.staff_id,
            at=now,
            new_id=console.new_id,
        )
        detail = {"area": area or WHOLE, "reason": typed["reason"]}
        await note(request, connection, "contact_paused", "pause", pause_id, desk_id=desk_id, detail=detail)
        await changes.bump(connection, desk_id)
    foresights(request).forget(desk_id)
    return RedirectResponse("/staff/check-ins?done=paused", status_code=303)


def _span(first: str, last: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """From now, or from the morning of a day, to the end of a day."""
    today = now.astimezone(zone).date()
    try:
        starts = date.fromisoformat(first) if first else today
        ends = date.fromisoformat(last)
    except ValueError:
        return None
    if not today <= starts <= ends <= today + LONGEST_PAUSE:
        return None
    begins = now if starts == today else datetime.combine(starts, time(), zone)
    return begins, datetime.combine(ends + timedelta(days=1), time(), zone)


@router.post("/check-ins/pauses/{pause_id}/end")
async def resume(request: Request, viewer: Worker, pause_id: UUID) -> Response:
    """Take a pause back."""
    console, now = console_of(request), console_of(request).clock()
    desk_id = _desk(request, viewer)
    if not await _is_theirs(request, viewer, desk_id, pause_id):
        await refused(request, Action.CLAIM)
        raise HTTPException(404)
    async with console.database.write() as connection:
        ended = await contact_pauses.end(connection, desk_id, pause_id, by=viewer.staff_id, at=now)
        if ended is not None:
            await _noted(request, connection, ended)
    foresights(request).forget(desk_id)
    if ended is None:
        return await _show(request, viewer, status=409, problem="この休みは、もう終わっています。")
    return RedirectResponse("/staff/check-ins?done=resumed", status_code=303)


async def _noted(request: Request, connection: Connection, ended: PauseRow) -> None:
    detail = {"area": ended.area or WHOLE}
    await note(request, connection, "contact_resumed", "pause", ended.id, desk_id=ended.desk_id, detail=detail)
    await changes.bump(connection, ended.desk_id)


async def _is_theirs(request: Request, viewer: Viewer, desk_id: str, pause_id: UUID) -> bool:
    console = console_of(request)
    async with console.database.glance() as connection:
        row = await contact_pauses.one(connection, desk_id, pause_id)
    return row is not None and _may_touch(console, viewer, desk_id, row.area)
