"""One's own account: name, password, sessions, recovery codes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from casework.people import Viewer
from config.mail import is_address
from handlers.staff.access import SIGNED_IN, Signed, signed_of
from handlers.staff.acts import note
from handlers.staff.console import console_of
from handlers.staff.forms import text_of
from handlers.staff.pages import page
from handlers.staff.words import BAD_ADDRESS, WEAK
from storage import rota, sessions, staff
from storage.passwords import weakness
from storage.sessions import TryKey, TryKind

router = APIRouter()

_DONE = {
    "password": "パスワードを変えました。",
    "sessions": "この画面のほかを、すべてサインアウトしました。",
    "contact": "メールの宛先を変えました。",
}


@router.get("/account")
async def account_page(request: Request, viewer: Annotated[Viewer, Depends(SIGNED_IN)]) -> Response:
    """Who one is, what one may, and where one is signed in."""
    return await _account(request, viewer, notice=_DONE.get(request.query_params.get("changed", "")))


async def _account(request: Request, viewer: Viewer, *, status: int = 200, **values: Any) -> Response:
    console, now = console_of(request), console_of(request).clock()
    async with console.database.glance() as connection:
        opened = await sessions.open_ones(connection, viewer.staff_id, now=now, limits=signed_of(request).limits)
        given = await staff.grants(connection, now, viewer.staff_id)
        left = await staff.recovery_codes_left(connection, viewer.staff_id)
        address = await rota.contact(connection, console.keyring, viewer.staff_id)
    shown = {
        "account": signed_of(request).account,
        "sessions": opened,
        "this": signed_of(request).session.id,
        "grants": given,
        "codes_left": left,
        "address": address or "",
        "area_name": console.area_name,
    }
    return page(request, "account.html", viewer, status=status, **{**shown, **values})


@router.post("/account/contact")
async def set_contact(request: Request, viewer: Annotated[Viewer, Depends(SIGNED_IN)]) -> Response:
    """Where mail reaches oneself; empty: nowhere."""
    console, address = console_of(request), await text_of(request, "address")
    if address and not is_address(address):
        return await _account(request, viewer, status=422, problem=BAD_ADDRESS, address=address[:254])
    async with console.database.write() as connection:
        await rota.set_contact(connection, console.keyring, viewer.staff_id, address or None, now=console.clock())
        await note(request, connection, "contact_set", "staff", viewer.staff_id, detail={"given": bool(address)})
    return RedirectResponse("/staff/account?changed=contact", status_code=303)


@router.get("/account/password")
async def password_page(request: Request, viewer: Annotated[Viewer, Depends(SIGNED_IN)]) -> Response:
    """A form for a new password."""
    return _password(request, viewer)


def _password(request: Request, viewer: Viewer, *, status: int = 200, **values: Any) -> Response:
    must = signed_of(request).account.must_change
    login = signed_of(request).account.login
    return page(request, "password.html", viewer, status=status, must=must, login=login, **values)


@router.post("/account/password")
async def change_password(request: Request, viewer: Annotated[Viewer, Depends(SIGNED_IN)]) -> Response:
    """Take a new password, and end all other sessions."""
    console, signed = console_of(request), signed_of(request)
    old, new, again = [await text_of(request, f"{name}_password", strip=False) for name in ("old", "new", "again")]
    if (wrong := await _objection(request, signed, old, new, again)) is not None:
        return _password(request, viewer, status=422, problem=wrong)
    hashed = await console.passwords.hash(new)
    async with console.database.write() as connection:
        await staff.set_password(connection, viewer.staff_id, hashed, must_change=False)
        await sessions.end_all(
            connection, viewer.staff_id, reason="password_changed", now=console.clock(), but=signed.session.id
        )
        await note(request, connection, "password_changed", "staff", viewer.staff_id)
    return RedirectResponse("/staff/account?changed=password", status_code=303)


async def _objection(request: Request, signed: Signed, old: str, new: str, again: str) -> str | None:
    if (wrong := await wrong_password(request, signed, old)) is not None:
        return wrong
    if new != again:
        return WEAK["differs"]
    if new == old:
        return WEAK["same"]
    found = weakness(new, login=signed.account.login)
    return None if found is None else WEAK[found]


async def wrong_password(request: Request, signed: Signed, password: str) -> str | None:
    """Why this is not the account's password. Somebody who found an open screen must not find it out here."""
    console = console_of(request)
    keys = [TryKey.of(console.keyring.index, TryKind.ACCOUNT_HERE, "change", str(signed.account.id))]
    async with console.database.write() as connection:
        if await sessions.attempt(connection, keys, console.clock()):
            return "続けて失敗したため、しばらく待ってから、もう一度お試しください。"
    if not await console.passwords.fits(password, signed.account.password_hash):
        return WEAK["wrong"]
    async with console.database.write() as connection:
        await sessions.succeeded(connection, keys)
    return None


@router.post("/account/sign-out-elsewhere")
async def sign_out_elsewhere(request: Request, viewer: Annotated[Viewer, Depends(SIGNED_IN)]) -> Response:
    """End all sessions but this one."""
    console, signed = console_of(request), signed_of(request)
    async with console.database.write() as connection:
        await sessions.end_all(
            connection, viewer.staff_id, reason="ended_elsewhere", now=console.clock(), but=signed.session.id
        )
        await note(request, connection, "sessions_ended", "staff", viewer.staff_id)
    return RedirectResponse("/staff/account?changed=sessions", status_code=303)


@router.post("/account/recovery-codes")
async def renew_codes(request: Request, viewer: Annotated[Viewer, Depends(SIGNED_IN)]) -> Response:
    """Fresh recovery codes, shown once. Needs the password: an open screen is not enough."""
    console, signed = console_of(request), signed_of(request)
    password = await text_of(request, "password", strip=False)
    if (wrong := await wrong_password(request, signed, password)) is not None:
        return page(request, "renew_codes.html", viewer, status=422, problem=wrong)
    async with console.database.write() as connection:
        fresh = await staff.new_recovery_codes(connection, console.keyring, viewer.staff_id, new_id=console.new_id)
        await note(request, connection, "codes_renewed", "staff", viewer.staff_id)
    return page(request, "recovery_codes.html", viewer, codes=fresh, next="/staff/account")


@router.get("/account/recovery-codes")
async def renew_codes_page(request: Request, viewer: Annotated[Viewer, Depends(SIGNED_IN)]) -> Response:
    """Asks for the password before new codes are made."""
    return page(request, "renew_codes.html", viewer)
