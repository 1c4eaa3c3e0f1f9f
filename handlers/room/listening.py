"""How open rooms learn that something changed: a stream, or one long question where a proxy lets no stream through."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from handlers.room.door import door_of
from handlers.room.inside import Listener
from handlers.room.live import LISTENERS, TooManyListeners

router = APIRouter()

#: A long question is answered after this long at the latest: below the patience of common proxies.
LONGEST_QUESTION = 25.0


@router.get("/stream")
async def stream(request: Request, inside: Listener) -> Response:
    """A number that rises with every change of the room, as server-sent events."""
    live, room_id = door_of(request).live, inside.room.id
    if live.count(room_id) >= LISTENERS:
        return Response(status_code=204)

    async def events() -> AsyncIterator[str]:
        yield "retry: 2000\n\n"
        try:
            async for number in live.stream(room_id):
                yield ": still here\n\n" if number is None else f"data: {number}\n\n"
        except TooManyListeners:
            return

    return StreamingResponse(events(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


@router.get("/changes")
async def changes(request: Request, inside: Listener, known: int = -1) -> Response:
    """The same number once it is another than `known`, or after a while as it is."""
    live = door_of(request).live
    try:
        async for number in live.stream(inside.room.id, known=known, lasts=LONGEST_QUESTION):
            if number is not None:
                return JSONResponse({"changed": number})
    except TooManyListeners:
        return JSONResponse({"changed": known}, status_code=429, headers={"retry-after": "10"})
    return JSONResponse({"changed": known})
