"""The console as one web application, mounted at /staff."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from handlers.staff import (
    account,
    answering,
    aside,
    auditing,
    bell,
    breakglass,
    case,
    case_check_ins,
    case_level,
    check_ins,
    desk_choice,
    handed,
    handing_on,
    history,
    home,
    household,
    key_pages,
    new_case,
    people,
    person_acts,
    places,
    queue,
    records,
    room_cards,
    room_joining,
    rota,
    sheet,
    sheet_acts,
    sheet_asking,
    sheet_becoming,
    sheet_consents,
    sheet_files,
    sheet_telling,
    signin,
    stream,
    tokens,
    upkeep,
)
from handlers.staff.access import Access
from handlers.staff.console import Console
from handlers.staff.errors import refusal, register
from handlers.staff.pages import STATIC
from handlers.staff.security import guarded

#: Every page of the console. A new module of pages has its router here.
ROUTERS: tuple[APIRouter, ...] = (
    home.router,
    desk_choice.router,
    queue.router,
    new_case.router,
    stream.router,
    bell.router,
    case.router,
    case_level.router,
    case_check_ins.router,
    check_ins.router,
    household.router,
    room_joining.router,
    room_cards.router,
    history.router,
    answering.router,
    records.router,
    breakglass.router,
    handing_on.router,
    sheet.router,
    sheet_acts.router,
    sheet_asking.router,
    sheet_becoming.router,
    sheet_consents.router,
    sheet_files.router,
    sheet_telling.router,
    handed.router,
    places.router,
    signin.router,
    account.router,
    people.router,
    person_acts.router,
    key_pages.router,
    rota.router,
    upkeep.router,
    tokens.router,
    aside.router,
    auditing.router,
)


class _Kept(StaticFiles):
    """Files whose address changes with their content: browsers need not ask again."""

    def file_response(self, *args: object, **named: object) -> object:  # type: ignore[override]
        answer = super().file_response(*args, **named)  # type: ignore[arg-type]
        answer.headers["cache-control"] = "public, max-age=31536000, immutable"
        return answer


class UndeclaredAccess(Exception):
    """A route does not say who may come in."""


def staff_app(console: Console) -> FastAPI:
    """The console over its parts. Raises UndeclaredAccess for a route without exactly one `Access`."""
    app = FastAPI(title="Tsunagu staff", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.console = console
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", _Kept(directory=STATIC))
    register(app)
    for route in every_route():
        access_of(route)
    guarded(app, console, partial(_refusal, app, console))
    return app


def _refusal(app: FastAPI, console: Console, scope: Scope, status: int) -> Response:
    return refusal(app, console, scope, status)


def every_route() -> list[APIRoute]:
    """All routes of the console. Raises UndeclaredAccess for what is no plain route and so cannot be checked."""
    found = []
    for router in ROUTERS:
        for route in router.routes:
            if not isinstance(route, APIRoute):
                raise UndeclaredAccess(f"{route} is no route of its router's own")
            found.append(route)
    return found


def access_of(route: APIRoute) -> Access:
    """What a route asks of who comes. Raises UndeclaredAccess."""
    found = list(_accesses(route.dependant))
    if len(found) != 1:
        raise UndeclaredAccess(f"{route.path} depends on {len(found)} accesses, not on one")
    return found[0]


def _accesses(dependant: Dependant) -> list[Access]:
    own = [dependant.call] if isinstance(dependant.call, Access) else []
    return own + [access for child in dependant.dependencies for access in _accesses(child)]
