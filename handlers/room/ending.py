"""What is shown at a desk that is closed: that it has ended, and whom one can call instead."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from config.contents.models import Place
from handlers.room.door import RoomDoor, door_of
from handlers.room.pages import look_of, page, ready


class Ended(Exception):
    """Somebody came to the door of a desk that is closed."""

    def __init__(self, desk_id: str) -> None:
        super().__init__(desk_id)
        self.desk_id = desk_id


def ending(door: RoomDoor, desk_id: str) -> tuple[Place, ...]:
    """Numbers that somebody answers in place of a desk that has ended; none for one that goes on."""
    if not door.has_ended(desk_id):
        return ()
    content = door.desk(desk_id).content
    found = (content.place(name) for name in content.crisis.numbers_contacts)
    return tuple(place for place in found if place is not None and place.number is not None)


async def ended_page(request: Request, error: Exception) -> Response:
    """The page in the place of the leaflet's: not found by a program, and told to a person."""
    assert isinstance(error, Ended)
    await ready(look_of(request))
    numbers = ending(door_of(request), error.desk_id)
    return page(request, "ended.html", error.desk_id, status=404, ended=numbers, lines=())
