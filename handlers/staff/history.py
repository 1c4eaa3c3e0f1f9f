"""これまでのこと in one place, and who has looked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from casework.highlight import showable
from casework.history import Line, Strand, days_of, merged
from casework.people import Viewer
from casework.permissions import Action
from handlers.staff import case_labels
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.case import look
from handlers.staff.case_view import actor_shown, rights_of
from handlers.staff.console import console_of
from handlers.staff.pages import page
from storage import api_tokens, case_history, notes, residents, staff
from storage.cases import CaseRow
from storage.database import Connection
from storage.vault import SealingKey

router = APIRouter()

#: So much of a note stands in the history; all of it stands on the case's page.
SHORT = 160


@router.get("/cases/{case_id}/timeline")
async def timeline_page(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.SEE_CASE))], case_id: UUID
) -> Response:
    """Talk, notes, tasks, consents, sheets, calls and readings in one order."""
    console = console_of(request)
    case = await look(request, viewer, case_id, Action.SEE_CASE)
    asked = request.query_params.get("only", "")
    only = Strand(asked) if asked in set(Strand) else None
    async with console.database.write() as connection:
        names = await staff.names(connection)
        lines = [] if case.hidden_at is not None else await _lines(request, connection, viewer, case)
        await note(request, connection, "timeline_seen", "case", case.id, desk_id=case.desk_id)
    return page(
        request,
        "timeline.html",
        viewer,
        case=case,
        lines=[(line, actor_shown(line.actor, names), words) for line, words in _worded(lines, only)],
        only=only,
        strands=case_labels.STRANDS,
        labels=case_labels,
        showable=showable,
    )


def _worded(lines: list[tuple[Line, str]], only: Strand | None) -> list[tuple[Line, str]]:
    words = {id(line): text for line, text in lines}
    return [(line, words[id(line)]) for line in merged((line for line, _ in lines), only)]


async def _lines(request: Request, connection: Connection, viewer: Viewer, case: CaseRow) -> list[tuple[Line, str]]:
    """All lines, each with the words that belong to it."""
    console = console_of(request)
    rights = await rights_of(connection, viewer, case)
    resident = await residents.by_id(connection, console.keyring, case.resident_id)
    told = {} if resident is None else await _words(connection, resident.key, case.id)
    lines = await case_history.events(connection, case.id)
    lines += await case_history.agreed(connection, case.resident_id, await staff.organisations(connection))
    lines += days_of(await case_history.said(connection, case.resident_id), console.zone_of(case.desk_id))
    if Action.SEE_SHEET in rights:
        lines += await case_history.sheets(connection, case.id)
    return [(line, told.get(line.object_id, "") if line.object_id else "") for line in lines]


async def _words(connection: Connection, key: SealingKey, case_id: UUID) -> Mapping[UUID, str]:
    """What was noted, shortened, and what was to do."""
    noted = {one.id: _short(one.body) for one in await notes.of_case(connection, key, case_id, limit=500)}
    return noted | {one.id: one.title for one in await notes.tasks_of(connection, key, case_id)}


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[:SHORT]}…"


@router.get("/cases/{case_id}/lookers")
async def lookers_page(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.SEE_LOOKERS))], case_id: UUID
) -> Response:
    """Who has looked at a case or a sheet of it: names and times from the record of acts."""
    console = console_of(request)
    case = await look(request, viewer, case_id, Action.SEE_LOOKERS)
    async with console.database.write() as connection:
        found = await case_history.lookers(connection, case.id)
        names = await staff.names(connection) | await api_tokens.names(connection)
        accounts = {one.id: one for one in await staff.everybody(connection)}
        organisations = await staff.organisations(connection)
        await note(request, connection, "lookers_seen", "case", case.id, desk_id=case.desk_id)
    from_where = {who: organisations.get(account.organisation_id, "") for who, account in accounts.items()}
    return page(
        request,
        "lookers.html",
        viewer,
        case=case,
        lookers=found,
        names=names,
        from_where=from_where,
    )
