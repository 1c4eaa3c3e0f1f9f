"""What was said by residents, and what the listener found in it: sealed with the resident's own key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Connection
from storage.residents import ResidentRow
from storage.tables import Alert, Finding, ResidentMessage, Tag, Tombstone, Turn, table_of
from storage.vault import Place, SealingKey

_ADD_TURN = insert(table_of(Turn))
_ADD_MESSAGE = insert(table_of(ResidentMessage))
_ADD_TAG = insert(table_of(Tag))
_ADD_FINDING = insert(table_of(Finding))
_ADD_ALERT = insert(table_of(Alert))


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundTag:
    """A concern with its score and the JSON of its evidence."""

    id: UUID
    category: str
    score: float
    evidence: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What the listener found in one message, ready to store."""

    tags: tuple[FoundTag, ...]
    risk_level: str
    risk_kinds: tuple[str, ...]
    detail: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class NewMessage:
    """One message of a resident. Without text it was wordless, or unsent before it was heard."""

    id: UUID
    kind: str
    ref: bytes | None
    text: str | None
    sent_at: datetime
    unsent_at: datetime | None = None
    findings: Findings | None = None


def text_place(message_id: UUID) -> Place:
    return Place(table="messages", column="text", row=message_id)


def evidence_place(tag_id: UUID) -> Place:
    return Place(table="tags", column="evidence", row=tag_id)


def detail_place(message_id: UUID) -> Place:
    return Place(table="findings", column="detail", row=message_id)


async def add_turn(
    connection: Connection,
    resident: ResidentRow,
    *,
    turn_id: UUID,
    at: datetime,
    content_version: str,
    listener_version: str,
) -> None:
    """Record that a decision was made, and with which words and listener."""
    row = {
        "id": turn_id,
        "resident_id": resident.id,
        "number": resident.version + 1,
        "at": at,
        "content_version": content_version,
        "listener_version": listener_version,
    }
    await connection.execute(_ADD_TURN, row)


async def add_messages(
    connection: Connection, resident: ResidentRow, turn_id: UUID, messages: Sequence[NewMessage]
) -> None:
    """Store messages with their tags and findings."""
    if not messages:
        return
    numbered = enumerate(messages, resident.messages + 1)
    await connection.execute(_ADD_MESSAGE, [_message_row(m, resident, turn_id, n) for n, m in numbered])
    heard = [(m.id, m.findings) for m in messages if m.findings is not None]
    if tags := [_tag_row(tag, message_id, resident) for message_id, found in heard for tag in found.tags]:
        await connection.execute(_ADD_TAG, tags)
    if heard:
        await connection.execute(
            _ADD_FINDING, [_finding_row(found, message_id, resident) for message_id, found in heard]
        )


def _message_row(message: NewMessage, resident: ResidentRow, turn_id: UUID, number: int) -> dict[str, Any]:
    text = message.text
    return {
        "id": message.id,
        "resident_id": resident.id,
        "turn_id": turn_id,
        "number": number,
        "kind": message.kind,
        "ref": message.ref,
        "text_sealed": None if text is None else resident.key.seal_json(text_place(message.id), text),
        "sent_at": message.sent_at,
        "unsent_at": message.unsent_at,
    }


def _tag_row(tag: FoundTag, message_id: UUID, resident: ResidentRow) -> dict[str, Any]:
    return {
        "id": tag.id,
        "message_id": message_id,
        "resident_id": resident.id,
        "category": tag.category,
        "score": tag.score,
        "evidence_sealed": resident.key.seal_json(evidence_place(tag.id), tag.evidence),
    }


def _finding_row(found: Findings, message_id: UUID, resident: ResidentRow) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "risk_level": found.risk_level,
        "risk_kinds": list(found.risk_kinds),
        "detail_sealed": resident.key.seal_json(detail_place(message_id), found.detail),
    }


async def contest(connection: Connection, resident_id: UUID, category: str, *, at: datetime) -> None:
    """Mark a resident's tags of this category as called wrong by them. Told anew, it is tagged anew and unmarked.

    Nothing else changes: risk stands in the findings, and what the resident wrote stays.
    """
    theirs = update(Tag).where(Tag.resident_id == resident_id, Tag.category == category, Tag.contested_at.is_(None))
    await connection.execute(theirs.values(contested_at=at))


async def unsend(connection: Connection, resident_id: UUID, ref: bytes, *, at: datetime) -> bool:
    """Delete a message's words, tags and findings. False when it is not here (yet): then leave a tombstone.

    LINE asks that an unsent message can be neither seen nor used (page «Receiving messages», unsend event).
    """
    query = select(ResidentMessage.id).where(ResidentMessage.resident_id == resident_id, ResidentMessage.ref == ref)
    message_id = (await connection.execute(query)).scalar_one_or_none()
    if message_id is None:
        await connection.execute(_tombstone(connection.dialect.name).values(ref=ref, at=at))
        return False
    gone = update(ResidentMessage).where(ResidentMessage.id == message_id).values(text_sealed=None, unsent_at=at)
    await connection.execute(gone)
    await connection.execute(delete(Tag).where(Tag.message_id == message_id))
    await connection.execute(delete(Finding).where(Finding.message_id == message_id))
    return True


def _tombstone(dialect: str) -> Any:
    build = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return build(Tombstone).on_conflict_do_nothing(index_elements=["ref"])


async def tombstones(connection: Connection, refs: Sequence[bytes]) -> frozenset[bytes]:
    """Which of these messages were already unsent."""
    if not refs:
        return frozenset()
    return frozenset((await connection.execute(select(Tombstone.ref).where(Tombstone.ref.in_(refs)))).scalars())


async def texts(connection: Connection, resident_id: UUID, key: SealingKey) -> list[str]:
    """All words of a resident that are still there, oldest first."""
    query = (
        select(ResidentMessage.id, ResidentMessage.text_sealed)
        .where(ResidentMessage.resident_id == resident_id, ResidentMessage.text_sealed.is_not(None))
        .order_by(ResidentMessage.number)
    )
    return [key.open_json(text_place(row.id), row.text_sealed) for row in await connection.execute(query)]


async def add_alert(
    connection: Connection,
    *,
    alert_id: UUID,
    resident_id: UUID,
    turn_id: UUID,
    level: str,
    kinds: Sequence[str],
    rule: str,
    at: datetime,
) -> None:
    """Put an alert where staff look."""
    row = {"id": alert_id, "resident_id": resident_id, "turn_id": turn_id, "level": level, "kinds": list(kinds)}
    await connection.execute(_ADD_ALERT, {**row, "rule": rule, "at": at})


async def last_alert(connection: Connection, resident_id: UUID, *, level: str) -> datetime | None:
    """When staff were last alerted about a resident at this level."""
    query = select(func.max(Alert.at)).where(Alert.resident_id == resident_id, Alert.level == level)
    found: datetime | None = (await connection.execute(query)).scalar_one()
    return found
