"""What staff write down about a case: notes, things to do, and what they say of tags."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response, StreamingResponse

from casework.people import Viewer
from casework.permissions import Action
from config.categories import categories
from handlers.staff import doing
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.case import back, change, look, overtaken, show
from handlers.staff.case_labels import WRITTEN_KINDS
from handlers.staff.console import console_of, work_of
from handlers.staff.desk_choice import desk_here
from handlers.staff.forms import line_of, text_of
from handlers.staff.queue import LONGEST_NOTE
from storage import cases, corrections, notes
from storage.case_acts import By
from storage.case_tables import NoteKind, Verdict
from storage.cases import CaseRow
from storage.database import Connection

router = APIRouter()

Writer = Annotated[Viewer, Depends(require(Action.NOTE))]
LONGEST_TITLE = 200


@router.post("/cases/{case_id}/notes")
async def add_note(request: Request, viewer: Writer, case_id: UUID) -> Response:
    """A note, kept exactly as it was typed."""
    console = console_of(request)
    kind, body = await text_of(request, "kind"), await text_of(request, "body")
    if kind not in set(WRITTEN_KINDS) or not body or len(body) > LONGEST_NOTE:
        case = await look(request, viewer, case_id, Action.NOTE)
        problem = f"記録の中身を、{LONGEST_NOTE:,}文字までで書いてください。"
        return await show(request, viewer, case, status=422, problem=problem, typed_note=body)

    async def work(connection: Connection, case: CaseRow, by: By) -> bool:
        return await doing.add_note(connection, console.keyring, case, by, kind=NoteKind(kind), body=body)

    _, done = await change(request, viewer, case_id, Action.NOTE, "note_added", work, detail={"kind": kind})
    return back(case_id, "noted", "#notes") if done else await overtaken(request, viewer, case_id)


@router.post("/cases/{case_id}/tasks")
async def add_task(request: Request, viewer: Writer, case_id: UUID) -> Response:
    """Something to do, by a day or whenever."""
    console = console_of(request)
    title, due = await line_of(request, "title", longest=LONGEST_TITLE), await text_of(request, "due")
    due_on = _day(due)
    if not title or (due and due_on is None):
        case = await look(request, viewer, case_id, Action.NOTE)
        return await show(request, viewer, case, status=422, problem="予定の中身と、正しい日付を入れてください。")

    async def work(connection: Connection, case: CaseRow, by: By) -> bool:
        return await doing.add_task(connection, console.keyring, case, by, title=title, due_on=due_on)

    _, done = await change(request, viewer, case_id, Action.NOTE, "task_added", work)
    return back(case_id, "task", "#tasks") if done else await overtaken(request, viewer, case_id)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@router.post("/cases/{case_id}/tasks/{task_id}/done")
async def finish_task(request: Request, viewer: Writer, case_id: UUID, task_id: UUID) -> Response:
    """It is done."""

    async def work(connection: Connection, case: CaseRow, by: By) -> bool:
        if not await notes.finish_task(connection, task_id, case.id, by=by.staff_id, at=by.at):
            return False
        await cases.add_event(
            connection, case.id, kind="task_done", actor=by.staff_id, at=by.at, new_id=by.new_id, object_id=task_id
        )
        return True

    _, done = await change(request, viewer, case_id, Action.NOTE, "task_done", work)
    return back(case_id, "task_done", "#tasks") if done else await overtaken(request, viewer, case_id)


@router.post("/cases/{case_id}/tags")
async def correct_tag(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.CORRECT_TAG))], case_id: UUID
) -> Response:
    """Say of a tag that it is right, wrong, or was missing: kept with who and when, and the case shows it at once."""
    await look(request, viewer, case_id, Action.CORRECT_TAG)
    category, verdict = await text_of(request, "category"), await text_of(request, "verdict")
    if category not in categories() or verdict not in set(Verdict):
        raise HTTPException(400)
    version = work_of(request).turns.listener_version

    async def work(connection: Connection, case: CaseRow, by: By) -> bool:
        return await doing.correct_tag(
            connection, case, by, category=category, verdict=Verdict(verdict), listener_version=version
        )

    detail = {"category": category, "verdict": verdict}
    _, done = await change(request, viewer, case_id, Action.CORRECT_TAG, "tag_corrected", work, detail=detail)
    return back(case_id, "tagged", "#tags") if done else await overtaken(request, viewer, case_id)


@router.get("/corrections.jsonl")
async def corrections_file(request: Request, viewer: Annotated[Viewer, Depends(require(Action.EXPORT))]) -> Response:
    """What staff said of tags, one JSON object a line: ids, names and scores, nobody's words."""
    console = console_of(request)
    desk_id = desk_here(request, viewer, Action.EXPORT)
    async with console.database.write() as connection:
        await note(request, connection, "corrections_exported", "corrections", None, desk_id=desk_id)

    async def lines() -> AsyncIterator[str]:
        async with console.database.read() as connection:
            async for row in corrections.exported(connection, desk_id):
                yield json.dumps(row, ensure_ascii=False) + "\n"

    headers = {"content-disposition": 'attachment; filename="corrections.jsonl"'}
    return StreamingResponse(lines(), media_type="application/jsonl", headers=headers)
