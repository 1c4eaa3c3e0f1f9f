"""The admin's pages: who has an account, and what they may. A desk's admin keeps the accounts of that desk only."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from casework.people import Grant, Viewer
from casework.permissions import Action
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.console import console_of
from handlers.staff.forms import line_of, text_of
from handlers.staff.pages import page
from handlers.staff.roles import WRONG_GRANT, choices, grant_of, keeps
from storage import sessions, staff
from storage.database import Connection
from storage.passwords import generated
from storage.staff import Account, LoginTaken, NewAccount

router = APIRouter()

Admin = Annotated[Viewer, Depends(require(Action.MANAGE_STAFF))]

_DONE = {
    "renamed": "名前を変えました。",
    "disabled": "停止しました。開いていた画面はサインアウトしました。",
    "enabled": "停止を解除しました。",
    "granted": "役割を加えました。",
    "ungranted": "役割を外しました。",
    "certificate": "証明書の登録を変えました。",
    "factor": "確認コードの設定を消しました。次のサインインで設定し直します。",
}
_BAD_LOGIN = "サインイン名は、英数字と . _ - @ で2文字から64文字までにしてください。"


@router.get("/people")
async def people_page(request: Request, viewer: Admin) -> Response:
    """Everybody this admin keeps."""
    return await _people(request, viewer)


async def _people(request: Request, viewer: Viewer, *, status: int = 200, **values: Any) -> Response:
    console = console_of(request)
    async with console.database.write() as connection:
        accounts = await staff.everybody(connection)
        grants = await staff.grants(connection, console.clock())
        organisations = await staff.organisations(connection)
        await note(request, connection, "staff_seen", "staff", None)
    given = {account.id: [one for one in grants if one.staff_id == account.id] for account in accounts}
    typed = {"login": "", "shown_name": "", "organisation": organisations[viewer.organisation_id], **values}
    return page(
        request,
        "people.html",
        viewer,
        status=status,
        accounts=[account for account in accounts if keeps(viewer, account, given[account.id])],
        given=given,
        organisations=organisations,
        **choices(console, viewer),
        **typed,
    )


async def kept_account(request: Request, connection: Connection, viewer: Viewer, staff_id: UUID) -> Account:
    """The account, or 404 as for one that does not exist."""
    account = await staff.by_id(connection, staff_id)
    given = await staff.grants(connection, console_of(request).clock(), staff_id)
    if account is None or not keeps(viewer, account, given):
        raise HTTPException(404)
    return account


@router.post("/people")
async def add_person(request: Request, viewer: Admin) -> Response:
    """A new account with its first role; its first password is shown once."""
    login = staff.folded(await text_of(request, "login"))
    shown_name = await line_of(request, "shown_name", longest=40)
    organisation = await line_of(request, "organisation", longest=80)
    typed = {"login": login[:64], "shown_name": shown_name, "organisation": organisation}
    asked = await grant_of(request, viewer)
    problem = _objection(login, shown_name, organisation) or (WRONG_GRANT if asked is None else None)
    if problem is not None or asked is None:
        return await _people(request, viewer, status=422, problem=problem, **typed)
    try:
        staff_id, password = await _add(request, viewer, login, shown_name, organisation, asked.grant)
    except LoginTaken:
        taken = "このサインイン名は、もう使われています。"
        return await _people(request, viewer, status=409, problem=taken, **typed)
    return await person(request, viewer, staff_id, fresh_password=password)


def _objection(login: str, shown_name: str, organisation: str) -> str | None:
    if not staff.is_login(login):
        return _BAD_LOGIN
    return None if shown_name and organisation else "名前と所属を入れてください。"


async def _add(
    request: Request, viewer: Viewer, login: str, shown_name: str, organisation: str, given: Grant
) -> tuple[UUID, str]:
    console, password = console_of(request), generated()
    hashed, now = await console.passwords.hash(password), console.clock()
    async with console.database.write() as connection:
        organisation_id = await staff.organisation(connection, organisation, new_id=console.new_id)
        new = NewAccount(login=login, shown_name=shown_name, organisation_id=organisation_id, password_hash=hashed)
        staff_id = await staff.add(connection, new, now=now, new_id=console.new_id)
        await staff.grant(connection, staff_id, given, by=viewer.staff_id, now=now, new_id=console.new_id)
        await note(request, connection, "staff_added", "staff", staff_id)
        await note(request, connection, "granted", "staff", staff_id, detail={"role": given.role.value})
    return staff_id, password


@router.get("/people/{staff_id}")
async def person_page(request: Request, viewer: Admin, staff_id: UUID) -> Response:
    """One account, its roles, and what can be done with it."""
    done = _DONE.get(request.query_params.get("done", ""))
    return await person(request, viewer, staff_id, notice=done)


async def person(request: Request, viewer: Viewer, staff_id: UUID, *, status: int = 200, **values: Any) -> Response:
    """The page of one account."""
    console, now = console_of(request), console_of(request).clock()
    async with console.database.glance() as connection:
        account = await kept_account(request, connection, viewer, staff_id)
        given = await staff.grants(connection, now, staff_id)
        organisations = await staff.organisations(connection)
        limits = console.limits_of(one.grant for one in given)
        opened = await sessions.open_ones(connection, staff_id, now=now, limits=limits)
    return page(
        request,
        "person.html",
        viewer,
        status=status,
        account=account,
        organisation=organisations[account.organisation_id],
        given=given,
        sessions=opened,
        is_self=account.id == viewer.staff_id,
        certificates=console.certificate_header is not None,
        **choices(console, viewer),
        **{"fresh_password": None, **values},
    )
