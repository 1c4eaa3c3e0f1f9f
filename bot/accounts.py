"""Making accounts outside of the console: the first admin at the command line, the simulator's at its start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casework.people import Grant, Role
from storage import audit, rota, staff
from storage.database import Database
from storage.ids import NewId, new_id
from storage.keyring import Keyring
from storage.passwords import Passwords, generated
from storage.staff import NewAccount

DEMO_LOGIN = "demo"
_DEMO_NAME = "相談員の見本"
_DEMO_ADDRESS = "mihon@simulator.example"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody to get an account."""

    login: str
    shown_name: str
    organisation: str
    grants: Sequence[Grant]
    must_change: bool = True


async def add_person(
    database: Database,
    keyring: Keyring,
    person: Person,
    *,
    passwords: Passwords,
    now: datetime,
    new_id: NewId = new_id,
) -> str:
    """Make the account; its first password, to be handed over. Raises `staff.LoginTaken`."""
    password = generated()
    hashed = await passwords.hash(password)
    async with database.write() as connection:
        organisation_id = await staff.organisation(connection, person.organisation, new_id=new_id)
        account = NewAccount(
            login=person.login,
            shown_name=person.shown_name,
            organisation_id=organisation_id,
            password_hash=hashed,
            must_change=person.must_change,
        )
        staff_id = await staff.add(connection, account, now=now, new_id=new_id)
        acts = [_act("staff_added", staff_id)]
        for grant in person.grants:
            await staff.grant(connection, staff_id, grant, by=None, now=now, new_id=new_id)
            acts.append(_act("granted", staff_id, role=grant.role.value))
        for act in acts:
            await audit.record(connection, keyring, act, at=now, new_id=new_id)
    return password


def _act(action: str, staff_id: UUID, **detail: str) -> audit.Act:
    return audit.Act(action=action, object_kind="staff", object_id=staff_id, detail=detail)


async def demo_password(
    database: Database, keyring: Keyring, *, organisation: str, passwords: Passwords, now: datetime
) -> str | None:
    """The simulator's own account; its password the first time, None when somebody has an account already."""
    async with database.read() as connection:
        if await staff.count(connection):
            return None
    person = Person(
        login=DEMO_LOGIN,
        shown_name=_DEMO_NAME,
        organisation=organisation,
        grants=(Grant(role=Role.ADMIN), Grant(role=Role.COORDINATOR)),
        must_change=False,
    )
    password = await add_person(database, keyring, person, passwords=passwords, now=now)
    async with database.write() as connection:
        account = await staff.by_login(connection, DEMO_LOGIN)
        if account is not None:
            # So that the first danger somebody tries shows a mail, too.
            await rota.set_contact(connection, keyring, account.id, _DEMO_ADDRESS, now=now)
    return password
