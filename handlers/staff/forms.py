"""Reading what a form brings."""

from __future__ import annotations

import re
from uuid import UUID

from fastapi import Request

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


async def text_of(request: Request, name: str, *, strip: bool = True) -> str:
    """A field as typed, its lines ended by newlines only; empty when it is absent or a file."""
    value = (await request.form()).get(name)
    if not isinstance(value, str):
        return ""
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip() if strip else text


async def texts_of(request: Request, name: str) -> list[str]:
    """All values of a field that may come more than once."""
    return [value for value in (await request.form()).getlist(name) if isinstance(value, str)]


async def line_of(request: Request, name: str, *, longest: int) -> str:
    """A single line for a name: without control letters and letters that turn the direction of writing."""
    text = _CONTROLS.sub("", await text_of(request, name))
    return " ".join(text.split())[:longest]


def id_of(text: str) -> UUID | None:
    """An id; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None
