"""Whom an age with other services comes near: what is known of the open cases, and whether staff were told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, select

from casework.milestones import Age
from nlp import Known
from storage import residents, sheets
from storage.case_tables import CaseEvent, Task
from storage.cases import CASES
from storage.database import Connection
from storage.keyring import Keyring
from storage.tables import table_of

#: The line of the timeline. It holds no age: that is the resident's own.
NEAR = "milestone"
#: The ages lie so far apart that one line within these years means that it was said.
SAID_FOR = dt.timedelta(days=3 * 365)
#: So long the queue shows it.
SHOWN_FOR = dt.timedelta(days=30)
BIRTH_DATE = "birth_date"
_EVENTS = table_of(CaseEvent)
_TASKS = table_of(Task)


async def unsaid(connection: Connection, desk_id: str, *, now: dt.datetime) -> list[tuple[UUID, UUID]]:
    """Open cases, with whom they are about, for which nothing was said in the last years."""
    said = exists().where(_EVENTS.c.case_id == CASES.c.id, _EVENTS.c.kind == NEAR, _EVENTS.c.at >= now - SAID_FOR)
    query = (
        select(CASES.c.id, CASES.c.resident_id)
        .where(CASES.c.desk_id == desk_id, CASES.c.closed_at.is_(None), CASES.c.hidden_at.is_(None), ~said)
        .order_by(CASES.c.id)
    )
    return [(row.id, row.resident_id) for row in await connection.execute(query)]


async def age_of(connection: Connection, keyring: Keyring, case_id: UUID, resident_id: UUID) -> Age | None:
    """None where nothing is known."""
    resident = await residents.by_id(connection, keyring, resident_id)
    query = select(CASES.c.opened_at, CASES.c.last_word_at).where(CASES.c.id == case_id)
    case = (await connection.execute(query)).one_or_none()
    if resident is None or case is None:
        return None
    known = Known.from_json(resident.known) if resident.known else Known()
    born = await _born(connection, keyring, case_id)
    years = known.assessment.facts.writer_age
    if born is None and years is None:
        return None
    return Age(born=born, years=years, since=case.opened_at, until=max(case.last_word_at, case.opened_at))


async def _born(connection: Connection, keyring: Keyring, case_id: UUID) -> dt.date | None:
    for listed in await sheets.of_case(connection, case_id):
        stored = await sheets.load(connection, keyring, case_id, listed.id)
        entry = None if stored is None else stored.sheet.entries.get(BIRTH_DATE)
        if entry is not None and isinstance(entry.value, dt.date):
            return entry.value
        if entry is not None and isinstance(entry.value, str):
            try:
                return dt.date.fromisoformat(entry.value)
            except ValueError:
                continue
    return None


async def marks(
    connection: Connection, case_ids: Sequence[UUID], *, now: dt.datetime, today: dt.date
) -> dict[UUID, list[str]]:
    """What the queue says of these cases: something to do is due, or an age comes near."""
    found: dict[UUID, list[str]] = {}
    due = select(_TASKS.c.case_id, _TASKS.c.due_on).where(
        _TASKS.c.case_id.in_(case_ids), _TASKS.c.done_at.is_(None), _TASKS.c.due_on <= today
    )
    days: dict[UUID, dt.date] = {}
    for row in await connection.execute(due):
        days[row.case_id] = min(row.due_on, days.get(row.case_id, row.due_on))
    for case_id, day in days.items():
        found.setdefault(case_id, []).append("予定の日" if day == today else "予定の期限切れ")
    near = select(_EVENTS.c.case_id).where(
        _EVENTS.c.case_id.in_(case_ids), _EVENTS.c.kind == NEAR, _EVENTS.c.at >= now - SHOWN_FOR
    )
    for case_id in (await connection.execute(near.distinct())).scalars():
        found.setdefault(case_id, []).append("制度の切りかわり")
    return found
