"""The pages of the queue: who waits, who fell silent, and a case that did not come by LINE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from casework.people import Viewer
from casework.permissions import Action, allowed_at, allowed_somewhere, desks_for
from casework.queue import Cursor, Filters, Lane, Level, silence
from casework.workdays import by_when, span_shown
from config.categories import categories
from handlers.staff import case_labels
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.console import Console, console_of, work_of
from handlers.staff.doing import Brought, open_by_hand
from handlers.staff.forms import text_of
from handlers.staff.pages import page
from storage import case_queue, changes, staff
from storage.case_acts import By
from storage.case_tables import Source
from storage.cases import CaseRow

router = APIRouter()

Looker = Annotated[Viewer, Depends(require(Action.SEE_QUEUE))]
QuietLooker = Annotated[Viewer, Depends(require(Action.SEE_QUEUE, quiet=True))]
Opener = Annotated[Viewer, Depends(require(Action.NEW_CASE))]
LONGEST_NOTE = 20_000


def desk_of(console: Console, viewer: Viewer, action: Action, asked: str | None = None) -> str:
    """The desk a page is about: the one asked for, else the first where the viewer may do this."""
    allowed = desks_for(viewer, action)
    desks = [desk for desk in console.desks if allowed is None or desk in allowed]
    if asked is not None and asked in desks:
        return asked
    if not desks:
        raise HTTPException(404)
    return desks[0]


def filters_of(request: Request, console: Console) -> Filters:
    """What the address of the page asks for."""
    areas = [area.id for area in console.words.areas]
    return Filters.read(dict(request.query_params), categories=categories(), areas=areas)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A case as a line of the queue."""

    case: CaseRow
    waits: str
    deadline: str | None
    overdue: bool
    owner: str | None
    #: Whoever asked to be erased: only the danger is shown.
    bare: bool


def queue_row(console: Console, case: CaseRow, names: dict[Any, str]) -> Row:
    """What is shown of a case in a list."""
    now = console.clock()
    deadline = None if case.deadline_at is None else by_when(case.deadline_at, now, console.zone)
    return Row(
        case=case,
        waits="" if case.waiting_since is None else span_shown(now - case.waiting_since),
        deadline=deadline,
        overdue=case.deadline_at is not None and case.deadline_at < now,
        owner=None if case.owner_id is None else names.get(case.owner_id, "?"),
        bare=case.hidden_at is not None,
    )


@router.get("/queue")
async def queue_page(request: Request, viewer: Looker) -> Response:
    """The queue with its filters and counts."""
    console = console_of(request)
    desk_id = desk_of(console, viewer, Action.SEE_QUEUE, request.query_params.get("desk"))
    values = await _queue(request, viewer, desk_id)
    async with console.database.write() as connection:
        await note(request, connection, "queue_seen", "queue", None, desk_id=desk_id)
    return page(request, "queue.html", viewer, **values)


@router.get("/queue/rows")
async def queue_rows(request: Request, viewer: QuietLooker) -> Response:
    """The part of the queue that an open page fetches again when something changed."""
    console = console_of(request)
    desk_id = desk_of(console, viewer, Action.SEE_QUEUE, request.query_params.get("desk"))
    return page(request, "queue_rows.html", viewer, **await _queue(request, viewer, desk_id))


async def _queue(request: Request, viewer: Viewer, desk_id: str) -> dict[str, Any]:
    console, filters = console_of(request), filters_of(request, console_of(request))
    async with console.database.read() as connection:
        found = await case_queue.page(connection, desk_id, filters, viewer)
        counted = await case_queue.counts(connection, desk_id, viewer)
        names = await staff.names(connection)
    now, last = console.clock(), found.cases[-1] if found.cases else None
    return {
        "rows": [queue_row(console, case, names) for case in found.cases],
        "more": after_of(filters, last) if found.more and last is not None and not filters.closed else None,
        "filters": filters,
        "counted": counted,
        "longest": None if counted.waiting_longest is None else span_shown(now - counted.waiting_longest),
        "desk_id": desk_id,
        "owners": sorted(names.items(), key=lambda item: item[1]),
        "categories": categories(),
        "areas": console.words.areas,
        "area_name": console.words.area_name,
        "labels": case_labels,
        "may_claim": allowed_at(viewer, Action.CLAIM, desk_id),
        "may_open": allowed_at(viewer, Action.SEE_CASE, desk_id),
        "may_make": allowed_at(viewer, Action.NEW_CASE, desk_id),
        "Lane": Lane,
        "Level": Level,
    }


