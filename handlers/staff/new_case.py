"""A case of somebody who came without LINE, alone or as one of a household that is known already."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from casework.people import Viewer
from casework.permissions import Action
from casework.queue import Level
from config.categories import categories
from handlers.staff import case_labels
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.case_level import kinds_of
from handlers.staff.console import console_of, work_of
from handlers.staff.desk_choice import desk_here
from handlers.staff.doing import Brought, Danger, open_by_hand
from handlers.staff.forms import id_of, text_of
from handlers.staff.pages import page
from handlers.staff.queue import LONGEST_NOTE
from storage import cases, changes, households
from storage.case_acts import By
from storage.case_tables import Source
from storage.cases import CaseRow
from storage.database import Connection
from storage.household_tables import Part
from storage.households import Linking

router = APIRouter()

Opener = Annotated[Viewer, Depends(require(Action.NEW_CASE))]


@router.get("/cases/new")
async def new_case_page(request: Request, viewer: Opener) -> Response:
    """A form for somebody who came without LINE."""
    relative = await _relative(request, viewer, request.query_params.get("with", ""))
    return _new_case(request, viewer, relative=relative)


async def _relative(request: Request, viewer: Viewer, asked: str) -> CaseRow | None:
    """The case of whom they live with, if the viewer may link that person."""
    case_id = id_of(asked)
    if case_id is None:
        return None
    async with console_of(request).database.glance() as connection:
        case = await cases.load(connection, case_id, viewer, Action.LINK_HOUSEHOLD)
    return case if case is not None and case.hidden_at is None else None


def _desk(request: Request, viewer: Viewer, relative: CaseRow | None) -> str:
    """The desk of the new case: that of whom they live with, else the one the page is about."""
    return desk_here(request, viewer, Action.NEW_CASE) if relative is None else relative.desk_id


def _new_case(
    request: Request, viewer: Viewer, *, relative: CaseRow | None, status: int = 200, **values: Any
) -> Response:
    typed = {
        "source": "phone",
        "area": "" if relative is None else relative.area or "",
        "body": "",
        "picked": [],
        "level": "none",
        "kinds": (),
    }
    return page(
        request,
        "new_case.html",
        viewer,
        status=status,
        sources=[source for source in Source if source is not Source.LINE],
        areas=console_of(request).words_of(_desk(request, viewer, relative)).areas,
        categories=categories(),
        labels=case_labels,
        longest=LONGEST_NOTE,
        relative=relative,
        parts=list(Part),
        levels=list(Level),
        **{**typed, **values},
    )


@router.post("/cases/new")
async def new_case(request: Request, viewer: Opener) -> Response:
    """Open a case by hand: an alias like everybody's, and a note of what was said."""
    console = console_of(request)
    source, area = await text_of(request, "source"), await text_of(request, "area")
    body, part = await text_of(request, "body"), await text_of(request, "part")
    form = await request.form()
    picked = [name for name in form.getlist("category") if isinstance(name, str) and name in categories()]
    asked = await text_of(request, "with")
    relative = await _relative(request, viewer, asked)
    level, kinds = await text_of(request, "level") or Level.NONE, await kinds_of(request)
    known = source in set(Source) - {Source.LINE} and (not asked or (relative is not None and part in set(Part)))
    problem = None
    if not known or level not in set(Level) or kinds is None or not body or len(body) > LONGEST_NOTE:
        problem = "どこからの相談かと、聞いたことを入れてください。"
    elif kinds and level == Level.NONE:
        problem = "危険の種類を選んだときは、危険度も選んでください。"
    if problem is not None or kinds is None:
        typed = {"source": source, "area": area, "body": body, "picked": picked, "level": level, "kinds": kinds or ()}
        return _new_case(request, viewer, status=422, problem=problem, relative=relative, **typed)
    areas = {one.id for one in console.words_of(_desk(request, viewer, relative)).areas}
    brought = Brought(
        source=Source(source),
        area=area if area in areas else None,
        body=body,
        categories=tuple(picked),
        danger=Danger(level=Level(level), kinds=kinds),
    )
    case_id = await _opened(request, viewer, brought, relative, part)
    return RedirectResponse(f"/staff/cases/{case_id}", status_code=303)


async def _opened(request: Request, viewer: Viewer, brought: Brought, relative: CaseRow | None, part: str) -> UUID:
    console = console_of(request)
    desk_id = _desk(request, viewer, relative)
    by = By(staff_id=viewer.staff_id, at=console.clock(), new_id=console.new_id)
    async with console.database.write() as connection:
        case_id = await open_by_hand(connection, console.keyring, desk_id, by, brought, work_of(request).terms[desk_id])
        if relative is not None:
            await _join(request, connection, by, relative, case_id, Part(part))
        detail = {"source": brought.source.value}
        await note(request, connection, "case_made", "case", case_id, desk_id=desk_id, detail=detail)
        await changes.bump(connection, desk_id)
    return case_id


async def _join(request: Request, connection: Connection, by: By, relative: CaseRow, case_id: UUID, part: Part) -> None:
    """The new person lives with somebody who is known: both cases say so."""
    case = await cases.locked(connection, case_id)
    linking = Linking(by=by.staff_id, at=by.at, new_id=by.new_id)
    if await households.join(connection, relative, case, (Part.OTHER, part), linking):
        for one in (relative, case):
            await cases.add_event(connection, one.id, kind="joined", actor=by.staff_id, at=by.at, new_id=by.new_id)
            await note(request, connection, "household_joined", "case", one.id, desk_id=one.desk_id)
