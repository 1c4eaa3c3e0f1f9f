"""What must not come back with an older copy: erasures, messages taken back, consents that ended, no more contact.

A backup holds no resident's key. The keys lie in a file of their own that each backup replaces, together with all
endings so far: so an erasure reaches every older backup, and a restore ends again whatever has ended since.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import insert, select, update

from casework.consents import Ended
from storage.consent_tables import ConsentEnd, ConsentRow
from storage.database import Connection
from storage.tables import (
    InboxEvent,
    InboxState,
    Key,
    KeyPurpose,
    OutboxMessage,
    OutboxState,
    Resident,
    ResidentMessage,
    table_of,
)

#: Why events and letters of a restored database are not taken up again.
RESTORED = "restored"

Moments = Mapping[UUID, datetime]


@dataclass(frozen=True, kw_only=True, slots=True)
class Endings:
    """`keys` are residents' wrapped keys, `data_keys` the wrapped data keys that open them, with their age.

    The others say when: of residents (`erased`, `planned` erasures, `stopped` contact), of messages (`unsent`), and of
    consents with the reason (`ended`).
    """

    made_at: datetime
    keys: Mapping[UUID, bytes]
    data_keys: Mapping[UUID, tuple[datetime, bytes]]
    erased: Moments
    planned: Moments
    stopped: Moments
    unsent: Moments
    ended: Mapping[UUID, tuple[datetime, Ended]]

    def to_json(self) -> dict[str, Any]:
        moments = {name: _moments_json(getattr(self, name)) for name in _MOMENTS}
        keys = {key.hex: _text(wrapped) for key, wrapped in self.keys.items()}
        data = {key.hex: [at.isoformat(), _text(wrapped)] for key, (at, wrapped) in self.data_keys.items()}
        ended = {key.hex: [at.isoformat(), reason.value] for key, (at, reason) in self.ended.items()}
        made_at = self.made_at.isoformat()
        return {"made_at": made_at, "keys": keys, "data_keys": data, "ended": ended, **moments}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Raises KeyError, TypeError or ValueError when it was not written by `to_json`."""
        ended = {UUID(key): (datetime.fromisoformat(at), Ended(reason)) for key, (at, reason) in value["ended"].items()}
        return cls(
            made_at=datetime.fromisoformat(value["made_at"]),
            keys={UUID(key): base64.b64decode(wrapped) for key, wrapped in value["keys"].items()},
            data_keys={
                UUID(key): (datetime.fromisoformat(at), base64.b64decode(wrapped))
                for key, (at, wrapped) in value["data_keys"].items()
            },
            ended=ended,
            **{name: _moments_of(value[name]) for name in _MOMENTS},
        )


_MOMENTS = ("erased", "planned", "stopped", "unsent")


def _text(wrapped: bytes) -> str:
    return base64.b64encode(wrapped).decode()


def _moments_json(moments: Moments) -> dict[str, str]:
    return {key.hex: at.isoformat() for key, at in moments.items()}


def _moments_of(value: Mapping[str, str]) -> Moments:
    return {UUID(key): datetime.fromisoformat(at) for key, at in value.items()}


async def collect(connection: Connection, *, now: datetime) -> Endings:
    """The keys that live, and everything that has ended so far."""
    lives = select(Key.id, Key.wrapped).where(Key.purpose == KeyPurpose.RESIDENT, Key.wrapped.is_not(None))
    own = select(Key.id, Key.created_at, Key.wrapped).where(Key.purpose == KeyPurpose.DATA, Key.wrapped.is_not(None))
    ended = (await connection.execute(select(ConsentEnd.consent_id, ConsentEnd.at, ConsentEnd.reason))).all()
    return Endings(
        made_at=now,
        keys={row.id: bytes(row.wrapped) for row in (await connection.execute(lives)).all()},
        data_keys={row.id: (row.created_at, bytes(row.wrapped)) for row in (await connection.execute(own)).all()},
        erased=await _moments(connection, Resident.id, Resident.erased_at),
        planned=await _moments(connection, Resident.id, Resident.erase_at),
        stopped=await _moments(connection, Resident.id, Resident.stopped_at),
        unsent=await _moments(connection, ResidentMessage.id, ResidentMessage.unsent_at),
        ended={row.consent_id: (row.at, row.reason) for row in ended},
    )


