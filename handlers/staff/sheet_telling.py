"""Telling the resident what a recipient answered: in the words of whoever writes, with the next step, in hours."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from casework import plain_words
from casework.people import Viewer
from casework.permissions import Action
from casework.queue import SafeContact
from handlers.staff.access import require, signed_of
from handlers.staff.acts import note
from handlers.staff.answering import shown_as, signed
from handlers.staff.console import console_of, sheets_of, work_of
from handlers.staff.forms import text_of
from handlers.staff.sheet import show
from handlers.staff.sheet_desk import Opened, back, locked, look, open_sheet
from storage import case_talk, changes, residents, sheet_news

router = APIRouter()


@router.post("/cases/{case_id}/sheets/{sheet_id}/tell")
async def tell(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.SUBMIT_SHEET))], case_id: UUID, sheet_id: UUID
) -> Response:
    """Keep the words; they go out at once, or when the desk opens."""
    await look(request, viewer, case_id, Action.SUBMIT_SHEET)
    opened = await open_sheet(request, viewer, case_id, sheet_id, Action.SUBMIT_SHEET)
    text, step = await text_of(request, "words"), await text_of(request, "next_step")
    shown = shown_as(request, opened.case.desk_id, signed_of(request).account.shown_name)
    words = signed(f"{text}\n次のこと：{step}", shown)
    if (problem := await _objection(request, opened, text, step, words)) is not None:
        return await show(request, viewer, opened, status=422, refused=(problem,), told_words=text, told_step=step)
    news_id = await _keep(request, viewer, opened, words)
    telling = sheets_of(request).telling
    if telling is not None:
        await telling.one(news_id)
    return back(case_id, sheet_id, "tells", "#asked")


async def _objection(request: Request, opened: Opened, text: str, step: str, words: str) -> str | None:
    """Why these words are not kept to be told."""
    limit = work_of(request).words[opened.case.desk_id].most_letters
    if opened.sheet.submitted_at is None:
        return "まだどこにもつないでいません。"
    if not text or not step:
        return "本人に伝える言葉と、次のことの両方を書いてください。"
    if plain_words.length_on_line(words) > limit:
        over = plain_words.length_on_line(words) - limit
        return f"一度に送れるのは{limit}文字までです（{over}文字多い）。短くしてください。"
    async with console_of(request).database.glance() as connection:
        reached = await case_talk.may_be_reached(connection, opened.case.resident_id)
    if not reached or opened.case.blocked or opened.case.safe_contact is SafeContact.NO:
        return "この方のトークには、いま書けません。安全な方法で伝えて、「本人に伝えた」を押してください。"
    return None


async def _keep(request: Request, viewer: Viewer, opened: Opened, words: str) -> UUID:
    console, sheet, now = console_of(request), opened.sheet, console_of(request).clock()
    async with console.database.write() as connection:
        there = await locked(request, connection, viewer, opened.case.id, sheet.id, Action.SUBMIT_SHEET)
        resident = await residents.by_id(connection, console.keyring, there.case.resident_id)
        if resident is None:
            raise HTTPException(404)
        news_id = await sheet_news.answer(
            connection,
            resident.key,
            words,
            desk_id=sheet.desk_id,
            case_id=there.case.id,
            sheet_id=sheet.id,
            resident_id=resident.id,
            by=viewer.staff_id,
            at=now,
            next_try_at=now,
            new_id=console.new_id,
        )
        await note(request, connection, "sheet_tells", "sheet", sheet.id, desk_id=sheet.desk_id)
        await changes.bump(connection, sheet.desk_id)
    return news_id
