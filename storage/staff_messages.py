"""What staff write to residents: drafts that wait for a second person, and what went to the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, select, update

from storage.case_tables import MessageState, StaffMessage
from storage.database import Connection
from storage.tables import OutboxMessage, OutboxState, table_of
from storage.vault import Place, SealingKey

_MESSAGES = table_of(StaffMessage)
_OUTBOX = table_of(OutboxMessage)
_ADD = insert(_MESSAGES)
_SHOWN: Select[Any] = select(
    _MESSAGES,
    _OUTBOX.c.state.label("delivery"),
    _OUTBOX.c.tries,
    _OUTBOX.c.reason,
    _OUTBOX.c.sent_at,
    _OUTBOX.c.sent_by,
    _OUTBOX.c.next_try_at,
    _OUTBOX.c.unsure,
    _OUTBOX.c.maybe_doubled,
).outerjoin_from(_MESSAGES, _OUTBOX, _OUTBOX.c.id == _MESSAGES.c.letter_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """How the delivery of a message goes: the row of the outbox."""

    state: OutboxState
    tries: int
    reason: str | None
    sent_at: datetime | None
    sent_by: str | None
    next_try_at: datetime
    unsure: bool
    doubled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A message of the staff, opened."""

    id: UUID
    case_id: UUID
    author_id: UUID
    text: str
    state: MessageState
    second_id: UUID | None
    created_at: datetime
    decided_at: datetime | None
    sending: Sending | None


def _place(message_id: UUID) -> Place:
    return Place(table="staff_messages", column="text", row=message_id)


async def add(
    connection: Connection,
    key: SealingKey,
    *,
    message_id: UUID,
    case_id: UUID,
    resident_id: UUID,
    author_id: UUID,
    text: str,
    at: datetime,
    letter_id: UUID | None,
) -> None:
    """Keep what was written: with `letter_id` it is on its way, without it waits for a second person."""
    row = {
        "id": message_id,
        "case_id": case_id,
        "resident_id": resident_id,
        "author_id": author_id,
        "text_sealed": key.seal_json(_place(message_id), text),
        "state": MessageState.DRAFT if letter_id is None else MessageState.RELEASED,
        "created_at": at,
        "decided_at": None if letter_id is None else at,
        "letter_id": letter_id,
    }
    await connection.execute(_ADD, row)


async def release(connection: Connection, message_id: UUID, *, second_id: UUID, letter_id: UUID, at: datetime) -> bool:
    """A second person lets a draft go. False when it is none any more, or when they wrote it themselves."""
    waits = (_MESSAGES.c.id == message_id, _MESSAGES.c.state == MessageState.DRAFT, _MESSAGES.c.author_id != second_id)
    values = {"state": MessageState.RELEASED, "second_id": second_id, "letter_id": letter_id, "decided_at": at}
    return (await connection.execute(update(_MESSAGES).where(*waits).values(values))).rowcount == 1


async def waiting(connection: Connection, case_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Which of these cases have a draft that waits for a second person."""
    query = select(_MESSAGES.c.case_id).where(
        _MESSAGES.c.case_id.in_(list(case_ids)), _MESSAGES.c.state == MessageState.DRAFT
    )
    return frozenset((await connection.execute(query)).scalars())


async def drop(connection: Connection, message_id: UUID, case_id: UUID, *, by: UUID, at: datetime) -> bool:
    """A draft of this case is not sent. False when it is none any more."""
    waits = (_MESSAGES.c.id == message_id, _MESSAGES.c.case_id == case_id, _MESSAGES.c.state == MessageState.DRAFT)
    values = {"state": MessageState.DROPPED, "second_id": by, "decided_at": at}
    return (await connection.execute(update(_MESSAGES).where(*waits).values(values))).rowcount == 1


async def send_again(connection: Connection, message_id: UUID, *, letter_id: UUID) -> bool:
    """What did not go out goes out in another letter. False when it is still under way, or was accepted."""
    over = (OutboxState.FAILED, OutboxState.EXPIRED, OutboxState.BLOCKED)
    gone = select(_OUTBOX.c.id).where(_OUTBOX.c.id == _MESSAGES.c.letter_id, _OUTBOX.c.state.in_(over)).exists()
    changed = update(_MESSAGES).where(_MESSAGES.c.id == message_id, gone).values(letter_id=letter_id)
    return (await connection.execute(changed)).rowcount == 1


async def of_resident(connection: Connection, key: SealingKey, resident_id: UUID, *, limit: int = 200) -> list[Written]:
    """The newest messages to a resident, oldest first."""
    query = _SHOWN.where(_MESSAGES.c.resident_id == resident_id)
    newest = query.order_by(_MESSAGES.c.created_at.desc(), _MESSAGES.c.id.desc()).limit(limit)
    return [_opened(row, key) for row in reversed((await connection.execute(newest)).all())]


async def one(connection: Connection, key: SealingKey, message_id: UUID, case_id: UUID) -> Written | None:
    """A message of this case."""
    query = _SHOWN.where(_MESSAGES.c.id == message_id, _MESSAGES.c.case_id == case_id)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _opened(row, key)


def _opened(row: Row[Any], key: SealingKey) -> Written:
    sending = None
    if row.delivery is not None:
        sending = Sending(
            state=row.delivery,
            tries=row.tries,
            reason=row.reason,
            sent_at=row.sent_at,
            sent_by=row.sent_by,
            next_try_at=row.next_try_at,
            unsure=row.unsure,
            doubled=row.maybe_doubled,
        )
    return Written(
        id=row.id,
        case_id=row.case_id,
        author_id=row.author_id,
        text=key.open_json(_place(row.id), row.text_sealed),
        state=row.state,
        second_id=row.second_id,
        created_at=row.created_at,
        decided_at=row.decided_at,
        sending=sending,
    )
