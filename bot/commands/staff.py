"""`tsunagu staff …`: accounts of the people who work at the console."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from bot.accounts import Person, add_person
from bot.commands.japanese import CommandLine
from bot.commands.opened import Opened, with_database
from bot.commands.refusing import load_settings, refuse, refusing
from bot.desks import ONE_DESK, desks_of, named
from bot.mode import choose_mode
from casework.people import Grant, Role
from config.content import Content
from handlers.staff.words import ROLES
from storage import audit, sessions, staff
from storage.database import Connection
from storage.ids import new_id
from storage.passwords import Passwords, generated
from storage.staff import Account, LoginTaken

app = CommandLine(help="職員の画面を使う人。")

Login = Annotated[str, typer.Argument(help="サインイン名(英数字。大文字と小文字は区別しない)")]


class RoleName(StrEnum):
    """The roles by their names on the command line."""

    COORDINATOR = "coordinator"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"
    TRIAGER = "triager"
    MEETING_MEMBER = "meeting_member"
    RECIPIENT = "recipient"


@app.callback()
def _staff() -> None:
    """職員の画面を使う人。"""


@app.command("add")
def add(
    login: Login,
    role: Annotated[list[RoleName], typer.Option(help="役割。何度でも書ける")],
    name: Annotated[str | None, typer.Option(help="住民にも見える名前。なければサインイン名")] = None,
    desk: Annotated[str | None, typer.Option(help=ONE_DESK)] = None,
    area: Annotated[list[str] | None, typer.Option(help="担当の圏域。書かなければすべて")] = None,
    organisation: Annotated[str | None, typer.Option(help="所属の機関。書かなければ窓口の機関")] = None,
) -> None:
    """職員を登録し、はじめのパスワードを表示する。はじめてのサインインで、本人が変える。"""
    with refusing():
        settings = load_settings()
        mode = choose_mode(settings)
        at = named(mode.file, desk)
        content = desks_of(settings, mode)[at].content
    if wrong := _wrong(content, login, area or []):
        refuse(wrong)
    areas = frozenset(area) if area else None
    person = Person(
        login=login,
        shown_name=name or login,
        organisation=organisation or content.desk.organisation,
        grants=[Grant(role=Role(one.value), desk_id=at, areas=areas) for one in role],
    )

    async def work(opened: Opened) -> str:
        return await add_person(opened.database, opened.keyring, person, passwords=Passwords(), now=opened.now)

    try:
        password = with_database(work)
    except LoginTaken:
        refuse([f"{login}: この名前は、もう使われています"])
    typer.echo(f"登録しました: {staff.folded(login)}({'、'.join(ROLES[Role(one.value)] for one in role)})")
    typer.echo(f"はじめのパスワード: {password}")
    typer.echo("本人にだけ渡してください。この表示のほかには残りません。")


def _wrong(content: Content, login: str, areas: list[str]) -> list[str]:
    lines = []
    if not staff.is_login(login):
        lines.append("サインイン名は、英数字と . _ - @ で64文字までにしてください")
    known = [area.id for area in content.console.areas]
    lines += [
        f"--area: 「{area}」という圏域はありません(使えるもの: {', '.join(known)})"
        for area in areas
        if area not in known
    ]
    return lines


@app.command("list")
def listed() -> None:
    """職員の一覧。"""

    async def work(opened: Opened) -> list[str]:
        async with opened.database.read() as connection:
            given = await staff.grants(connection, opened.now)
            return [
                _line(account, [one.grant for one in given if one.staff_id == account.id])
                for account in await staff.everybody(connection)
            ]

    lines = with_database(work)
    for line in lines or ["まだ誰も登録されていません。「tsunagu staff add」で登録してください"]:
        typer.echo(line)


def _line(account: Account, grants: list[Grant]) -> str:
    roles = "、".join(ROLES[grant.role] for grant in grants) or "役割なし"
    state = "停止中" if account.disabled_at is not None else "利用中"
    factor = "" if account.second_factor_at is not None else "、確認コード未設定"
    return f"{account.login}  {account.shown_name}  {roles}  {state}{factor}"


@app.command("disable")
def disable(login: Login, undo: Annotated[bool, typer.Option("--undo", help="停止を解除する")] = False) -> None:
    """職員を停止し、開いている画面もすべてサインアウトさせる。記録は残る。"""

    async def work(opened: Opened) -> str:
        async with opened.database.write() as connection:
            account = await _found(connection, login)
            await staff.set_disabled(connection, account.id, None if undo else opened.now)
            await sessions.end_all(connection, account.id, reason="disabled", now=opened.now)
            await _note(opened, connection, "staff_enabled" if undo else "staff_disabled", account.id)
        return account.login

    done = "停止を解除しました" if undo else "停止しました"
    typer.echo(f"{with_database(work)}: {done}")


@app.command("reset")
def reset(login: Login) -> None:
    """新しいパスワードを作って表示し、確認コードと証明書の設定を消す。開いている画面はサインアウトする。"""
    password = generated()

    async def work(opened: Opened) -> str:
        hashed = await Passwords().hash(password)
        async with opened.database.write() as connection:
            account = await _found(connection, login)
            await staff.set_password(connection, account.id, hashed, must_change=not opened.mode.simulator)
            await staff.clear_second_factor(connection, account.id)
            await staff.set_certificate(connection, account.id, None)
            await sessions.end_all(connection, account.id, reason="reset", now=opened.now)
            await _note(opened, connection, "password_reset", account.id)
        return account.login

    typer.echo(f"{with_database(work)}: 新しいパスワード {password}")
    typer.echo("本人にだけ渡してください。この表示のほかには残りません。確認コードは、次のサインインで設定し直します。")


async def _found(connection: Connection, login: str) -> Account:
    account = await staff.by_login(connection, login)
    if account is None:
        refuse([f"{login}: この名前の職員はいません"])
    return account


async def _note(opened: Opened, connection: Connection, action: str, staff_id: UUID) -> None:
    act = audit.Act(action=action, object_kind="staff", object_id=staff_id)
    await audit.record(connection, opened.keyring, act, at=opened.now, new_id=new_id)
