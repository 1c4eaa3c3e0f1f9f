"""Helpers for storage tests: a keyring, events, residents, one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from storage import residents
from storage.database import Database
from storage.ids import new_id
from storage.inbox import NewEvent, seal_event
from storage.keyring import Keyring
from storage.residents import ResidentRow, Sender
from storage.tables import Channel
from storage.vault import SealingKey

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
MASTER = SealingKey(b"m" * 32)


async def keyring_of(database: Database, *masters: SealingKey) -> Keyring:
    return await Keyring.open(database, masters or (MASTER,), now=NOW, new_id=new_id)


def event(
    keyring: Keyring,
    event_id: str,
    *,
    sender: bytes | None = b"s" * 32,
    at: int = 1,
    body: Any = None,
    after: float = 0,
) -> NewEvent:
    return seal_event(
        keyring.data,
        id=new_id(),
        desk_id="default",
        channel=Channel.LINE,
        event_id=event_id,
        sender=sender,
        event_at=at,
        received_at=NOW + timedelta(seconds=after),
        body={"id": event_id} if body is None else body,
    )


async def resident_of(
    database: Database, keyring: Keyring, *, name: bytes = b"s", desk: str = "default", address: str = "U1"
) -> ResidentRow:
    """Somebody who wrote for the first time."""
    sender = Sender(desk_id=desk, channel=Channel.LINE, index=name * 32)
    async with database.write() as connection:
        return await residents.create(connection, keyring, sender, address=address, now=NOW, new_id=new_id)
