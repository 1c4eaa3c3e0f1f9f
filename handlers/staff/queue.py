"""The pages of the queue: who waits, who fell silent, and a case that did not come by LINE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.background import BackgroundTask

from casework.people import Viewer
from casework.permissions import Action, Scope, allowed_at, allowed_somewhere, reaches
from casework.queue import Cursor, Filters, Lane, Level, Silence, silence
from casework.sheet_news import Mark
from casework.workdays import by_when, span_shown
from config.categories import categories
from handlers.staff import case_labels
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.console import Console, console_of
from handlers.staff.desk_choice import desk_here
from handlers.staff.foresight import foresights, shortage
from handlers.staff.pages import page
from storage import case_queue, milestones, sheet_news, silences, staff, staff_messages
from storage.cases import CaseRow

router = APIRouter()

Looker = Annotated[Viewer, Depends(require(Action.SEE_QUEUE))]
QuietLooker = Annotated[Viewer, Depends(require(Action.SEE_QUEUE, quiet=True))]
LONGEST_NOTE = 20_000


def filters_of(request: Request, console: Console, desk_id: str) -> Filters:
    """What the address of the page asks for."""
    areas = [area.id for area in console.words_of(desk_id).areas]
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
    #: What the sheets of the case ask of staff.
    marks: tuple[str, ...] = ()
    #: What is due by the calendar.
    dues: tuple[str, ...] = ()
    #: An answer waits for a second person to read it.
    draft: bool = False


def queue_row(
    console: Console,
    case: CaseRow,
    names: dict[Any, str],
    marks: Iterable[Mark] = (),
    dues: Iterable[str] = (),
    *,
    draft: bool = False,
) -> Row:
    """What is shown of a case in a list."""
    now = console.clock()
    deadline, overdue = None, case.deadline_at is not None and case.deadline_at < now
    if case.deadline_at is not None:
        # A column is narrow: the red says the rest.
        late = f"期限切れ {span_shown(now - case.deadline_at)}"
        deadline = late if overdue else by_when(case.deadline_at, now, console.zone_of(case.desk_id))
    return Row(
        case=case,
        waits="" if case.waiting_since is None else span_shown(now - case.waiting_since),
        deadline=deadline,
        overdue=overdue,
        owner=None if case.owner_id is None else names.get(case.owner_id, "?"),
        bare=case.hidden_at is not None,
        marks=tuple(mark.label for mark in Mark if mark in set(marks)),
        dues=tuple(dues),
        draft=draft,
    )


@router.get("/queue")
async def queue_page(request: Request, viewer: Looker) -> Response:
    """The queue with its filters and counts."""
    console = console_of(request)
    desk_id = desk_here(request, viewer, Action.SEE_QUEUE)
    values = await _queue(request, viewer, desk_id)
    async with console.database.write() as connection:
        await note(request, connection, "queue_seen", "queue", None, desk_id=desk_id)
    return _kept_up(request, values, page(request, "queue.html", viewer, **values))


@router.get("/queue/rows")
async def queue_rows(request: Request, viewer: QuietLooker) -> Response:
    """The part of the queue that an open page fetches again when something changed."""
    desk_id = desk_here(request, viewer, Action.SEE_QUEUE)
    values = await _queue(request, viewer, desk_id)
    return _kept_up(request, values, page(request, "queue_live.html", viewer, **values))


def _kept_up(request: Request, values: Mapping[str, Any], answer: Response) -> Response:
    """Whether the month's messages last is worked out behind the answer, and stands on the next one: nobody waits."""
    if values["may_claim"]:
        answer.background = BackgroundTask(foresights(request).keep, values["desk_id"])
    return answer


