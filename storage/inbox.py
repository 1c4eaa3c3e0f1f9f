"""The inbox: every acknowledged webhook event, one sealed row, unique per desk and event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Connection
from storage.jobs import Conversation
from storage.tables import Channel, InboxEvent, InboxState, table_of
from storage.vault import Place, SealingKey

#: How long the id of a processed event is kept against late duplicates.
KEEP_ID = timedelta(days=30)

_INBOX = table_of(InboxEvent)
_ADD = {
    dialect.__name__.rsplit(".", 1)[1]: dialect.insert(_INBOX).on_conflict_do_nothing(
        index_elements=["desk_id", "event_id"]
    )
    for dialect in (sqlite, postgresql)
}
_OF_DESK = (
    select(_INBOX)
    .where(
        InboxEvent.state == InboxState.WAITING,
        InboxEvent.desk_id == bindparam("desk"),
        or_(InboxEvent.next_try_at.is_(None), InboxEvent.next_try_at <= bindparam("now")),
    )
    .order_by(InboxEvent.event_at, InboxEvent.event_id)
)
_WAITING = _OF_DESK.where(InboxEvent.sender == bindparam("sender"))
_NAMELESS = _OF_DESK.where(InboxEvent.id == bindparam("event"))


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEvent:
    """An event as it came in, already sealed."""

    id: UUID
    desk_id: str
    channel: Channel
    event_id: str
    sender: bytes | None
    event_at: int
    received_at: datetime
    body_sealed: bytes

    @property
    def conversation(self) -> Conversation:
        return Conversation(self.desk_id, self.sender, None if self.sender else self.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingEvent:
    """An event still to be worked off, opened."""

    id: UUID
    channel: Channel
    event_id: str
    event_at: int
    received_at: datetime
    tries: int
    body: Any


def body_place(event_id: UUID) -> Place:
    return Place(table="inbox", column="body", row=event_id)


def seal_event(
    key: SealingKey,
    *,
    id: UUID,  # noqa: A002 - the column's name
    desk_id: str,
    channel: Channel,
    event_id: str,
    sender: bytes | None,
    event_at: int,
    received_at: datetime,
    body: Any,
) -> NewEvent:
    """Seal one event for the inbox."""
    return NewEvent(
        id=id,
        desk_id=desk_id,
        channel=channel,
        event_id=event_id,
        sender=sender,
        event_at=event_at,
        received_at=received_at,
        body_sealed=key.seal_json(body_place(id), body),
    )


async def add(connection: Connection, events: Sequence[NewEvent]) -> None:
    """Store events; those already there (delivered before) are left as they are."""
    new = {"state": InboxState.WAITING, "tries": 0}
    rows = [{name: getattr(event, name) for name in NewEvent.__slots__} | new for event in events]
    await connection.execute(_ADD[connection.dialect.name], rows)


async def waiting(
    connection: Connection, key: SealingKey, conversation: Conversation, *, now: datetime
) -> list[WaitingEvent]:
    """What waits for a conversation and may be tried now, in the order in which it happened."""
    nameless = conversation.sender is None
    who = {"event": conversation.event} if nameless else {"sender": conversation.sender}
    where = {"desk": conversation.desk_id, "now": now, **who}
    rows = await connection.execute(_NAMELESS if nameless else _WAITING, where)
    return [
        WaitingEvent(
            id=row.id,
            channel=row.channel,
            event_id=row.event_id,
            event_at=row.event_at,
            received_at=row.received_at,
            tries=row.tries,
            body=key.open_json(body_place(row.id), row.body_sealed),
        )
        for row in rows
    ]


async def finish(
    connection: Connection,
    events: Sequence[UUID],
    *,
    state: InboxState,
    turn_id: UUID | None = None,
    reason: str | None = None,
) -> bool:
    """Mark waiting events as worked off, dropping their bodies where nobody needs them again.

    False when one of them was no longer waiting: somebody else had them, and the caller must undo its work.
    """
    keep_body = state in {InboxState.UNKNOWN, InboxState.ASIDE}
    values: dict[str, Any] = {"state": state, "turn_id": turn_id, "reason": reason}
    if not keep_body:
        values["body_sealed"] = None
    result = await connection.execute(
        update(InboxEvent).where(InboxEvent.id.in_(events), InboxEvent.state == InboxState.WAITING).values(values)
    )
    return result.rowcount == len(events)


async def try_later(connection: Connection, events: Sequence[UUID], *, at: datetime, reason: str) -> None:
    """After a failure: leave the events for a later try."""
    await connection.execute(
        update(InboxEvent)
        .where(InboxEvent.id.in_(events), InboxEvent.state == InboxState.WAITING)
        .values(next_try_at=at, tries=InboxEvent.tries + 1, reason=reason[:200])
    )


async def conversations_waiting(connection: Connection, *, now: datetime, limit: int = 500) -> list[Conversation]:
    """Conversations with events that may be tried now, the longest waiting first: for the sweep."""
    due = or_(InboxEvent.next_try_at.is_(None), InboxEvent.next_try_at <= now)
    waits = (InboxEvent.state == InboxState.WAITING, due)
    named = (
        select(InboxEvent.desk_id, InboxEvent.sender, func.min(InboxEvent.received_at).label("since"))
        .where(*waits, InboxEvent.sender.is_not(None))
        .group_by(InboxEvent.desk_id, InboxEvent.sender)
        .order_by("since")
        .limit(limit)
    )
    nameless = select(InboxEvent.desk_id, InboxEvent.id).where(*waits, InboxEvent.sender.is_(None)).limit(limit)
    found = [Conversation(row.desk_id, row.sender) for row in await connection.execute(named)]
    return found + [Conversation(row.desk_id, None, row.id) for row in await connection.execute(nameless)]


async def forget_done(connection: Connection, *, now: datetime) -> int:
    """Drop the rows of processed events after 30 days; those set aside stay for staff."""
    done = (InboxState.DONE, InboxState.IGNORED)
    result = await connection.execute(
        delete(InboxEvent).where(InboxEvent.state.in_(done), InboxEvent.received_at < now - KEEP_ID)
    )
    return int(result.rowcount)
