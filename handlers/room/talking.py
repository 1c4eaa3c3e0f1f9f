"""The chat page: looking, saying, pressing, taking back. All of it works by plain forms; scripts only save the wait.

What is sent goes the way of every message: sealed into the inbox, decided in a turn, answered through the outbox.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from config.contents.room import CELLS
from handlers.links import PATHS
from handlers.room import events
from handlers.room.bubbles import shown
from handlers.room.door import RoomDoor, door_of
from handlers.room.ending import ending
from handlers.room.entry_link import is_guarded
from handlers.room.events import LONGEST, Sent, fresh_id, own_id, sealed
from handlers.room.inside import Inside, Listener, Visitor
from handlers.room.limits import Limit
from handlers.room.pages import look_of, page, ready, render, values_for
from handlers.room.security import TooFast, take
from storage import residents, room_links, room_talk, rooms, watchwords
from storage.database import Connection
from storage.intake import IntakeFailed
from storage.room_tables import RoomPurpose
from storage.room_talk import Talk, veiled
from storage.rooms import RoomRow

log = structlog.get_logger(__name__)
router = APIRouter()

#: Lines on a page: enough to know where one is, and light on an old phone.
LINES = 40
HOME = "/room/"


@router.get("/")
async def home(request: Request, inside: Visitor) -> Response:
    """The talk, with a place to write."""
    return await talk_page(request, inside, before=_moment(request.query_params.get("before")))


@router.get("/wait")
async def wait(request: Request, inside: Visitor) -> Response:
    """For browsers without scripts: the talk without a place to write, renewed until the answer is there."""
    await ready(look_of(request))
    talk = await talk_of(door_of(request), inside)
    if not talk.waits:
        return RedirectResponse(f"{HOME}#newest", status_code=303)
    return _page(request, inside, talk, before=None, waiting=True)


@router.get("/lines")
async def lines(request: Request, inside: Listener) -> Response:
    """The newest lines alone, for our script."""
    await ready(look_of(request))
    talk = await talk_of(door_of(request), inside)
    return HTMLResponse(render(request, "lines.html", inside.room.desk_id, **_values(request, inside, talk, None)))


@router.post("/say")
async def say(request: Request, inside: Visitor) -> Response:
    """Something the resident writes."""
    door, form = door_of(request), await request.form()
    text = _field(form.get("text")).replace("\r\n", "\n").strip("\n")
    if not text.strip():
        return _told(request, key="")
    if (refused := await _not_taken(request, inside, text)) is not None:
        return refused
    if len(text) > LONGEST:
        return await _unsaid(request, inside, "too_long", 413, text)
    look, sent_id = look_of(request), own_id(form.get("ref"))
    try:
        take(door, Limit.ROOM, str(inside.room.id))
    except TooFast as fast:
        return await _unsaid(request, inside, "too_fast", 429, text, retry=fast)
    return await _sent(
        request, inside, sealed(door, inside.room, sent_id, "say", easy=look.spoken_easily, text=text), text
    )


@router.post("/press")
async def press(request: Request, inside: Visitor) -> Response:
    """A button of an answer, or a cell of the menu."""
    door, form = door_of(request), await request.form()
    found = events.pressed(form.get("press"))
    if found is None:
        return _told(request, key="")
    if (refused := await _not_taken(request, inside, "")) is not None:
        return refused
    take(door, Limit.ROOM, str(inside.room.id))
    talk = await talk_of(door, inside)
    action, argument = found
    words = _words_of(door, talk, _field(form.get("press")), inside.room.desk_id)
    fields = {"action": action, "argument": argument, "shown": words}
    look, sent_id = look_of(request), own_id(form.get("ref"))
    sent = sealed(door, inside.room, sent_id, "press", easy=look.spoken_easily, **fields)
    return await _sent(request, inside, sent, "")


@router.post("/unsend")
async def unsend(request: Request, inside: Visitor) -> Response:
    """Words that are taken back."""
    door, form = door_of(request), await request.form()
    key = form.get("key")
    if not events.is_key(key):
        return _told(request, key="")
    take(door, Limit.ROOM, str(inside.room.id))
    sent = sealed(door, inside.room, own_id(form.get("ref")), "unsend", easy=None, key=_field(key))
    return await _sent(request, inside, sent, "")


@router.post("/open")
async def open_page(request: Request, inside: Visitor) -> Response:
    """A button to a page of ours: the way there is made now, because it works for a short time and once."""
    door, form = door_of(request), await request.form()
    if form.get("page") != RoomPurpose.PRIVATE_PAGE:
        return _told(request, key="")
    take(door, Limit.ROOM, str(inside.room.id))
    async with door.database.write() as connection:
        token = await _way_to_sheet(door, connection, inside.room)
    if token is None:
        return await talk_page(request, inside, status=403, problem="page_held")
    return RedirectResponse(f"{PATHS[RoomPurpose.PRIVATE_PAGE]}{token}", status_code=303)


async def _way_to_sheet(door: RoomDoor, connection: Connection, room: RoomRow) -> str | None:
    """A new token in the place of all older ones; None where people show the sheet, as the talk says: whoever holds
    the phone may be somebody else.
    """
    now, minutes = door.clock(), door.desk(room.desk_id).content.door.link_minutes
    resident = await residents.by_id(connection, door.keyring, room.resident_id, lock=True)
    if resident is None or is_guarded(resident):
        return None
    await room_links.end_all(connection, resident.id, purpose=RoomPurpose.PRIVATE_PAGE, now=now)
    return await room_links.issue(
        connection,
        door.keyring,
        desk_id=room.desk_id,
        resident_id=room.resident_id,
        purpose=RoomPurpose.PRIVATE_PAGE,
        now=now,
        valid_for=timedelta(minutes=minutes),
        new_id=door.new_id,
    )


async def talk_of(door: RoomDoor, inside: Inside, before: datetime | None = None) -> Talk:
    """The talk of who is inside."""
    room = inside.room
    async with door.database.glance() as connection:
        resident = await residents.by_id(connection, door.keyring, room.resident_id)
        if resident is None:
            return Talk()
        sender = rooms.sender_of(door.keyring, room.desk_id, room.id)
        session = inside.session
        until = await watchwords.veil(connection, room, session_id=session.id, entered_at=session.created_at)
        talk = await room_talk.talk(
            connection, resident, sender=sender, data=door.keyring.data, before=before, limit=LINES
        )
        talk = replace(talk, unkept=await watchwords.is_unkept(connection, room))
    return talk if until is None else veiled(talk, until)


async def talk_page(
    request: Request,
    inside: Inside,
    *,
    before: datetime | None = None,
    status: int = 200,
    problem: str | None = None,
    draft: str = "",
    headers: dict[str, str] | None = None,
) -> Response:
    """The whole page; `draft` stands in the place to write."""
    await ready(look_of(request))
    talk = await talk_of(door_of(request), inside, before)
    answer = _page(request, inside, talk, before=before, status=status, problem=problem, draft=draft)
    answer.headers.update(headers or {})
    return answer


def _page(
    request: Request,
    inside: Inside,
    talk: Talk,
    *,
    before: datetime | None,
    status: int = 200,
    problem: str | None = None,
    draft: str = "",
    waiting: bool = False,
) -> Response:
    values = _values(request, inside, talk, before)
    said = None if problem in {None, "ended"} else values["say"](getattr(values["words"].trouble, problem))
    # An address that differs from the last one is loaded anew, also where only its #part would be looked up.
    turn = 1 - int(request.query_params.get("n") == "1")
    extra = {"problem": said, "draft": draft, "waiting": waiting, "ref": fresh_id(), "turn": turn}
    return page(request, "talk.html", inside.room.desk_id, status=status, **{**values, **extra})


def _values(request: Request, inside: Inside, talk: Talk, before: datetime | None) -> dict[str, Any]:
    door = door_of(request)
    desk = door.desk(inside.room.desk_id)
    zone = ZoneInfo(desk.content.desk.zone)
    return {
        **values_for(request, inside.room.desk_id),
        "lines": shown(talk.lines, zone=zone, newest=before is None and not door.has_ended(desk.id)),
        "ended": ending(door, inside.room.desk_id),
        "waits": talk.waits,
        "earlier": None if talk.earlier is None else f"{HOME}?before={talk.earlier.timestamp()}",
        "past": before is not None,
        "cells": CELLS,
        "keep": desk.content.door.pages["set_title"],
        "unkept": talk.unkept,
        "unkept_why": desk.content.door.pages["set_text"],
        "languages": {"ja": "日本語", **{code: page.name for code, page in desk.content.room.languages.items()}},
        "press_ref": fresh_id(),
        "longest": LONGEST,
    }


async def _sent(request: Request, inside: Inside, sent: Sent, text: str) -> Response:
    door = door_of(request)
    try:
        await door.intake.store([sent.event])
    except IntakeFailed:
        return await _unsaid(request, inside, "broken", 503, text)
    door.engine.wake(sent.event.conversation)
    log.info("room.sent", room=str(inside.room.id))
    return _told(request, key=sent.key)


async def _not_taken(request: Request, inside: Inside, text: str) -> Response | None:
    """The answer at a desk that takes nothing in: said at once, because nobody may write to where nobody reads."""
    door, desk = door_of(request), inside.room.desk_id
    if door.takes_in(desk):
        return None
    log.info("room.not_taken", room=str(inside.room.id), ended=door.has_ended(desk))
    return await _unsaid(request, inside, *(("ended", 410) if door.has_ended(desk) else ("broken", 503)), text)


async def _unsaid(
    request: Request, inside: Inside, why: str, status: int, text: str, retry: TooFast | None = None
) -> Response:
    """Nothing was taken, and nothing is lost: what was written comes back."""
    headers = {} if retry is None else {"retry-after": str(max(1, round(retry.wait.total_seconds())))}
    if by_script(request):
        return JSONResponse({"why": why}, status_code=status, headers=headers)
    return await talk_page(request, inside, status=status, problem=why, draft=text, headers=headers)


def _told(request: Request, *, key: str) -> Response:
    if by_script(request):
        return JSONResponse({"key": key})
    return RedirectResponse("/room/wait#newest" if key else f"{HOME}#newest", status_code=303)


def _words_of(door: RoomDoor, talk: Talk, value: str, desk_id: str) -> str:
    """What a press puts into the talk: the words of the button as we said them, never what a browser sends."""
    zone = ZoneInfo(door.desk(desk_id).content.desk.zone)
    offered = shown(talk.lines, zone=zone, newest=True)
    for button in offered[-1].buttons if offered else ():
        if button.value == value:
            return button.shown
    return next((cell.shown for cell in door.desk(desk_id).content.richmenu.cells if f"{cell.action}|" == value), "")


def by_script(request: Request) -> bool:
    """Whether our own script asks, and not a form."""
    return "application/json" in request.headers.get("accept", "")


def _field(value: object) -> str:
    return value if isinstance(value, str) else ""


def _moment(given: str | None) -> datetime | None:
    try:
        return None if given is None else datetime.fromtimestamp(float(given), UTC)
    except (ValueError, OverflowError, OSError):
        return None
