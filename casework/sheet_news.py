"""What a resident is told about their sheet, by when an answer may be expected, and what staff have to see to.

Told by the program: that it went out, and that an answer is late. An answer itself is told in a person's words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from casework.sheet_needs import Due
from casework.workdays import Workdays, date_shown


class NewsKind(StrEnum):
    """It went out; somebody answered; somebody should have answered."""

    SUBMITTED = "submitted"
    ANSWERED = "answered"
    OVERDUE = "overdue"


class Held(StrEnum):
    """Why the program does not tell it. `DANGER` passes; the others are for a person. `OVER`: it is past."""

    DANGER = "danger"
    GUARDED = "guarded"
    UNSAFE = "unsafe"
    OUT_OF_REACH = "out_of_reach"
    ERASING = "erasing"
    BY_PEOPLE = "by_people"
    OVER = "over"

    @property
    def passes(self) -> bool:
        """Whether it is tried again later."""
        return self is Held.DANGER


class Mark(StrEnum):
    """What the queue says of the sheets of a case."""

    OVERDUE = "overdue"
    SECOND = "second"
    UNTOLD = "untold"
    HELD = "held"
    STOP = "stop"
    REVISED = "revised"

    @property
    def label(self) -> str:
        """As staff see it."""
        return _MARKS[self]


_MARKS = {
    Mark.OVERDUE: "つなぎ先の期限切れ",
    Mark.SECOND: "2人目の確認待ち",
    Mark.UNTOLD: "回答を本人に未伝達",
    Mark.HELD: "本人に自動で伝えられない",
    Mark.STOP: "使わないよう未伝達",
    Mark.REVISED: "本人がシートを直した",
}

#: After this a first word about handing over is no news any more.
WORTH_TELLING = dt.timedelta(days=3)
#: The rest of a danger passes; it is looked at again after this.
AFTER_DANGER = dt.timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class ByWhen:
    """The days a resident is told: by when it is received, and by when they hear. Counted in 開庁日."""

    received: str
    heard: str


def by_when(dues: Iterable[Due], workdays: Workdays, today: dt.date) -> ByWhen | None:
    """From what the recipients are asked for; the latest counts. None when nothing is expected of anybody."""
    known = list(dues)
    received = max((due.receive_by for due in known if due.receive_by is not None), default=None)
    replied = max((due.reply_by for due in known if due.reply_by is not None), default=None)
    if replied is None:
        return None
    heard = on_workday(replied, workdays)
    return ByWhen(received=date_shown(received or heard, today), heard=date_shown(heard, today))


def on_workday(day: dt.date, workdays: Workdays) -> dt.date:
    """The day itself, or the next one on which somebody works."""
    return day if workdays.is_workday(day) else workdays.workday_after(day) or day


def next_step_by(workdays: Workdays, now: dt.datetime) -> str:
    """By when staff have looked into a late answer: the end of the next working day."""
    today = workdays.local(now).date()
    day = workdays.workday_after(today)
    return date_shown(day or today + dt.timedelta(days=1), today)


def may_be_told_at(workdays: Workdays, now: dt.datetime) -> dt.datetime | None:
    """None: now. Else when somebody works next, so that an answer to it finds a person; at night it wakes nobody."""
    if workdays.is_open(now):
        return None
    here = workdays.local(now)
    day: dt.date | None = here.date()
    opens = workdays.opening(here.date()) if workdays.is_workday(here.date()) else None
    if opens is None or opens <= here:
        day = workdays.workday_after(here.date())
        opens = None if day is None else workdays.opening(day)
    # A desk without working days must not keep it for ever.
    return opens or now + dt.timedelta(days=1)
