"""Events that were acknowledged and never became part of a talk: unreadable, unknown, failing, or left by a restore.

They wait, sealed, until somebody has them tried again or closes them. Lists tell when and why, and no word of theirs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, true, update

from storage.database import Connection
from storage.tables import SET_ASIDE, Channel, Identity, InboxEvent, InboxState, Resident, table_of

_INBOX = table_of(InboxEvent)
_IDENTITIES = table_of(Identity)
_RESIDENTS = table_of(Resident)
#: Nobody reads an exact number of a thousand.
MOST_COUNTED = 999


@dataclass(frozen=True, kw_only=True, slots=True)
class SetAside:
    """One event. `alias` is the resident's it came from, None when nobody knows them."""

    id: UUID
    desk_id: str
    channel: Channel
    received_at: datetime
    state: InboxState
    tries: int
    reason: str
    alias: str | None


def _at(desks: Collection[str] | None) -> ColumnElement[bool]:
    return true() if desks is None else _INBOX.c.desk_id.in_(sorted(desks))


async def count(connection: Connection, desks: Collection[str] | None) -> int:
    """How many lie at these desks (None: at all), at most `MOST_COUNTED`."""
    some = select(_INBOX.c.id).where(SET_ASIDE, _at(desks)).limit(MOST_COUNTED).subquery()
    return int((await connection.execute(select(func.count()).select_from(some))).scalar_one())


async def of_desks(connection: Connection, desks: Collection[str] | None, *, limit: int) -> list[SetAside]:
    """Those at these desks (None: at all), the oldest first."""
    known = and_(_IDENTITIES.c.desk_id == _INBOX.c.desk_id, _IDENTITIES.c.index == _INBOX.c.sender)
    columns = [_INBOX.c[name] for name in ("id", "desk_id", "channel", "received_at", "state", "tries", "reason")]
    query = (
        select(*columns, _RESIDENTS.c.alias)
        .select_from(
            _INBOX.outerjoin(_IDENTITIES, and_(known, _IDENTITIES.c.channel == _INBOX.c.channel)).outerjoin(
                _RESIDENTS, _RESIDENTS.c.id == _IDENTITIES.c.resident_id
            )
        )
        .where(SET_ASIDE, _at(desks))
        .order_by(_INBOX.c.received_at, _INBOX.c.id)
        .limit(limit)
    )
    rows = (await connection.execute(query)).mappings()
    return [SetAside(**{**row, "reason": row["reason"] or ""}) for row in rows]


async def again(connection: Connection, desks: Collection[str] | None, event_id: UUID) -> str | None:
    """Let it be tried once more, as if it had just come; the sweep finds it. Returns its desk; None: there is none."""
    values = {"state": InboxState.WAITING, "tries": 0, "next_try_at": None, "reason": None}
    return await _changed(connection, desks, event_id, values, _INBOX.c.body_sealed.is_not(None))


async def close(connection: Connection, desks: Collection[str] | None, event_id: UUID) -> str | None:
    """Nothing will come of it: its body goes. Returns its desk; None: there is none."""
    return await _changed(connection, desks, event_id, {"state": InboxState.IGNORED, "body_sealed": None}, true())


async def _changed(
    connection: Connection,
    desks: Collection[str] | None,
    event_id: UUID,
    values: dict[str, Any],
    which: ColumnElement[bool],
) -> str | None:
    change = update(_INBOX).where(_INBOX.c.id == event_id, SET_ASIDE, _at(desks), which).values(values)
    return (await connection.execute(change.returning(_INBOX.c.desk_id))).scalar_one_or_none()
