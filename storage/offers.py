"""Offers of a person and their answers: what statistics count, and what the limits of the next offer rest on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update

from storage.database import Connection
from storage.ids import NewId
from storage.tables import Offer, table_of

_ADD = insert(table_of(Offer))


async def made(
    connection: Connection, *, resident_id: UUID, turn_id: UUID, at: datetime, count: int, new_id: NewId
) -> None:
    """A person was offered, the `count`-th time for this matter."""
    row = {"id": new_id(), "resident_id": resident_id, "turn_id": turn_id, "at": at, "count": count}
    await connection.execute(_ADD, row)


async def answered(
    connection: Connection, *, resident_id: UUID, turn_id: UUID, at: datetime, answer: str, new_id: NewId
) -> None:
    """The newest open offer was answered; somebody who asks unoffered answers an offer nobody made."""
    newest = (
        select(Offer.id)
        .where(Offer.resident_id == resident_id, Offer.answer.is_(None))
        .order_by(Offer.at.desc(), Offer.id.desc())
        .limit(1)
    )
    offer_id = (await connection.execute(newest)).scalar_one_or_none()
    if offer_id is None:
        offer_id = new_id()
        row = {"id": offer_id, "resident_id": resident_id, "turn_id": turn_id, "at": at, "count": 0}
        await connection.execute(_ADD, row)
    await connection.execute(update(Offer).where(Offer.id == offer_id).values(answer=answer, answered_at=at))
