"""The room as one web application, mounted at /room."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from fastapi.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from handlers.room import (
    entry_desk,
    entry_link,
    leaving,
    listening,
    private_link,
    private_page,
    talking,
    watchword_pages,
)
from handlers.room.door import RoomDoor
from handlers.room.errors import refusal, register
from handlers.room.pages import STATIC
from handlers.room.security import guarded, keep_for_ever

#: Every page of the room. A new module of pages has its router here; a path with a parameter goes last.
ROUTERS: tuple[APIRouter, ...] = (
    talking.router,
    listening.router,
    leaving.router,
    private_page.router,
    private_link.router,
    watchword_pages.router,
    entry_link.router,
    entry_desk.router,
)


class _Kept(StaticFiles):
    """Files whose address changes with their content: browsers need not ask again."""

    def file_response(self, *args: object, **named: object) -> Response:
        return keep_for_ever(super().file_response(*args, **named))  # type: ignore[arg-type]


def room_app(door: RoomDoor) -> FastAPI:
    """The pages over their parts."""
    app = FastAPI(title="Tsunagu room", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.door = door
    app.mount("/static", _Kept(directory=STATIC))
    for router in ROUTERS:
        app.include_router(router)
    register(app)

    def refused(scope: Scope, status: int) -> Response:
        return refusal(app, scope, status)

    guarded(app, door, refused)
    return app
