"""The outbox: what is to be said to residents, and how each delivery stands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, or_, select, update

from storage import processes, rooms
from storage.database import Connection
from storage.many_rows import insert_many
from storage.tables import Channel, OutboxMessage, OutboxState, Resident, table_of
from storage.vault import Place, SealingKey

_OUTBOX = table_of(OutboxMessage)
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
    """Something to be said: `body` is channel-neutral JSON; a lower `priority` goes first.

    `channel` None: wherever the resident's talk takes place.
    """

    id: UUID
    turn_id: UUID | None
    kind: str
    priority: int
    body: Any
    token: ReplyToken | None
    retry_key: UUID
    created_at: datetime
    expires_at: datetime
    channel: Channel | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A waiting message, opened. `unsure`: LINE may have it already. `leased_by`: the process that has it in hand."""

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
    channel: Channel = Channel.LINE
    leased_by: UUID | None = None
    turn_id: UUID | None = None


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


#: Outcomes the database could not be told of yet: by resident, the letter and what its attempt changed.
Untold = dict[UUID, tuple[UUID, Change]]


def body_place(letter_id: UUID) -> Place:
    return Place(table="outbox", column="body", row=letter_id)


def _token_place(letter_id: UUID) -> Place:
    return Place(table="outbox", column="token", row=letter_id)


async def add(
    connection: Connection, *, resident_id: UUID, key: SealingKey, letter: NewLetter, leased_by: UUID | None
) -> None:
    """Store a message, to be delivered at once by a process that has it in hand, or by whoever comes first (None)."""
    await add_many(connection, [(resident_id, key, letter)], leased_by=leased_by)


async def add_many(
    connection: Connection, letters: Sequence[tuple[UUID, SealingKey, NewLetter]], *, leased_by: UUID | None
) -> None:
    """Store messages to several residents, each sealed with the resident's own key."""
    if not letters:
        return
    placed = [(*entry, entry[2].channel or await _where(connection, entry[0])) for entry in letters]
    await insert_many(connection, _OUTBOX, [_row(*entry, leased_by) for entry in placed])
    for resident_id in {entry[0] for entry in placed if entry[3] is Channel.ROOM}:
        await rooms.bump(connection, resident_id)


async def _where(connection: Connection, resident_id: UUID) -> Channel:
    """Where a resident's talk takes place."""
    place = (await connection.execute(select(Resident.place).where(Resident.id == resident_id))).scalar_one()
    return Channel(place.value)


def _row(
    resident_id: UUID, key: SealingKey, letter: NewLetter, channel: Channel, leased_by: UUID | None
) -> dict[str, Any]:
    token = letter.token
    return {
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
        "channel": channel,
    }


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
        channel=row.channel,
        leased_by=row.leased_by,
        turn_id=row.turn_id,
    )


class Taken(Exception):
    """Another process has the letter in hand, or it waits no longer."""


async def claim(connection: Connection, letters: Collection[UUID], *, process: UUID) -> None:
    """Have letters in hand, all of them or none. What was read of them before may be out of date.

    Raises Taken, so that the transaction is undone.
    """
    result = await connection.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.id.in_(letters),
            OutboxMessage.state == OutboxState.WAITING,
            or_(OutboxMessage.leased_by.is_(None), OutboxMessage.leased_by == process),
        )
        .values(leased_by=process)
    )
    if result.rowcount != len(letters):
        raise Taken


async def record(connection: Connection, letter_id: UUID, change: Change, *, leased_by: UUID) -> None:
    """Store the outcome of an attempt; with it the letter is out of our hands.

    When the lease has been lost meanwhile, only this counts: that the letter was sent.
    """
    waits = change.state is OutboxState.WAITING
    values: dict[str, Any] = {
        "state": change.state,
        "tries": change.tries,
        "unsure": change.unsure,
        "maybe_doubled": change.maybe_doubled,
        "leased_by": None,
        "reason": change.reason,
    }
    for name in ("next_try_at", "pushed_at", "sent_at", "sent_by", "request_id"):
        if (value := getattr(change, name)) is not None:
            values[name] = value
    if change.drop_token or not waits:
        values |= {"token_sealed": None, "token_at": None}
    theirs = [OutboxMessage.id == letter_id, OutboxMessage.state == OutboxState.WAITING]
    if change.state is not OutboxState.SENT:
        theirs.append(OutboxMessage.leased_by == leased_by)
    await connection.execute(update(OutboxMessage).where(*theirs).values(values))


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


async def inherit(connection: Connection, *, alone: bool) -> int:
    """What dead processes had in hand may have been sent: say so, and let it go.

    `alone` is for the start of a process that shares its database with no other: then all others are dead.
    """
    leased = OutboxMessage.leased_by
    orphaned = leased.is_not(None) if alone else processes.left_behind(leased)
    result = await connection.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == OutboxState.WAITING, orphaned)
        .values(leased_by=None, unsure=True)
    )
    return result.rowcount


async def release(connection: Connection, *, process: UUID) -> int:
    """Let go of what this process has in hand and surely did not try: it ends."""
    mine = (OutboxMessage.state == OutboxState.WAITING, OutboxMessage.leased_by == process)
    return (await connection.execute(update(OutboxMessage).where(*mine).values(leased_by=None))).rowcount


async def residents_waiting(
    connection: Connection, *, now: datetime, hands: Collection[UUID | None], limit: int = 500
) -> list[UUID]:
    """Residents for whom something is due, crisis first and then the longest waiting: for the sweep.

    Only letters in these hands: of a process, or (None) of nobody.
    """
    named = [process for process in hands if process is not None]
    in_hand = OutboxMessage.leased_by.in_(named)
    query = (
        select(OutboxMessage.resident_id)
        .where(
            OutboxMessage.state == OutboxState.WAITING,
            OutboxMessage.next_try_at <= now,
            or_(OutboxMessage.leased_by.is_(None), in_hand) if None in hands else in_hand,
        )
        .group_by(OutboxMessage.resident_id)
        .order_by(func.min(OutboxMessage.priority), func.min(OutboxMessage.next_try_at))
        .limit(limit)
    )
    return list((await connection.execute(query)).scalars())
