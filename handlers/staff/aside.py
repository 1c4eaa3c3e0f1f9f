"""Events that came in and were not worked off: seen by supervisors and admins, tried again or closed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from casework.people import Viewer
from casework.permissions import Action, allowed_at, desks_for
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.console import console_of
from handlers.staff.pages import page
from storage import set_aside
from storage.endings import RESTORED
from storage.set_aside import SetAside
from storage.tables import Channel, InboxState

router = APIRouter()

Keeper = Annotated[Viewer, Depends(require(Action.SEE_SET_ASIDE))]
PAGE = 200
CHANNELS = {Channel.LINE: "LINE", Channel.ROOM: "部屋"}
_DONE = {
    "again": "もう一度、処理します。うまくいけば、まもなくここから消えます。",
    "closed": "閉じました。中身は消えました。",
}


def why(event: SetAside) -> str:
    """The reason in words of the console; names of errors stand as they are, for who keeps the program."""
    if event.reason == RESTORED:
        return "控えから戻したときに、まだ返事をしていませんでした。"
    if event.reason.startswith("unreadable"):
        return "形が正しくなく、読み取れませんでした。"
    if event.state is InboxState.UNKNOWN:
        return "この版のプログラムが知らない種類です。"
    return f"処理が続けて失敗しました（{event.reason or '不明'}）。"


@router.get("/set-aside")
async def set_aside_page(request: Request, viewer: Keeper) -> Response:
    """When, at which desk, from whom and why; never a word of it."""
    console = console_of(request)
    desks = desks_for(viewer, Action.SEE_SET_ASIDE)
    async with console.database.write() as connection:
        events = await set_aside.of_desks(connection, desks, limit=PAGE + 1)
        await note(request, connection, "set_aside_seen", "inbox", None)
    return page(
        request,
        "set_aside.html",
        viewer,
        rows=[(one, why(one), _alias(viewer, one)) for one in events[:PAGE]],
        more=len(events) > PAGE,
        channels=CHANNELS,
        notice=_DONE.get(request.query_params.get("done", "")),
    )


def _alias(viewer: Viewer, event: SetAside) -> str:
    """From whom, for who may see cases there."""
    return event.alias or "" if allowed_at(viewer, Action.SEE_CASE, event.desk_id) else ""


@router.post("/set-aside/{event_id}/again")
async def try_again(request: Request, viewer: Keeper, event_id: UUID) -> Response:
    """As if it had just come."""
    async with console_of(request).database.write() as connection:
        desk_id = await set_aside.again(connection, desks_for(viewer, Action.SEE_SET_ASIDE), event_id)
        if desk_id is None:
            raise HTTPException(404)
        await note(request, connection, "set_aside_again", "inbox", event_id, desk_id=desk_id)
    return RedirectResponse("/staff/set-aside?done=again", status_code=303)


@router.post("/set-aside/{event_id}/close")
async def close(request: Request, viewer: Keeper, event_id: UUID) -> Response:
    """Nothing comes of it; what it said is gone."""
    async with console_of(request).database.write() as connection:
        desk_id = await set_aside.close(connection, desks_for(viewer, Action.SEE_SET_ASIDE), event_id)
        if desk_id is None:
            raise HTTPException(404)
        await note(request, connection, "set_aside_closed", "inbox", event_id, desk_id=desk_id)
    return RedirectResponse("/staff/set-aside?done=closed", status_code=303)
