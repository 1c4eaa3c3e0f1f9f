"""世帯: the people who live together, each as far as the viewer may see them; linked and parted by staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from casework.consents import Consent, ConsentKind
from casework.numbers import number_typed
from casework.people import Viewer
from casework.permissions import Action, allowed
from casework.queue import Level
from config.categories import categories
from handlers.staff import case_labels
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.case import back, change, look
from handlers.staff.console import console_of
from handlers.staff.forms import line_of, text_of
from handlers.staff.pages import page
from storage import cases, consents, households, staff
from storage.audit import Detail
from storage.case_acts import By
from storage.cases import CaseRow, EventRow
from storage.database import Connection
from storage.household_tables import Part
from storage.households import Agency, Linking, Member

router = APIRouter()

Linker = Annotated[Viewer, Depends(require(Action.LINK_HOUSEHOLD))]
#: As many lines of all people together as one can read.
LINES = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One of the household: their own cases, consents and agencies."""

    member: Member
    cases: Sequence[CaseRow]
    reading: bool
    shared: Sequence[tuple[str, Consent]]
    agencies: Sequence[Agency]
    events: Sequence[EventRow]


@router.get("/cases/{case_id}/household")
async def household_page(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.SEE_CASE))], case_id: UUID
) -> Response:
    """The household of whom a case is about."""
    case = await look(request, viewer, case_id, Action.SEE_CASE)
    return await _show(request, viewer, case)


async def _show(request: Request, viewer: Viewer, case: CaseRow, *, status: int = 200, **values: Any) -> Response:
    console, now = console_of(request), console_of(request).clock()
    async with console.database.write() as connection:
        people = []
        if case.hidden_at is None:
            organisations = await staff.organisations(connection)
            found = await households.members(connection, case.resident_id, viewer)
            people = [await _person(connection, viewer, one, organisations, now) for one in found]
        names = await staff.names(connection)
        facts = await cases.facts_of(connection, case)
        for one in people:
            detail: dict[str, Detail] = {"from": str(case.id)}
            seen = one.member.case
            await note(request, connection, "household_seen", "case", seen.id, desk_id=seen.desk_id, detail=detail)
    lines = sorted(((one, event) for one in people for event in one.events), key=lambda line: line[1].at, reverse=True)
    shown = {
        "case": case,
        "people": people,
        "lines": lines[:LINES],
        "may_link": allowed(viewer, Action.LINK_HOUSEHOLD, facts) and case.hidden_at is None,
        "may_make": allowed(viewer, Action.NEW_CASE, facts),
        "names": names,
        "parts": list(Part),
        "labels": case_labels,
        "categories": categories(),
        "area_name": console.words_of(case.desk_id).area_name,
        "Level": Level,
        "number": "",
    }
    return page(request, "household.html", viewer, status=status, **{**shown, **values})


async def _person(
    connection: Connection, viewer: Viewer, member: Member, organisations: dict[UUID, str], now: datetime
) -> Person:
    own = await households.cases_of(connection, member.resident_id, viewer)
    sheets = frozenset(
        [one.id for one in own if allowed(viewer, Action.SEE_SHEET, await cases.facts_of(connection, one))]
    )
    book = await consents.book(connection, member.resident_id)
    shared = [
        (organisations.get(one.scope.org_id, "?"), one)
        for one in book.consents
        if one.scope.org_id is not None and one.holds(now) and sheets
    ]
    return Person(
        member=member,
        cases=own,
        reading=any(one.kind is ConsentKind.READ and one.holds(now) for one in book.consents),
        shared=shared,
        agencies=await households.agencies(connection, sheets),
        events=[event for one in own for event in await cases.events(connection, one.id)],
    )


@router.post("/cases/{case_id}/household")
async def join(request: Request, viewer: Linker, case_id: UUID) -> Response:
    """Put the person of another case into the household of this one. Both have to be the viewer's to see."""
    case = await look(request, viewer, case_id, Action.LINK_HOUSEHOLD)
    number = number_typed(await line_of(request, "number", longest=16))
    parts = await text_of(request, "part"), await text_of(request, "own_part")
    if not set(parts) <= set(Part):
        return await _show(request, viewer, case, status=422, problem="続柄を選んでください。", number=number)
    other: list[CaseRow] = []

    async def work(connection: Connection, locked: CaseRow, by: By) -> bool:
        found = await households.find(connection, locked.desk_id, number, viewer)
        if found is None:
            return False
        other.append(found)
        linking = Linking(by=by.staff_id, at=by.at, new_id=by.new_id)
        if not await households.join(connection, locked, found, (Part(parts[1]), Part(parts[0])), linking):
            return False
        await _written(request, connection, found, by, "household_joined", "joined")
        await cases.add_event(connection, locked.id, kind="joined", actor=by.staff_id, at=by.at, new_id=by.new_id)
        return True

    _, done = await change(request, viewer, case_id, Action.LINK_HOUSEHOLD, "household_joined", work)
    if done:
        return back(case_id, "joined", "#household")
    problem = (
        "この番号の相談は見つかりません。"
        if not other
        else "この方は、もう世帯に入っています。別の世帯にいるときは、先にそちらから外してください。"
    )
    return await _show(request, viewer, case, status=409, problem=problem, number=number)


@router.post("/cases/{case_id}/household/leave")
async def leave(request: Request, viewer: Linker, case_id: UUID) -> Response:
    """Take the person of this case out of their household."""

    async def work(connection: Connection, locked: CaseRow, by: By) -> bool:
        if not await households.leave(connection, locked.resident_id):
            return False
        await cases.add_event(connection, locked.id, kind="parted", actor=by.staff_id, at=by.at, new_id=by.new_id)
        return True

    case, done = await change(request, viewer, case_id, Action.LINK_HOUSEHOLD, "household_parted", work)
    if done:
        return back(case_id, "parted", "#household")
    return await _show(request, viewer, case, status=409, problem="この方は、いま世帯に入っていません。")


async def _written(request: Request, connection: Connection, case: CaseRow, by: By, act: str, kind: str) -> None:
    """The other person's case says it, too."""
    await cases.add_event(connection, case.id, kind=kind, actor=by.staff_id, at=by.at, new_id=by.new_id)
    await note(request, connection, act, "case", case.id, desk_id=case.desk_id)
