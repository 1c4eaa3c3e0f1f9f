"""How open pages learn that something changed: a stream, and a question every few seconds where a proxy allows none."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from casework.people import Viewer
from casework.permissions import Action
from handlers.staff.access import require
from handlers.staff.console import console_of, work_of
from handlers.staff.desk_choice import desk_here
from handlers.staff.live import counters_now

router = APIRouter()

Listener = Annotated[Viewer, Depends(require(Action.SEE_QUEUE, quiet=True))]


@router.get("/stream")
async def stream(request: Request, viewer: Listener) -> Response:
    """Numbers that rise, as server-sent events; what they stand for is fetched like every page."""
    desk_id = desk_here(request, viewer, Action.SEE_QUEUE)

    async def events() -> AsyncIterator[str]:
        yield "retry: 2000\n\n"
        async for counters in work_of(request).live.stream(desk_id):
            if counters is None:
                yield ": still here\n\n"
            else:
                yield f"data: {json.dumps({'queue': counters.queue, 'talk': counters.talk})}\n\n"

    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)


@router.get("/changes")
async def counters(request: Request, viewer: Listener) -> Response:
    """The same numbers once."""
    console = console_of(request)
    desk_id = desk_here(request, viewer, Action.SEE_QUEUE)
    now = await counters_now(console.database, desk_id)
    return JSONResponse({"queue": now.queue, "talk": now.talk})
