"""The town's accounts and the organisations it hands on to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.accounts import Person, add_person
from bot.demo.moving import MovedClock
from bot.demo.office import Colleague
from bot.demo.script import Town, Worker
from bot.mode import DEFAULT_DESK
from casework.people import Role
from storage import recipients, rota, staff
from storage.database import Connection, Database
from storage.ids import NewId
from storage.keyring import Keyring
from storage.notice_tables import AddressList
from storage.passwords import Passwords
from storage.recipients import RecipientRow

#: Nothing is ever sent there (RFC 2606).
_MAIL = "@simulator.example"


@dataclass(frozen=True, kw_only=True, slots=True)
class Login:
    """What somebody needs to sign in: told once."""

    login: str
    name: str
    role: Role
    password: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Staffing:
    """Everybody with an account, and the recipients of sheets by their keys in the file."""

    colleagues: Mapping[str, Colleague]
    recipients: Mapping[str, RecipientRow]
    logins: tuple[Login, ...]


async def hire(
    database: Database, keyring: Keyring, town: Town, organisation: str, clock: MovedClock, new_id: NewId
) -> Staffing:
    """Make the accounts. Raises `staff.LoginTaken`."""
    places = await _recipients(database, town, clock, new_id)
    logins, colleagues = [], {}
    for worker in town.workers:
        theirs = town.organisations.get(worker.organisation, organisation)
        login = await _account(database, keyring, worker, theirs, clock, new_id)
        logins.append(login)
        async with database.write() as connection:
            colleagues[worker.login] = await _colleague(connection, keyring, worker, clock)
    async with database.write() as connection:
        for which in AddressList:
            address = f"{which.value}{_MAIL}"
            await rota.add_address(connection, keyring, DEFAULT_DESK, which, address, new_id=new_id)
    return Staffing(colleagues=colleagues, recipients=places, logins=tuple(logins))


async def _recipients(database: Database, town: Town, clock: MovedClock, new_id: NewId) -> dict[str, RecipientRow]:
    places = {}
    # Where somebody sorts what comes in, sheets may go whose right place nobody knows yet.
    collecting = {worker.organisation for worker in town.workers if worker.grant.role is Role.TRIAGER}
    async with database.write() as connection:
        for key, name in town.organisations.items():
            organisation_id = await staff.organisation(connection, name, new_id=new_id)
            places[key] = await recipients.add(
                connection,
                desk_id=DEFAULT_DESK,
                name=name,
                mail=None,
                fields=None,
                collects=key in collecting,
                at=clock(),
                new_id=new_id,
                organisation_id=organisation_id,
            )
    return places


async def _account(
    database: Database, keyring: Keyring, worker: Worker, organisation: str, clock: MovedClock, new_id: NewId
) -> Login:
    person = Person(
        login=worker.login,
        shown_name=worker.name,
        organisation=organisation,
        grants=(replace(worker.grant, desk_id=DEFAULT_DESK),),
        must_change=False,
    )
    password = await add_person(database, keyring, person, passwords=Passwords(), now=clock(), new_id=new_id)
    return Login(login=worker.login, name=worker.name, role=worker.grant.role, password=password)


async def _colleague(connection: Connection, keyring: Keyring, worker: Worker, clock: MovedClock) -> Colleague:
    account = await staff.by_login(connection, worker.login)
    if account is None:
        raise AssertionError("just made")
    if not worker.organisation:
        await rota.set_contact(connection, keyring, account.id, f"{worker.login}{_MAIL}", now=clock())
    viewer = await staff.viewer(connection, account, clock())
    return Colleague(id=account.id, shown=account.shown_name, viewer=viewer)
