"""引継ぎ and 休暇代行: giving cases on with a note, and who stands in for whom for a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from casework.people import Role, Viewer
from casework.permissions import Action, Scope, reaches
from casework.queue import Filters, Level
from handlers.staff import case_labels, doing
from handlers.staff.access import refused, require
from handlers.staff.acts import note
from handlers.staff.console import console_of
from handlers.staff.desk_choice import desk_here
from handlers.staff.forms import id_of, text_of, texts_of
from handlers.staff.pages import page
from handlers.staff.queue import LONGEST_NOTE, queue_row
from storage import case_queue, cases, changes, staff, stand_ins
from storage.assigning import can_have
from storage.case_acts import By
from storage.database import Connection

router = APIRouter()

Giver = Annotated[Viewer, Depends(require(Action.HAND_OVER))]
#: Longer than this nobody stands in without being asked again.
LONGEST = timedelta(days=100)
_DONE = {
    "handed": "引き継ぎました。相手の一覧に出ます。",
    "standing": "代行を入れました。期間のあいだ、代わる人に同じ相談が見えます。",
    "ended": "代行を終えました。",
}
_WORKERS = frozenset({Role.COORDINATOR, Role.SUPERVISOR})


@dataclass(frozen=True, kw_only=True, slots=True)
class Team:
    """The people of a desk who have cases, and for whom of them the viewer may act."""

    desk_id: str
    names: Mapping[UUID, str]
    mine: frozenset[UUID]


async def _team(request: Request, connection: Connection, viewer: Viewer) -> Team:
    console = console_of(request)
    desk_id = desk_here(request, viewer, Action.HAND_OVER)
    given = await staff.grants(connection, console.clock())
    works = {one.staff_id for one in given if one.grant.role in _WORKERS and one.grant.is_at(desk_id)}
    names = {one.id: one.shown_name for one in await staff.everybody(connection) if one.disabled_at is None}
    people = {one: names[one] for one in sorted(works & names.keys(), key=lambda one: names[one])}
    whole = any(scope is Scope.DESK and grant.is_at(desk_id) for scope, grant in reaches(viewer, Action.HAND_OVER))
    return Team(desk_id=desk_id, names=people, mine=frozenset(people) if whole else viewer.acts_for & frozenset(people))


@router.get("/hand-over")
async def hand_over_page(request: Request, viewer: Giver) -> Response:
    """One's own cases to give on, and who is away when."""
    return await _show(request, viewer, notice=_DONE.get(request.query_params.get("done", "")))


async def _show(request: Request, viewer: Viewer, *, status: int = 200, **values: Any) -> Response:
    console, now = console_of(request), console_of(request).clock()
    async with console.database.read() as connection:
        team = await _team(request, connection, viewer)
        asked = id_of(request.query_params.get("from", ""))
        giver = asked if asked in team.mine else viewer.staff_id
        filters = Filters(owner=str(giver))
        found = await case_queue.page(connection, team.desk_id, filters, viewer)
        names = await staff.names(connection)
        standing = await stand_ins.current(connection, now)
    shown = {
        "team": team,
        "giver": giver,
        "rows": [queue_row(console, case, names) for case in found.cases],
        "names": names,
        "standing": [one for one in standing if {one.absent_id, one.stand_in_id} & team.names.keys()],
        "ends": {one.id for one in standing if team.mine & {one.absent_id} or one.stand_in_id == viewer.staff_id},
        "picked": {request.query_params.get("case", "")},
        "now": now,
        "today": now.astimezone(console.zone_of(team.desk_id)).date(),
        "longest": LONGEST_NOTE,
        "labels": case_labels,
        "Level": Level,
        "area_name": console.words_of(team.desk_id).area_name,
        "typed_words": "",
        "to": None,
    }
    return page(request, "hand_over.html", viewer, status=status, **{**shown, **values})


