"""What has to be known of residents before anything is sent that they did not just ask for, read for many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, func, select

from casework.queue import LastWord, Level, SafeContact
from dialogue.effects import SayKind
from storage.arrays import each_of
from storage.case_tables import Case
from storage.database import Connection
from storage.followup_tables import CheckIn, CheckInState, ContactPause
from storage.residents import ResidentRow
from storage.tables import Identity, InboxEvent, InboxState, OutboxMessage, OutboxState, Resident, table_of

_RESIDENTS = table_of(Resident)
_CASES = table_of(Case)
_IDENTITIES = table_of(Identity)
_INBOX = table_of(InboxEvent)
_OUTBOX = table_of(OutboxMessage)
_CHECK_INS = table_of(CheckIn)
_PAUSES = table_of(ContactPause)
#: How far back a word that went out by itself is looked for: longer than any day.
_LATELY = timedelta(days=3)
_THESE = each_of("ids")
_OF_CASE = ("risk_level", "safe_contact", "minor", "area", "present_id", "waiting_since", "last_word", "last_word_at")
_FACTS = (
    select(
        _RESIDENTS.c.id,
        *(_RESIDENTS.c[name] for name in ("desk_id", "blocked_at", "stopped_at", "erase_at", "erased_at", "heard_at")),
        _CASES.c.id.label("case_id"),
        *(_CASES.c[name] for name in _OF_CASE),
    )
    .select_from(
        _RESIDENTS.outerjoin(_CASES, and_(_CASES.c.resident_id == _RESIDENTS.c.id, _CASES.c.closed_at.is_(None)))
    )
    .where(_RESIDENTS.c.id.in_(_THESE))
)
_UNHEARD = (
    select(_IDENTITIES.c.resident_id)
    .join_from(
        _IDENTITIES, _INBOX, and_(_INBOX.c.desk_id == _IDENTITIES.c.desk_id, _INBOX.c.sender == _IDENTITIES.c.index)
    )
    .where(_IDENTITIES.c.resident_id.in_(_THESE), _INBOX.c.state == InboxState.WAITING)
)
_UNDELIVERED = select(_OUTBOX.c.resident_id).where(
    _OUTBOX.c.resident_id.in_(_THESE),
    _OUTBOX.c.state == OutboxState.WAITING,
    _OUTBOX.c.kind != SayKind.CHECK_IN.value,
)
_SAID = (
    select(_CHECK_INS.c.resident_id, func.max(_CHECK_INS.c.decided_at).label("at"))
    .where(_CHECK_INS.c.resident_id.in_(_THESE), _CHECK_INS.c.due_at >= bindparam("since"))
    .where(_CHECK_INS.c.state == CheckInState.QUEUED)
    .group_by(_CHECK_INS.c.resident_id)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """One resident at this moment. `talk_open`: words of theirs, or words for them, are on their way."""

    resident_id: UUID
    desk_id: str
    blocked: bool
    erased: bool
    stopped: bool
    heard_at: datetime | None
    case_id: UUID | None
    level: Level
    safe_contact: SafeContact
    minor: bool
    area: str | None
    staff_writing: bool
    waits: bool
    talk_open: bool
    last_push_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """Nothing goes out by itself to an area, or (None) to the whole desk."""

    area: str | None
    starts_at: datetime
    ends_at: datetime

    def holds(self, area: str | None, at: datetime) -> bool:
        """Whether it is meant for somebody of this area, at `at` (aware)."""
        return (self.area is None or self.area == area) and self.starts_at <= at < self.ends_at


async def facts(connection: Connection, resident_ids: Sequence[UUID], *, now: datetime) -> dict[UUID, Facts]:
    """What is known of these residents; none is left out that exists."""
    rows = (await connection.execute(_FACTS, {"ids": resident_ids})).all()
    open_ = await _talks(connection, resident_ids)
    said = await _said(connection, resident_ids, now)
    return {row.id: _facts(row, talk_open=row.id in open_, said_at=said.get(row.id)) for row in rows}


def _facts(row: Row[Any], *, talk_open: bool, said_at: datetime | None) -> Facts:
    no_case = row.case_id is None
    wrote_at = row.last_word_at if row.last_word is LastWord.STAFF else None
    return Facts(
        resident_id=row.id,
        desk_id=row.desk_id,
        blocked=row.blocked_at is not None,
        erased=row.erase_at is not None or row.erased_at is not None,
        stopped=row.stopped_at is not None,
        heard_at=row.heard_at,
        case_id=row.case_id,
        level=Level.NONE if no_case else row.risk_level,
        safe_contact=SafeContact.UNKNOWN if no_case else row.safe_contact,
        minor=bool(row.minor),
        area=row.area,
        staff_writing=row.present_id is not None,
        waits=row.waiting_since is not None,
        talk_open=talk_open,
        last_push_at=max((at for at in (said_at, wrote_at) if at is not None), default=None),
    )


async def _talks(connection: Connection, resident_ids: Sequence[UUID]) -> set[UUID]:
    """Whose words wait for a turn, or for whom words wait to be delivered."""
    found: set[UUID] = set()
    for query in (_UNHEARD, _UNDELIVERED):
        found |= set((await connection.execute(query, {"ids": resident_ids})).scalars())
    return found


async def _said(connection: Connection, resident_ids: Sequence[UUID], now: datetime) -> dict[UUID, datetime]:
    """When the last check-in of each went out."""
    found = await connection.execute(_SAID, {"ids": resident_ids, "since": now - _LATELY})
    return {row.resident_id: row.at for row in found}


async def pauses(connection: Connection, desk_id: str, *, now: datetime, until: datetime | None = None) -> list[Pause]:
    """The pauses of a desk that hold now, or at any time from now to `until`."""
    query = select(_PAUSES.c.area, _PAUSES.c.starts_at, _PAUSES.c.ends_at).where(
        _PAUSES.c.desk_id == desk_id,
        _PAUSES.c.ended_at.is_(None),
        _PAUSES.c.starts_at <= (until or now),
        _PAUSES.c.ends_at > now,
    )
    return [Pause(**row._mapping) for row in await connection.execute(query)]


async def resting_until(connection: Connection, resident: ResidentRow, *, now: datetime) -> datetime | None:
    """The end of the pauses that hold for a resident now; None where there are none."""
    held = await pauses(connection, resident.desk_id, now=now)
    if not held:
        return None
    known = await facts(connection, [resident.id], now=now)
    return max((pause.ends_at for pause in held if pause.holds(known[resident.id].area, now)), default=None)
