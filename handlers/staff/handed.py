"""What was handed to an organisation: its list, the sheet once it took responsibility, and its answers.

A recipient comes to a sheet through what was handed to it, never through the case. Before it takes responsibility it
sees that something waits, from whom and since when, and no item.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from casework import sheet_moves as moves
from casework.people import Viewer
from casework.permissions import Action, allowed
from casework.sheet_needs import due
from casework.sheet_views import Standing
from casework.sheets import Refused, Sheet
from config.contents.ruby import plain
from handlers.handed_sheets import Handed, Papers, find
from handlers.sheet_view import parts_of
from handlers.staff.access import refused, require, signed_of
from handlers.staff.acts import note
from handlers.staff.console import console_of, sheets_of
from handlers.staff.forms import text_of
from handlers.staff.pages import page, turned_to
from handlers.staff.sheet_files import file_of
from storage import case_acts, cases, changes, sheets, staff
from storage.case_acts import By
from storage.case_tables import ExclusionKind
from storage.database import Connection
from storage.sheets import Saving

router = APIRouter()

Reader = Annotated[Viewer, Depends(require(Action.SEE_SHEET))]
DONE: Mapping[str, str] = {
    "received": "受領しました。引き受けると、中身が見られます。",
    "accepted": "引き受けました。",
    "declined": "引き受けられないことを、送り元に返しました。",
    "met": "本人と会ったことを記録しました。",
    "returned": "つなぎ戻しました。",
    "triaged": "振り分けました。",
    "conflict": "申し出を受けました。このシートは、あなたには見えなくなりました。",
    "replied": "回答しました。送り元の相談員が本人に伝えます。",
}


@router.get("/handed")
async def handed_list(request: Request, viewer: Reader) -> Response:
    """What waits for one's organisation, and what it has."""
    console, work = console_of(request), sheets_of(request)
    shown = []
    async with console.database.read() as connection:
        for listed in await sheets.handed_for(connection, viewer.organisation_id):
            found = await _handed(request, connection, viewer, listed.id)
            if found is not None:
                shown.append((listed, found, _due(request, found)))
        organisations = await staff.organisations(connection)
    return page(
        request,
        "handed_list.html",
        viewer,
        handed=shown,
        organisations=organisations,
        titles=work.form_titles(dict.fromkeys(found.stored.sheet.desk_id for _, found, _ in shown)),
        today=console.clock().astimezone(console.zone_of(turned_to(request, viewer))).date(),
        Standing=Standing,
        notice=DONE.get(request.query_params.get("done", "")),
    )


def _due(request: Request, found: Handed) -> object:
    console, sheet = console_of(request), found.stored.sheet
    calendar = sheets_of(request).add_workdays(sheet.desk_id)
    return None if found.own is None else due(sheet, found.form, found.own, calendar, console.zone_of(sheet.desk_id))


async def _handed(
    request: Request, connection: Connection, viewer: Viewer, sheet_id: UUID, *, lock: bool = False
) -> Handed | None:
    """The sheet, if it lies with the viewer's organisation and the resident does not keep it from this person."""
    console, work = console_of(request), sheets_of(request)
    papers = Papers(keyring=console.keyring, forms=work.forms, consents=work.consents)
    return await find(connection, papers, viewer, sheet_id, at=console.clock(), lock=lock)


async def _open(request: Request, viewer: Viewer, sheet_id: UUID) -> Handed:
    async with console_of(request).database.glance() as connection:
        found = await _handed(request, connection, viewer, sheet_id)
    if found is None:
        await refused(request, Action.SEE_SHEET)
        raise HTTPException(404)
    return found


@router.get("/handed/{sheet_id}")
async def handed_sheet(request: Request, viewer: Reader, sheet_id: UUID) -> Response:
    """The sheet as this recipient may see it. Recorded as seen."""
    found = await _open(request, viewer, sheet_id)
    return await _show(request, viewer, found, notice=DONE.get(request.query_params.get("done", "")))


async def _show(request: Request, viewer: Viewer, found: Handed, *, status: int = 200, **values: Any) -> Response:
    console, sheet = console_of(request), found.stored.sheet
    async with console.database.write() as connection:
        detail = {"standing": found.view.standing.value}
        await note(request, connection, "sheet_seen", "sheet", sheet.id, desk_id=sheet.desk_id, detail=detail)
        organisations = await staff.organisations(connection)
    pages = [(plain(one.title), parts_of(found.form, one, found.view, may_edit=False)) for one in found.form.pages]
    common = {
        "found": found,
        "sheet": sheet,
        "own": found.own,
        "number": found.stored.number,
        "form": found.form,
        "form_title": plain(found.form.title),
        "sender": organisations.get(sheet.org_id, ""),
        "pages": pages,
        "due": _due(request, found),
        "may_answer": allowed(viewer, Action.RECEIVE_SHEET, found.facts),
        "may_conflict": allowed(viewer, Action.DECLARE_CONFLICT, found.facts),
        "may_triage": allowed(viewer, Action.TRIAGE, found.facts),
        "today": console.clock().astimezone(console.zone_of(sheet.desk_id)).date(),
        "triages": found.form.codes.get("triages", {}),
        "plain": plain,
        "Standing": Standing,
        "refused": (),
        "typed": {},
    }
    return page(request, "handed_sheet.html", viewer, status=status, **{**common, **values})


