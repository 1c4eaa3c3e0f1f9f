"""Asking the resident in the talk, from the page of a sheet: may this place be asked without the name, or be told it?

The question is one plain sentence; the items it would cover are chosen here. Where people and not the program have to
ask, the page says so. Somebody who writes about another person gives information: a 情報提供票 is drafted from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from casework.consents import ConsentKind, NotAsked, items_for
from casework.people import Viewer
from casework.permissions import Action
from casework.queue import SafeContact
from casework.sheets import Handed, Handover
from config.contents.forms import Kind
from dialogue.events import PageOffered
from handlers.asking import question
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.console import console_of, sheets_of, work_of
from handlers.staff.forms import id_of, text_of, texts_of
from handlers.staff.sheet import show
from handlers.staff.sheet_desk import Opened, back, locked, look, open_sheet
from handlers.staff.sheet_draft import draft
from handlers.staff.sheet_resident import HELD
from handlers.staff.words import NOT_ASKED
from handlers.staff_turn import NobodyThere, NotPut, NotTold, Turned
from storage import case_talk, changes, sheets
from storage.audit import Detail
from storage.consents import Asked
from storage.database import Connection

router = APIRouter()

Editor = Annotated[Viewer, Depends(require(Action.EDIT_SHEET))]
LONGEST_REASON = 300
#: Where a question still makes sense: nothing has gone, or the yes has run out.
OPEN = frozenset(Handed) - {Handed.DECLINED, Handed.RETURNED, Handed.RECALLED}
_KINDS = {kind.value: kind for kind in (ConsentKind.ASK_AROUND, ConsentKind.TELL_NAME)}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Form:
    """What the form of a question said. `items` are those a consent of this kind can cover."""

    place: Handover
    kind: ConsentKind
    items: frozenset[str]
    reason: str


@router.post("/cases/{case_id}/sheets/{sheet_id}/ask")
async def ask(request: Request, viewer: Editor, case_id: UUID, sheet_id: UUID) -> Response:
    """Put the question to the resident, in the talk."""
    await look(request, viewer, case_id, Action.EDIT_SHEET)
    opened = await open_sheet(request, viewer, case_id, sheet_id, Action.EDIT_SHEET)
    if (closed := await _closed_way(request, opened)) is not None:
        return await show(request, viewer, opened, status=409, refused=(closed,))
    wanted = await _wanted(request, opened)
    if isinstance(wanted, str):
        return await show(request, viewer, opened, status=422, refused=(wanted,))
    try:
        await _put(request, viewer, opened, wanted)
    except NotPut as error:
        return await _people_ask(request, viewer, opened, error.why)
    except NobodyThere:
        raise HTTPException(404) from None
    return back(case_id, sheet_id, "asked", "#asked")


async def _closed_way(request: Request, opened: Opened) -> str | None:
    """Why nothing can be asked in the talk of this person at all."""
    case = opened.case
    async with console_of(request).database.glance() as connection:
        reached = await case_talk.may_be_reached(connection, case.resident_id)
    if not reached or case.blocked:
        return "この方のトークには、いま届きません。会ったときや電話で聞いて、口頭・紙の同意を書きとめてください。"
    if case.safe_contact is SafeContact.NO:
        return "本人が、トークに書かないでほしいと言っています。トークでは聞けません。安全な方法で聞いてください。"
    return None


async def _wanted(request: Request, opened: Opened) -> _Form | str:
    """The question, or what is missing in it."""
    wanted = id_of(await text_of(request, "handover"))
    place = next((one for one in opened.sheet.handovers if one.id == wanted and one.state in OPEN), None)
    kind = _KINDS.get(await text_of(request, "kind"))
    if place is None or kind is None:
        return "どの機関に、何を聞いてよいかを選んでください。"
    items = frozenset(await texts_of(request, "items")) & askable(opened, place, kind)
    if not items:
        return "伝える項目を、1つ以上選んでください。"
    reason = await text_of(request, "reason")
    if len(reason) > LONGEST_REASON:
        return f"理由は{LONGEST_REASON}文字までにしてください。本人が読みます。"
    return _Form(place=place, kind=kind, items=items, reason=reason)


def askable(opened: Opened, place: Handover, kind: ConsentKind) -> frozenset[str]:
    """What a question of this kind can cover for a place: never what the resident ticked off, nor what is not its."""
    sheet = opened.sheet
    return frozenset(
        item
        for item in items_for(kind, opened.form)
        if item not in sheet.excluded
        and item.partition(".")[0] not in sheet.excluded
        and (place.fields is None or item.partition(".")[0] in place.fields)
    )


async def _put(request: Request, viewer: Viewer, opened: Opened, wanted: _Form) -> None:
    console, work, sheet = console_of(request), work_of(request), opened.sheet
    asked = Asked(
        id=console.new_id(),
        kind=wanted.kind,
        org_id=wanted.place.org_id,
        place=wanted.place.name,
        items=wanted.items,
        purpose=opened.form.kind.value,
        asked_by=viewer.staff_id,
        asked_at=console.clock(),
        reason=wanted.reason,
    )
    event, keep = question(asked)
    detail: dict[str, Detail] = {"org": str(asked.org_id), "kind": asked.kind.value, "items": len(asked.items)}

    async def within(connection: Connection, turned: Turned) -> None:
        await keep(connection, turned)
        await locked(request, connection, viewer, opened.case.id, sheet.id, Action.EDIT_SHEET)
        await note(request, connection, "consent_asked", "sheet", sheet.id, desk_id=sheet.desk_id, detail=detail)
        await changes.bump(connection, sheet.desk_id)

    turned = await work.turns.staff(opened.case.resident_id, event, within=within)
    if turned.letter_id is not None:
        work.deliver(opened.case.resident_id)
        work.quotas.forget(sheet.desk_id)


@router.post("/cases/{case_id}/sheets/{sheet_id}/show")
async def show_them(request: Request, viewer: Editor, case_id: UUID, sheet_id: UUID) -> Response:
    """Send the button to the private page into the talk, so that the person looks at their sheet themselves."""
    await look(request, viewer, case_id, Action.EDIT_SHEET)
    opened = await open_sheet(request, viewer, case_id, sheet_id, Action.EDIT_SHEET)
    if (closed := await _closed_way(request, opened)) is not None:
        return await show(request, viewer, opened, status=409, refused=(closed,))
    if opened.form.kind is not Kind.SHEET:
        raise HTTPException(400)
    work, sheet = work_of(request), opened.sheet

    async def within(connection: Connection, _turned: Turned) -> None:
        await locked(request, connection, viewer, case_id, sheet_id, Action.EDIT_SHEET)
        await note(request, connection, "sheet_offered", "sheet", sheet.id, desk_id=sheet.desk_id)
        await changes.bump(connection, sheet.desk_id)

    try:
        turned = await work.turns.staff(opened.case.resident_id, PageOffered(), within=within)
    except NotTold as error:
        return await show(request, viewer, opened, status=409, refused=(HELD[error.why],))
    except NobodyThere:
        raise HTTPException(404) from None
    if turned.letter_id is not None:
        work.deliver(opened.case.resident_id)
        work.quotas.forget(sheet.desk_id)
    return back(case_id, sheet_id, "offered", "#asked")


async def _people_ask(request: Request, viewer: Viewer, opened: Opened, why: NotAsked) -> Response:
    """The program does not ask: why, and what staff can do instead."""
    sentences: Sequence[str] = (NOT_ASKED[why],)
    if why is NotAsked.ABOUT_ANOTHER:
        made = await _information(request, viewer, opened)
        sentences = (NOT_ASKED[why], f"情報提供票の下書き（{made}）を「つなぐシートと記録」に用意してあります。")
    return await show(request, viewer, opened, status=409, refused=sentences)


async def _information(request: Request, viewer: Viewer, opened: Opened) -> str:
    """The number of the 情報提供票 of this case, drafted now if there was none. Its subject never reads who told."""
    console = console_of(request)
    forms = sheets_of(request).forms[opened.case.desk_id]
    form_id = next(iter(forms.of_kind(Kind.INFORMATION)))
    async with console.database.write() as connection:
        there = await locked(request, connection, viewer, opened.case.id, opened.sheet.id, Action.EDIT_SHEET)
        known = [one for one in await sheets.of_case(connection, there.case.id) if one.form_id == form_id]
        if not known:
            case = there.case
            made = await draft(request, connection, case, form_id)
            detail = {"form": form_id}
            await note(request, connection, "sheet_created", "sheet", made.id, desk_id=case.desk_id, detail=detail)
            await changes.bump(connection, case.desk_id)
            known = [one for one in await sheets.of_case(connection, case.id) if one.id == made.id]
    return known[0].number
