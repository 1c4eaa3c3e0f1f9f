"""Cards with the address of the room, to be printed and handed out: at a food pantry, at an open consultation."""

from __future__ import annotations

import io
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from markupsafe import Markup

from casework.people import Viewer
from casework.permissions import Action
from handlers.staff.access import require
from handlers.staff.console import console_of
from handlers.staff.desk_choice import desk_here
from handlers.staff.pages import page

router = APIRouter()

#: Two in a row, five rows: business cards of 91 × 55 mm on A4.
CARDS = 10


@router.get("/room-cards")
async def cards(request: Request, viewer: Annotated[Viewer, Depends(require(Action.NEW_CASE))]) -> Response:
    """A page of cards that are all alike. Nothing on them says who took one."""
    console = console_of(request)
    desk_id = desk_here(request, viewer, Action.NEW_CASE)
    words = console.desks[desk_id].content.desk
    site = console.origin or str(request.base_url).rstrip("/").removesuffix("/staff")
    address = f"{site}/room/{desk_id}"
    return page(
        request,
        "room_cards.html",
        viewer,
        address=address,
        code=code_of(address),
        desk=words,
        cards=range(CARDS),
        public=console.origin is not None,
    )


def code_of(address: str) -> Markup:
    """The QR code as a drawing in the page, level Q: a quarter of it may be worn away."""
    drawn = io.BytesIO()
    segno.make(address, error="q", micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, title=address
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 - drawn by the library from an address of our own
