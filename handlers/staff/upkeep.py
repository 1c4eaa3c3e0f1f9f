"""窓口の手入れ: what a desk has to check from time to time — numbers that residents are told, and words let go."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from casework.people import Viewer
from casework.permissions import Action
from config.contents.models import FRESH_DAYS
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.checked import checked
from handlers.staff.console import console_of
from handlers.staff.desk_choice import desk_here
from handlers.staff.pages import page
from storage import retention

router = APIRouter()

RUNS = 12
RULES = {
    "anonymous": "同意のない相談",
    "consented": "同意のある相談",
    "open_case": "相談が終わっていない",
    "held": "残す決まり(保全)",
    "checked_in": "お便りを届けている",
    "not_yet": "まだ期間の途中",
}
GOING = ("anonymous", "consented")


@router.get("/upkeep")
async def upkeep_page(request: Request, viewer: Annotated[Viewer, Depends(require(Action.MANAGE_DESK))]) -> Response:
    """The places and when they were checked; the runs over old words."""
    console = console_of(request)
    desk_id = desk_here(request, viewer, Action.MANAGE_DESK)
    content = console.desks[desk_id].content
    async with console.database.write() as connection:
        runs = await retention.runs(connection, desk_id, limit=RUNS)
        await note(request, connection, "upkeep_seen", "desk", desk_id, desk_id=desk_id)
    today = console.desks[desk_id].local(console.clock()).date()
    places = checked(content, today)
    return page(
        request,
        "upkeep.html",
        viewer,
        places=places,
        stale=[one for one in places if one.stale],
        fresh_days=FRESH_DAYS,
        runs=runs,
        kept=content.desk.retention,
        rules=RULES,
        going=GOING,
    )
