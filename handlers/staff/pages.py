"""Pages of the console: templates, navigation, and how times are shown.

return page(request, "name.html", viewer, title="…", rows=rows)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from casework.people import Viewer
from casework.permissions import Action, allowed_somewhere
from handlers.staff import words
from handlers.staff.access import TOKEN_FIELD
from handlers.staff.console import Console, console_of
from handlers.staff.security import form_token, visit_cookie

HERE = Path(__file__).parent
STATIC = HERE / "static"


@dataclass(frozen=True, slots=True)
class NavItem:
    """A page of the navigation, shown to who may see it (`action` None: to everybody who is signed in). `count` names
    the value of `counts` that is shown beside it.
    """

    path: str
    label: str
    action: Action | None
    count: str | None = None


#: In this order; the first one somebody may see is their home.
NAV: list[NavItem] = [
    NavItem("/staff/queue", "相談", Action.SEE_QUEUE),
    NavItem("/staff/silent", "静かになった方", Action.SEE_QUEUE),
    NavItem("/staff/handed", "届いたシート", Action.RECEIVE_SHEET),
    NavItem("/staff/glass", "同意なしの閲覧", Action.REVIEW_READING),
    NavItem("/staff/people", "職員", Action.MANAGE_STAFF),
    NavItem("/staff/places", "つなぎ先", Action.MANAGE_DESK),
    NavItem("/staff/rota", "当番と知らせ", Action.MANAGE_DESK),
    NavItem("/staff/audit", "操作の記録", Action.SEE_AUDIT),
]


@cache
def _version(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def static(name: str) -> str:
    """The address of a file of ours; it changes with its content, so that browsers may keep it."""
    return f"/staff/static/{name}?v={_version(name)}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["worth_showing"] = _is_worth_showing
    environment.globals.update(static=static, token_field=TOKEN_FIELD, roles=words.ROLES, role_hints=words.ROLE_HINTS)
    return environment


def _is_worth_showing(value: str) -> bool:
    """Whether a form's value looks like what somebody typed, and not like an id or the name of a state."""
    return not value.isascii() or len(value) > 36 or any(letter.isspace() for letter in value)


def home_of(viewer: Viewer) -> str:
    """The first page somebody sees."""
    return next((item.path for item in nav_of(viewer)), "/staff/account")


def nav_of(viewer: Viewer) -> list[NavItem]:
    """The pages of the navigation this viewer may see."""
    return [item for item in NAV if item.action is None or allowed_somewhere(viewer, item.action)]


def page(
    request: Request,
    name: str,
    viewer: Viewer | None,
    *,
    status: int = 200,
    counts: Mapping[str, int] | None = None,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A whole page from a template. `viewer` None is for pages before the sign-in: without navigation."""
    console = console_of(request)
    signed = getattr(request.state, "signed", None) if viewer is not None else None
    common = {
        "viewer": viewer,
        "name": None if signed is None else signed.account.shown_name,
        "nav": [] if viewer is None else nav_of(viewer),
        "counts": counts or {},
        "here": request.url.path,
        "simulator": console.simulator,
        "warnings": [] if viewer is None or console.alerts is None else console.alerts.warnings(),
        "rings": viewer is not None and allowed_somewhere(viewer, Action.SEE_QUEUE),
        "token": _token(console, request),
        "time": lambda at: shown_time(console, at),
        "day": lambda at: shown_day(console, at),
        "short": lambda at: short_time(console, at),
        "iso": lambda at: at.isoformat(timespec="seconds"),
        "notice": None,
        "problem": None,
        "idle_minutes": console.words.idle_minutes,
    }
    text = _environment().get_template(name).render({**common, **values})
    return HTMLResponse(text, status_code=status, headers=dict(headers or {}))


def _token(console: Console, request: Request) -> str:
    """The token of this page's forms: bound to the session, or to the visit before there is one."""
    signed = getattr(request.state, "signed", None)
    if signed is not None:
        return form_token(console, signed.cookie)
    visit = getattr(request.state, "visit", None) or request.cookies.get(visit_cookie(console), "")
    return form_token(console, visit) if visit else ""


def shown_time(console: Console, at: datetime | None) -> str:
    """A moment as people of this desk write it."""
    return "" if at is None else f"{at.astimezone(console.zone):%Y年%-m月%-d日 %H:%M}"


def short_time(console: Console, at: datetime) -> str:
    """A moment in a list: the time alone for today, the year only for another one."""
    local, now = at.astimezone(console.zone), console.clock().astimezone(console.zone)
    if local.date() == now.date():
        return f"{local:%H:%M}"
    return f"{local:%-m月%-d日 %H:%M}" if local.year == now.year else f"{local:%Y年%-m月%-d日}"


def shown_day(console: Console, at: datetime | None) -> str:
    """A day with its weekday."""
    if at is None:
        return ""
    local = at.astimezone(console.zone)
    return f"{local:%Y年%-m月%-d日}({words.weekday(local.weekday())})"
