"""部屋: how somebody's room stands, and putting it together with an earlier one after talking with them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from casework.numbers import number_typed
from casework.people import Viewer
from casework.permissions import Action, allowed
from handlers.staff import case_labels, doing
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.case import back, change, look
from handlers.staff.console import console_of
from handlers.staff.forms import line_of, text_of
from handlers.staff.pages import page
from storage import cases, knocks, room_joining, rooms
from storage.case_acts import By
from storage.case_tables import NoteKind
from storage.cases import CaseRow
from storage.database import Connection

router = APIRouter()

SHORTEST_REASON = 8
_REASON = f"どうやって同じ方だと確かめたかを、{SHORTEST_REASON}文字より長く書いてください。"
_MISSING = "この番号の相談は見つかりません。あなたが見られる、同じ窓口の相談だけをつなげます。"
_NOTHING = "つなげません。どちらの方にも開いている部屋があり、いま話している部屋の方が新しいときだけ、つなげます。"


@router.get("/cases/{case_id}/room")
async def room_page(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.SEE_CASE))], case_id: UUID
) -> Response:
    """The room of whom a case is about."""
    case = await look(request, viewer, case_id, Action.SEE_CASE)
    return await _show(request, viewer, case)


async def _show(request: Request, viewer: Viewer, case: CaseRow, *, status: int = 200, **values: Any) -> Response:
    console = console_of(request)
    async with console.database.glance() as connection:
        room = await rooms.room_of(connection, case.resident_id)
        facts = await cases.facts_of(connection, case)
        joined = await room_joining.joined(connection, case.id, viewer)
        on_line = await knocks.is_on_line(connection, case.resident_id)
    shown = {
        "case": case,
        "room": room,
        "joined": joined,
        "on_line": on_line,
        "labels": case_labels,
        "may_join": allowed(viewer, Action.JOIN_ROOMS, facts) and case.hidden_at is None and room is not None,
        "number": "",
        "reason": "",
    }
    return page(request, "room_joining.html", viewer, status=status, **{**shown, **values})


@router.post("/cases/{case_id}/room")
async def join(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.JOIN_ROOMS))], case_id: UUID
) -> Response:
    """Put the earlier room of another case together with this one, with the reason kept at both."""
    case = await look(request, viewer, case_id, Action.JOIN_ROOMS)
    number = number_typed(await line_of(request, "number", longest=16))
    reason = (await text_of(request, "reason")).strip()
    typed = {"number": number, "reason": reason}
    if len(reason) < SHORTEST_REASON:
        return await _show(request, viewer, case, status=422, problem=_REASON, **typed)
    found: list[CaseRow] = []

    async def work(connection: Connection, locked: CaseRow, by: By) -> bool:
        earlier = await room_joining.find(connection, locked.desk_id, number, viewer)
        if earlier is None:
            return False
        found.append(earlier)
        if not await room_joining.join(connection, locked, earlier, by):
            return False
        for one, other in ((locked, earlier), (earlier, locked)):
            body = f"{other.number}の部屋とつないだ。\n{reason}"
            await doing.add_note(connection, console_of(request).keyring, one, by, kind=NoteKind.NOTE, body=body)
        await note(request, connection, "room_closed", "case", earlier.id, desk_id=earlier.desk_id)
        return True

    _, done = await change(request, viewer, case_id, Action.JOIN_ROOMS, "rooms_joined", work)
    if done:
        return back(case_id, "rooms_joined")
    problem = _NOTHING if found else _MISSING
    return await _show(request, viewer, case, status=409, problem=problem, **typed)
