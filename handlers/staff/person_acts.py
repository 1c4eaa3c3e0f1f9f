"""What an admin does with one account: name, lock, password, second factor, roles."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from casework.people import Role, Viewer
from casework.permissions import Action
from handlers.staff import certificates, people
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.console import Console, console_of
from handlers.staff.forms import line_of, text_of
from handlers.staff.roles import WRONG_GRANT, grant_of
from storage import sessions, staff
from storage.database import Connection
from storage.passwords import generated

router = APIRouter()

Admin = Annotated[Viewer, Depends(require(Action.MANAGE_STAFF))]

LAST_ADMIN = "管理者が一人もいなくなるため、できません。先に別の人を管理者にしてください。"
_BAD_CERTIFICATE = "証明書のSHA-256の指紋(64桁)か、PEMの証明書を入れてください。"
_ONESELF = "自分のパスワードと確認コードは、アカウントの画面で変えてください。"


@router.post("/people/{staff_id}/grants")
async def grant(request: Request, viewer: Admin, staff_id: UUID) -> Response:
    """Give a role; with a last day for somebody who stands in."""
    console, asked = console_of(request), await grant_of(request, viewer)
    if asked is None:
        return await people.person(request, viewer, staff_id, status=422, problem=WRONG_GRANT)
    async with console.database.write() as connection:
        await people.kept_account(request, connection, viewer, staff_id)
        await staff.grant(
            connection,
            staff_id,
            asked.grant,
            by=viewer.staff_id,
            now=console.clock(),
            new_id=console.new_id,
            ends_at=asked.ends_at,
        )
        await note(request, connection, "granted", "staff", staff_id, detail={"role": asked.grant.role.value})
    return _done(staff_id, "granted")


@router.post("/people/{staff_id}/grants/{grant_id}/remove")
async def ungrant(request: Request, viewer: Admin, staff_id: UUID, grant_id: UUID) -> Response:
    """Take a role back."""
    console = console_of(request)
    async with console.database.write() as connection:
        await people.kept_account(request, connection, viewer, staff_id)
        given = await staff.grants(connection, console.clock(), staff_id)
        admin = [one.id for one in given if one.grant.role is Role.ADMIN]
        last = admin == [grant_id] and await _is_last_admin(console, connection, staff_id)
        if not last:
            role = await staff.ungrant(connection, staff_id, grant_id)
            if role is None:
                raise HTTPException(404)
            await note(request, connection, "ungranted", "staff", staff_id, detail={"role": role.value})
    if last:
        return await people.person(request, viewer, staff_id, status=409, problem=LAST_ADMIN)
    return _done(staff_id, "ungranted")


async def _is_last_admin(console: Console, connection: Connection, staff_id: UUID) -> bool:
    return await staff.admins(connection, console.clock()) == {staff_id}


@router.post("/people/{staff_id}/name")
async def rename(request: Request, viewer: Admin, staff_id: UUID) -> Response:
    """Change the name that residents and colleagues see."""
    console, shown_name = console_of(request), await line_of(request, "shown_name", longest=40)
    if not shown_name:
        return await people.person(request, viewer, staff_id, status=422, problem="名前を入れてください。")
    async with console.database.write() as connection:
        await people.kept_account(request, connection, viewer, staff_id)
        await staff.rename(connection, staff_id, shown_name)
        await note(request, connection, "staff_renamed", "staff", staff_id)
    return _done(staff_id, "renamed")


@router.post("/people/{staff_id}/disable")
async def disable(request: Request, viewer: Admin, staff_id: UUID) -> Response:
    """Lock the account and end its sessions."""
    console, now = console_of(request), console_of(request).clock()
    async with console.database.write() as connection:
        await people.kept_account(request, connection, viewer, staff_id)
        last = await _is_last_admin(console, connection, staff_id)
        if not last:
            await staff.set_disabled(connection, staff_id, now)
            await sessions.end_all(connection, staff_id, reason="disabled", now=now)
            await note(request, connection, "staff_disabled", "staff", staff_id)
    if last:
        return await people.person(request, viewer, staff_id, status=409, problem=LAST_ADMIN)
    return _done(staff_id, "disabled")


@router.post("/people/{staff_id}/enable")
async def enable(request: Request, viewer: Admin, staff_id: UUID) -> Response:
    """Open the account again."""
    console = console_of(request)
    async with console.database.write() as connection:
        await people.kept_account(request, connection, viewer, staff_id)
        await staff.set_disabled(connection, staff_id, None)
        await note(request, connection, "staff_enabled", "staff", staff_id)
    return _done(staff_id, "enabled")


@router.post("/people/{staff_id}/password")
async def reset_password(request: Request, viewer: Admin, staff_id: UUID) -> Response:
    """A new first password, shown once; open sessions end."""
    if staff_id == viewer.staff_id:
        return await people.person(request, viewer, staff_id, status=409, problem=_ONESELF)
    console, password = console_of(request), generated()
    hashed = await console.passwords.hash(password)
    async with console.database.write() as connection:
        await people.kept_account(request, connection, viewer, staff_id)
        await staff.set_password(connection, staff_id, hashed, must_change=True)
        await sessions.end_all(connection, staff_id, reason="reset", now=console.clock())
        await note(request, connection, "password_reset", "staff", staff_id)
    return await people.person(request, viewer, staff_id, fresh_password=password)


@router.post("/people/{staff_id}/factor")
async def reset_factor(request: Request, viewer: Admin, staff_id: UUID) -> Response:
    """Somebody lost their phone: the second factor is set up anew. Their sessions end."""
    if staff_id == viewer.staff_id:
        return await people.person(request, viewer, staff_id, status=409, problem=_ONESELF)
    console = console_of(request)
    async with console.database.write() as connection:
        await people.kept_account(request, connection, viewer, staff_id)
        await staff.clear_second_factor(connection, staff_id)
        await sessions.end_all(connection, staff_id, reason="reset", now=console.clock())
        await note(request, connection, "factor_reset", "staff", staff_id)
    return _done(staff_id, "factor")


@router.post("/people/{staff_id}/certificate")
async def set_certificate(request: Request, viewer: Admin, staff_id: UUID) -> Response:
    """Bind the account to a client certificate; empty: to none. Sessions without it end by themselves."""
    console, typed = console_of(request), await text_of(request, "certificate")
    fingerprint = certificates.fingerprint_of(typed) if typed else None
    if typed and fingerprint is None:
        return await people.person(request, viewer, staff_id, status=422, problem=_BAD_CERTIFICATE)
    async with console.database.write() as connection:
        await people.kept_account(request, connection, viewer, staff_id)
        await staff.set_certificate(connection, staff_id, fingerprint)
        await note(request, connection, "certificate_set", "staff", staff_id, detail={"given": bool(typed)})
    return _done(staff_id, "certificate")


def _done(staff_id: UUID, what: str) -> Response:
    return RedirectResponse(f"/staff/people/{staff_id}?done={what}", status_code=303)
