"""What erasing a resident does to their cases: everything said or found goes, the trace of a danger stays.

Kept are number, times, area, level and kinds of danger and what staff did when: counts, and the alert that ADR 0009
promises to keep. A case in danger stays in the queue without any word until somebody closes it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from casework.queue import CaseState, Level, Place, SafeContact
from storage import cases, changes, households
from storage.case_tables import (
    Case,
    CaseTag,
    CloseReason,
    Note,
    ReadingGrant,
    SpareToken,
    StaffMessage,
    TagCorrection,
    Task,
    Typing,
)
from storage.database import Connection
from storage.ids import NewId

_BARE: dict[str, Any] = {
    "safety_role": None,
    "at_risk": None,
    "danger_now": False,
    "minor": False,
    "age_band": None,
    "language": None,
    "safe_contact": SafeContact.UNKNOWN,
    "lowered_reason_sealed": None,
    "categories": [],
    "child_lane": False,
    "blocked": False,
    "present_id": None,
    "present_since": None,
    "act_at": None,
}


async def erase(connection: Connection, resident_id: UUID, *, now: datetime, new_id: NewId) -> None:
    """In the transaction that erases the resident, before their messages go."""
    theirs = select(Case.id).where(Case.resident_id == resident_id).scalar_subquery()
    await connection.execute(delete(StaffMessage).where(StaffMessage.resident_id == resident_id))
    await connection.execute(delete(SpareToken).where(SpareToken.resident_id == resident_id))
    for table in (Note, Task, TagCorrection, CaseTag, Typing):
        await connection.execute(delete(table).where(table.case_id.in_(theirs)))
    await connection.execute(update(ReadingGrant).where(ReadingGrant.case_id.in_(theirs)).values(reason_sealed=None))
    await households.leave(connection, resident_id)
    bare = update(Case).where(Case.resident_id == resident_id)
    await connection.execute(bare.values({**_BARE, "version": Case.version + 1}))
    case = await cases.open_case_of(connection, resident_id)
    if case is None:
        return
    closed = {"state": CaseState.CLOSED, "closed_at": now, "close_reason": CloseReason.ERASED, "deadline_at": None}
    calm = {**closed, "place": Place.ANSWERED.value, "waiting_since": None, "snoozed_until": None}
    values = {"hidden_at": case.hidden_at or now} | ({} if case.risk_level is Level.URGENT else calm)
    await connection.execute(update(Case).where(Case.id == case.id).values(values))
    await cases.add_event(connection, case.id, kind="erased", actor=cases.PROGRAM, at=now, new_id=new_id)
    await changes.bump(connection, case.desk_id)
