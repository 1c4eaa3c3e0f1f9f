"""Reading without consent: one press in danger, else a reason in words; somebody else is told, and looks afterwards."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from casework.glass import asked
from casework.people import Role, Viewer
from casework.permissions import Action
from casework.reading import around
from handlers.staff import case_labels, doing
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.case import back, change, look, show
from handlers.staff.console import console_of
from handlers.staff.doing import Glass
from handlers.staff.duty import on_duty
from handlers.staff.forms import id_of, text_of
from handlers.staff.pages import page
from storage import cases, changes, reading_grants, residents, staff
from storage.case_acts import By
from storage.cases import CaseRow
from storage.database import Connection

router = APIRouter()

Breaker = Annotated[Viewer, Depends(require(Action.BREAK_GLASS))]
Reviewer = Annotated[Viewer, Depends(require(Action.REVIEW_READING))]


@router.post("/cases/{case_id}/glass")
async def break_glass(request: Request, viewer: Breaker, case_id: UUID) -> Response:
    """Open what may not be read yet, for oneself and for some hours."""
    console = console_of(request)
    case = await look(request, viewer, case_id, Action.BREAK_GLASS)
    wanted = await _wanted(request, viewer, case)
    if isinstance(wanted, str):
        words = await text_of(request, "reason_words")
        return await show(request, viewer, case, status=422, problem=wanted, typed_reason=words)

    async def work(connection: Connection, locked: CaseRow, by: By) -> bool:
        return await doing.break_glass(connection, console.keyring, locked, by, wanted)

    detail = {
        "reason": wanted.reason.value,
        "told": None if wanted.told_id is None else str(wanted.told_id),
        "roles": ",".join(sorted({grant.role.value for grant in viewer.grants})),
    }
    _, done = await change(request, viewer, case_id, Action.BREAK_GLASS, "glass_broken", work, detail=detail)
    if not done:
        raise HTTPException(409)
    return back(case_id, "glass", "#talk")


async def _wanted(request: Request, viewer: Viewer, case: CaseRow) -> Glass | str:
    """What is asked for, or what is missing."""
    seconds = await _seconds(request, viewer, case)
    async with console_of(request).database.glance() as connection:
        duty = await on_duty(request, connection, viewer, case)
    found = asked(
        await text_of(request, "reason"),
        await text_of(request, "reason_words"),
        level=case.risk_level,
        alert_turn=case.alert_turn,
        on_duty=duty,
    )
    if isinstance(found, str):
        return found
    if found.words is None:
        turn = case.alert_turn
        told = next(iter(seconds), None)
        turns = None if turn is None else around(turn)
        return Glass(reason=found.reason, words=None, told_id=told, turns=turns, lasts=found.lasts)
    told_id = id_of(await text_of(request, "told"))
    if told_id is None or told_id not in seconds:
        return "知らせる人を選んでください。自分のほかの人です。"
    return Glass(reason=found.reason, words=found.words, told_id=told_id, turns=None, lasts=found.lasts)


async def _seconds(request: Request, viewer: Viewer, case: CaseRow) -> list[UUID]:
    """Who can be told: supervisors of the desk; where there is none, other coordinators."""
    console = console_of(request)
    async with console.database.glance() as connection:
        given = await staff.grants(connection, console.clock())
        open_ = {account.id for account in await staff.everybody(connection) if account.disabled_at is None}
        facts = await cases.facts_of(connection, case)
    here = [
        one
        for one in given
        if one.grant.is_at(case.desk_id) and one.staff_id in open_ and one.staff_id not in facts.excluded
    ]
    for role in (Role.SUPERVISOR, Role.COORDINATOR):
        found = sorted({one.staff_id for one in here if one.grant.role is role} - {viewer.staff_id}, key=str)
        if found:
            return found
    return []


@router.get("/glass")
async def report(request: Request, viewer: Reviewer) -> Response:
    """Everything that was read without consent, what nobody has looked at first."""
    return await _report(request, viewer)


async def _report(request: Request, viewer: Viewer, *, status: int = 200, **values: Any) -> Response:
    console = console_of(request)
    async with console.database.read() as connection:
        rows = await reading_grants.report(connection, viewer)
        names = await staff.names(connection)
        reasons = {row.id: await _reason(connection, request, row) for row in rows}
    async with console.database.write() as connection:
        await note(request, connection, "glass_report_seen", "glass", None)
    return page(
        request,
        "glass.html",
        viewer,
        status=status,
        rows=rows,
        names=names,
        reasons=reasons,
        labels=case_labels,
        **values,
    )


async def _reason(connection: Connection, request: Request, row: reading_grants.GrantRow) -> str | None:
    if row.reason_sealed is None:
        return None
    resident = await residents.by_id(connection, console_of(request).keyring, row.resident_id)
    return None if resident is None else row.written_reason(resident.key)


@router.post("/glass/{glass_id}/review")
async def review(request: Request, viewer: Reviewer, glass_id: UUID) -> Response:
    """Somebody else has looked at it: it was right, or it has to be talked about."""
    console = console_of(request)
    verdict = await text_of(request, "verdict")
    if verdict not in case_labels.REVIEWS:
        raise HTTPException(400)
    async with console.database.write() as connection:
        row = await reading_grants.find(connection, glass_id, viewer)
        done = row is not None and await reading_grants.review(
            connection, glass_id, by=viewer.staff_id, verdict=verdict, at=console.clock()
        )
        if row is not None and done:
            detail = {"verdict": verdict}
            await note(request, connection, "glass_reviewed", "case", row.case_id, desk_id=row.desk_id, detail=detail)
            await changes.bump(connection, row.desk_id)
    if row is None:
        raise HTTPException(404)
    if not done:
        return await _report(request, viewer, status=409, problem="ほかの人がもう確かめました。")
    return RedirectResponse("/staff/glass", status_code=303)
