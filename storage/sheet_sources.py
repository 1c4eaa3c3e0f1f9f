"""What a conversation holds that a sheet may be drafted from: tags with their words, risk, facts, and who may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from storage.database import Connection
from storage.tables import Finding, ResidentMessage, Tag, table_of
from storage.vault import Place, SealingKey

_MESSAGES = table_of(ResidentMessage)
_TAGS = table_of(Tag)
_FINDINGS = table_of(Finding)
_RISKS = ("watch", "urgent")


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceTag:
    """A category found in one message, with the words that showed it."""

    category: str
    score: float
    message_id: UUID
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceMessage:
    """One message that was not taken back. Whether its words may be quoted is asked by its time."""

    id: UUID
    text: str
    sent_at: datetime
    tagged: bool
    risky: bool
    told_facts: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """All of it, oldest first; `messages` counts what came, also what was taken back since."""

    tags: tuple[SourceTag, ...]
    messages: tuple[SourceMessage, ...]
    count: int
    first_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """What a resident sent, counted; also what was taken back since."""

    count: int
    first_at: datetime | None
    last_at: datetime | None


async def of_resident(connection: Connection, key: SealingKey, resident_id: UUID) -> Sources:
    """What there is to draft from. Tags the resident called wrong are left out."""
    tags = await _tags(connection, key, resident_id)
    tagged = {tag.message_id for tag in tags}
    found = await _findings(connection, key, resident_id)
    query = select(_MESSAGES).where(_MESSAGES.c.resident_id == resident_id, _MESSAGES.c.text_sealed.is_not(None))
    messages = []
    for row in await connection.execute(query.order_by(_MESSAGES.c.number)):
        level, detail = found.get(row.id, ("none", {}))
        place = Place(table="messages", column="text", row=row.id)
        messages.append(
            SourceMessage(
                id=row.id,
                text=key.open_json(place, row.text_sealed),
                sent_at=row.sent_at,
                tagged=row.id in tagged,
                risky=level in _RISKS,
                told_facts=bool(detail.get("facts")),
            )
        )
    whole = await span(connection, resident_id)
    return Sources(tags=tags, messages=tuple(messages), count=whole.count, first_at=whole.first_at)


async def span(connection: Connection, resident_id: UUID) -> Span:
    """How much came, and from when to when."""
    sent_at = _MESSAGES.c.sent_at
    every = select(func.count().label("count"), func.min(sent_at).label("first_at"), func.max(sent_at).label("last_at"))
    row = (await connection.execute(every.where(_MESSAGES.c.resident_id == resident_id))).mappings().one()
    return Span(**row)


async def _tags(connection: Connection, key: SealingKey, resident_id: UUID) -> tuple[SourceTag, ...]:
    query = select(_TAGS).where(_TAGS.c.resident_id == resident_id, _TAGS.c.contested_at.is_(None))
    found = []
    for row in await connection.execute(query.order_by(_TAGS.c.id)):
        evidence: list[dict[str, Any]] = key.open_json(
            Place(table="tags", column="evidence", row=row.id), row.evidence_sealed
        )
        words = tuple(str(one["text"]) for one in evidence if "text" in one)
        found.append(SourceTag(category=row.category, score=row.score, message_id=row.message_id, words=words))
    return tuple(found)


async def _findings(
    connection: Connection, key: SealingKey, resident_id: UUID
) -> dict[UUID, tuple[str, dict[str, Any]]]:
    query = select(_FINDINGS).join(_MESSAGES, _MESSAGES.c.id == _FINDINGS.c.message_id)
    found: dict[UUID, tuple[str, dict[str, Any]]] = {}
    for row in await connection.execute(query.where(_MESSAGES.c.resident_id == resident_id)):
        place = Place(table="findings", column="detail", row=row.message_id)
        found[row.message_id] = (row.risk_level, key.open_json(place, row.detail_sealed))
    return found
