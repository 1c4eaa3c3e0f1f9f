"""The chat page: a LINE talk in the browser, for people to try the bot with."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.simulator import lab, view
from bot.simulator.model import Json, RefusedError
from bot.simulator.platform import Platform
from bot.simulator.residents import Residents, UnknownResidentError

HERE = Path(__file__).parent
HEARTBEAT = 15.0
# Nothing may leave the machine: no picture, script or style from elsewhere is ever fetched.
_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
SAFE_HEADERS = {
    "content-security-policy": f"{_POLICY}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}

Act = Callable[[Residents, str, Json], Any]
ACTS: dict[str, Act] = {
    "follow": lambda residents, user_id, _body: residents.follow(user_id),
    "block": lambda residents, user_id, _body: residents.block(user_id),
    "say": lambda residents, user_id, body: residents.say(user_id, _words(body, "text")),
    "sticker": lambda residents, user_id, body: residents.send_sticker(
        user_id, sticker_id=_words(body, "stickerId"), keywords=(_words(body, "keyword"),)
    ),
    "media": lambda residents, user_id, body: residents.send_media(user_id, _words(body, "kind")),
    "location": lambda residents, user_id, _body: residents.send_location(user_id),
    "unsend": lambda residents, user_id, body: residents.unsend(user_id, _words(body, "messageId")),
    "tap": lambda residents, user_id, body: residents.tap(
        user_id, body.get("action") or {}, entry_id=str(body.get("entryId") or ""), picked=str(body.get("picked") or "")
    ),
}


def simulator_app(platform: Platform) -> Starlette:
    """The page as an application of its own, to be mounted where it is wanted."""
    pages = _Pages(platform)
    return Starlette(
        routes=[
            Route("/", pages.chat),
            Route("/api/state", pages.state),
            Route("/api/stream", pages.stream),
            Route("/api/residents", pages.add_resident, methods=["POST"]),
            Route("/api/residents/{user_id}/{act}", pages.act, methods=["POST"]),
            Route("/api/lab", pages.lab, methods=["POST"]),
            Route("/menu/{menu_id}", pages.menu_image),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ]
    )


class _Pages:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)

    async def chat(self, request: Request) -> Response:
        page = self._templates.get_template("chat.html")
        root = str(request.scope.get("root_path", "")).rstrip("/")
        content = page.render(root=root, account=self._platform.settings.account_name)
        return HTMLResponse(content, headers=SAFE_HEADERS)

    async def state(self, request: Request) -> Response:
        with self._platform.core.lock:
            shown = view.state(self._platform, request.query_params.get("resident", ""))
        return _json(shown)

    async def stream(self, request: Request) -> Response:
        headers = {**SAFE_HEADERS, "x-accel-buffering": "no"}
        return StreamingResponse(self._versions(request), media_type="text/event-stream", headers=headers)

    async def _versions(self, request: Request) -> AsyncIterator[str]:
        """One line whenever something changed; the script then asks for the state."""
        core = self._platform.core
        version = core.version
        yield f"retry: 1000\ndata: {version}\n\n"
        while not self._platform.stopping and not await request.is_disconnected():
            version = await core.next_change(version, HEARTBEAT)
            yield f"data: {version}\n\n"

    async def add_resident(self, request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _refusal(400, "not a request of this page")
        name = str(body.get("name") or "").strip()[:20]
        return _json({"id": self._platform.residents.add(name).user_id})

    async def act(self, request: Request) -> Response:
        body = await _body(request)
        act = ACTS.get(request.path_params["act"])
        if body is None or act is None:
            return _refusal(400, "not a request of this page")
        try:
            act(self._platform.residents, request.path_params["user_id"], body)
        except UnknownResidentError:
            return _refusal(404, "no such resident")
        except RefusedError as error:
            return _refusal(409, str(error))
        return _json({})

    async def lab(self, request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return _refusal(400, "not a request of this page")
        try:
            with self._platform.core.lock:
                lab.turn(self._platform, body)
        except lab.BadSwitchError as error:
            return _refusal(400, str(error))
        return _json({})

    async def menu_image(self, request: Request) -> Response:
        known = self._platform.menus.images.get(request.path_params["menu_id"])
        if known is None:
            return _refusal(404, "no such picture")
        content_type, content = known
        return Response(content, media_type=content_type, headers=SAFE_HEADERS)


def _words(body: Json, name: str) -> str:
    """A text the page must send; a talk holds at most as many characters as LINE lets a person type."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise RefusedError(f"{name} is missing")
    return value[:10_000]


async def _body(request: Request) -> Json | None:
    """The JSON of our own page. A foreign page cannot send this content type without asking first."""
    if request.headers.get("content-type", "").split(";")[0] != "application/json":
        return None
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _json(content: Json, status: int = 200) -> Response:
    # Escaped to ASCII: a lone surrogate in a talk has no UTF-8.
    return Response(json.dumps(content), status_code=status, media_type="application/json", headers=SAFE_HEADERS)


def _refusal(status: int, why: str) -> Response:
    return _json({"error": why}, status)
