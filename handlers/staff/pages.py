"""Pages of the console: templates, navigation, and how times are shown.

return page(request, "name.html", viewer, title="…", rows=rows)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from casework.people import Viewer
from casework.permissions import Action, Scope, allowed_somewhere, desks_for, reaches
from handlers.staff import words
from handlers.staff.access import DESK_FIELD, TOKEN_FIELD
from handlers.staff.checked import warnings_of
from handlers.staff.console import Console, console_of
from handlers.staff.security import desk_cookie, form_token, visit_cookie
from handlers.templating import environment_of, version_of

HERE = Path(__file__).parent
STATIC = HERE / "static"


@dataclass(frozen=True, slots=True)
class NavItem:
    """A page of the navigation, shown to who may see it (`action` None: to everybody who is signed in). `count` names
    the value of `counts` that is shown beside it; `scope` narrows it to who may see it in that scope.
    """

    path: str
    label: str
    action: Action | None
    count: str | None = None
    scope: Scope | None = None

    def is_for(self, viewer: Viewer) -> bool:
        """Whether this viewer may see the page."""
        if self.action is None:
            return True
        scopes = {scope for scope, _ in reaches(viewer, self.action)}
        return bool(scopes) if self.scope is None else self.scope in scopes


#: In this order; the first one somebody may see is their home.
NAV: list[NavItem] = [
    NavItem("/staff/queue", "相談", Action.SEE_QUEUE),
    NavItem("/staff/silent", "静かになった方", Action.SEE_QUEUE),
    NavItem("/staff/check-ins", "お便り", Action.CLAIM),
    NavItem("/staff/hand-over", "引継ぎと休み", Action.HAND_OVER),
    NavItem("/staff/handed", "届いたシート", Action.SEE_SHEET, scope=Scope.HANDED),
    NavItem("/staff/glass", "同意なしの閲覧", Action.REVIEW_READING),
    NavItem("/staff/people", "職員", Action.MANAGE_STAFF),
    NavItem("/staff/places", "つなぎ先", Action.MANAGE_DESK),
    NavItem("/staff/tokens", "外部連携", Action.MANAGE_DESK),
    NavItem("/staff/room-cards", "部屋のカード", Action.NEW_CASE),
    NavItem("/staff/rota", "当番と知らせ", Action.MANAGE_DESK),
    NavItem("/staff/upkeep", "窓口の手入れ", Action.MANAGE_DESK),
    NavItem("/staff/audit", "操作の記録", Action.SEE_AUDIT),
]


def static(name: str) -> str:
    """The address of a file of ours; it changes with its content, so that browsers may keep it."""
    return f"/staff/static/{name}?v={version_of(STATIC / name)}"


@cache
def _environment() -> Environment:
    environment = environment_of(HERE / "templates")
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
    return [item for item in NAV if item.is_for(viewer)]


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
    zone = console.zone_of(_desk_shown(request, viewer, values))
    limits = None if signed is None else signed.limits
    common = {
        "viewer": viewer,
        "name": None if signed is None else signed.account.shown_name,
        "nav": [] if viewer is None else nav_of(viewer),
        "counts": counts or {},
        "here": request.url.path,
        "simulator": console.simulator,
        "warnings": [] if viewer is None else _warnings(console, viewer),
        "set_aside": 0 if signed is None else signed.set_aside,
        "rings": viewer is not None and allowed_somewhere(viewer, Action.SEE_QUEUE),
        "token": _token(console, request),
        "time": lambda at: shown_time(zone, at),
        "until": lambda at: shown_end(zone, at),
        "day": lambda at: shown_day(zone, at),
        "short": lambda at: short_time(zone, at, console.clock()),
        "iso": lambda at: at.isoformat(timespec="seconds"),
        "notice": None,
        "problem": None,
        "idle_minutes": None if limits is None else limits.idle / timedelta(minutes=1),
        **_desks(console, request, viewer),
    }
    text = _environment().get_template(name).render({**common, **values})
    return HTMLResponse(text, status_code=status, headers=dict(headers or {}))


def desks_of_viewer(console: Console, viewer: Viewer) -> list[tuple[str, str]]:
    """The desks somebody works at, and what each is called."""
    at = {grant.desk_id for grant in viewer.grants}
    return [(desk.id, desk.content.desk.organisation) for desk in console.desks.values() if None in at or desk.id in at]


def turned_to(request: Request, viewer: Viewer) -> str | None:
    """The desk somebody has turned to: the one of this page, the chosen one, or their first."""
    console = console_of(request)
    known = [desk for desk, _ in desks_of_viewer(console, viewer)]
    here = getattr(request.state, "desk", None) or request.cookies.get(desk_cookie(console))
    return here if here in known else next(iter(known), None)


def _desk_shown(request: Request, viewer: Viewer | None, values: Mapping[str, Any]) -> str | None:
    """Whose times a page shows: those of the desk of its case or sheet, else of the one somebody has turned to."""
    own = (getattr(values.get(name), "desk_id", None) for name in ("case", "sheet"))
    return next((desk for desk in own if desk), None if viewer is None else turned_to(request, viewer))


def _desks(console: Console, request: Request, viewer: Viewer | None) -> dict[str, Any]:
    """Which desk the page is about, where somebody works at several. On a page that is about none: the chosen one."""
    known = [] if viewer is None else desks_of_viewer(console, viewer)
    return {
        "desks_known": known if len(known) > 1 else [],
        "desk_turned_to": None if viewer is None else turned_to(request, viewer),
        "form_desk": getattr(request.state, "desk", None),
        "desk_field": DESK_FIELD,
    }


def _desks_kept(console: Console, viewer: Viewer) -> set[str]:
    """The desks of whose state somebody hears: not those that only handed something to their organisation."""
    inside = [grant for scope, grant in reaches(viewer, Action.SEE_QUEUE) if scope is not Scope.HANDED]
    inside += [grant for _, grant in reaches(viewer, Action.MANAGE_DESK)]
    return {desk for desk in console.desks if any(grant.is_at(desk) for grant in inside)}


def _warnings(console: Console, viewer: Viewer) -> list[str]:
    """What stands above every page: that telling staff does not go well; for admins, what nobody checked for long."""
    at = _desks_kept(console, viewer)
    found = [] if console.alerts is None or not at else console.alerts.warnings(at)
    kept = desks_for(viewer, Action.MANAGE_DESK)
    own = [desk for name, desk in console.desks.items() if kept is None or name in kept]
    return [*found, *warnings_of(own, console.clock())]


def _token(console: Console, request: Request) -> str:
    """The token of this page's forms: bound to the session, or to the visit before there is one."""
    signed = getattr(request.state, "signed", None)
    if signed is not None:
        return form_token(console, signed.cookie)
    visit = getattr(request.state, "visit", None) or request.cookies.get(visit_cookie(console), "")
    return form_token(console, visit) if visit else ""


def shown_time(zone: ZoneInfo, at: datetime | None) -> str:
    """A moment as people of this desk write it."""
    return "" if at is None else f"{at.astimezone(zone):%Y年%-m月%-d日 %H:%M}"


def short_time(zone: ZoneInfo, at: datetime, now: datetime) -> str:
    """A moment in a list: the time alone for today, the year only for another one."""
    local, now = at.astimezone(zone), now.astimezone(zone)
    if local.date() == now.date():
        return f"{local:%H:%M}"
    return f"{local:%-m月%-d日 %H:%M}" if local.year == now.year else f"{local:%Y年%-m月%-d日}"


def shown_end(zone: ZoneInfo, at: datetime) -> str:
    """The end of a span: what ends at midnight ends with the day before, as people say it."""
    local = at.astimezone(zone)
    whole_days = (local.hour, local.minute) == (0, 0)
    return shown_day(zone, at - timedelta(minutes=1)) if whole_days else shown_time(zone, at)


def shown_day(zone: ZoneInfo, at: datetime | None) -> str:
    """A day with its weekday."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    return f"{local:%Y年%-m月%-d日}({words.weekday(local.weekday())})"
