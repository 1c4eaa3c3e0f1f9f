"""Consent as the coordinator takes it down: spoken or on paper, for one organisation, item by item — and its end.

What residents agree to in the talk is asked there; this is for people who never wrote, and for what is said in a room.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from casework.consents import Consent, ConsentKind, Ended, Method, Scope
from casework.papers.printed import Given
from casework.people import Viewer
from casework.permissions import Action
from casework.sheets import Handover, consent_items, identifying_items
from config.contents.forms import Form
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.console import console_of, sheets_of
from handlers.staff.forms import id_of, text_of, texts_of
from handlers.staff.sheet import item_label, show
from handlers.staff.sheet_desk import Opened, back, locked, look, open_sheet
from storage import changes, consents, sheet_ends
from storage.audit import Detail
from storage.database import Connection
from storage.sheets import Stored

router = APIRouter()

Editor = Annotated[Viewer, Depends(require(Action.EDIT_SHEET))]
_METHODS = {"oral": Method.ORAL, "paper": Method.PAPER}
_PRINTED = {Method.CHAT: "chat", Method.PAGE: "page", Method.ORAL: "spoken", Method.PAPER: "written"}


async def given_of(connection: Connection, stored: Stored, now: datetime, /) -> Mapping[UUID, Given]:
    """How each organisation came to be agreed to, for the paper of this sheet: the widest consent that holds. Days are
    those of the zone of `now`.
    """
    book = (await consents.book(connection, stored.resident_id)).since(stored.sheet.agreed_from)
    return {
        org_id: Given(
            named=one.kind is not ConsentKind.ASK_AROUND,
            on=one.given_at.astimezone(now.tzinfo).date(),
            method=_PRINTED[one.method],
        )
        for org_id, one in book.named_to(now).items()
    }


@router.post("/cases/{case_id}/sheets/{sheet_id}/consents")
async def take_down(request: Request, viewer: Editor, case_id: UUID, sheet_id: UUID) -> Response:
    """Write down what the person said yes to, with one organisation and the items."""
    await look(request, viewer, case_id, Action.EDIT_SHEET)
    opened = await open_sheet(request, viewer, case_id, sheet_id, Action.EDIT_SHEET)
    place, items = await _place(request, opened), frozenset(await texts_of(request, "items"))
    method = _METHODS.get(await text_of(request, "method"))
    known = items <= set(consent_items(opened.form))
    if place is None or method is None or not items or not known:
        reasons = ("どの機関に、何を、どうやって同意したかを選んでください。",)
        return await show(request, viewer, opened, status=422, refused=reasons)
    console = console_of(request)
    async with console.database.write() as connection:
        there = await locked(request, connection, viewer, case_id, sheet_id, Action.EDIT_SHEET)
        await _give(request, connection, viewer, there, place, items, method)
        detail: dict[str, Detail] = {"org": str(place.org_id), "items": len(items), "method": method.value}
        await note(
            request, connection, "consent_taken_down", "sheet", sheet_id, desk_id=there.case.desk_id, detail=detail
        )
        await changes.bump(connection, there.case.desk_id)
    return back(case_id, sheet_id, "agreed", "#to")


async def _place(request: Request, opened: Opened) -> Handover | None:
    wanted = id_of(await text_of(request, "handover"))
    return next((one for one in opened.sheet.handovers if one.id == wanted), None)


async def _give(
    request: Request,
    connection: Connection,
    viewer: Viewer,
    there: Opened,
    place: Handover,
    items: frozenset[str],
    method: Method,
) -> None:
    console = console_of(request)
    now = console.clock()
    telling = bool(items & identifying_items(there.form))
    kind = ConsentKind.TELL_NAME if telling else ConsentKind.ASK_AROUND
    wording = await consents.keep_wording(connection, kind, words_of(there.form, place.name, items), at=now)
    consent = Consent(
        id=console.new_id(),
        kind=kind,
        method=method,
        given_at=now,
        wording=wording,
        scope=Scope(org_id=place.org_id, items=items, purpose=there.form.kind.value),
        by=viewer.staff_id,
        expires_at=now + timedelta(days=_days(request, there, kind)),
    )
    await consents.give(connection, there.case.resident_id, consent)


def _days(request: Request, there: Opened, kind: ConsentKind) -> int:
    """How long a consent holds at this desk, however it was given."""
    days = console_of(request).desks[there.case.desk_id].content.consent.valid_days
    return next(count for name, count in days.items() if name == kind)


def words_of(form: Form, place: str, items: frozenset[str]) -> str:
    """The sentence that is read to the person, and kept."""
    listed = "、".join(item_label(form, item) for item in consent_items(form) if item in items)
    return f"{place}に、次のことを伝えていいですか。{listed}"


@router.post("/cases/{case_id}/sheets/{sheet_id}/withdrawal")
async def withdraw(request: Request, viewer: Editor, case_id: UUID, sheet_id: UUID) -> Response:
    """The person takes a yes back, told to a member of staff: sharing ends and hand-overs are recalled at once."""
    await look(request, viewer, case_id, Action.EDIT_SHEET)
    opened = await open_sheet(request, viewer, case_id, sheet_id, Action.EDIT_SHEET)
    place = await _place(request, opened)
    if place is None:
        raise HTTPException(400)
    console, work, now = console_of(request), sheets_of(request), console_of(request).clock()
    async with console.database.write() as connection:
        there = await locked(request, connection, viewer, case_id, sheet_id, Action.EDIT_SHEET)
        resident_id = there.case.resident_id
        book = await consents.book(connection, resident_id)
        theirs = frozenset(one.id for one in book.consents if one.scope.org_id == place.org_id)
        after = await consents.withdraw(
            connection, resident_id, at=now, reason=Ended.STAFF, by=viewer.staff_id, ids=theirs
        )
        await sheet_ends.withdraw(
            connection,
            console.keyring,
            resident_id,
            after,
            work.forms[there.case.desk_id].__getitem__,
            at=now,
            forms_version=work.forms[there.case.desk_id].version,
            new_id=console.new_id,
        )
        detail = {"org": str(place.org_id)}
        await note(
            request, connection, "consent_withdrawn", "sheet", sheet_id, desk_id=there.case.desk_id, detail=detail
        )
        await changes.bump(connection, there.case.desk_id)
    return back(case_id, sheet_id, "withdrawn", "#to")