@router.get("/handed/{sheet_id}/files/{kind}")
async def handed_file(request: Request, viewer: Reader, sheet_id: UUID, kind: str) -> Response:
    """What this recipient may see, as a file."""
    found = await _open(request, viewer, sheet_id)
    if found.view.standing is Standing.PENDING:
        raise HTTPException(404)
    console = console_of(request)
    now = console.clock().astimezone(console.zone_of(found.stored.sheet.desk_id))
    async with console.database.glance() as connection:
        given = await sheets_of(request).given(connection, found.stored, now)
    sheet = found.stored.sheet
    return await file_of(request, kind, found.view, found.form, sheet.desk_id, found.stored.number, given)


@router.post("/handed/{sheet_id}/answer")
async def answer(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.RECEIVE_SHEET))], sheet_id: UUID
) -> Response:
    """Receive, accept, decline, tell of a meeting, send back, reply."""
    return await _carry_out(request, viewer, sheet_id, Action.RECEIVE_SHEET, _ANSWERS)


@router.post("/handed/{sheet_id}/triage")
async def triage(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.TRIAGE))], sheet_id: UUID
) -> Response:
    """取りまとめ: how it goes on."""
    return await _carry_out(request, viewer, sheet_id, Action.TRIAGE, {"triage": "triaged"})


@router.post("/handed/{sheet_id}/conflict")
async def conflict(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.DECLARE_CONFLICT))], sheet_id: UUID
) -> Response:
    """Say that one knows these people: from now on one does not see what was handed over."""
    console = console_of(request)
    found = await _open(request, viewer, sheet_id)
    if not allowed(viewer, Action.DECLARE_CONFLICT, found.facts):
        await refused(request, Action.DECLARE_CONFLICT)
        raise HTTPException(404)
    async with console.database.write() as connection:
        case = await cases.locked(connection, found.stored.case_id)
        by = By(staff_id=viewer.staff_id, at=console.clock(), new_id=console.new_id)
        if await case_acts.exclude(connection, case, by, viewer.staff_id, ExclusionKind.CONFLICT):
            detail = {"who": str(viewer.staff_id)}
            await note(request, connection, "case_conflict", "case", case.id, desk_id=case.desk_id, detail=detail)
            await changes.bump(connection, case.desk_id)
    return RedirectResponse("/staff/handed?done=conflict", status_code=303)


_ANSWERS: Mapping[str, str] = {
    "receive": "received",
    "accept": "accepted",
    "decline": "declined",
    "met": "met",
    "return": "returned",
    "reply": "replied",
}
_FIELDS = ("reason", "next_step", "text", "decision", "lead_org")


async def _carry_out(
    request: Request, viewer: Viewer, sheet_id: UUID, action: Action, names: Mapping[str, str]
) -> Response:
    console = console_of(request)
    act = await text_of(request, "act")
    name = names.get(act)
    found = await _open(request, viewer, sheet_id)
    if not allowed(viewer, action, found.facts):
        await refused(request, action)
        raise HTTPException(404)
    if name is None:
        raise HTTPException(400)
    said = {field: (await text_of(request, field))[:4000] for field in _FIELDS}
    try:
        async with console.database.write() as connection:
            there = await _handed(request, connection, viewer, sheet_id, lock=True)
            if there is None:
                raise HTTPException(404)
            after = _moved(request, viewer, there, act, said)
            await _save(request, connection, viewer, there, after, name)
    except Refused as error:
        return await _show(request, viewer, found, status=409, refused=error.reasons, typed=said)
    gone = name in {"declined", "returned"}
    where = f"/staff/handed?done={name}" if gone else f"/staff/handed/{sheet_id}?done={name}"
    return RedirectResponse(where, status_code=303)


async def _save(
    request: Request, connection: Connection, viewer: Viewer, there: Handed, after: Sheet, name: str
) -> None:
    console, work = console_of(request), sheets_of(request)
    version = work.forms[after.desk_id].version
    saving = Saving(
        actor=viewer.staff_id,
        action=name,
        at=console.clock(),
        forms_version=version,
        second_due_at=None,
    )
    await sheets.save(connection, console.keyring, there.stored, after, saving, new_id=console.new_id)
    await note(request, connection, f"sheet_{name}", "sheet", after.id, desk_id=after.desk_id)
    await changes.bump(connection, after.desk_id)


def _moved(request: Request, viewer: Viewer, there: Handed, act: str, said: Mapping[str, str]) -> Sheet:
    console = console_of(request)
    sheet, form, org, at = there.stored.sheet, there.form, viewer.organisation_id, console.clock()
    today = at.astimezone(console.zone_of(sheet.desk_id)).date()
    who = signed_of(request).account.shown_name
    if act == "triage" and said["decision"] not in form.codes.get("triages", {}):
        raise Refused("振り分けを選んでください。")
    steps: Mapping[str, Callable[[], Sheet]] = {
        "receive": lambda: moves.receive(sheet, org, by_name=who, at=at, today=today),
        "accept": lambda: moves.accept(sheet, form, org, there.consents, at=at),
        "decline": lambda: moves.decline(sheet, org, reason=said["reason"], at=at),
        "met": lambda: moves.met(sheet, org, on=today),
        "return": lambda: moves.send_back(sheet, org, next_step=said["next_step"], at=at),
        "reply": lambda: moves.reply(sheet, form, org, text=said["text"], next_step=said["next_step"], at=at, on=today),
        "triage": lambda: moves.triage(sheet, org, decision=said["decision"], lead_org=said["lead_org"][:200], at=at),
    }
    return steps[act]()
