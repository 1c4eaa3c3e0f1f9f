"""Security headers for what no door of its own has dressed: health, metrics, webhooks, and what is not there."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex, nofollow"),
)
#: For what is no page: pages of the simulator bring scripts and a policy of their own.
_DATA = ((b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"), (b"cache-control", b"no-store"))


class PlainHeaders:
    """ASGI: adds what an answer lacks, and changes nothing it has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_lacking(message)]}
            await send(message)

        await self._app(scope, receive, dressed)


def _lacking(message: Message) -> list[tuple[bytes, bytes]]:
    given = dict(message["headers"])
    wanted = _ALWAYS if given.get(b"content-type", b"").startswith(b"text/html") else (*_ALWAYS, *_DATA)
    return [(name, value) for name, value in wanted if name not in given]
