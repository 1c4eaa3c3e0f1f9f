"""Counts and lags for operators, computed from the tables, with nothing of a person in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from storage.database import Connection
from storage.tables import InboxEvent, InboxState, OutboxMessage, OutboxState, Resident


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """How the road of a message stands now. What tells which desk is ill is by desk; nothing of a desk: no key."""

    inbox: dict[tuple[str, str], int]
    outbox: dict[str, int]
    inbox_waiting_since: dict[str, datetime]
    outbox_waiting_since: dict[str, datetime]
    maybe_doubled: int
    sent_by: dict[str, int]
    in_vain: dict[str, int]


async def collect(connection: Connection) -> Figures:
    """Read all figures in one snapshot."""
    events = select(InboxEvent.desk_id, InboxEvent.state, func.count().label("rows"))
    inbox = await connection.execute(events.group_by(InboxEvent.desk_id, InboxEvent.state))
    outbox = await connection.execute(
        select(OutboxMessage.state, func.count().label("rows")).group_by(OutboxMessage.state)
    )
    way = select(OutboxMessage.sent_by, func.count().label("rows"))
    ways = await connection.execute(
        way.where(OutboxMessage.state == OutboxState.SENT, OutboxMessage.sent_by.is_not(None)).group_by(
            OutboxMessage.sent_by
        )
    )
    why = select(OutboxMessage.reason, func.count().label("rows"))
    reasons = await connection.execute(
        why.where(OutboxMessage.state == OutboxState.WAITING, OutboxMessage.reason.is_not(None)).group_by(
            OutboxMessage.reason
        )
    )
    doubled = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.maybe_doubled.is_(True))
    return Figures(
        inbox={(row.desk_id, row.state.value): row.rows for row in inbox},
        outbox={state.value: 0 for state in OutboxState} | {row.state.value: row.rows for row in outbox},
        inbox_waiting_since=await _unanswered(connection),
        outbox_waiting_since=await _unsent(connection),
        maybe_doubled=(await connection.execute(doubled)).scalar_one(),
        sent_by={row.sent_by: row.rows for row in ways},
        in_vain={row.reason: row.rows for row in reasons},
    )


async def _unanswered(connection: Connection) -> dict[str, datetime]:
    """Since when the oldest event of each desk waits."""
    query = select(InboxEvent.desk_id, func.min(InboxEvent.received_at).label("since"))
    rows = await connection.execute(query.where(InboxEvent.state == InboxState.WAITING).group_by(InboxEvent.desk_id))
    return {row.desk_id: row.since for row in rows}


async def _unsent(connection: Connection) -> dict[str, datetime]:
    """The same, of messages to residents."""
    query = select(Resident.desk_id, func.min(OutboxMessage.created_at).label("since"))
    query = query.join_from(OutboxMessage, Resident, Resident.id == OutboxMessage.resident_id)
    rows = await connection.execute(query.where(OutboxMessage.state == OutboxState.WAITING).group_by(Resident.desk_id))
    return {row.desk_id: row.since for row in rows}
