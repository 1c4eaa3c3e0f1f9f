"""Pauses for many at once (a disaster, a closed office): nothing unsolicited goes to an area, or to the whole desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update

from dialogue.effects import SayKind
from dialogue.sending import SkipReason
from storage.case_tables import Case
from storage.database import Connection
from storage.followup_tables import CheckInState, ContactPause, PauseReason
from storage.followups import CALLED_OFF, CHECK_INS
from storage.ids import NewId
from storage.tables import OutboxMessage, OutboxState, Resident, table_of

_PAUSES = table_of(ContactPause)
_OUTBOX = table_of(OutboxMessage)
_RESIDENTS = table_of(Resident)
_CASES = table_of(Case)
MOST = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class PauseRow:
    """One pause; `area` None: the whole desk. `ended_at`: somebody took it back before its time."""

    id: UUID
    desk_id: str
    area: str | None
    reason: PauseReason
    starts_at: datetime
    ends_at: datetime
    made_by: UUID
    made_at: datetime
    ended_at: datetime | None
    ended_by: UUID | None

    def holds(self, at: datetime) -> bool:
        """Whether it keeps back what is due at `at` (aware)."""
        return self.ended_at is None and self.starts_at <= at < self.ends_at

    def is_over(self, now: datetime) -> bool:
        """Whether it keeps back nothing any more."""
        return self.ended_at is not None or self.ends_at <= now


async def add(
    connection: Connection,
    desk_id: str,
    *,
    area: str | None,
    reason: PauseReason,
    starts_at: datetime,
    ends_at: datetime,
    by: UUID,
    at: datetime,
    new_id: NewId,
) -> UUID:
    """Put a pause. What waits to be delivered already is taken back where it holds at once."""
    pause_id = new_id()
    row = {
        "id": pause_id,
        "desk_id": desk_id,
        "area": area,
        "reason": reason,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "made_by": by,
        "made_at": at,
        "ended_at": None,
        "ended_by": None,
    }
    await connection.execute(insert(_PAUSES), row)
    if starts_at <= at < ends_at:
        await _call_off(connection, desk_id, area, at)
    return pause_id


async def _call_off(connection: Connection, desk_id: str, area: str | None, at: datetime) -> None:
    theirs = select(_RESIDENTS.c.id).where(_RESIDENTS.c.desk_id == desk_id)
    if area is not None:
        there = select(_CASES.c.resident_id).where(_CASES.c.area == area, _CASES.c.closed_at.is_(None))
        theirs = theirs.where(_RESIDENTS.c.id.in_(there))
    waits = select(_OUTBOX.c.id).where(
        _OUTBOX.c.state == OutboxState.WAITING,
        _OUTBOX.c.kind == SayKind.CHECK_IN.value,
        _OUTBOX.c.resident_id.in_(theirs),
    )
    letters = list((await connection.execute(waits)).scalars())
    if not letters:
        return
    gone = {"state": OutboxState.EXPIRED, "reason": CALLED_OFF, "leased_by": None}
    await connection.execute(update(_OUTBOX).where(_OUTBOX.c.id.in_(letters)).values(gone))
    skipped = {"state": CheckInState.SKIPPED, "reason": SkipReason.BULK_PAUSED.value, "decided_at": at}
    await connection.execute(update(CHECK_INS).where(CHECK_INS.c.letter_id.in_(letters)).values(skipped))


async def end(connection: Connection, desk_id: str, pause_id: UUID, *, by: UUID, at: datetime) -> PauseRow | None:
    """Take a pause back: what is due from now on goes out again. None when there is none that still holds."""
    row = await one(connection, desk_id, pause_id)
    if row is None or row.is_over(at):
        return None
    still = (_PAUSES.c.id == pause_id, _PAUSES.c.ended_at.is_(None))
    done = await connection.execute(update(_PAUSES).where(*still).values(ended_at=at, ended_by=by))
    return row if done.rowcount == 1 else None


async def one(connection: Connection, desk_id: str, pause_id: UUID) -> PauseRow | None:
    """A pause of this desk."""
    query = select(_PAUSES).where(_PAUSES.c.id == pause_id, _PAUSES.c.desk_id == desk_id)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else PauseRow(**row._mapping)


async def recent(connection: Connection, desk_id: str, *, since: datetime) -> list[PauseRow]:
    """Pauses that end after `since`, the newest first; also those that were taken back."""
    query = (
        select(_PAUSES)
        .where(_PAUSES.c.desk_id == desk_id, _PAUSES.c.ends_at > since)
        .order_by(_PAUSES.c.made_at.desc(), _PAUSES.c.id.desc())
        .limit(MOST)
    )
    return [PauseRow(**row._mapping) for row in await connection.execute(query)]
