"""A sheet as the desk's own staff come to it: through its case, with its consents, and changed in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fastapi import HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from casework.papers.printed import Given
from casework.people import Viewer
from casework.permissions import Action
from casework.sheet_needs import second_due
from casework.sheet_views import Seat, View, view
from casework.sheets import Consents, Sheet
from config.contents.forms import Form
from handlers.staff.access import refused
from handlers.staff.acts import note
from handlers.staff.console import console_of, sheets_of
from storage import cases, changes, sheets
from storage.audit import Detail
from storage.cases import CaseRow
from storage.database import Connection
from storage.sheets import Saving, Stored
from storage.tables import Resident


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A sheet somebody has before them. `view` is what they may see of it, and all that a page may show."""

    case: CaseRow
    stored: Stored
    form: Form
    consents: Consents
    given: Mapping[UUID, Given]
    view: View

    @property
    def sheet(self) -> Sheet:
        return self.stored.sheet


@dataclass(frozen=True, kw_only=True, slots=True)
class Moving:
    """What a move is given beside the sheet."""

    form: Form
    consents: Consents
    by: UUID
    at: datetime
    today: date


Move = Callable[[Sheet, Moving], Sheet]


async def look(request: Request, viewer: Viewer, case_id: UUID, action: Action) -> CaseRow:
    """The case, for who may do this to its sheets; for all others there is none, and the try is kept."""
    async with console_of(request).database.glance() as connection:
        case = await cases.load(connection, case_id, viewer, action)
    if case is None or case.hidden_at is not None:
        await refused(request, action, case_id)
        raise HTTPException(404)
    return case


async def open_sheet(request: Request, viewer: Viewer, case_id: UUID, sheet_id: UUID, action: Action) -> Opened:
    """The sheet of a case, for who may do this."""
    case = await look(request, viewer, case_id, action)
    async with console_of(request).database.glance() as connection:
        opened = await _opened(request, connection, viewer, case, sheet_id)
    if opened is None:
        await refused(request, action, case_id)
        raise HTTPException(404)
    return opened


async def _opened(
    request: Request, connection: Connection, viewer: Viewer, case: CaseRow, sheet_id: UUID, *, lock: bool = False
) -> Opened | None:
    console, work = console_of(request), sheets_of(request)
    stored = await sheets.load(connection, console.keyring, case.id, sheet_id, lock=lock)
    if stored is None:
        return None
    form = work.forms[case.desk_id][stored.sheet.form_id]
    consents = await work.consents(connection, console.keyring, case.resident_id)
    # Whoever may see the sheets of the case is the desk's own, whichever organisation employs them.
    seat = Seat(org_id=stored.sheet.org_id, staff_id=viewer.staff_id)
    shown = view(stored.sheet, form, seat, consents, console.clock())
    if shown is None:
        return None
    given = await work.given(connection, stored, console.clock().astimezone(console.zone_of(case.desk_id)))
    return Opened(case=case, stored=stored, form=form, consents=consents, given=given, view=shown)


async def change(
    request: Request,
    viewer: Viewer,
    case_id: UUID,
    sheet_id: UUID,
    action: Action,
    name: str,
    move: Move,
    *,
    detail: Mapping[str, Detail] | None = None,
) -> Sheet:
    """Carry a move out on the locked sheet, with its line in the audit. Raises Refused; then nothing has changed.

    The resident's row is locked first, so that a withdrawal and this never pass each other.
    """
    await look(request, viewer, case_id, action)
    console, now = console_of(request), console_of(request).clock()
    async with console.database.write() as connection:
        opened = await locked(request, connection, viewer, case_id, sheet_id, action)
        given = Moving(
            form=opened.form,
            consents=opened.consents,
            by=viewer.staff_id,
            at=now,
            today=now.astimezone(console.zone_of(opened.case.desk_id)).date(),
        )
        after = move(opened.sheet, given)
        saved = await save(request, connection, opened, after, name, viewer.staff_id)
        await note(request, connection, f"sheet_{name}", "sheet", sheet_id, desk_id=opened.case.desk_id, detail=detail)
        await changes.bump(connection, opened.case.desk_id)
    return saved


async def locked(
    request: Request, connection: Connection, viewer: Viewer, case_id: UUID, sheet_id: UUID, action: Action
) -> Opened:
    """Resident, case and sheet, locked in this order."""
    case = await cases.load(connection, case_id, viewer, action)
    if case is None:
        raise HTTPException(404)
    await connection.execute(select(Resident.id).where(Resident.id == case.resident_id).with_for_update())
    case = await cases.load(connection, case_id, viewer, action, lock=True)
    opened = None if case is None else await _opened(request, connection, viewer, case, sheet_id, lock=True)
    if opened is None or opened.case.hidden_at is not None:
        raise HTTPException(404)
    return opened


async def save(request: Request, connection: Connection, opened: Opened, after: Sheet, name: str, by: UUID) -> Sheet:
    """Store the next version."""
    console, work = console_of(request), sheets_of(request)
    saving = Saving(
        actor=by,
        action=name,
        at=console.clock(),
        forms_version=work.forms[opened.case.desk_id].version,
        second_due_at=second_due(after, opened.form),
    )
    return await sheets.save(connection, console.keyring, opened.stored, after, saving, new_id=console.new_id)


def path_of(case_id: UUID, sheet_id: UUID) -> str:
    """The page of a sheet."""
    return f"/staff/cases/{case_id}/sheets/{sheet_id}"


def back(case_id: UUID, sheet_id: UUID, done: str, part: str = "", side: str = "") -> Response:
    """To the sheet's page, which says what was done."""
    at_side = f"&side={side}" if side else ""
    return RedirectResponse(f"{path_of(case_id, sheet_id)}?done={done}{at_side}{part}", status_code=303)
