"""A draft from what is written already: a record without consent becomes a つなぐシート of the person's own case, and
a closed sheet is begun anew. Either goes nowhere without the person's own yes. What tells who informed us does not come
along, nor what this viewer may not see.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import select

from casework.numbers import number_typed
from casework.people import Viewer
from casework.permissions import Action
from casework.sheet_moves import as_sheet
from casework.sheets import Sheet, State
from config.contents.forms import Kind, Needs
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.console import console_of, sheets_of
from handlers.staff.forms import text_of
from handlers.staff.sheet import show
from handlers.staff.sheet_desk import Opened, back, locked, look, open_sheet
from handlers.staff.sheet_draft import draft
from storage import cases, changes, sheets
from storage.case_tables import Case
from storage.cases import CaseRow
from storage.database import Connection
from storage.sheets import Saving

router = APIRouter()

#: Records that may tell of somebody who has not been asked yet.
_RECORDS = frozenset({Kind.INFORMATION, Kind.MEETING, Kind.NOTIFICATION, Kind.INQUIRY})
#: Nothing has left yet: whoever begins anew means this one.
_AT_HAND = frozenset({State.DRAFT, State.CONSENTED})


@router.post("/cases/{case_id}/sheets/{sheet_id}/as-sheet")
async def become(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.EDIT_SHEET))], case_id: UUID, sheet_id: UUID
) -> Response:
    """A draft with what the record knows, in the case of the person it is about."""
    await look(request, viewer, case_id, Action.EDIT_SHEET)
    opened = await open_sheet(request, viewer, case_id, sheet_id, Action.EDIT_SHEET)
    if opened.form.kind not in _RECORDS:
        raise HTTPException(400)
    number = number_typed(await text_of(request, "number"))
    # Whoever informed us is the resident of that case, and not the person of the sheet.
    if not number and opened.form.kind is Kind.INFORMATION:
        reasons = ("だれのシートを作るか、本人の相談の番号を入れてください。",)
        return await show(request, viewer, opened, status=422, refused=reasons)
    console, forms = console_of(request), sheets_of(request).forms[opened.case.desk_id]
    form_id = next(iter(forms.of_kind(Kind.SHEET)))
    async with console.database.write() as connection:
        target = await _target(connection, viewer, opened.case, number)
        if target is not None:
            made = await draft(request, connection, target, form_id)
            await _carry(request, connection, viewer, target, opened, made, "sheet_became")
    if target is None:
        reasons = ("その番号の相談は見つかりません。",)
        return await show(request, viewer, opened, status=422, refused=reasons)
    return back(target.id, made.id, "became")


@router.post("/cases/{case_id}/sheets/{sheet_id}/anew")
async def begin_anew(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.EDIT_SHEET))], case_id: UUID, sheet_id: UUID
) -> Response:
    """A draft of its own with the words of a closed sheet, or the one that was begun from it and is at the desk yet."""
    await look(request, viewer, case_id, Action.EDIT_SHEET)
    async with console_of(request).database.write() as connection:
        opened = await locked(request, connection, viewer, case_id, sheet_id, Action.EDIT_SHEET)
        closed = opened.form.needs is Needs.CONSENT and opened.sheet.state is State.CLOSED
        there = [one for one in await sheets.of_case(connection, case_id) if one.earlier == sheet_id]
        begun = next((one.id for one in there if one.state in _AT_HAND), None)
        if closed and begun is None:
            made = await draft(request, connection, opened.case, opened.sheet.form_id, earlier=sheet_id)
            await _carry(request, connection, viewer, opened.case, opened, made, "sheet_anew")
    if not closed:
        reasons = ("終了したシートからだけ、新しい下書きを作れます。",)
        return await show(request, viewer, opened, status=409, refused=reasons)
    return back(case_id, made.id, "anew") if begun is None else back(case_id, begun, "begun")


async def _carry(
    request: Request, connection: Connection, viewer: Viewer, case: CaseRow, opened: Opened, made: Sheet, name: str
) -> None:
    """Lay what the viewer sees of a record into a new draft, and write down that it was done."""
    console, forms = console_of(request), sheets_of(request).forms[case.desk_id]
    stored = await sheets.load(connection, console.keyring, case.id, made.id, lock=True)
    assert stored is not None
    record = replace(opened.sheet, entries=opened.view.entries)
    after = as_sheet(record, stored.sheet, forms[made.form_id], at=console.clock())
    saving = Saving(actor=viewer.staff_id, action="carried", at=console.clock(), forms_version=forms.version)
    await sheets.save(connection, console.keyring, stored, after, saving, new_id=console.new_id)
    detail = {"record": str(opened.sheet.id)}
    await note(request, connection, name, "sheet", made.id, desk_id=case.desk_id, detail=detail)
    await changes.bump(connection, case.desk_id)


async def _target(connection: Connection, viewer: Viewer, here: CaseRow, number: str) -> CaseRow | None:
    """The case the sheet is for: this one, or the one of that number, if the viewer may write its sheets."""
    if not number:
        return await cases.load(connection, here.id, viewer, Action.EDIT_SHEET, lock=True)
    query = select(Case.id).where(Case.number == number, Case.desk_id == here.desk_id)
    case_id = (await connection.execute(query)).scalar_one_or_none()
    found = None if case_id is None else await cases.load(connection, case_id, viewer, Action.EDIT_SHEET, lock=True)
    return None if found is None or found.hidden_at is not None else found
