"""Sheets as files: PDF, workbook, JSON, and blank forms. Each one is recorded as handed out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

import anyio.to_thread
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from casework.papers.json_file import json_file
from casework.papers.printed import Given, Print, Printed, blank, printed
from casework.people import Viewer
from casework.permissions import Action
from casework.sheet_views import View
from config.contents.forms import Form
from config.contents.ruby import plain
from handlers.staff.access import require, signed_of
from handlers.staff.acts import note
from handlers.staff.console import Console, console_of, sheets_of
from handlers.staff.desk_choice import desk_here
from handlers.staff.sheet_desk import open_sheet
from storage.audit import Detail

router = APIRouter()

Maker = Callable[[Printed], bytes]


def _pdf(paper: Printed) -> bytes:
    # What sets papers is loaded by a process that prints one: a worker never does.
    from casework.papers.pdf import pdf  # noqa: PLC0415

    return pdf(paper)


def _xlsx(paper: Printed) -> bytes:
    from casework.papers.xlsx import xlsx  # noqa: PLC0415

    return xlsx(paper)


KINDS: Mapping[str, tuple[str, Maker]] = {
    "pdf": ("application/pdf", _pdf),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
    "json": ("application/json", json_file),
}


def how(
    request: Request, console: Console, desk_id: str, given: Mapping[UUID, Given] | None, *, furigana: bool
) -> Print:
    """The circumstances of a print."""
    now = console.clock()
    return Print(
        at=now,
        on=now.astimezone(console.zone_of(desk_id)).date(),
        by=signed_of(request).account.shown_name,
        desk=console.desks[desk_id].content.desk.organisation,
        furigana=furigana,
        given=given,
    )


async def file_of(request: Request, kind: str, shown: View, form: Form, desk_id: str, number: str,
                  given: Mapping[UUID, Given] | None) -> Response:  # fmt: skip
    """The file, with a line in the audit: from here on it is out of the program's hands."""
    if kind not in KINDS:
        raise HTTPException(404)
    console = console_of(request)
    furigana = request.query_params.get("kana") != "no"
    paper = printed(shown, form, how(request, console, desk_id, given, furigana=furigana))
    async with console.database.write() as connection:
        detail: dict[str, Detail] = {"kind": kind, "version": shown.version}
        await note(request, connection, "sheet_printed", "sheet", shown.sheet_id, desk_id=desk_id, detail=detail)
    return await _answer(kind, paper, f"{plain(form.title)}_{number}_第{shown.version}版")


async def _answer(kind: str, paper: Printed, name: str) -> Response:
    media_type, make = KINDS[kind]
    made = await anyio.to_thread.run_sync(make, paper)
    place = "inline" if kind == "pdf" else "attachment"
    headers = {
        "content-disposition": f"{place}; filename=\"sheet.{kind}\"; filename*=UTF-8''{quote(name, safe='')}.{kind}",
        "cache-control": "no-store",
    }
    return Response(made, media_type=media_type, headers=headers)


@router.get("/cases/{case_id}/sheets/{sheet_id}/files/{kind}")
async def sheet_file(
    request: Request,
    viewer: Annotated[Viewer, Depends(require(Action.SEE_SHEET))],
    case_id: UUID,
    sheet_id: UUID,
    kind: str,
) -> Response:
    """The sheet of a case as a file."""
    opened = await open_sheet(request, viewer, case_id, sheet_id, Action.SEE_SHEET)
    return await file_of(
        request, kind, opened.view, opened.form, opened.case.desk_id, opened.stored.number, opened.given
    )


@router.get("/sheets/blank/{form_id}")
async def blank_form(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.EDIT_SHEET))], form_id: str
) -> Response:
    """An empty form, to be filled in by hand."""
    console = console_of(request)
    desk_id = desk_here(request, viewer, Action.EDIT_SHEET)
    form = sheets_of(request).forms[desk_id].by_id.get(form_id)
    if form is None:
        raise HTTPException(404)
    paper = blank(form_id, form, how(request, console, desk_id, None, furigana=True))
    return await _answer("pdf", paper, plain(form.title))
