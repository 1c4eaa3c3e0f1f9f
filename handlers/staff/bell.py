"""What an open page rings for: that there is a new call, never what it is about."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from casework.alerting import Urgency
from casework.people import Viewer
from casework.permissions import Action
from handlers.staff.access import require
from handlers.staff.console import console_of
from handlers.staff.desk_choice import desk_here
from storage import calls

router = APIRouter()

Listener = Annotated[Viewer, Depends(require(Action.SEE_QUEUE, quiet=True))]
#: Older calls are no news.
NEWS = timedelta(hours=12)


@router.get("/bell")
async def bell(request: Request, viewer: Listener) -> Response:
    """The newest call of danger and the newest other one, about cases this person sees."""
    console = console_of(request)
    desk_id = desk_here(request, viewer, Action.SEE_QUEUE)
    async with console.database.glance() as connection:
        found = await calls.ringing(connection, desk_id, viewer, since=console.clock() - NEWS)
    urgent = next((str(call) for call, urgency in found if urgency is Urgency.URGENT), None)
    calm = next((str(call) for call, urgency in found if urgency is not Urgency.URGENT), None)
    return JSONResponse({"urgent": urgent, "calm": calm}, headers={"cache-control": "no-store"})
