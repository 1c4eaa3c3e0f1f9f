"""`tsunagu demo`: a small town that does not exist, in the simulator's empty database."""

from __future__ import annotations

import asyncio

import typer

from bot.accounts import DEMO_LOGIN, demo_password
from bot.commands.opened import Opened, quiet, with_database
from bot.commands.refusing import load_settings, refusing
from bot.database import only_server
from bot.demo import Filled, Town, fill, load_town
from bot.mode import choose_mode
from casework.people import Role
from config.content import load_content
from config.settings import SettingsError
from nlp import Listener
from storage import fiction, staff
from storage.passwords import Passwords

_ROLES = {
    Role.COORDINATOR: "相談員",
    Role.SUPERVISOR: "主任",
    Role.RECIPIENT: "つなぎ先の人",
    Role.TRIAGER: "取りまとめ",
    Role.AUDITOR: "監査",
}


def demo() -> None:
    """架空の町を作る。住民は約200人。シミュレーターの、まだだれもいないデータベースだけに作れる。"""
    settings = load_settings()
    with refusing():
        if not choose_mode(settings).simulator:
            line = "tsunagu demo: 架空の町は、シミュレーターだけに作れます。本番のデータベースには何もしません"
            raise SettingsError([line])
        with only_server(settings):
            filled, own = with_database(_fill)
    _tell(filled, own, f"{settings.own_address}/staff/")


async def _fill(opened: Opened) -> tuple[Filled, str | None]:
    town = load_town()
    await _check(opened, town)
    typer.echo("架空の町を作っています(1分ほど)。")
    listener = await asyncio.to_thread(Listener.load)
    organisation, passwords = load_content().desk.organisation, Passwords()
    own = await demo_password(
        opened.database, opened.keyring, organisation=organisation, passwords=passwords, now=opened.now
    )
    with quiet():
        return await fill(opened.database, opened.keyring, listener, town, now=opened.now), own


async def _check(opened: Opened, town: Town) -> None:
    async with opened.database.read() as connection:
        if await fiction.anybody(connection):
            why = "もう住民がいます。何も変えません"
            how = "別の DATABASE_URL と DATA_DIR にするか、「make clean」で消してから作れます"
            raise SettingsError([f"tsunagu demo: {why}。{how}"])
        for worker in town.workers:
            if await staff.by_login(connection, worker.login) is not None:
                line = f"tsunagu demo: サインイン名 {worker.login} は、もう使われています。何も変えません"
                raise SettingsError([line])


def _tell(filled: Filled, own: str | None, address: str) -> None:
    typer.echo(f"できました。架空の住民 {filled.residents}人。すべて作りもので、LINEには何も送っていません。")
    typer.echo("職員のサインイン名とパスワード(いまだけ出ます):")
    for login in filled.logins:
        typer.echo(f"  {login.login:<9} {login.password}  {login.name} {_ROLES[login.role]}")
    if own is not None:
        typer.echo(f"  {DEMO_LOGIN:<9} {own}  管理者")
    typer.echo(f"「tsunagu serve」で動かして、{address} を開いてください。")
