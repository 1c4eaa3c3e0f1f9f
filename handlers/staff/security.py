"""What holds for every request and every answer of the console, whatever page it is for."""

from __future__ import annotations

import hmac
import re
import secrets
from ipaddress import IPv6Address, ip_address

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.types import Scope

from handlers.guarding import Guard, Headers, Refusal, dressed, over_https
from handlers.staff.console import Console

log = structlog.get_logger(__name__)

#: Long notes in Japanese, percent-encoded, fit; films do not.
LARGEST_BODY = 1_000_000

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
_OWN_PATH = re.compile(r"/staff(/[A-Za-z0-9._~-]+)*/?(\?[A-Za-z0-9._~%&=+-]*)?")


def own_path(path: str | None, otherwise: str = "/staff/") -> str:
    """The path if it is one of the console's own, else another: no redirect ever leaves the console."""
    return path if path and len(path) <= 500 and _OWN_PATH.fullmatch(path) else otherwise


def fresh_token() -> str:
    """A secret for a cookie: 256 random bits."""
    return secrets.token_urlsafe(32)


def session_cookie(console: Console) -> str:
    """The name of the session's cookie: over HTTPS one that no other host and no script can set."""
    return "__Host-tsunagu" if console.secure else "tsunagu"


def desk_cookie(console: Console) -> str:
    """The name of the cookie that holds the desk somebody has turned to."""
    return "__Host-tsunagu-desk" if console.secure else "tsunagu-desk"


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


def guarded(app: FastAPI, console: Console, refusal: Refusal) -> None:
    """Put the guard before the console's pages."""
    headers = over_https(_HEADERS, secure=console.secure)

    def dress(given: Headers) -> Headers:
        kept = any(name == b"cache-control" for name, _ in given)
        return dressed(given if kept else [*given, (b"cache-control", b"no-store")], headers)

    def admits(scope: Scope) -> bool:
        return _may_come(console, scope)

    app.add_middleware(
        Guard, door="staff", hosts=console.hosts, largest=LARGEST_BODY, dress=dress, refusal=refusal, admits=admits
    )


def _may_come(console: Console, scope: Scope) -> bool:
    if not console.networks:
        return True
    try:
        address = ip_address((scope.get("client") or ("",))[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in console.networks)