@router.post("/hand-over")
async def hand_over(request: Request, viewer: Giver) -> Response:
    """Give the ticked cases on. What cannot be given stays ticked, and nothing typed is lost."""
    to, words = id_of(await text_of(request, "to")), await text_of(request, "words")
    picked = [case_id for text in await texts_of(request, "case") if (case_id := id_of(text)) is not None]
    typed = {"typed_words": words, "to": to, "picked": {str(one) for one in picked}}
    if to is None or not picked or not words or len(words) > LONGEST_NOTE:
        problem = "引き継ぐ相談、相手、引継ぎの言葉を入れてください。"
        return await _show(request, viewer, status=422, problem=problem, **typed)
    left = [case_id for case_id in picked if not await _handed(request, viewer, case_id, to, words)]
    if left:
        problem = (
            f"{len(left)}件は引き継げませんでした。相手の圏域や、見せない設定を確かめるか、画面を開きなおしてください。"
        )
        return await _show(
            request, viewer, status=409, problem=problem, **{**typed, "picked": {str(one) for one in left}}
        )
    return RedirectResponse("/staff/hand-over?done=handed", status_code=303)


async def _handed(request: Request, viewer: Viewer, case_id: UUID, to: UUID, words: str) -> bool:
    console = console_of(request)
    async with console.database.write() as connection:
        case = await cases.load(connection, case_id, viewer, Action.HAND_OVER, lock=True)
        possible = await can_have(connection, to, case_id, console.clock())
        if case is not None and case.hidden_at is None and case.owner_id != to and possible:
            by = By(staff_id=viewer.staff_id, at=console.clock(), new_id=console.new_id)
            if await doing.hand_on(connection, console.keyring, case, by, to=to, words=words):
                detail = {"to": str(to), "from": None if case.owner_id is None else str(case.owner_id)}
                await note(request, connection, "case_handed_on", "case", case_id, desk_id=case.desk_id, detail=detail)
                await changes.bump(connection, case.desk_id)
                return True
    if case is None:
        await refused(request, Action.HAND_OVER, case_id)
    return False


@router.post("/stand-ins")
async def stand_in(request: Request, viewer: Giver) -> Response:
    """From a day to a day somebody stands in."""
    console, now = console_of(request), console_of(request).clock()
    absent, there = id_of(await text_of(request, "absent")), id_of(await text_of(request, "stand_in"))
    desk_id = desk_here(request, viewer, Action.HAND_OVER)
    span = await _span(request, now.astimezone(console.zone_of(desk_id)))
    async with console.database.write() as connection:
        team = await _team(request, connection, viewer)
        if absent is not None and absent not in team.mine:
            raise HTTPException(404)
        known = absent is not None and there in team.names and there != absent
        if known and span is not None and absent is not None and there is not None:
            standing_id = await stand_ins.add(
                connection,
                absent_id=absent,
                stand_in_id=there,
                starts_at=max(span[0], now),
                ends_at=span[1],
                by=viewer.staff_id,
                now=now,
                new_id=console.new_id,
            )
            detail = {"absent": str(absent), "stand_in": str(there), "period": str(standing_id)}
            await note(request, connection, "stand_in_set", "staff", absent, desk_id=team.desk_id, detail=detail)
            return RedirectResponse("/staff/hand-over?done=standing#away", status_code=303)
    problem = "休む人、代わる人、期間を確かめてください。期間は、きょうから100日までです。"
    return await _show(request, viewer, status=422, problem=problem)


async def _span(request: Request, local: datetime) -> tuple[datetime, datetime] | None:
    """From the first minute of a day to the last of another."""
    try:
        first, last = [date.fromisoformat(await text_of(request, name)) for name in ("first", "last")]
    except ValueError:
        return None
    if not local.date() <= first <= last <= local.date() + LONGEST:
        return None
    begins, ends = (datetime.combine(day, time(), local.tzinfo) for day in (first, last + timedelta(days=1)))
    return begins, ends


@router.post("/stand-ins/{standing_id}/end")
async def end_stand_in(request: Request, viewer: Giver, standing_id: UUID) -> Response:
    """It is over: ended by the absent one, by who stands in, or by a supervisor."""
    console, now = console_of(request), console_of(request).clock()
    async with console.database.write() as connection:
        team = await _team(request, connection, viewer)
        found = next((one for one in await stand_ins.current(connection, now) if one.id == standing_id), None)
        if found is None or not (found.absent_id in team.mine or found.stand_in_id == viewer.staff_id):
            raise HTTPException(404)
        await stand_ins.end(connection, found, now=now)
        detail = {"absent": str(found.absent_id), "stand_in": str(found.stand_in_id)}
        await note(request, connection, "stand_in_ended", "staff", found.absent_id, desk_id=team.desk_id, detail=detail)
    return RedirectResponse("/staff/hand-over?done=ended#away", status_code=303)