async def _moments(connection: Connection, key: Any, moment: Any) -> Moments:
    found = await connection.execute(select(key.label("key"), moment.label("at")).where(moment.is_not(None)))
    return {row.key: row.at for row in found.all()}


async def take_keys_out(connection: Connection) -> None:
    """In a copy that becomes a backup: no resident's words can be read from it alone."""
    await connection.execute(update(Key).where(Key.purpose == KeyPurpose.RESIDENT).values(wrapped=None))


async def put_keys_back(connection: Connection, endings: Endings) -> list[UUID]:
    """Give the residents of a restored database their keys again. Returns those without one: they were erased.

    A data key that is newer than the copy comes with them: what was sealed anew since opens only with that.
    """
    here = set((await connection.execute(select(Key.id).where(Key.purpose == KeyPurpose.DATA))).scalars())
    for key_id, (made_at, wrapped) in endings.data_keys.items():
        if key_id not in here:
            row = {"id": key_id, "purpose": KeyPurpose.DATA, "wrapped": wrapped, "created_at": made_at}
            await connection.execute(insert(table_of(Key)), row)
    for key_id, wrapped in endings.keys.items():
        await connection.execute(update(Key).where(Key.id == key_id).values(wrapped=wrapped))
    gone = (
        select(Resident.id)
        .join(Key, Key.id == Resident.key_id)
        .where(Key.wrapped.is_(None), Resident.erased_at.is_(None))
    )
    return list((await connection.execute(gone)).scalars())


async def end_again(connection: Connection, endings: Endings) -> None:
    """Residents: planned erasures and stopped contact. Consents: what was taken back."""
    for name, moments in (("erase_at", endings.planned), ("stopped_at", endings.stopped)):
        for resident_id, at in moments.items():
            await connection.execute(update(Resident).where(Resident.id == resident_id).values({name: at}))
    stand = select(ConsentRow.id).where(ConsentRow.id.not_in(select(ConsentEnd.consent_id)))
    for consent_id in (await connection.execute(stand)).scalars().all():
        if consent_id in endings.ended:
            at, reason = endings.ended[consent_id]
            row = {"consent_id": consent_id, "at": at, "reason": reason, "by": None}
            await connection.execute(insert(table_of(ConsentEnd)), row)


async def residents_of_consents(connection: Connection, consents: frozenset[UUID]) -> list[tuple[UUID, str]]:
    """Whose consents these are, and of which desk, as far as they are here."""
    query = select(ConsentRow.id, Resident.id.label("resident_id"), Resident.desk_id).join(
        Resident, Resident.id == ConsentRow.resident_id
    )
    rows = (await connection.execute(query)).all()
    return sorted({(row.resident_id, row.desk_id) for row in rows if row.id in consents})


async def unsent_since(connection: Connection, endings: Endings) -> Sequence[tuple[UUID, UUID, bytes | None]]:
    """Messages that still have their words here, and were taken back later: id, resident and reference."""
    kept = select(ResidentMessage.id, ResidentMessage.resident_id, ResidentMessage.ref).where(
        ResidentMessage.unsent_at.is_(None)
    )
    return [(row.id, row.resident_id, row.ref) for row in await connection.execute(kept) if row.id in endings.unsent]


async def leave_unsent(connection: Connection) -> tuple[int, int]:
    """Nothing that waited when the copy was made is answered or sent now: it may have been long ago.

    Events are set aside, where staff see them. Returns how many events and letters.
    """
    events = await connection.execute(
        update(InboxEvent)
        .where(InboxEvent.state == InboxState.WAITING)
        .values(state=InboxState.ASIDE, reason=RESTORED, next_try_at=None)
    )
    letters = await connection.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == OutboxState.WAITING)
        .values(state=OutboxState.EXPIRED, reason=RESTORED, leased_by=None, token_sealed=None, token_at=None)
    )
    return events.rowcount, letters.rowcount