async def _queue(request: Request, viewer: Viewer, desk_id: str) -> dict[str, Any]:
    console = console_of(request)
    filters = filters_of(request, console, desk_id)
    async with console.database.read() as connection:
        found = await case_queue.page(connection, desk_id, filters, viewer)
        counted = await case_queue.counts(connection, desk_id, viewer)
        names = await staff.names(connection)
        here = await staff.names_at(connection, [desk_id])
        handed = await case_queue.handed(connection, desk_id, viewer)
        shown, now = [case.id for case in found.cases], console.clock()
        marked = await sheet_news.marks(connection, shown, now=now)
        today = now.astimezone(console.zone_of(desk_id)).date()
        dues = await milestones.marks(connection, shown, now=now, today=today)
        drafts = await staff_messages.waiting(connection, shown)
    last = found.cases[-1] if found.cases else None
    may_claim = allowed_at(viewer, Action.CLAIM, desk_id)
    foreseen = foresights(request).known(desk_id) if may_claim else None
    return {
        "shortage": None if foreseen is None else shortage(foreseen),
        "handed": handed,
        "handed_only": not _has_own(viewer, desk_id),
        "form_titles": {} if console.sheets is None else console.sheets.form_titles([desk_id]),
        "rows": [
            queue_row(console, one, names, marked.get(one.id, ()), dues.get(one.id, ()), draft=one.id in drafts)
            for one in found.cases
        ],
        "more": after_of(filters, last) if found.more and last is not None and not filters.closed else None,
        "filters": filters,
        "counted": counted,
        "longest": None if counted.waiting_longest is None else span_shown(now - counted.waiting_longest),
        "desk_id": desk_id,
        "owners": sorted(here.items(), key=lambda item: item[1]),
        "categories": categories(),
        "areas": console.words_of(desk_id).areas,
        "area_name": console.words_of(desk_id).area_name,
        "labels": case_labels,
        "may_claim": may_claim,
        "may_open": allowed_at(viewer, Action.SEE_CASE, desk_id),
        "may_make": allowed_at(viewer, Action.NEW_CASE, desk_id),
        "Lane": Lane,
        "Level": Level,
    }


def _has_own(viewer: Viewer, desk_id: str) -> bool:
    """Whether the queue itself is the viewer's to see, and not only what was handed to their organisation."""
    return any(scope is not Scope.HANDED and grant.is_at(desk_id) for scope, grant in reaches(viewer, Action.SEE_QUEUE))


def after_of(filters: Filters, last: CaseRow) -> dict[str, str]:
    """The address of the next page."""
    return filters.written(after=Cursor(place=last.place, since=last.since, id=str(last.id)).written())


def _why(case: CaseRow, now: datetime) -> Silence | None:
    return silence(blocked=case.blocked, last_word=case.last_word, last_word_at=case.last_word_at, now=now)


@router.get("/silent")
async def silent_page(request: Request, viewer: Looker) -> Response:
    """Who fell silent: for reaching out, never for closing."""
    console, now = console_of(request), console_of(request).clock()
    desk_id = desk_here(request, viewer, Action.SEE_QUEUE)
    async with console.database.read() as connection:
        found = await case_queue.silent(connection, desk_id, viewer, now=now)
        whole_desk = allowed_at(viewer, Action.CLAIM, desk_id)
        offered = await case_queue.offered(connection, desk_id, now=now) if whole_desk else []
        unanswered = await silences.cases_of_silent(connection, desk_id, viewer, now=now)
        quiet = await silences.without_case(connection, desk_id, now=now) if whole_desk else []
        names = await staff.names(connection)
    rows: list[tuple[Row, Silence | None, datetime]] = [
        (queue_row(console, case, names), _why(case, now), case.last_word_at) for case in found
    ]
    shown = {case.id for case in found}
    rows += [
        (queue_row(console, case, names), Silence.CHECK_IN, since) for case, since in unanswered if case.id not in shown
    ]
    rows.sort(key=lambda row: row[2])
    async with console.database.write() as connection:
        await note(request, connection, "silent_seen", "queue", None, desk_id=desk_id)
    return page(
        request,
        "silent.html",
        viewer,
        rows=rows,
        offered=offered,
        quiet=quiet,
        since=lambda at: span_shown(now - at),
        area_name=console.words_of(desk_id).area_name,
        categories=categories(),
        labels=case_labels,
        may_open=allowed_somewhere(viewer, Action.SEE_CASE),
    )
