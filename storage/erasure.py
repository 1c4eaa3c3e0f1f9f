"""Erasing a resident: words, findings, addresses and key go; what stays names nobody.

Kept are the bare row with its alias, and the times, levels and kinds of turns, alerts and offers: counts for the
reports of the council, and the trace that a safety alert was raised. Of cases see `storage.case_erasure`, of
sheets `storage.sheet_ends`, of consents `storage.consents`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select, update

from storage import case_erasure, consents, followups, kept_counts, private_page, room_erasure, sheet_ends, sheet_news
from storage.database import Connection
from storage.ids import new_id
from storage.keyring import Keyring
from storage.retention_tables import LegalHold
from storage.tables import Finding, Identity, InboxEvent, InboxState, OutboxMessage, Resident, ResidentMessage, Tag


async def due(connection: Connection, *, now: datetime, limit: int = 100) -> list[UUID]:
    """Residents whose time has come."""
    query = (
        select(Resident.id)
        .where(Resident.erase_at <= now, ~_held(Resident.id))
        .order_by(Resident.erase_at)
        .limit(limit)
    )
    return list((await connection.execute(query)).scalars())


async def erase(connection: Connection, keyring: Keyring, resident_id: UUID, *, now: datetime) -> bool:
    """Destroy everything of a resident. False when it was taken back or done meanwhile, or a legal hold stands."""
    theirs = (Resident.id == resident_id, Resident.erase_at <= now, ~_held(Resident.id))
    query = select(Resident.key_id).where(*theirs).with_for_update()
    key_id = (await connection.execute(query)).scalar_one_or_none()
    if key_id is None:
        return False
    await kept_counts.add(connection, resident_id)
    await case_erasure.erase(connection, resident_id, now=now, new_id=new_id)
    await sheet_ends.erase(connection, resident_id, now=now)
    await consents.erase(connection, resident_id, now=now)
    await followups.erase(connection, resident_id)
    await sheet_news.erase(connection, resident_id)
    await private_page.erase(connection, resident_id)
    await room_erasure.erase(connection, resident_id)
    messages = select(ResidentMessage.id).where(ResidentMessage.resident_id == resident_id).scalar_subquery()
    await connection.execute(delete(Finding).where(Finding.message_id.in_(messages)))
    await connection.execute(delete(Tag).where(Tag.resident_id == resident_id))
    await connection.execute(delete(ResidentMessage).where(ResidentMessage.resident_id == resident_id))
    own = OutboxMessage.resident_id == resident_id
    await connection.execute(update(OutboxMessage).where(own).values(merged_into=None))
    await connection.execute(delete(OutboxMessage).where(own))
    await _forget_senders(connection, resident_id)
    await connection.execute(delete(Identity).where(Identity.resident_id == resident_id))
    gone = {"state_sealed": None, "known_sealed": None, "erase_at": None, "erased_at": now}
    await connection.execute(update(Resident).where(Resident.id == resident_id).values(gone))
    await keyring.destroy(connection, key_id, now=now)
    return True


def _held(resident: Any) -> Any:
    """What a law keeps (a request for disclosure, a court) is hidden, and goes when the hold ends."""
    return exists().where(LegalHold.resident_id == resident, LegalHold.ended_at.is_(None))


async def _forget_senders(connection: Connection, resident_id: UUID) -> None:
    """Processed events keep their id against late duplicates, but not whose they were."""
    senders = select(Identity.index).where(Identity.resident_id == resident_id).scalar_subquery()
    theirs = (InboxEvent.sender.in_(senders), InboxEvent.state != InboxState.WAITING)
    await connection.execute(update(InboxEvent).where(*theirs).values(sender=None, body_sealed=None))
