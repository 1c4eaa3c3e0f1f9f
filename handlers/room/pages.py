"""Pages of the room: templates, the page's own words, readings.

    return page(request, "name.html", desk_id, …)

Templates get `words` (the page's own, in the language chosen), `say(words.…)` which shows them with or without
readings, `speak(text)` which does so with what the talk says (after `await ready(look)`), and `look`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment
from markupsafe import Markup, escape

from config.contents import ruby
from dialogue import Desk
from handlers.room.door import door_of
from handlers.room.looks import Look
from handlers.room.security import TOKEN_FIELD, form_token, look_cookie, visit_cookie
from handlers.templating import environment_of, version_of
from nlp.readings import Readings

HERE = Path(__file__).parent
STATIC = HERE / "static"


def static(name: str) -> str:
    """The address of a file of ours; it changes with its content, so that browsers may keep it."""
    return f"/room/static/{name}?v={version_of(STATIC / name)}"


@cache
def _environment() -> Environment:
    environment = environment_of(HERE / "templates")
    environment.globals.update(static=static, token_field=TOKEN_FIELD)
    return environment


def look_of(request: Request) -> Look:
    """How this browser wants its pages."""
    cookie = request.cookies.get(look_cookie(door_of(request)))
    return Look.read(cookie, request.headers.get("accept-language"))


def with_readings(words: str, *, shown: bool) -> Markup:
    """Words in the notation 漢字《かんじ》 as HTML, with small kana above or without."""
    if not shown:
        return escape(ruby.plain(words))
    return Markup("").join(_piece(part.text, part.reading) for part in ruby.segments(words))


def _piece(text: str, reading: str) -> Markup:
    if not reading:
        return escape(text)
    return Markup("<ruby>{}<rp>(</rp><rt>{}</rt><rp>)</rp></ruby>").format(text, reading)


def sayer(desk: Desk, look: Look) -> Callable[[str], Markup]:
    """Shows the page's own words: the desk's names filled in, readings where they are wanted."""
    own = desk.content.desk
    names = {"organisation": own.organisation, "account": own.account, "staff": own.staff}

    def say(text: str) -> Markup:
        filled = text.format(**names) if "{" in text else text
        return with_readings(filled, shown=look.ruby)

    return say


@cache
def _readings() -> Readings:
    return Readings()


async def ready(look: Look) -> None:
    """Load the dictionary of readings, once and beside the event loop, for who wants readings."""
    if look.ruby:
        await asyncio.to_thread(_readings)


def speaker(desk: Desk, look: Look) -> Callable[[str], Markup]:
    """Shows what the talk says: as it is said in the room, with readings where they are wanted."""
    here = desk.content.room.here

    def speak(text: str) -> Markup:
        if not look.ruby:
            return escape(here(text))
        return Markup("").join(_piece(piece.text, piece.reading) for piece in _readings().of(here(text)))

    return speak


def token_of(request: Request) -> str:
    """The token of this page's forms: bound to who is in the room, or to the visit before somebody is."""
    door = door_of(request)
    inside = getattr(request.state, "inside", None)
    if inside is not None:
        return form_token(door, inside.cookie)
    visit = getattr(request.state, "visit", None) or request.cookies.get(visit_cookie(door), "")
    return form_token(door, visit)


def values_for(request: Request, desk_id: str | None) -> dict[str, Any]:
    """What every template gets."""
    door, look = door_of(request), look_of(request)
    desk = door.desk(desk_id)
    own = desk.content.room
    language = look.language
    return {
        "room": own,
        "words": own.words(language, easy=look.easy is True),
        "say": sayer(desk, look),
        "speak": speaker(desk, look),
        # For attributes, where no markup can stand.
        "bare": lambda text: str(sayer(desk, Look(language=language))(text)),
        "look": look,
        "account": desk.content.desk.account,
        "token": token_of(request),
        "escaped": escape,
        "simulator": door.simulator,
        "inside": getattr(request.state, "inside", None) is not None,
        "problem": None,
        "enter": desk.content.door.pages["enter_title"],
        "draft": "",
    }


def page(
    request: Request,
    name: str,
    desk_id: str | None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A whole page from a template."""
    text = render(request, name, desk_id, **values)
    return HTMLResponse(text, status_code=status, headers=dict(headers or {}))


def render(request: Request, name: str, desk_id: str | None, **values: Any) -> str:
    """A page or a part of one. Lone surrogates have no UTF-8: they are shown as what they are, unreadable."""
    text = _environment().get_template(name).render({**values_for(request, desk_id), **values})
    return text.encode("utf-8", "replace").decode()
