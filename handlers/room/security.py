"""What holds for every request and every answer of the room, whatever page it is for.

Somebody else may hold the phone, look over a shoulder, or share the line: nothing is kept by browsers or proxies,
nothing is framed, no address is passed on, no script but our own runs.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import timedelta

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import Response

from handlers.guarding import Guard, Headers, Refusal, dressed, network_of, over_https
from handlers.room.door import RoomDoor, address_of
from handlers.room.limits import Limit

log = structlog.get_logger(__name__)

#: Far more than a message may hold, so that what is too long comes back to be sent in parts.
LARGEST_BODY = 2_000_000
TOKEN_FIELD = "token"  # noqa: S105 - the name of a form field
TOKEN_HEADER = "x-form-token"  # noqa: S105 - the name of a header

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow, noarchive",
}
_PRIVATE = {"cache-control": "no-store, private", "pragma": "no-cache", "expires": "0", "vary": "cookie"}
#: The only thing browsers may keep: files of ours that hold no word of anybody.
_KEPT = "public, max-age=31536000, immutable"

_OWN_PATH = re.compile(r"/room(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")


class FormRefused(Exception):
    """A form that none of our pages made for this browser."""


class TooFast(Exception):
    """More came than is taken; `wait` says for how long."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("too fast")
        self.wait = wait


def own_path(given: object, otherwise: str = "/room/") -> str:
    """A path of these pages, or another: no redirect of a form ever leaves them."""
    fits = isinstance(given, str) and len(given) <= 300 and _OWN_PATH.fullmatch(given)
    return given if fits and isinstance(given, str) else otherwise


def fresh_token() -> str:
    """A secret for a cookie: 256 random bits."""
    return secrets.token_urlsafe(32)


def session_cookie(door: RoomDoor) -> str:
    """The name of the cookie of who is in a room."""
    return "__Secure-room" if door.secure else "room"


def visit_cookie(door: RoomDoor) -> str:
    """The name of the cookie to which forms are bound before somebody is in a room."""
    return "__Secure-room-visit" if door.secure else "room-visit"


def look_cookie(door: RoomDoor) -> str:
    """The name of the cookie that keeps how the page looks: no secret, and nothing about anybody."""
    return "__Secure-room-look" if door.secure else "room-look"


def set_cookie(door: RoomDoor, answer: Response, name: str, value: str) -> None:
    """Give a cookie for these pages only, unknown to scripts and other sites, gone with the browser."""
    answer.set_cookie(name, value, path="/room", secure=door.secure, httponly=True, samesite="strict")


def drop_cookie(door: RoomDoor, answer: Response, name: str) -> None:
    """Take a cookie back."""
    answer.delete_cookie(name, path="/room", secure=door.secure, httponly=True, samesite="strict")


def form_token(door: RoomDoor, cookie: str) -> str:
    """The token of forms that belong to the holder of a cookie; empty without one."""
    return door.keyring.index.of("room-form", cookie).hex() if cookie else ""


async def check_form(door: RoomDoor, request: Request, cookie: str) -> None:
    """Let through what one of our pages sent from this browser. Raises FormRefused."""
    given = request.headers.get(TOKEN_HEADER)
    if given is None:
        field = (await request.form()).get(TOKEN_FIELD)
        given = field if isinstance(field, str) else ""
    expected = form_token(door, cookie)
    fits = hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass"))
    if not expected or not fits or not comes_from_us(door, request):
        raise FormRefused


def comes_from_us(door: RoomDoor, request: Request) -> bool:
    """Whether a browser says that a changing request was made by one of our own pages. Where it says nothing, the
    form's token decides alone; our own forms come with `Origin: null`, because pages here pass on no address.
    """
    if (site := request.headers.get("sec-fetch-site")) is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    if origin in {None, "null"}:
        return True
    return origin in {door.origin, f"{request.url.scheme}://{request.headers.get('host', '')}"}


def take(door: RoomDoor, limit: Limit, key: str) -> None:
    """Count one. Raises TooFast."""
    if wait := door.buckets.take(limit, key):
        log.warning("room.too_fast", limit=limit.value)
        raise TooFast(wait)


def take_of_address(door: RoomDoor, request: Request, limit: Limit = Limit.ADDRESS) -> None:
    """Count one for where a request comes from. Raises TooFast."""
    take(door, limit, network_of(address_of(request)))


def guarded(app: FastAPI, door: RoomDoor, refusal: Refusal) -> None:
    """Put the guard before the room's pages."""
    headers = over_https(_HEADERS, secure=door.secure)

    def dress(given: Headers) -> Headers:
        kept = any(name == b"cache-control" and value.decode("latin-1") == _KEPT for name, value in given)
        return dressed(given, headers if kept else {**headers, **_PRIVATE})

    app.add_middleware(Guard, door="room", hosts=door.hosts, largest=LARGEST_BODY, dress=dress, refusal=refusal)


def keep_for_ever(answer: Response) -> Response:
    """Let browsers keep a file whose address changes with its content."""
    answer.headers["cache-control"] = _KEPT
    return answer
