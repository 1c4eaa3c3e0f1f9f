"""What is due by the calendar, told to whoever has the case in hand: pure rules, once on each working day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from casework.alerting import Circle, Colleague, Lists, Recipient, folded, whom
from casework.permissions import CaseFacts
from casework.workdays import LOOK_AHEAD_DAYS, Workdays


def reminded(
    cases: Iterable[CaseFacts], people: Sequence[Colleague], workdays: Workdays, now: dt.datetime
) -> tuple[Recipient, ...]:
    """The mail boxes of those who have to see to these cases, each once: the owner or whoever stands in, where nobody
    has it the coordinators of its area, and where there are none the supervisors. Nobody is told of a case they may
    not see, and addresses that are nobody's own are left in peace.
    """
    found: dict[str, Recipient] = {}
    for about in cases:
        for circle in (Circle.AREA, Circle.SUPERVISORS):
            recipients = whom(circle, about, people, Lists(), workdays, now)
            if recipients:
                found |= {folded(one.address): one for one in recipients}
                break
    return tuple(found.values())


def since_last_opening(workdays: Workdays, now: dt.datetime) -> dt.datetime:
    """When the desk opened on the working day before today: what came up since then nobody was reminded of."""
    today = workdays.local(now).date()
    before = (today - dt.timedelta(days=n) for n in range(1, LOOK_AHEAD_DAYS))
    day = next((day for day in before if workdays.is_workday(day)), today)
    return workdays.opening(day)