def after_of(filters: Filters, last: CaseRow) -> dict[str, str]:
    """The address of the next page."""
    return filters.written(after=Cursor(place=last.place, since=last.since, id=str(last.id)).written())


@router.get("/silent")
async def silent_page(request: Request, viewer: Looker) -> Response:
    """Who fell silent: for reaching out, never for closing."""
    console, now = console_of(request), console_of(request).clock()
    desk_id = desk_of(console, viewer, Action.SEE_QUEUE, request.query_params.get("desk"))
    async with console.database.read() as connection:
        found = await case_queue.silent(connection, desk_id, viewer, now=now)
        whole_desk = allowed_at(viewer, Action.CLAIM, desk_id)
        offered = await case_queue.offered(connection, desk_id, now=now) if whole_desk else []
        names = await staff.names(connection)
    rows = [
        (
            queue_row(console, case, names),
            silence(blocked=case.blocked, last_word=case.last_word, last_word_at=case.last_word_at, now=now),
        )
        for case in found
    ]
    async with console.database.write() as connection:
        await note(request, connection, "silent_seen", "queue", None, desk_id=desk_id)
    return page(
        request,
        "silent.html",
        viewer,
        rows=rows,
        offered=offered,
        since=lambda at: span_shown(now - at),
        area_name=console.words.area_name,
        categories=categories(),
        labels=case_labels,
        may_open=allowed_somewhere(viewer, Action.SEE_CASE),
    )


@router.get("/cases/new")
async def new_case_page(request: Request, viewer: Opener) -> Response:
    """A form for somebody who came without LINE."""
    return _new_case(request, viewer)


def _new_case(request: Request, viewer: Viewer, *, status: int = 200, **values: Any) -> Response:
    typed = {"source": "phone", "area": "", "body": "", "picked": [], **values}
    return page(
        request,
        "new_case.html",
        viewer,
        status=status,
        sources=[source for source in Source if source is not Source.LINE],
        areas=console_of(request).words.areas,
        categories=categories(),
        labels=case_labels,
        longest=LONGEST_NOTE,
        **typed,
    )


@router.post("/cases/new")
async def new_case(request: Request, viewer: Opener) -> Response:
    """Open a case by hand: an alias like everybody's, and a note of what was said."""
    console = console_of(request)
    desk_id = desk_of(console, viewer, Action.NEW_CASE)
    source, area = await text_of(request, "source"), await text_of(request, "area")
    body = await text_of(request, "body")
    form = await request.form()
    picked = [name for name in form.getlist("category") if isinstance(name, str) and name in categories()]
    known = source in set(Source) - {Source.LINE}
    if not known or not body or len(body) > LONGEST_NOTE:
        problem = "どこからの相談かと、聞いたことを入れてください。"
        return _new_case(
            request, viewer, status=422, problem=problem, source=source, area=area, body=body, picked=picked
        )
    areas = {one.id for one in console.words.areas}
    case_id = await _opened_by_hand(
        request, viewer, desk_id, Source(source), area if area in areas else None, body, tuple(picked)
    )
    return RedirectResponse(f"/staff/cases/{case_id}", status_code=303)


async def _opened_by_hand(
    request: Request, viewer: Viewer, desk_id: str, source: Source, area: str | None, body: str, picked: tuple[str, ...]
) -> Any:
    console = console_of(request)
    by = By(staff_id=viewer.staff_id, at=console.clock(), new_id=console.new_id)
    brought = Brought(source=source, area=area, body=body, categories=picked)
    async with console.database.write() as connection:
        case_id = await open_by_hand(connection, console.keyring, desk_id, by, brought, work_of(request).terms[desk_id])
        await note(request, connection, "case_made", "case", case_id, desk_id=desk_id, detail={"source": source.value})
        await changes.bump(connection, desk_id)
    return case_id
