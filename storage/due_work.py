"""What asks something of staff by the calendar: cases with tasks that are due, late answers, ages that come near."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import exists, or_, select

from storage.case_tables import CaseEvent, Task
from storage.cases import CASES, SHOWN, CaseRow, case_row
from storage.database import Connection
from storage.milestones import NEAR
from storage.sheet_news import has_late_answer
from storage.tables import table_of

_TASKS = table_of(Task)
_EVENTS = table_of(CaseEvent)


async def due_cases(connection: Connection, desk_id: str, *, today: dt.date, near_since: dt.datetime) -> list[CaseRow]:
    """Open cases of a desk in which a task is due on `today` or was before, another organisation's answer is late, or
    an age with other services was seen to come near after `near_since`.
    """
    task = exists().where(_TASKS.c.case_id == CASES.c.id, _TASKS.c.done_at.is_(None), _TASKS.c.due_on <= today)
    near = exists().where(_EVENTS.c.case_id == CASES.c.id, _EVENTS.c.kind == NEAR, _EVENTS.c.at > near_since)
    query = (
        select(*SHOWN)
        .where(CASES.c.desk_id == desk_id, CASES.c.closed_at.is_(None), CASES.c.hidden_at.is_(None))
        .where(or_(task, near, has_late_answer(CASES.c.id)))
        .order_by(CASES.c.id)
    )
    return [case_row(row) for row in await connection.execute(query)]
