"""Who is on call, where mail reaches staff, and the desk's own addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from casework.alerting import Colleague, Lists, Window, folded
from casework.people import Role, Viewer
from storage import staff, stand_ins
from storage.database import Connection
from storage.ids import NewId
from storage.keyring import Keyring
from storage.notice_tables import AddressList, DeskAddress, OnCallWindow, StaffContact
from storage.tables import table_of
from storage.vault import Place

_CONTACTS = table_of(StaffContact)
_WINDOWS = table_of(OnCallWindow)
_ADDRESSES = table_of(DeskAddress)


def index_of(keyring: Keyring, address: str) -> bytes:
    """The keyed index of an address: the same for every spelling."""
    return keyring.index.of("mail", folded(address))


def _contact_place(staff_id: UUID) -> Place:
    return Place(table="staff_contacts", column="address", row=staff_id)


def _address_place(address_id: UUID) -> Place:
    return Place(table="desk_addresses", column="address", row=address_id)


async def set_contact(
    connection: Connection, keyring: Keyring, staff_id: UUID, address: str | None, *, now: datetime
) -> None:
    """Where mail reaches somebody; None: nowhere."""
    await connection.execute(delete(_CONTACTS).where(_CONTACTS.c.staff_id == staff_id))
    if address is not None:
        sealed = keyring.data.seal_json(_contact_place(staff_id), address)
        await connection.execute(insert(_CONTACTS), {"staff_id": staff_id, "address_sealed": sealed, "set_at": now})


async def contacts(connection: Connection, keyring: Keyring) -> dict[UUID, str]:
    """Everybody's address."""
    rows = await connection.execute(select(_CONTACTS))
    return {row.staff_id: str(keyring.data.open_json(_contact_place(row.staff_id), row.address_sealed)) for row in rows}


async def contact(connection: Connection, keyring: Keyring, staff_id: UUID) -> str | None:
    """One person's address."""
    row = (await connection.execute(select(_CONTACTS).where(_CONTACTS.c.staff_id == staff_id))).one_or_none()
    return None if row is None else str(keyring.data.open_json(_contact_place(staff_id), row.address_sealed))


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredWindow:
    """当番 as stored."""

    id: UUID
    staff_id: UUID
    desk_id: str
    window: Window


async def add_window(connection: Connection, staff_id: UUID, desk_id: str, window: Window, *, new_id: NewId) -> UUID:
    """Put somebody on call."""
    row = {
        "id": new_id(),
        "staff_id": staff_id,
        "desk_id": desk_id,
        "weekdays": sorted(window.weekdays),
        "first": window.first,
        "last": window.last,
        "starts": window.starts,
        "ends": window.ends,
    }
    await connection.execute(insert(_WINDOWS), row)
    return UUID(str(row["id"]))


async def remove_window(connection: Connection, desk_id: str, window_id: UUID) -> UUID | None:
    """Take somebody off: who it was, None when this desk has no such entry."""
    which = (_WINDOWS.c.id == window_id, _WINDOWS.c.desk_id == desk_id)
    who = (await connection.execute(select(_WINDOWS.c.staff_id).where(*which))).scalar_one_or_none()
    await connection.execute(delete(_WINDOWS).where(*which))
    return None if who is None else UUID(str(who))


async def windows(connection: Connection, desk_id: str) -> list[StoredWindow]:
    """All of a desk."""
    query = select(_WINDOWS).where(_WINDOWS.c.desk_id == desk_id).order_by(_WINDOWS.c.id)
    return [
        StoredWindow(
            id=row.id,
            staff_id=row.staff_id,
            desk_id=row.desk_id,
            window=Window(
                starts=row.starts,
                ends=row.ends,
                weekdays=frozenset(row.weekdays),
                first=row.first,
                last=row.last,
            ),
        )
        for row in await connection.execute(query)
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredAddress:
    """An entry of a desk's lists."""

    id: UUID
    list: AddressList
    address: str


async def add_address(
    connection: Connection, keyring: Keyring, desk_id: str, which: AddressList, address: str, *, new_id: NewId
) -> bool:
    """Put an address on a list; False when it stands there."""
    address_id = new_id()
    row = {
        "id": address_id,
        "desk_id": desk_id,
        "list": which,
        "index": index_of(keyring, address),
        "address_sealed": keyring.data.seal_json(_address_place(address_id), address),
    }
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    new = dialect.insert(_ADDRESSES).values(row).on_conflict_do_nothing().returning(_ADDRESSES.c.id)
    return (await connection.execute(new)).first() is not None


async def remove_address(connection: Connection, desk_id: str, address_id: UUID) -> bool:
    """Take an address off; False when this desk has no such entry."""
    which = (_ADDRESSES.c.id == address_id, _ADDRESSES.c.desk_id == desk_id)
    return (await connection.execute(delete(_ADDRESSES).where(*which))).rowcount == 1


async def addresses(connection: Connection, keyring: Keyring, desk_id: str) -> list[StoredAddress]:
    """Both lists of a desk."""
    query = select(_ADDRESSES).where(_ADDRESSES.c.desk_id == desk_id).order_by(_ADDRESSES.c.id)
    return [
        StoredAddress(
            id=row.id,
            list=row.list,
            address=str(keyring.data.open_json(_address_place(row.id), row.address_sealed)),
        )
        for row in await connection.execute(query)
    ]


async def lists(connection: Connection, keyring: Keyring, desk_id: str) -> Lists:
    """Both lists, for the rules."""
    found = await addresses(connection, keyring, desk_id)
    desk, night = (
        tuple(one.address for one in found if one.list is which) for which in (AddressList.DESK, AddressList.NIGHT)
    )
    return Lists(desk=desk, night=night)


async def colleagues(connection: Connection, keyring: Keyring, desk_id: str, *, now: datetime) -> list[Colleague]:
    """Everybody at a desk whose account is open, with what they may, their address and when they are on call."""
    given = await staff.grants(connection, now)
    reached, rota = await contacts(connection, keyring), await windows(connection, desk_id)
    found = []
    for account in await staff.everybody(connection):
        own = (one.grant for one in given if one.staff_id == account.id)
        held = (*own, *await stand_ins.grants_for(connection, account.id, now))
        grants = tuple(grant for grant in held if grant.is_at(desk_id))
        if account.disabled_at is None and grants:
            viewer = Viewer(staff_id=account.id, organisation_id=account.organisation_id, grants=grants)
            mine = tuple(one.window for one in rota if one.staff_id in viewer.acts_for)
            found.append(Colleague(viewer=viewer, address=reached.get(account.id), windows=mine))
    return found


async def is_reachable(connection: Connection, keyring: Keyring, desk_id: str, *, now: datetime) -> bool:
    """Whether there is anybody whom a danger would be told to, whatever the hour."""
    if (await lists(connection, keyring, desk_id)).desk:
        return True
    roles = {Role.COORDINATOR, Role.SUPERVISOR}
    people = await colleagues(connection, keyring, desk_id, now=now)
    return any(one.address is not None and any(grant.role in roles for grant in one.viewer.grants) for one in people)
