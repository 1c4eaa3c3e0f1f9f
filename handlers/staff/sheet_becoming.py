"""A record without consent becomes a つなぐシート: a new draft of the person's own case, which goes nowhere without
their yes. What tells who informed us does not come along, nor what this viewer may not see of the record.
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
from config.contents.forms import Kind
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.console import console_of, sheets_of
from handlers.staff.forms import text_of
from handlers.staff.sheet import show
from handlers.staff.sheet_desk import back, look, open_sheet
from handlers.staff.sheet_draft import draft
from storage import cases, changes, sheets
from storage.case_tables import Case
from storage.cases import CaseRow
from storage.database import Connection
from storage.sheets import Saving

router = APIRouter()

#: Records that may tell of somebody who has not been asked yet.
_RECORDS = frozenset({Kind.INFORMATION, Kind.MEETING, Kind.NOTIFICATION, Kind.INQUIRY})


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
    record = replace(opened.sheet, entries=opened.view.entries)
    async with console.database.write() as connection:
        target = await _target(connection, viewer, opened.case, number)
        if target is not None:
            made = await draft(request, connection, target, form_id)
            stored = await sheets.load(connection, console.keyring, target.id, made.id, lock=True)
            assert stored is not None
            after = as_sheet(record, stored.sheet, forms[form_id], at=console.clock())
            saving = Saving(actor=viewer.staff_id, action="written", at=console.clock(), forms_version=forms.version)
            await sheets.save(connection, console.keyring, stored, after, saving, new_id=console.new_id)
            detail = {"record": str(sheet_id)}
            await note(request, connection, "sheet_became", "sheet", made.id, desk_id=target.desk_id, detail=detail)
            await changes.bump(connection, target.desk_id)
    if target is None:
        reasons = ("その番号の相談は見つかりません。",)
        return await show(request, viewer, opened, status=422, refused=reasons)
    return back(target.id, made.id, "became")


async def _target(connection: Connection, viewer: Viewer, here: CaseRow, number: str) -> CaseRow | None:
    """The case the sheet is for: this one, or the one of that number, if the viewer may write its sheets."""
    if not number:
        return await cases.load(connection, here.id, viewer, Action.EDIT_SHEET, lock=True)
    query = select(Case.id).where(Case.number == number, Case.desk_id == here.desk_id)
    case_id = (await connection.execute(query)).scalar_one_or_none()
    found = None if case_id is None else await cases.load(connection, case_id, viewer, Action.EDIT_SHEET, lock=True)
    return None if found is None or found.hidden_at is not None else found
