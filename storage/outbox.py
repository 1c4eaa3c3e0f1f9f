"""The outbox: what is to be said to residents, and how each delivery stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, insert, select, update

from storage.database import Connection
from storage.tables import OutboxMessage, OutboxState, table_of
from storage.vault import Place, SealingKey

_ADD = insert(table_of(OutboxMessage))
_WAITING = (
    select(table_of(OutboxMessage))
    .where(OutboxMessage.resident_id == bindparam("resident"), OutboxMessage.state == OutboxState.WAITING)
    .order_by(OutboxMessage.priority, OutboxMessage.id)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplyToken:
    """LINE's single-use permission to answer for free, and when we received it (its age runs by our clock)."""

    token: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class NewLetter:
    """Something to be said: `body` is channel-neutral JSON; a lower `priority` goes first."""

    id: UUID
    turn_id: UUID | None
    kind: str
    priority: int
    body: Any
    token: ReplyToken | None
    retry_key: UUID
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A waiting message, opened. `unsure`: LINE may have it already."""

    id: UUID
    kind: str
    priority: int
    body: Any
    token: ReplyToken | None
    retry_key: UUID
    expires_at: datetime
    next_try_at: datetime
    tries: int
    pushed_at: datetime | None
    unsure: bool
    maybe_doubled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What one attempt changed. Only what is given is stored."""

    state: OutboxState = OutboxState.WAITING
    tries: int
    next_try_at: datetime | None = None
    pushed_at: datetime | None = None
    unsure: bool = False
    drop_token: bool = False
    sent_at: datetime | None = None
    sent_by: str | None = None
    maybe_doubled: bool = False
    request_id: str | None = None
    reason: str | None = None


def body_place(letter_id: UUID) -> Place:
    return Place(table="outbox", column="body", row=letter_id)


def _token_place(letter_id: UUID) -> Place:
    return Place(table="outbox", column="token", row=letter_id)


async def add(
    connection: Connection, *, resident_id: UUID, key: SealingKey, letter: NewLetter, leased_by: UUID
) -> None:
    """Store a message to be delivered by this process at once."""
    token = letter.token
    row = {
        "id": letter.id,
        "resident_id": resident_id,
        "turn_id": letter.turn_id,
        "kind": letter.kind,
        "priority": letter.priority,
        "body_sealed": key.seal_json(body_place(letter.id), letter.body),
        "token_sealed": None if token is None else key.seal_json(_token_place(letter.id), token.token),
        "token_at": None if token is None else token.at,
        "retry_key": letter.retry_key,
        "state": OutboxState.WAITING,
        "created_at": letter.created_at,
        "expires_at": letter.expires_at,
        "next_try_at": letter.created_at,
        "tries": 0,
        "leased_by": leased_by,
        "unsure": False,
        "maybe_doubled": False,
    }
    await connection.execute(_ADD, row)


async def waiting(connection: Connection, resident_id: UUID, key: SealingKey) -> list[Letter]:
    """All that waits for a resident: crisis first, then in the order in which it was decided."""
    return [_open(row, key) for row in await connection.execute(_WAITING, {"resident": resident_id})]


def _open(row: Row[Any], key: SealingKey) -> Letter:
    token = None
    if row.token_sealed is not None:
        token = ReplyToken(token=key.open_json(_token_place(row.id), row.token_sealed), at=row.token_at)
    return Letter(
        id=row.id,
        kind=row.kind,
        priority=row.priority,
        body=key.open_json(body_place(row.id), row.body_sealed),
        token=token,
        retry_key=row.retry_key,
        expires_at=row.expires_at,
        next_try_at=row.next_try_at,
        tries=row.tries,
        pushed_at=row.pushed_at,
        unsure=row.unsure,
        maybe_doubled=row.maybe_doubled,
    )


async def record(connection: Connection, letter_id: UUID, change: Change, *, leased_by: UUID) -> None:
    """Store the outcome of an attempt; the lease ends with the waiting."""
    waits = change.state is OutboxState.WAITING
    values: dict[str, Any] = {
        "state": change.state,
        "tries": change.tries,
        "unsure": change.unsure,
        "maybe_doubled": change.maybe_doubled,
        "leased_by": leased_by if waits else None,
        "reason": change.reason,
    }
    for name in ("next_try_at", "pushed_at", "sent_at", "sent_by", "request_id"):
        if (value := getattr(change, name)) is not None:
            values[name] = value
    if change.drop_token or not waits:
        values |= {"token_sealed": None, "token_at": None}
    await connection.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == letter_id, OutboxMessage.state == OutboxState.WAITING)
        .values(values)
    )


async def merge(connection: Connection, *, older: Letter, newer: Letter, key: SealingKey) -> None:
    """Say an older, surely unsent message together with a newer one, first in its bubbles."""
    body = key.seal_json(body_place(newer.id), [*older.body, *newer.body])
    await connection.execute(update(OutboxMessage).where(OutboxMessage.id == newer.id).values(body_sealed=body))
    gone = {
        "state": OutboxState.MERGED,
        "merged_into": newer.id,
        "leased_by": None,
        "token_sealed": None,
        "token_at": None,
    }
    await connection.execute(update(OutboxMessage).where(OutboxMessage.id == older.id).values(gone))


async def inherit(connection: Connection) -> int:
    """After a start: what a dead process had in hand may have been sent. Only for an engine that is alone."""
    result = await connection.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == OutboxState.WAITING, OutboxMessage.leased_by.is_not(None))
        .values(leased_by=None, unsure=True)
    )
    return result.rowcount


async def residents_waiting(connection: Connection, *, now: datetime, limit: int = 500) -> list[UUID]:
    """Residents for whom something is due, crisis first and then the longest waiting: for the sweep."""
    query = (
        select(OutboxMessage.resident_id)
        .where(OutboxMessage.state == OutboxState.WAITING, OutboxMessage.next_try_at <= now)
        .group_by(OutboxMessage.resident_id)
        .order_by(func.min(OutboxMessage.priority), func.min(OutboxMessage.next_try_at))
        .limit(limit)
    )
    return list((await connection.execute(query)).scalars())
