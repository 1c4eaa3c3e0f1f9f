"""Residents: who writes to a desk (an alias), how they are reached, and where their conversation stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Row, bindparam, insert, select, update

from config import aliases
from storage import tables
from storage.database import Connection
from storage.ids import NewId
from storage.keyring import Keyring
from storage.many_rows import Updating, Values
from storage.tables import Channel, Identity, Key, Resident, table_of
from storage.vault import Place, SealingKey

_ADD_RESIDENT = insert(table_of(Resident))
_ADD_IDENTITY = insert(table_of(Identity))
_FIND = (
    select(table_of(Resident))
    .join(table_of(Identity), Identity.resident_id == Resident.id)
    .where(
        Identity.desk_id == bindparam("desk"),
        Identity.channel == bindparam("channel"),
        Identity.index == bindparam("index"),
    )
)
_FIND_LOCKED = _FIND.with_for_update(of=table_of(Resident))
_BY_ID = select(table_of(Resident)).where(Resident.id == bindparam("resident"), Resident.erased_at.is_(None))
_BY_ID_LOCKED = _BY_ID.with_for_update()
_REACH = (
    select(Resident.desk_id, Resident.key_id, Resident.blocked_at, Identity.id, Identity.address_sealed)
    .join_from(table_of(Resident), table_of(Identity), Identity.resident_id == Resident.id)
    .where(Resident.id == bindparam("resident"), Identity.channel == bindparam("channel"))
)

_OF_RESIDENT = ("id", "desk_id", "alias", "key_id", "version", "messages", "state_sealed", "blocked_at", "place")
#: What `opened` needs of a row that is read with others.
SEEN = (*(table_of(Resident).c[name] for name in _OF_RESIDENT), table_of(Key).c.wrapped)


def _deciding(row: Values) -> Executable:
    mine = (table_of(Resident).c.id == row["resident"], table_of(Resident).c.version == row["seen"])
    return update(table_of(Resident)).where(*mine).values(version=row["seen"] + 1, state_sealed=row["state"])


_DECIDE_MANY = Updating(
    {
        "resident": table_of(Resident).c.id.type,
        "seen": table_of(Resident).c.version.type,
        "state": table_of(Resident).c.state_sealed.type,
    },
    _deciding,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """Who wrote, as the database knows it: the keyed index of an address on a channel of a desk."""

    desk_id: str
    channel: Channel
    index: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class ResidentRow:
    """A resident as a turn sees them. `state` and `known` are None before the first decision."""

    id: UUID
    desk_id: str
    alias: str
    key: SealingKey
    version: int
    messages: int
    state: Any
    known: Any
    blocked_at: datetime | None
    place: tables.Place = tables.Place.LINE

    @property
    def blocked(self) -> bool:
        """Whether nothing reaches them now."""
        return self.blocked_at is not None


def _state_place(resident_id: UUID) -> Place:
    return Place(table="residents", column="state", row=resident_id)


def _known_place(resident_id: UUID) -> Place:
    return Place(table="residents", column="known", row=resident_id)


def _address_place(identity_id: UUID) -> Place:
    return Place(table="identities", column="address", row=identity_id)


async def find(connection: Connection, keyring: Keyring, sender: Sender, *, lock: bool = False) -> ResidentRow | None:
    """The resident behind an address; with `lock` nobody else decides for them until the transaction ends."""
    where = {"desk": sender.desk_id, "channel": sender.channel, "index": sender.index}
    row = (await connection.execute(_FIND_LOCKED if lock else _FIND, where)).one_or_none()
    return None if row is None else await _with_key(connection, keyring, row)


async def by_id(
    connection: Connection, keyring: Keyring, resident_id: UUID, *, lock: bool = False
) -> ResidentRow | None:
    """A resident who was not erased, also one that no channel reaches."""
    where = {"resident": resident_id}
    row = (await connection.execute(_BY_ID_LOCKED if lock else _BY_ID, where)).one_or_none()
    return None if row is None else await _with_key(connection, keyring, row)


def opened(keyring: Keyring, row: Row[Any]) -> ResidentRow:
    """A resident whose row was read with others, without the listener's memory of them: where nothing is heard it is
    not needed.
    """
    return _row(row, keyring.opened(row.key_id, row.wrapped), with_known=False)


async def _with_key(connection: Connection, keyring: Keyring, row: Row[Any]) -> ResidentRow:
    return _row(row, await keyring.resident_key(connection, row.key_id))


def _row(row: Row[Any], key: SealingKey, *, with_known: bool = True) -> ResidentRow:
    return ResidentRow(
        id=row.id,
        desk_id=row.desk_id,
        alias=row.alias,
        key=key,
        version=row.version,
        messages=row.messages,
        state=key.open_json(_state_place(row.id), row.state_sealed) if row.state_sealed else None,
        known=key.open_json(_known_place(row.id), row.known_sealed) if with_known and row.known_sealed else None,
        blocked_at=row.blocked_at,
        place=row.place,
    )


async def create(
    connection: Connection,
    keyring: Keyring,
    sender: Sender,
    *,
    address: str,
    now: datetime,
    new_id: NewId,
) -> ResidentRow:
    """A new resident with a free alias and a key of their own."""
    resident = await create_unreached(connection, keyring, sender.desk_id, now=now, new_id=new_id)
    await add_identity(connection, resident, sender, address=address, new_id=new_id)
    return resident


async def add_identity(
    connection: Connection, resident: ResidentRow, sender: Sender, *, address: str, new_id: NewId
) -> None:
    """One more way to reach a resident."""
    identity_id = new_id()
    identity = {
        "id": identity_id,
        "resident_id": resident.id,
        "desk_id": sender.desk_id,
        "channel": sender.channel,
        "index": sender.index,
        "address_sealed": resident.key.seal_json(_address_place(identity_id), address),
    }
    await connection.execute(_ADD_IDENTITY, identity)


async def move_to(connection: Connection, resident_id: UUID, place: tables.Place) -> None:
    """From now on the talk takes place here: what nobody asked for is said here, too."""
    await connection.execute(update(Resident).where(Resident.id == resident_id).values(place=place))


async def create_unreached(
    connection: Connection, keyring: Keyring, desk_id: str, *, now: datetime, new_id: NewId
) -> ResidentRow:
    """A new resident whom no channel reaches: somebody who came in person."""
    key_id, key = await keyring.new_resident_key(connection, now=now, new_id=new_id)
    resident_id = new_id()
    alias = await _free_alias(connection, desk_id, seed=resident_id.int)
    resident = {"id": resident_id, "desk_id": desk_id, "alias": alias, "key_id": key_id, "created_at": now}
    await connection.execute(_ADD_RESIDENT, {**resident, "version": 0, "messages": 0})
    return ResidentRow(
        id=resident_id,
        desk_id=desk_id,
        alias=alias,
        key=key,
        version=0,
        messages=0,
        state=None,
        known=None,
        blocked_at=None,
    )


async def _free_alias(connection: Connection, desk_id: str, *, seed: int) -> str:
    for alias in aliases.candidates(seed):
        taken = select(Resident.id).where(Resident.desk_id == desk_id, Resident.alias == alias)
        if (await connection.execute(taken)).first() is None:
            return alias
    raise AssertionError("candidates never end")


async def decided(
    connection: Connection,
    resident: ResidentRow,
    *,
    state: Any,
    known: Any,
    messages: int,
    heard_at: datetime | None,
    blocked_at: datetime | None,
) -> bool:
    """Store where the conversation stands now, `messages` more having come.

    False when another decision came in between: undo everything and decide again.
    """
    values: dict[str, Any] = {
        "version": resident.version + 1,
        "messages": resident.messages + messages,
        "state_sealed": resident.key.seal_json(_state_place(resident.id), state),
        "known_sealed": resident.key.seal_json(_known_place(resident.id), known),
        "blocked_at": blocked_at,
    }
    if heard_at is not None:
        values["heard_at"] = heard_at
    result = await connection.execute(
        update(Resident).where(Resident.id == resident.id, Resident.version == resident.version).values(values)
    )
    return result.rowcount == 1


async def decided_many(connection: Connection, states: Sequence[tuple[ResidentRow, Any]]) -> None:
    """Store where several conversations stand now, their residents being locked and nothing having been heard.

    Raises `Moved` when one of them was decided on meanwhile.
    """
    rows = [
        {
            "resident": resident.id,
            "seen": resident.version,
            "state": resident.key.seal_json(_state_place(resident.id), state),
        }
        for resident, state in states
    ]
    if await _DECIDE_MANY.run(connection, rows) != len(rows):
        raise Moved


class Moved(Exception):
    """A conversation is not any more where it was: undo everything."""


async def recall(connection: Connection, resident: ResidentRow, known: Any) -> None:
    """Store what the listener knows of a resident, outside of a turn."""
    values = {"known_sealed": resident.key.seal_json(_known_place(resident.id), known)}
    await connection.execute(update(Resident).where(Resident.id == resident.id).values(values))


async def plan_erasure(connection: Connection, resident_id: UUID, at: datetime | None) -> None:
    """Hide everything of a resident and destroy it at a time; None takes that back."""
    await connection.execute(update(Resident).where(Resident.id == resident_id).values(erase_at=at))


async def stop_contact(connection: Connection, resident_id: UUID, at: datetime | None) -> None:
    """From now on nothing is sent that was not asked for; None allows it again."""
    await connection.execute(update(Resident).where(Resident.id == resident_id).values(stopped_at=at))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """How and whether a resident can be reached on a channel."""

    desk_id: str
    address: str
    key: SealingKey
    blocked: bool


async def reach(connection: Connection, keyring: Keyring, resident_id: UUID, channel: Channel) -> Reach:
    """Where to send what is for this resident."""
    found = await reach_if_any(connection, keyring, resident_id, channel)
    assert found is not None, "whoever is written to has an address there"
    return found


async def reach_if_any(connection: Connection, keyring: Keyring, resident_id: UUID, channel: Channel) -> Reach | None:
    """The same; None for somebody who never came by this channel."""
    row = (await connection.execute(_REACH, {"resident": resident_id, "channel": channel})).one_or_none()
    if row is None:
        return None
    key = await keyring.resident_key(connection, row.key_id)
    return Reach(
        desk_id=row.desk_id,
        address=key.open_json(_address_place(row.id), row.address_sealed),
        key=key,
        blocked=row.blocked_at is not None,
    )
