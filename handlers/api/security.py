"""What holds for every request and every answer of the API: headers, known hosts, bodies of bearable size."""

from __future__ import annotations

from fastapi import FastAPI

from handlers.api.door import ApiDoor
from handlers.api.problems import problem
from handlers.guarding import Guard, dressed, over_https

LARGEST_BODY = 64_000
_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow",
    # A program may keep what it was given; what stands between must not.
    "cache-control": "private, no-cache",
    "vary": "authorization",
}


def guarded(app: FastAPI, door: ApiDoor) -> None:
    """Put the guard before the API's pages."""
    headers = over_https(_HEADERS, secure=door.secure)
    app.add_middleware(
        Guard,
        door="api",
        hosts=door.hosts,
        largest=LARGEST_BODY,
        dress=lambda given: dressed(given, headers),
        refusal=lambda _scope, status: problem(status),
    )
