"""What holds for every request and every answer of the console, whatever page it is for."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import structlog
from fastapi import Request
from fastapi.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handlers.staff.console import Console

log = structlog.get_logger(__name__)

#: Long notes in Japanese, percent-encoded, fit; films do not.
LARGEST_BODY = 1_000_000
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not “no-referrer”: with it browsers send “Origin: null” with our own forms.
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow",
}
_HSTS = "max-age=31536000"
_OWN_PATH = re.compile(r"/staff(/[A-Za-z0-9._~-]+)*/?(\?[A-Za-z0-9._~%&=+-]*)?")

Refusal = Callable[[Scope, int], Response]


def own_path(path: str | None, otherwise: str = "/staff/") -> str:
    """The path if it is one of the console's own, else another: no redirect ever leaves the console."""
    return path if path and len(path) <= 500 and _OWN_PATH.fullmatch(path) else otherwise


def fresh_token() -> str:
    """A secret for a cookie: 256 random bits."""
    return secrets.token_urlsafe(32)


def session_cookie(console: Console) -> str:
    """The name of the session's cookie: over HTTPS one that no other host and no script can set."""
    return "__Host-tsunagu" if console.secure else "tsunagu"


def visit_cookie(console: Console) -> str:
    """The name of the cookie that a form before the sign-in is bound to."""
    return "__Host-tsunagu-visit" if console.secure else "tsunagu-visit"


def set_cookie(console: Console, answer: Response, name: str, value: str) -> None:
    """Give a cookie that lives as long as the browser, for this site's requests only."""
    answer.set_cookie(name, value, path="/", secure=console.secure, httponly=True, samesite="lax")


def drop_cookie(console: Console, answer: Response, name: str) -> None:
    """Take a cookie back."""
    answer.delete_cookie(name, path="/", secure=console.secure, httponly=True, samesite="lax")


def form_token(console: Console, cookie: str) -> str:
    """The token of forms that belong to the holder of a cookie."""
    return console.keyring.index.of("form", cookie).hex()


def token_fits(console: Console, cookie: str, given: str) -> bool:
    """Whether a form was made by us for the holder of this cookie."""
    return hmac.compare_digest(form_token(console, cookie).encode(), given.encode("utf-8", "surrogatepass"))


def comes_from_us(console: Console, request: Request) -> bool:
    """Whether a browser says that a changing request was made by one of our own pages. Where it says nothing, the
    form's token decides alone.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    expected = {console.origin, f"{request.url.scheme}://{request.headers.get('host', '')}"}
    return origin in expected


def network_of(address: str) -> str:
    """The address to count failures by: whoever has one IPv6 address has 2⁶⁴ of them."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{found}/64", strict=False)) if isinstance(found, IPv6Address) else str(found)


class Guard:
    """ASGI: security headers on every answer, only known hosts and addresses, bodies of bearable size, and no fault
    that leaves without a page.
    """

    def __init__(self, app: ASGIApp, *, console: Console, refusal: Refusal) -> None:
        self._app = app
        self._console = console
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, secure=self._console.secure)
        body = _Body(receive)
        try:
            if (status := self._refused(scope)) is not None:
                await self._refusal(scope, status)(scope, receive, answer)
                return
            await self._app(scope, body, answer)
        except _TooLarge:
            await self._say(scope, receive, answer, 413)
        except Exception as error:  # noqa: BLE001 - whatever it is, people get a page and the log a line without words
            log.error("staff.failed", kind=type(error).__name__, where=_place_of(error))  # noqa: TRY400 - no text of it
            await self._say(scope, receive, answer, 500)

    async def _say(self, scope: Scope, receive: Receive, answer: _Answer, status: int) -> None:
        if not answer.started:
            await self._refusal(scope, status)(scope, receive, answer)

    def _refused(self, scope: Scope) -> int | None:
        headers = dict(scope["headers"])
        if not self._is_known_host(headers.get(b"host", b"").decode("latin-1")):
            return 421
        if not self._may_come(scope):
            return 403
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and len(length) < 20 and int(length) <= LARGEST_BODY:
            return None
        return 413

    def _is_known_host(self, host: str) -> bool:
        if self._console.hosts is None:
            return True
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        return name in self._console.hosts

    def _may_come(self, scope: Scope) -> bool:
        if not self._console.networks:
            return True
        try:
            address = ip_address((scope.get("client") or ("",))[0])
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self._console.networks)


class _TooLarge(Exception):
    """More came than is taken."""


class _Body:
    """Counts what comes, whatever was announced."""

    def __init__(self, receive: Receive) -> None:
        self._receive: Callable[[], Awaitable[Message]] = receive
        self._size = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > LARGEST_BODY:
            raise _TooLarge
        return message


class _Answer:
    """Puts the security headers on an answer, and knows whether it has begun."""

    def __init__(self, send: Send, *, secure: bool) -> None:
        self._send = send
        self._headers = {**_HEADERS, "strict-transport-security": _HSTS} if secure else _HEADERS
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            given = [(name, value) for name, value in message["headers"] if name.decode("latin-1") not in self._headers]
            if not any(name == b"cache-control" for name, _ in given):
                given.append((b"cache-control", b"no-store"))
            ours = [(name.encode(), value.encode()) for name, value in self._headers.items()]
            message = {**message, "headers": [*given, *ours]}
        await self._send(message)


def _place_of(error: BaseException) -> str:
    """Module and line where it happened: an error's own text may hold what somebody wrote."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "-" if trace is None else f"{trace.tb_frame.f_globals.get('__name__', '-')}:{trace.tb_lineno}"
