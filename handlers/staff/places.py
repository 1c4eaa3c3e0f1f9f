"""つなぎ先: the organisations a desk hands sheets to, what each may see, and where a notice without content goes."""

from __future__ import annotations

import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from casework.people import Viewer
from casework.permissions import Action
from config.contents.forms import Kind
from config.contents.ruby import plain
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.console import console_of, sheets_of
from handlers.staff.desk_choice import desk_here
from handlers.staff.forms import line_of, text_of, texts_of
from handlers.staff.pages import page
from storage import recipients, staff

router = APIRouter()

Admin = Annotated[Viewer, Depends(require(Action.MANAGE_DESK))]
_MAIL = re.compile(r"[^\s@<>,;]{1,64}@[A-Za-z0-9.-]{1,185}\.[A-Za-z]{2,}")
_DONE = {"added": "つなぎ先を登録しました。", "changed": "変えました。", "ended": "つなぎ先から外しました。"}
_WRONG = "機関名と、正しいメールアドレス（なくてもかまいません）を入れてください。"


@router.get("/places")
async def places_page(request: Request, viewer: Admin) -> Response:
    """All of a desk."""
    return await _show(request, viewer, notice=_DONE.get(request.query_params.get("done", "")))


async def _show(request: Request, viewer: Viewer, *, status: int = 200, **values: Any) -> Response:
    console = console_of(request)
    desk_id = desk_here(request, viewer, Action.MANAGE_DESK)
    async with console.database.glance() as connection:
        places = await recipients.of_desk(connection, desk_id)
        organisations = await staff.organisations(connection)
    common = {
        "places": places,
        "organisations": sorted(set(organisations.values())),
        "choices": _choices(request, desk_id),
    }
    return page(request, "places.html", viewer, status=status, **{**common, "typed": {}, **values})


def _choices(request: Request, desk_id: str) -> list[tuple[str, str]]:
    """The fields of all sheets of a desk, by what they are called."""
    forms = sheets_of(request).forms[desk_id]
    found: dict[str, str] = {}
    for form_id in forms.of_kind(Kind.SHEET):
        for key, item in forms[form_id].fields.items():
            if item.item and not item.concealed:
                found.setdefault(key, plain(item.label))
    return list(found.items())


async def _limits(request: Request, desk_id: str) -> tuple[str | None, frozenset[str] | None] | None:
    """The mail address and the limit of a form; None when the address is none."""
    mail = await line_of(request, "mail", longest=254) or None
    if mail is not None and not _MAIL.fullmatch(mail):
        return None
    chosen = frozenset(await texts_of(request, "fields")) & {key for key, _ in _choices(request, desk_id)}
    limited = await text_of(request, "limited") == "yes"
    return mail, chosen if limited else None


@router.post("/places")
async def add_place(request: Request, viewer: Admin) -> Response:
    """A new one. People of the same organisation find what is handed to it."""
    console = console_of(request)
    desk_id = desk_here(request, viewer, Action.MANAGE_DESK)
    name, limits = await line_of(request, "name", longest=120), await _limits(request, desk_id)
    async with console.database.glance() as connection:
        known = {place.name for place in await recipients.of_desk(connection, desk_id)}
    if not name or limits is None or name in known:
        typed = {"name": name, "mail": await line_of(request, "mail", longest=254)}
        problem = "このつなぎ先は、もう登録されています。" if name in known else _WRONG
        return await _show(request, viewer, status=422, typed=typed, problem=problem)
    mail, fields = limits
    async with console.database.write() as connection:
        organisation_id = await staff.organisation(connection, name, new_id=console.new_id)
        made = await recipients.add(
            connection,
            desk_id=desk_id,
            name=name,
            mail=mail,
            fields=fields,
            collects=await text_of(request, "collects") == "yes",
            at=console.clock(),
            new_id=console.new_id,
            organisation_id=organisation_id,
        )
        await note(request, connection, "recipient_added", "recipient", made.id, desk_id=desk_id)
    return RedirectResponse("/staff/places?done=added", status_code=303)


@router.post("/places/{place_id}")
async def change_place(request: Request, viewer: Admin, place_id: UUID) -> Response:
    """Another address or limit. What is on its way keeps the limit it was sent with."""
    console = console_of(request)
    desk_id = desk_here(request, viewer, Action.MANAGE_DESK)
    limits = await _limits(request, desk_id)
    if limits is None:
        return await _show(request, viewer, status=422, problem=_WRONG)
    mail, fields = limits
    async with console.database.write() as connection:
        if not await recipients.change(connection, desk_id, place_id, mail=mail, fields=fields):
            raise HTTPException(404)
        await note(request, connection, "recipient_changed", "recipient", place_id, desk_id=desk_id)
    return RedirectResponse("/staff/places?done=changed", status_code=303)


@router.post("/places/{place_id}/end")
async def end_place(request: Request, viewer: Admin, place_id: UUID) -> Response:
    """It is no longer offered; what it holds, it keeps."""
    console = console_of(request)
    desk_id = desk_here(request, viewer, Action.MANAGE_DESK)
    async with console.database.write() as connection:
        if not await recipients.end(connection, desk_id, place_id, at=console.clock()):
            raise HTTPException(404)
        await note(request, connection, "recipient_ended", "recipient", place_id, desk_id=desk_id)
    return RedirectResponse("/staff/places?done=ended", status_code=303)
