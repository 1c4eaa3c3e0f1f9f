"""The one thing ASGI cannot say: hang up without an answer."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HANG_UP = "simulator.hang_up"


class HangingUpProtocol(HttpToolsProtocol):
    """uvicorn's own HTTP/1.1, which also tells the application how to drop the connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {HANG_UP: self.transport.abort}  # type: ignore[dict-item]


class Dropped(Response):
    """No answer at all. On a server without the extension: an answer that breaks off after its first line."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hang_up = (scope.get("extensions") or {}).get(HANG_UP)
        if hang_up is None:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
            return
        hang_up()
        while (await receive())["type"] != "http.disconnect":
            continue
