"""Counts and lags for operators, computed from the tables, with nothing of a person in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from storage.database import Connection
from storage.tables import InboxEvent, InboxState, OutboxMessage, OutboxState


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """How the road of a message stands now."""

    inbox: dict[str, int]
    outbox: dict[str, int]
    inbox_waiting_since: datetime | None
    outbox_waiting_since: datetime | None
    maybe_doubled: int


async def collect(connection: Connection) -> Figures:
    """Read all figures in one snapshot."""
    inbox = await connection.execute(select(InboxEvent.state, func.count().label("rows")).group_by(InboxEvent.state))
    outbox = await connection.execute(
        select(OutboxMessage.state, func.count().label("rows")).group_by(OutboxMessage.state)
    )
    since = select(func.min(InboxEvent.received_at)).where(InboxEvent.state == InboxState.WAITING)
    unsent = select(func.min(OutboxMessage.created_at)).where(OutboxMessage.state == OutboxState.WAITING)
    doubled = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.maybe_doubled.is_(True))
    return Figures(
        inbox={state.value: 0 for state in InboxState} | {row.state.value: row.rows for row in inbox},
        outbox={state.value: 0 for state in OutboxState} | {row.state.value: row.rows for row in outbox},
        inbox_waiting_since=(await connection.execute(since)).scalar_one(),
        outbox_waiting_since=(await connection.execute(unsent)).scalar_one(),
        maybe_doubled=(await connection.execute(doubled)).scalar_one(),
    )
