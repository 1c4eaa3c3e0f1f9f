"""Raising a call in the transaction of a turn: one row. Whom it is told to is found out afterwards, by the clock, so
that a fault on the way to a mail never keeps a resident from an answer.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from casework.alerting import Circle, Ladder, Step, Urgency, joins, plan, urgency_of
from casework.standing import News
from casework.workdays import Workdays
from config.notices import NoticeWords
from storage import calls
from storage.calls import NewCall
from storage.cases import CaseRow
from storage.database import Connection
from storage.ids import NewId
from storage.notice_tables import CallEnd


def ladder_of(words: NoticeWords) -> Ladder:
    """The desk's steps, for the rules."""
    urgent, calm = (
        tuple(Step(circle=Circle(step.to), after=timedelta(minutes=step.after_minutes)) for step in steps)
        for steps in (words.urgent, words.calm)
    )
    return Ladder(urgent=urgent, calm=calm, again=timedelta(minutes=words.again_minutes))


async def raise_call(
    connection: Connection,
    case: CaseRow,
    news: News,
    *,
    turn_id: UUID,
    workdays: Workdays,
    ladder: Ladder,
    new_id: NewId,
) -> None:
    """What a turn means for the people to be told, as a row. The case is locked by the turn."""
    if news.takes_back:
        await _taken_back(connection, case, news)
    urgency = urgency_of(news, opened=case.opened_at == news.at)
    if urgency is None:
        return
    if await _is_covered(connection, case, urgency, news, ladder):
        return
    new = NewCall(
        case_id=case.id,
        desk_id=case.desk_id,
        turn_id=turn_id,
        urgency=urgency,
        raised_at=news.at,
        plan=plan(urgency, news.at, ladder, workdays),
    )
    await calls.add(connection, new, new_id=new_id)


async def _taken_back(connection: Connection, case: CaseRow, news: News) -> None:
    """A wish for a person that is taken back wakes nobody tomorrow; a danger is not taken back by words."""
    call = await calls.open_of_case(connection, case.id)
    if call is not None and call.urgency is Urgency.HAND_OFF:
        await calls.end(connection, call.id, CallEnd.TAKEN_BACK, now=news.at)


async def _is_covered(connection: Connection, case: CaseRow, urgency: Urgency, news: News, ladder: Ladder) -> bool:
    """Whether a call that was raised before covers this; one that does not is over."""
    latest = await calls.latest_of_case(connection, case.id)
    if latest is None:
        return False
    call, end = latest
    reacted = end is CallEnd.REACTED or await calls.has_been_seen(connection, call)
    covered = end in {None, CallEnd.UNANSWERED} and joins(
        urgency, call.urgency, call.raised_at, reacted=reacted, now=news.at, again=ladder.again
    )
    if end is None and not covered:
        await calls.end(connection, call.id, CallEnd.REACTED if reacted else CallEnd.OVERTAKEN, now=news.at)
    return covered
