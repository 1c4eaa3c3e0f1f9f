"""What is done with a sheet at the desk: preparing it, handing it over, telling the person, ending it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from casework import sheet_moves as moves
from casework.people import Viewer
from casework.permissions import Action
from casework.sheets import Basis, Handover, Member, Refused, Sheet
from handlers.staff.access import require
from handlers.staff.console import console_of
from handlers.staff.forms import id_of, text_of, texts_of
from handlers.staff.sheet import show
from handlers.staff.sheet_desk import Moving, back, change, look, open_sheet
from storage import recipients, staff

router = APIRouter()

_LONGEST_REASON = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """What the form of an act named: a recipient of the desk, a handover of the sheet, an item, a ground in law."""

    recipient: Handover | None
    handover: UUID
    item: str
    kind: str
    reason: str
    items: frozenset[str]
    second: UUID | None
    members: tuple[Member, ...]


@router.post("/cases/{case_id}/sheets/{sheet_id}/prepare")
async def prepare(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.EDIT_SHEET))], case_id: UUID, sheet_id: UUID
) -> Response:
    """Name or drop a recipient, keep an item back, record consent or basis, agree as the second person, begin anew."""
    return await _carry_out(request, viewer, case_id, sheet_id, Action.EDIT_SHEET)


@router.post("/cases/{case_id}/sheets/{sheet_id}/hand")
async def hand(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.SUBMIT_SHEET))], case_id: UUID, sheet_id: UUID
) -> Response:
    """Submit, send to somebody proposed, record that the person or a recipient was told, close."""
    return await _carry_out(request, viewer, case_id, sheet_id, Action.SUBMIT_SHEET)


async def _carry_out(request: Request, viewer: Viewer, case_id: UUID, sheet_id: UUID, action: Action) -> Response:
    await look(request, viewer, case_id, action)
    act = await text_of(request, "act")
    name = _NAMES[action].get(act)
    if name is None:
        raise HTTPException(400)
    asked = await _asked(request, viewer, case_id, action)
    try:
        await change(
            request, viewer, case_id, sheet_id, action, name, lambda sheet, given: _moved(act, sheet, given, asked)
        )
    except Refused as refused:
        opened = await open_sheet(request, viewer, case_id, sheet_id, action)
        return await show(request, viewer, opened, status=409, refused=refused.reasons)
    return back(case_id, sheet_id, name, "#next")


#: The acts of a form, and what each is called in the audit and in the address afterwards.
_NAMES: Mapping[Action, Mapping[str, str]] = {
    Action.EDIT_SHEET: {
        "name": "named",
        "drop": "dropped",
        "exclude": "excluded",
        "include": "included",
        "consent": "consented",
        "basis": "based",
        "second": "seconded",
        "reopen": "reopened",
    },
    Action.SUBMIT_SHEET: {
        "submit": "submitted",
        "send": "sent",
        "told": "told",
        "stopped": "stopped",
        "close": "closed",
    },
}


def _moved(act: str, sheet: Sheet, given: Moving, asked: _Asked) -> Sheet:
    form, consents, at = given.form, given.consents, given.at
    steps: Mapping[str, Callable[[], Sheet]] = {
        "name": lambda: _named(sheet, asked),
        "drop": lambda: moves.drop_recipient(sheet, asked.handover),
        "exclude": lambda: moves.exclude(sheet, form, asked.item),
        "include": lambda: moves.include(sheet, asked.item),
        "consent": lambda: moves.give_consent(sheet, form, consents, at=at),
        "basis": lambda: moves.rest_on(sheet, form, _basis(given, asked)),
        "second": lambda: moves.second(sheet, by=given.by, at=at),
        "reopen": lambda: moves.reopen(sheet),
        "submit": lambda: moves.submit(sheet, form, consents, at=at),
        "send": lambda: moves.send_proposed(sheet, form, asked.handover, consents, at=at),
        "told": lambda: moves.told(sheet, on=given.today, at=at),
        "stopped": lambda: moves.stop_told(sheet, asked.handover, at=at),
        "close": lambda: moves.close(sheet, at=at),
    }
    return steps[act]()


def _named(sheet: Sheet, asked: _Asked) -> Sheet:
    if asked.recipient is None:
        raise Refused("つなぎ先を選んでください。")
    return moves.name_recipient(sheet, asked.recipient)


def _basis(given: Moving, asked: _Asked) -> Basis:
    return Basis(
        kind=asked.kind,
        reason=asked.reason,
        members=asked.members,
        items=asked.items,
        decided_by=given.by,
        decided_at=given.at,
        second_asked=None if asked.second == given.by else asked.second,
    )


async def _asked(request: Request, viewer: Viewer, case_id: UUID, action: Action) -> _Asked:
    return _Asked(
        recipient=await _recipient(request, viewer, case_id, action),
        handover=id_of(await text_of(request, "handover")) or UUID(int=0),
        item=await text_of(request, "item"),
        kind=await text_of(request, "kind"),
        reason=(await text_of(request, "reason"))[:_LONGEST_REASON],
        items=frozenset(await texts_of(request, "items")),
        second=id_of(await text_of(request, "second")),
        members=await _members(request, await texts_of(request, "members")),
    )


async def _recipient(request: Request, viewer: Viewer, case_id: UUID, action: Action) -> Handover | None:
    wanted = id_of(await text_of(request, "recipient"))
    if wanted is None:
        return None
    console, case = console_of(request), await look(request, viewer, case_id, action)
    async with console.database.glance() as connection:
        places = await recipients.of_desk(connection, case.desk_id)
    place = next((one for one in places if one.id == wanted), None)
    if place is None:
        return None
    return Handover(
        id=console.new_id(),
        org_id=place.organisation_id,
        name=place.name,
        named_by=viewer.staff_id,
        named_at=console.clock(),
        fields=place.fields,
    )


async def _members(request: Request, ids: list[str]) -> tuple[Member, ...]:
    found = []
    async with console_of(request).database.glance() as connection:
        organisations = await staff.organisations(connection)
        for staff_id in (known for text in ids if (known := id_of(text)) is not None):
            account = await staff.by_id(connection, staff_id)
            if account is not None:
                org_id = account.organisation_id
                name = organisations.get(org_id, "")
                found.append(Member(org_id=org_id, staff_id=account.id, org_name=name, name=account.shown_name))
    return tuple(found)
