"""Calls: that staff have to be told of a case, step by step, until somebody reacts. The rules: `casework.alerting`.

Locks are taken in the order resident, case, call, audit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update

from casework.alerting import Alert, Circle, Due, Urgency, has_reaction
from casework.people import Viewer
from casework.permissions import Action
from storage.audit_tables import AuditEntry
from storage.case_tables import CaseEvent
from storage.cases import CASES, COLUMNS, PROGRAM, RESIDENT
from storage.database import Connection
from storage.ids import NewId
from storage.notice_tables import Call, CallEnd, Notice, NoticeState
from storage.tables import table_of
from storage.visibility import visible

CALLS = table_of(Call)
_NOTICES = table_of(Notice)
_EVENTS = table_of(CaseEvent)
_AUDIT = table_of(AuditEntry)
#: A mail that came to nothing has told nobody.
_IN_VAIN = (NoticeState.FAILED, NoticeState.EXPIRED)


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRow:
    """A call as stored."""

    id: UUID
    desk_id: str
    case_id: UUID
    urgency: Urgency
    raised_at: datetime
    plan: tuple[Due, ...]
    told: int
    next_at: datetime


def _row(row: Row[Any]) -> CallRow:
    plan = tuple(Due(circle=Circle(to), at=datetime.fromisoformat(at)) for to, at in row.plan)
    names = ("id", "desk_id", "case_id", "urgency", "raised_at", "told", "next_at")
    return CallRow(**{name: getattr(row, name) for name in names}, plan=plan)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCall:
    """What a turn raises."""

    case_id: UUID
    desk_id: str
    turn_id: UUID
    urgency: Urgency
    raised_at: datetime
    plan: tuple[Due, ...]


async def add(connection: Connection, new: NewCall, *, new_id: NewId) -> UUID:
    """Store a call: the first step is due at its time."""
    row = {
        "id": new_id(),
        "case_id": new.case_id,
        "desk_id": new.desk_id,
        "turn_id": new.turn_id,
        "urgency": new.urgency,
        "raised_at": new.raised_at,
        "plan": [[due.circle.value, due.at.isoformat()] for due in new.plan],
        "told": 0,
        "next_at": new.plan[0].at,
    }
    await connection.execute(insert(CALLS), row)
    return UUID(str(row["id"]))


async def open_of_case(connection: Connection, case_id: UUID) -> CallRow | None:
    """The call of a case that is not over, locked."""
    query = select(CALLS).where(CALLS.c.case_id == case_id, CALLS.c.ended_at.is_(None)).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _row(row)


async def latest_of_case(connection: Connection, case_id: UUID) -> tuple[CallRow, CallEnd | None] | None:
    """The newest call of a case, over or not, and how it ended."""
    query = select(CALLS).where(CALLS.c.case_id == case_id).order_by(CALLS.c.raised_at.desc()).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else (_row(row), row.end)


async def due(connection: Connection, *, now: datetime, limit: int = 100) -> list[tuple[UUID, UUID]]:
    """Call and case of what has to be looked at, danger first."""
    query = (
        select(CALLS.c.id, CALLS.c.case_id)
        .where(CALLS.c.ended_at.is_(None), CALLS.c.next_at <= now)
        .order_by(CALLS.c.urgency != Urgency.URGENT, CALLS.c.next_at)
        .limit(limit)
    )
    return [(row.id, row.case_id) for row in await connection.execute(query)]


async def reactions(connection: Connection, case_id: UUID, since: datetime) -> list[datetime]:
    """When staff did something with a case, or opened it. A page that renewed itself is nobody's look, and who links a
    household from another case has not seen this one.
    """
    events = select(_EVENTS.c.at).where(
        _EVENTS.c.case_id == case_id, _EVENTS.c.at >= since, _EVENTS.c.actor.not_in((RESIDENT, PROGRAM))
    )
    events = events.where(_EVENTS.c.kind.not_in(("joined", "parted")))
    looks = select(_AUDIT.c.at, _AUDIT.c.detail).where(
        _AUDIT.c.object_kind == "case",
        _AUDIT.c.object_id == str(case_id),
        _AUDIT.c.action == "case_seen",
        _AUDIT.c.at >= since,
    )
    opened = [row.at for row in await connection.execute(looks) if not row.detail.get("by_itself")]
    return [*(await connection.execute(events)).scalars(), *opened]


async def standing(connection: Connection, call: CallRow) -> Alert:
    """The call for the rules: how many mail boxes each step has told."""
    query = (
        select(_NOTICES.c.step, func.count().label("people"))
        .where(_NOTICES.c.call_id == call.id, _NOTICES.c.state.not_in(_IN_VAIN))
        .group_by(_NOTICES.c.step)
    )
    people = {row.step: row.people for row in await connection.execute(query)}
    reached = tuple(people.get(step, 0) for step in range(call.told))
    return Alert(raised_at=call.raised_at, plan=call.plan, reached=reached)


async def took(connection: Connection, call_id: UUID, *, told: int, next_at: datetime) -> None:
    """Steps were taken, and when to look again."""
    await connection.execute(update(CALLS).where(CALLS.c.id == call_id).values(told=told, next_at=next_at))


async def end(connection: Connection, call_id: UUID, how: CallEnd, *, now: datetime) -> None:
    """The call is over. Mail that nobody tried to send yet is not needed any more, unless nobody has reacted."""
    await connection.execute(
        update(CALLS).where(CALLS.c.id == call_id, CALLS.c.ended_at.is_(None)).values(ended_at=now, end=how)
    )
    if how is not CallEnd.UNANSWERED:
        untried = (
            _NOTICES.c.call_id == call_id,
            _NOTICES.c.state == NoticeState.WAITING,
            _NOTICES.c.leased_by.is_(None),
        )
        await connection.execute(update(_NOTICES).where(*untried).values(state=NoticeState.DROPPED, reason=how.value))


async def look_again(connection: Connection, call_id: UUID, *, now: datetime) -> None:
    """Look at a call from this time on: at once, when a mail came to nothing and whoever is next has to be told."""
    await connection.execute(update(CALLS).where(CALLS.c.id == call_id, CALLS.c.ended_at.is_(None)).values(next_at=now))


async def has_been_seen(connection: Connection, call: CallRow) -> bool:
    """Whether somebody has reacted."""
    alert = Alert(raised_at=call.raised_at, plan=call.plan)
    return has_reaction(alert, await reactions(connection, call.case_id, call.raised_at))


async def unanswered(connection: Connection) -> dict[str, int]:
    """By desk: dangers that went up the whole ladder without a reaction, their cases still open and nobody's."""
    query = (
        select(CALLS.c.desk_id, func.count().label("rows"))
        .select_from(CALLS.join(CASES, CASES.c.id == CALLS.c.case_id))
        .where(CALLS.c.end == CallEnd.UNANSWERED, CALLS.c.urgency == Urgency.URGENT)
        .where(CASES.c.closed_at.is_(None), CASES.c.owner_id.is_(None), CASES.c.waiting_since.is_not(None))
        .group_by(CALLS.c.desk_id)
    )
    return {row.desk_id: row.rows for row in await connection.execute(query)}


async def ringing(
    connection: Connection, desk_id: str, viewer: Viewer, *, since: datetime, limit: int = 50
) -> list[tuple[UUID, Urgency]]:
    """Calls about cases in the viewer's queue, the newest first: what open pages ring for."""
    query = (
        select(CALLS.c.id, CALLS.c.urgency)
        .select_from(CALLS.join(CASES, CASES.c.id == CALLS.c.case_id))
        .where(CALLS.c.desk_id == desk_id, CALLS.c.raised_at >= since, CASES.c.closed_at.is_(None))
        .where(visible(COLUMNS, viewer, Action.SEE_QUEUE))
        .order_by(CALLS.c.raised_at.desc())
        .limit(limit)
    )
    return [(row.id, row.urgency) for row in await connection.execute(query)]
