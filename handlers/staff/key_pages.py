"""The pages of security keys: signing in with one, setting one up, adding and removing."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from casework.people import Viewer
from handlers.staff import keys
from handlers.staff.access import HALF_SIGNED_IN, SIGNED_IN, signed_of
from handlers.staff.account import wrong_password
from handlers.staff.acts import note
from handlers.staff.console import console_of
from handlers.staff.entering import confirm_with_key, set_up_key
from handlers.staff.forms import line_of, text_of
from handlers.staff.keys import Site
from handlers.staff.pages import page
from handlers.staff.signin import asked_next, caller_of, code_form, entered, first_codes, set_up_form
from storage import security_keys, staff

router = APIRouter()

_WRONG_KEY = "このキーでは確認できませんでした。登録したキーか、予備コードを使ってください。"
_NO_KEY = "キーを登録できませんでした。もう一度お試しください。"
_ONLY_KEY = "ほかに確認の方法がないため、このキーは外せません。先に別のキーを加えてください。"
MOST_KEYS = 10


@router.post("/sign-in/key")
async def use_key(request: Request, _viewer: Annotated[Viewer, Depends(HALF_SIGNED_IN)]) -> Response:
    """The second step with a key."""
    console, asked = console_of(request), await asked_next(request)
    answer = await text_of(request, "credential")
    entry = await confirm_with_key(console, Site.of(console, request), caller_of(request), signed_of(request), answer)
    if entry.token is None:
        return await code_form(request, status=401, problem=_WRONG_KEY, next=asked)
    return await entered(console, entry, asked)


@router.post("/sign-in/set-up/key")
async def set_up_with_key(request: Request, _viewer: Annotated[Viewer, Depends(HALF_SIGNED_IN)]) -> Response:
    """A key in the place of an app, at the first sign-in."""
    console, asked = console_of(request), await asked_next(request)
    if signed_of(request).account.second_factor_at is not None:
        return RedirectResponse("/staff/sign-in/code", status_code=303)
    answer = await text_of(request, "credential")
    entry = await set_up_key(console, Site.of(console, request), caller_of(request), signed_of(request), answer)
    if entry.token is None:
        return await set_up_form(request, status=401, problem=_NO_KEY, next=asked)
    return first_codes(request, entry, asked)


@router.get("/account/keys")
async def keys_page(request: Request, viewer: Annotated[Viewer, Depends(SIGNED_IN)]) -> Response:
    """One's keys, and a form for another."""
    return await _keys(request, viewer)


async def _keys(request: Request, viewer: Viewer, *, status: int = 200, **values: Any) -> Response:
    console, signed = console_of(request), signed_of(request)
    async with console.database.glance() as connection:
        known = await security_keys.of(connection, viewer.staff_id)
    options = keys.ask_for_new(console, Site.of(console, request), signed, known)
    return page(request, "keys.html", viewer, status=status, known=known, options=options, **values)


@router.post("/account/keys")
async def add_key(request: Request, viewer: Annotated[Viewer, Depends(SIGNED_IN)]) -> Response:
    """Another key. Needs the password: an open screen is not enough."""
    console, signed = console_of(request), signed_of(request)
    if (wrong := await wrong_password(request, signed, await text_of(request, "password", strip=False))) is not None:
        return await _keys(request, viewer, status=422, problem=wrong)
    new = keys.new_key(console, Site.of(console, request), signed, await text_of(request, "credential"))
    async with console.database.write() as connection:
        known = await security_keys.of(connection, viewer.staff_id)
        if new is not None and len(known) < MOST_KEYS and signed.account.second_factor_at is not None:
            name = await line_of(request, "name", longest=40) or f"{len(known) + 1}本目のキー"
            await security_keys.add(
                connection, viewer.staff_id, new, name=name, now=console.clock(), new_id=console.new_id
            )
            await note(request, connection, "key_added", "staff", viewer.staff_id)
            return RedirectResponse("/staff/account/keys", status_code=303)
    return await _keys(request, viewer, status=422, problem=_NO_KEY)


@router.post("/account/keys/{key_id}/remove")
async def remove_key(request: Request, viewer: Annotated[Viewer, Depends(SIGNED_IN)], key_id: UUID) -> Response:
    """Forget a key, but never the only way to confirm."""
    console = console_of(request)
    async with console.database.write() as connection:
        known = await security_keys.of(connection, viewer.staff_id)
        if key_id not in {key.id for key in known}:
            raise HTTPException(404)
        has_app = await staff.totp_secret(connection, console.keyring, viewer.staff_id) is not None
        removable = has_app or len(known) > 1
        if removable:
            await security_keys.remove(connection, viewer.staff_id, key_id)
            await note(request, connection, "key_removed", "staff", viewer.staff_id)
    if not removable:
        return await _keys(request, viewer, status=409, problem=_ONLY_KEY)
    return RedirectResponse("/staff/account/keys", status_code=303)
