"""Somebody blocks the account soon after a danger: staff are told on the same day. Nobody is followed elsewhere."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from casework.alerting import Due, Ladder, Urgency
from casework.queue import Level
from casework.workdays import Workdays
from storage import calls, cases, conversations
from storage.calls import NewCall
from storage.cases import CaseRow
from storage.database import Connection
from storage.ids import NewId

#: After an urgent alert, leaving is a sign for so long.
SOON = timedelta(hours=72)
LEFT = "left_after_danger"
#: Within these hours of the day, staff are told at once; else when they begin next.
DAY_BEGINS, DAY_ENDS = time(9), time(20)


async def after_danger(
    connection: Connection,
    case: CaseRow,
    *,
    at: datetime,
    turn_id: UUID,
    workdays: Workdays,
    ladder: Ladder,
    new_id: NewId,
) -> None:
    """Raise a call and put a line in the timeline. The case is locked by the turn."""
    if case.risk_level is not Level.URGENT or case.hidden_at is not None or case.closed_at is not None:
        return
    alerted = await conversations.last_alert(connection, case.resident_id, level=Level.URGENT.value)
    if alerted is None or at - alerted > SOON:
        return
    await cases.add_event(connection, case.id, kind=LEFT, actor=cases.PROGRAM, at=at, new_id=new_id)
    if await calls.open_of_case(connection, case.id) is not None:
        # Staff are being told already, and nobody has looked yet.
        return
    begins = _by_day(at, workdays)
    plan = tuple(Due(circle=step.circle, at=begins + step.after) for step in ladder.urgent)
    new = NewCall(
        case_id=case.id, desk_id=case.desk_id, turn_id=turn_id, urgency=Urgency.URGENT, raised_at=at, plan=plan
    )
    await calls.add(connection, new, new_id=new_id)


def _by_day(at: datetime, workdays: Workdays) -> datetime:
    """`at` by day, else the next morning: nobody is woken for what no message can reach any more."""
    here = workdays.local(at)
    if DAY_BEGINS <= here.time() < DAY_ENDS:
        return at
    later = timedelta(days=1 if here.time() >= DAY_ENDS else 0)
    return datetime.combine(here.date() + later, DAY_BEGINS, workdays.zone).astimezone(at.tzinfo)
