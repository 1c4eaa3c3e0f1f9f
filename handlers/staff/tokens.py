"""外部連携: tokens with which a receiving organisation's own program reads and answers what was handed to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from casework.people import Viewer
from casework.permissions import Action
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.console import console_of
from handlers.staff.desk_choice import desk_here
from handlers.staff.forms import id_of, line_of, text_of, texts_of
from handlers.staff.pages import page
from storage import api_tokens, recipients
from storage.api_tokens import ApiAction
from storage.audit import Detail

router = APIRouter()

Admin = Annotated[Viewer, Depends(require(Action.MANAGE_DESK))]
LABELS: Mapping[ApiAction, str] = {
    ApiAction.READ_CASES: "渡された相談の一覧を見る",
    ApiAction.READ_SHEETS: "渡されたシートを読む（引き受けるまで中身は見えません）",
    ApiAction.ANSWER: "受領・引き受け・面談・引き受けられないことを知らせる",
}
#: How long a token lives, in days.
SPANS: Mapping[int, str] = {90: "3か月", 180: "半年", 365: "1年"}
_DONE = {"ended": "トークンを取り消しました。もう何も読めません。"}
_WRONG = "名前と、つなぎ先と、できることを1つ以上えらんでください。"


@router.get("/tokens")
async def tokens_page(request: Request, viewer: Admin) -> Response:
    """All tokens of a desk."""
    return await _show(request, viewer, notice=_DONE.get(request.query_params.get("done", "")))


async def _show(request: Request, viewer: Viewer, *, status: int = 200, **values: Any) -> Response:
    console = console_of(request)
    desk_id = desk_here(request, viewer, Action.MANAGE_DESK)
    async with console.database.read() as connection:
        listed = await api_tokens.of_desk(connection, desk_id)
        places = await recipients.of_desk(connection, desk_id)
    common = {"listed": listed, "places": places, "labels": LABELS, "spans": SPANS, "now": console.clock()}
    return page(request, "tokens.html", viewer, status=status, **{**common, "typed": "", "made": None, **values})


@router.post("/tokens")
async def make_token(request: Request, viewer: Admin) -> Response:
    """A new one, for a つなぎ先. It stands on this answer and nowhere else."""
    console = console_of(request)
    desk_id = desk_here(request, viewer, Action.MANAGE_DESK)
    name, place_id = await line_of(request, "name", longest=64), id_of(await text_of(request, "place"))
    actions = frozenset(ApiAction) & frozenset(await texts_of(request, "actions"))
    days = await text_of(request, "days")
    async with console.database.glance() as connection:
        places = {place.id: place for place in await recipients.of_desk(connection, desk_id)}
    place = None if place_id is None else places.get(place_id)
    if not name or place is None or not actions or days not in {str(span) for span in SPANS}:
        return await _show(request, viewer, status=422, problem=_WRONG, typed=name)
    now = console.clock()
    async with console.database.write() as connection:
        token_id, made = await api_tokens.issue(
            connection,
            desk_id=desk_id,
            organisation_id=place.organisation_id,
            name=name,
            actions=frozenset(ApiAction(action) for action in actions),
            by=viewer.staff_id,
            now=now,
            expires_at=now + timedelta(days=int(days)),
            new_id=console.new_id,
        )
        detail: dict[str, Detail] = {"recipient": str(place.id), "days": int(days)}
        detail |= dict.fromkeys(sorted(actions), True)
        await note(request, connection, "token_made", "token", token_id, desk_id=desk_id, detail=detail)
    return await _show(request, viewer, made=made)


@router.post("/tokens/{token_id}/end")
async def end_token(request: Request, viewer: Admin, token_id: UUID) -> Response:
    """It opens nothing from now on."""
    console = console_of(request)
    desk_id = desk_here(request, viewer, Action.MANAGE_DESK)
    async with console.database.write() as connection:
        if not await api_tokens.end(connection, desk_id, token_id, by=viewer.staff_id, now=console.clock()):
            raise HTTPException(404)
        await note(request, connection, "token_ended", "token", token_id, desk_id=desk_id)
    return RedirectResponse("/staff/tokens?done=ended", status_code=303)
