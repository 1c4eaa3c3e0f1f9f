"""Reading: cases and sheets in this organisation's hands, and what changed in them. Every read is written down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from handlers.api.access import Caller, CaseReader, SheetReader, noted
from handlers.api.door import door_of
from handlers.api.models import CaseAnswer, CasePage, ChangeAnswer, ChangeKind, ChangePage, SheetAnswer, SheetPage
from handlers.api.models import SheetSummary as Short
from handlers.api.problems import Refusal, answers
from handlers.api.showing import summary, tagged, whole
from handlers.handed_sheets import find
from storage import api_reading
from storage.database import Connection

router = APIRouter()

MOST = 100
Limit = Annotated[int, Query(ge=1, le=MOST, description="一度に返す数")]
After = Annotated[UUID | None, Query(description="前の答えの next（changes では cursor）")]
_TAG = {"ETag": {"description": "中身が同じあいだは変わりません", "schema": {"type": "string"}}}
_SAME: dict[int | str, dict[str, Any]] = {304: {"description": "If-None-Match のときから変わっていません"}}
_FOUND: dict[int | str, dict[str, Any]] = {200: {"headers": _TAG}}


@router.get("/cases", response_model=CasePage, responses=answers(), summary="渡された相談の一覧")
async def cases_page(request: Request, caller: CaseReader, after: After = None, limit: Limit = 50) -> CasePage:
    """Cases of which something lies with this organisation."""
    door, viewer, desk_id = door_of(request), caller.viewer, caller.token.desk_id
    async with door.database.read() as connection:
        ids = await api_reading.case_ids(connection, viewer, desk_id, after=after, limit=limit + 1)
        found = [await _case(request, connection, caller, case_id) for case_id in ids[:limit]]
    await noted(request, caller, "api_cases_listed", detail={"count": len(found)})
    items = [case for case in found if case is not None]
    return CasePage(items=items, next=ids[limit - 1] if len(ids) > limit else None)


@router.get(
    "/cases/{case_id}",
    response_model=CaseAnswer,
    responses={**answers(404), **_FOUND, **_SAME},
    summary="渡された相談ひとつ",
)
async def one_case(request: Request, caller: CaseReader, case_id: UUID) -> Response:
    """A case, as far as it was handed over."""
    async with door_of(request).database.read() as connection:
        found = await _case(request, connection, caller, case_id)
    await noted(request, caller, "refused" if found is None else "api_case_read", "case", case_id)
    if found is None:
        raise Refusal(404)
    return tagged(request, found.model_dump(mode="json"))


async def _case(request: Request, connection: Connection, caller: Caller, case_id: UUID) -> CaseAnswer | None:
    ids = await api_reading.sheet_ids(connection, caller.viewer, caller.token.desk_id, case_id=case_id, limit=MOST)
    sheets = await _summaries(request, connection, caller, ids)
    if not sheets:
        return None
    return CaseAnswer(id=case_id, number=sheets[0].number.rpartition("-")[0], sheets=sheets)


async def _summaries(request: Request, connection: Connection, caller: Caller, ids: Sequence[UUID]) -> list[Short]:
    door, shown = door_of(request), []
    papers = door.papers
    for sheet_id in ids:
        found = await find(connection, papers, caller.viewer, sheet_id, at=door.clock())
        if found is not None and found.own is not None:
            shown.append(await summary(connection, door, found))
    return shown


@router.get("/sheets", response_model=SheetPage, responses=answers(), summary="渡されたシートの一覧")
async def sheets_page(
    request: Request,
    caller: SheetReader,
    after: After = None,
    limit: Limit = 50,
    case_id: Annotated[UUID | None, Query(description="この相談のシートだけ")] = None,
) -> SheetPage:
    """Sheets in this organisation's hands, or on their way to it, without their words."""
    door, viewer, desk_id = door_of(request), caller.viewer, caller.token.desk_id
    async with door.database.read() as connection:
        ids = await api_reading.sheet_ids(connection, viewer, desk_id, after=after, case_id=case_id, limit=limit + 1)
        items = await _summaries(request, connection, caller, ids[:limit])
    await noted(request, caller, "api_sheets_listed", detail={"count": len(items)})
    return SheetPage(items=items, next=ids[limit - 1] if len(ids) > limit else None)


@router.get(
    "/sheets/{sheet_id}",
    response_model=SheetAnswer,
    responses={**answers(404), **_FOUND, **_SAME},
    summary="シートひとつ",
)
async def one_sheet(request: Request, caller: SheetReader, sheet_id: UUID) -> Response:
    """A sheet: once it was accepted, with what the resident agreed to tell this organisation."""
    door = door_of(request)
    answer, detail = None, {}
    async with door.database.read() as connection:
        now = door.clock()
        found = await find(connection, door.papers, caller.viewer, sheet_id, at=now)
        if found is not None and found.own is not None:
            answer = await whole(connection, door, caller, found, now)
            detail = {"standing": found.view.standing.value, "version": found.view.version}
    await noted(request, caller, "refused" if answer is None else "sheet_seen", "sheet", sheet_id, detail)
    if answer is None:
        raise Refusal(404)
    return tagged(request, answer.model_dump(mode="json"))


@router.get("/changes", response_model=ChangePage, responses=answers(), summary="前に聞いてから変わったシート")
async def changes_page(request: Request, caller: SheetReader, after: After = None, limit: Limit = 50) -> ChangePage:
    """What changed since a cursor; a change is told some seconds after it happened, so that none is passed over."""
    door, viewer, desk_id = door_of(request), caller.viewer, caller.token.desk_id
    async with door.database.read() as connection:
        now = door.clock()
        rows = await api_reading.changed(connection, viewer, desk_id, after=after, now=now, limit=limit + 1)
        items = []
        for row in rows[:limit]:
            there = await find(connection, door.papers, viewer, row.sheet_id, at=now)
            kind = ChangeKind.GONE if there is None or there.own is None else ChangeKind.CHANGED
            items.append(ChangeAnswer(sheet_id=row.sheet_id, number=row.number, at=row.at, change=kind))
    await noted(request, caller, "api_changes_read", detail={"count": len(items)})
    cursor = rows[:limit][-1].cursor if rows else after
    return ChangePage(items=items, cursor=cursor, more=len(rows) > limit)
