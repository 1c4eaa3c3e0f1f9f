"""What stands before every door that browsers and programs use: known hosts, bodies of bearable size, headers on every
answer, and no fault that leaves without one. What a door says, and with which headers, is its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HSTS = "max-age=31536000"

Headers = list[tuple[bytes, bytes]]
#: The headers of an answer as it goes out, from those the page gave it.
Dress = Callable[[Headers], Headers]
#: The answer of a door that takes nothing more: for a scope and a status.
Refusal = Callable[[Scope, int], ASGIApp | Response]


def anybody(_scope: Scope) -> bool:
    """Whoever asks may come."""
    return True


def over_https(headers: Mapping[str, str], *, secure: bool) -> Mapping[str, str]:
    """A door's own headers; where it is reached by HTTPS, browsers shall come back by nothing else."""
    return {**headers, "strict-transport-security": _HSTS} if secure else headers


def dressed(given: Iterable[tuple[bytes, bytes]], ours: Mapping[str, str]) -> Headers:
    """What a page gave, with our own in the place of its headers of the same names."""
    others = [(name, value) for name, value in given if name.decode("latin-1") not in ours]
    return [*others, *((name.encode(), value.encode()) for name, value in ours.items())]


class Guard:
    """ASGI. `door` names the door in the log; `admits` says who may come at all (else 403); `largest` in bytes."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        door: str,
        hosts: frozenset[str] | None,
        largest: int,
        dress: Dress,
        refusal: Refusal,
        admits: Callable[[Scope], bool] = anybody,
    ) -> None:
        self._app = app
        self._door = door
        self._hosts = hosts
        self._largest = largest
        self._dress = dress
        self._refusal = refusal
        self._admits = admits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, self._dress)
        try:
            if (status := self._refused(scope)) is not None:
                await self._refusal(scope, status)(scope, receive, answer)
                return
            await self._app(scope, _Body(receive, self._largest), answer)
        except _TooLarge:
            await self._say(scope, receive, answer, 413)
        except Exception as error:  # noqa: BLE001 - whatever it is, people get an answer and the log a line without words
            log.error(f"{self._door}.failed", kind=type(error).__name__, where=_place_of(error))  # noqa: TRY400, G004 - no text of it
            await self._say(scope, receive, answer, 500)

    async def _say(self, scope: Scope, receive: Receive, answer: _Answer, status: int) -> None:
        if not answer.started:
            await self._refusal(scope, status)(scope, receive, answer)

    def _refused(self, scope: Scope) -> int | None:
        headers = dict(scope["headers"])
        if not self._is_known_host(headers.get(b"host", b"").decode("latin-1")):
            return 421
        if not self._admits(scope):
            return 403
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and len(length) < 20 and int(length) <= self._largest:
            return None
        return 413

    def _is_known_host(self, host: str) -> bool:
        if self._hosts is None:
            return True
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        return name in self._hosts


class _TooLarge(Exception):
    """More came than is taken."""


class _Body:
    """Counts what comes, whatever was announced."""

    def __init__(self, receive: Receive, largest: int) -> None:
        self._receive: Callable[[], Awaitable[Message]] = receive
        self._largest = largest
        self._size = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > self._largest:
            raise _TooLarge
        return message


class _Answer:
    """Puts the door's headers on an answer, and knows whether it has begun."""

    def __init__(self, send: Send, dress: Dress) -> None:
        self._send = send
        self._dress = dress
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message = {**message, "headers": self._dress(list(message["headers"]))}
        await self._send(message)


def network_of(address: str) -> str:
    """The address to count by: whoever has one IPv6 address has 2⁶⁴ of them."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network(f"{found}/64", strict=False)) if isinstance(found, IPv6Address) else str(found)


def _place_of(error: BaseException) -> str:
    """Module and line where it happened: an error's own text may hold what somebody wrote."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "-" if trace is None else f"{trace.tb_frame.f_globals.get('__name__', '-')}:{trace.tb_lineno}"
