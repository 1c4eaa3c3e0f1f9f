"""The pages of signing in and out, and the form that was kept meanwhile."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from casework.people import Viewer
from handlers.staff import certificates, codes, keys
from handlers.staff.access import HALF_SIGNED_IN, PUBLIC, SIGNED_IN, signed_of
from handlers.staff.console import Console, address_of, console_of
from handlers.staff.entering import Caller, Entry, confirm, device_of, enter, planned_secret, set_up
from handlers.staff.forms import text_of
from handlers.staff.keys import Site
from handlers.staff.pages import page
from handlers.staff.security import drop_cookie, fresh_token, own_path, session_cookie, set_cookie, visit_cookie
from storage import audit, kept_forms, security_keys, sessions
from storage.staff_tables import Stage

router = APIRouter()

WRONG_PASSWORD = "名前かパスワードが違います。"  # noqa: S105 - a sentence
WRONG_CODE = "確認コードが違います。新しいコードが出るのを待って、もう一度入れてください。"


@router.get("/sign-in")
async def sign_in_page(request: Request, _viewer: Annotated[Viewer, Depends(PUBLIC)]) -> Response:
    """The first page of everybody."""
    if request.state.signed is not None:
        return RedirectResponse(next_of(request), status_code=303)
    return _sign_in(request)


def _sign_in(request: Request, *, status: int = 200, **values: Any) -> Response:
    console = console_of(request)
    visit = request.cookies.get(visit_cookie(console), "")
    request.state.visit = visit or fresh_token()
    answer = page(request, "sign_in.html", None, status=status, **{"login": "", "next": next_of(request), **values})
    if not visit:
        set_cookie(console, answer, visit_cookie(console), request.state.visit)
    return answer


@router.post("/sign-in")
async def sign_in(request: Request, _viewer: Annotated[Viewer, Depends(PUBLIC)]) -> Response:
    """The first step."""
    console = console_of(request)
    login, password = await text_of(request, "login"), await text_of(request, "password", strip=False)
    entry = await enter(console, caller_of(request), login=login, password=password)
    if entry.token is None:
        problem = _wait(entry.wait) if entry.wait else WRONG_PASSWORD
        status = 429 if entry.wait else 401
        return _sign_in(request, status=status, login=login[:64], problem=problem, next=await asked_next(request))
    target = await asked_next(request)
    if entry.stage is not Stage.FULL:
        target = f"/staff/sign-in/code?next={quote(target, safe='/')}"
    return await entered(console, entry, target)


@router.get("/sign-in/code")
async def code_page(request: Request, _viewer: Annotated[Viewer, Depends(HALF_SIGNED_IN)]) -> Response:
    """The second step."""
    if signed_of(request).account.second_factor_at is None:
        return RedirectResponse(f"/staff/sign-in/set-up?next={quote(next_of(request), safe='/')}", status_code=303)
    return await code_form(request, next=next_of(request))


async def code_form(request: Request, *, status: int = 200, **values: Any) -> Response:
    """The page of the second step: a field for codes, and a button for keys where there are some."""
    console, signed = console_of(request), signed_of(request)
    async with console.database.glance() as connection:
        known = await security_keys.of(connection, signed.account.id)
    options = keys.ask_for_use(console, Site.of(console, request), signed, known) if known else None
    return page(request, "code.html", None, status=status, options=options, **values)


@router.post("/sign-in/code")
async def code(request: Request, _viewer: Annotated[Viewer, Depends(HALF_SIGNED_IN)]) -> Response:
    """A code of the app, or a recovery code."""
    console, signed = console_of(request), signed_of(request)
    if signed.account.second_factor_at is None:
        return RedirectResponse("/staff/sign-in/set-up", status_code=303)
    entry = await confirm(console, caller_of(request), signed, await text_of(request, "code"))
    if entry.token is None:
        problem = _wait(entry.wait) if entry.wait else WRONG_CODE
        asked = await asked_next(request)
        return await code_form(request, status=429 if entry.wait else 401, problem=problem, next=asked)
    return await entered(console, entry, await asked_next(request))


@router.get("/sign-in/set-up")
async def set_up_page(request: Request, _viewer: Annotated[Viewer, Depends(HALF_SIGNED_IN)]) -> Response:
    """The second factor is set up at the first sign-in."""
    if signed_of(request).account.second_factor_at is not None:
        return RedirectResponse(f"/staff/sign-in/code?next={quote(next_of(request), safe='/')}", status_code=303)
    return await set_up_form(request, next=next_of(request))


async def set_up_form(request: Request, *, status: int = 200, **values: Any) -> Response:
    """The page on which the second factor is set up: an app, or a key where phones are not allowed."""
    console, signed = console_of(request), signed_of(request)
    secret = await planned_secret(console, signed)
    shown: dict[str, Any] = {
        "picture": codes.picture(secret, login=signed.account.login, issuer=_issuer(console)),
        "secret": codes.in_groups(secret),
        "options": keys.ask_for_new(console, Site.of(console, request), signed, ()),
    }
    return page(request, "set_up.html", None, status=status, **shown, **values)


def _issuer(console: Console) -> str:
    desk = next(iter(console.desks.values())).content.desk
    return f"{desk.account} {desk.organisation}"


@router.post("/sign-in/set-up")
async def confirm_set_up(request: Request, _viewer: Annotated[Viewer, Depends(HALF_SIGNED_IN)]) -> Response:
    """The first code shows that the app has the secret; then the recovery codes are shown, once."""
    console, signed = console_of(request), signed_of(request)
    if signed.account.second_factor_at is not None:
        return RedirectResponse("/staff/sign-in/code", status_code=303)
    asked = await asked_next(request)
    entry = await set_up(console, caller_of(request), signed, await text_of(request, "code"))
    if entry.token is None:
        problem = _wait(entry.wait) if entry.wait else WRONG_CODE
        return await set_up_form(request, status=429 if entry.wait else 401, problem=problem, next=asked)
    return first_codes(request, entry, asked)


def first_codes(request: Request, entry: Entry, target: str) -> Response:
    """The recovery codes, the only time they can be read."""
    console = console_of(request)
    answer = page(request, "recovery_codes.html", None, codes=entry.recovery_codes, next=target)
    set_cookie(console, answer, session_cookie(console), entry.token or "")
    return answer


@router.post("/sign-in/leave")
async def leave(request: Request, _viewer: Annotated[Viewer, Depends(HALF_SIGNED_IN)]) -> Response:
    """Begin again under another name."""
    console, signed = console_of(request), signed_of(request)
    async with console.database.write() as connection:
        await sessions.end(connection, signed.session.id, reason="left", now=console.clock())
    answer = RedirectResponse("/staff/sign-in", status_code=303)
    drop_cookie(console, answer, session_cookie(console))
    return answer


@router.post("/sign-out")
async def sign_out(request: Request, viewer: Annotated[Viewer, Depends(SIGNED_IN)]) -> Response:
    """End this session."""
    console, signed = console_of(request), signed_of(request)
    async with console.database.write() as connection:
        await sessions.end(connection, signed.session.id, reason="signed_out", now=console.clock())
        act = audit.Act(
            action="signed_out",
            object_kind="session",
            object_id=viewer.staff_id,
            actor=viewer.staff_id,
            address=address_of(request),
        )
        await audit.record(connection, console.keyring, act, at=console.clock(), new_id=console.new_id)
    answer = RedirectResponse("/staff/sign-in", status_code=303)
    drop_cookie(console, answer, session_cookie(console))
    # A shared machine keeps nothing of the pages.
    answer.headers["clear-site-data"] = '"cache", "storage"'
    return answer


@router.get("/kept")
async def kept_page(request: Request, viewer: Annotated[Viewer, Depends(SIGNED_IN)]) -> Response:
    """What was sent after the session had ended, to be sent again."""
    console = console_of(request)
    async with console.database.glance() as connection:
        kept = await kept_forms.newest(connection, console.keyring, viewer.staff_id, now=console.clock())
    if kept is None:
        return RedirectResponse("/staff/", status_code=303)
    return page(request, "kept.html", viewer, kept=kept)


@router.post("/kept/drop")
async def drop_kept(request: Request, viewer: Annotated[Viewer, Depends(SIGNED_IN)]) -> Response:
    """Forget it."""
    console = console_of(request)
    async with console.database.write() as connection:
        await kept_forms.drop(connection, viewer.staff_id)
    return RedirectResponse("/staff/", status_code=303)


def caller_of(request: Request) -> Caller:
    """From where a request comes."""
    device = device_of(request.headers.get("user-agent", ""))
    shown = certificates.shown_by(console_of(request), request)
    return Caller(address=address_of(request), device=device, certificate=shown)


async def entered(console: Console, entry: Entry, target: str) -> Response:
    """Into the console: first of all to what could not be sent because the last session had ended."""
    if entry.stage is Stage.FULL and await _has_kept(console, entry):
        target = "/staff/kept"
    answer = RedirectResponse(target, status_code=303)
    set_cookie(console, answer, session_cookie(console), entry.token or "")
    if entry.stage is Stage.FULL:
        drop_cookie(console, answer, visit_cookie(console))
    return answer


async def _has_kept(console: Console, entry: Entry) -> bool:
    async with console.database.glance() as connection:
        session = await sessions.find(connection, entry.token or "")
        if session is None:
            return False
        kept = await kept_forms.newest(connection, console.keyring, session.staff_id, now=console.clock())
    return kept is not None


def next_of(request: Request) -> str:
    """The page that was asked for before the sign-in."""
    return own_path(request.query_params.get("next"))


async def asked_next(request: Request) -> str:
    """The same, from a form."""
    return own_path(await text_of(request, "next"))


def _wait(wait: timedelta) -> str:
    seconds = math.ceil(wait.total_seconds())
    shown = f"{seconds}秒" if seconds < 60 else f"{math.ceil(seconds / 60)}分"
    return f"続けて失敗したため、あと{shown}待ってから、もう一度お試しください。"
