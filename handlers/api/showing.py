"""Sheets as the API shows them: made from a `View`, and from nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from casework.papers.json_file import as_json
from casework.papers.printed import Print, printed
from casework.sheet_needs import due
from casework.sheet_views import Standing
from casework.sheets import Handover
from config.contents.ruby import plain
from handlers.api.access import Caller
from handlers.api.door import ApiDoor
from handlers.api.models import HandoverAnswer, SheetAnswer, SheetSummary
from handlers.handed_sheets import Handed
from handlers.sheet_telling import workdays_added
from storage import staff
from storage.database import Connection


async def summary(connection: Connection, door: ApiDoor, found: Handed) -> SheetSummary:
    """A sheet without words."""
    return _summary(door, found, await staff.organisations(connection))


def _summary(door: ApiDoor, found: Handed, organisations: Mapping[UUID, str]) -> SheetSummary:
    sheet, own = found.stored.sheet, found.own
    assert own is not None, "a program sees what was handed to its organisation only"
    return SheetSummary(
        id=sheet.id,
        case_id=found.stored.case_id,
        number=found.stored.number,
        form=sheet.form_id,
        title=plain(found.form.title),
        sender=organisations.get(sheet.org_id, ""),
        state=sheet.state,
        label=sheet.state.label,
        version=sheet.version,
        readable=found.view.standing is Standing.RECIPIENT,
        handover=_handover(door, found, own),
    )


def _handover(door: ApiDoor, found: Handed, own: Handover) -> HandoverAnswer:
    sheet = found.stored.sheet
    calendar = workdays_added(door.workdays(sheet.desk_id))
    days = due(sheet, found.form, own, calendar, door.zone(sheet.desk_id))
    return HandoverAnswer(
        state=own.state,
        label=own.state.label,
        sent_at=own.sent_at,
        received_at=own.received_at,
        answered_at=own.answered_at,
        met_on=own.met_on,
        receive_by=days.receive_by,
        reply_by=days.reply_by,
    )


async def whole(connection: Connection, door: ApiDoor, caller: Caller, found: Handed, now: datetime) -> SheetAnswer:
    """A sheet with what this organisation may read of it now."""
    short = await summary(connection, door, found)
    content = await _content(connection, door, caller, found, now) if short.readable else None
    return SheetAnswer(**short.model_dump(), content=content)


async def _content(
    connection: Connection, door: ApiDoor, caller: Caller, found: Handed, now: datetime
) -> dict[str, Any]:
    desk_id = found.stored.sheet.desk_id
    local = now.astimezone(door.zone(desk_id))
    how = Print(
        at=now,
        on=local.date(),
        by=caller.token.name,
        desk=door.desks[desk_id].content.desk.organisation,
        furigana=False,
        given=await door.given(connection, found.stored, local),
    )
    return as_json(printed(found.view, found.form, how))


def tagged(request: Request, value: Mapping[str, Any]) -> Response:
    """The value with its ETag, or 304 for a program that has it already. The time of asking is no part of the tag."""
    tag = _tag(value)
    asked = {one.strip() for one in request.headers.get("if-none-match", "").split(",")}
    if tag in asked or "*" in asked:
        return Response(status_code=304, headers={"etag": tag})
    return JSONResponse(value, headers={"etag": tag})


def _tag(value: Mapping[str, Any]) -> str:
    content = value.get("content")
    rest = value if content is None else {**value, "content": {**content, "printed_at": None}}
    canonical = json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f'W/"{hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'
