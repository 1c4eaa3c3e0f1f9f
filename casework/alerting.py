"""Who is told of a danger, or of somebody who wants a person, and when: pure rules over people, hours and reactions.

A call is what a turn raises. It climbs a ladder of steps until somebody reacts; each step tells one circle of people.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self
from uuid import UUID

from casework.people import Role, Viewer
from casework.permissions import Action, CaseFacts, allowed
from casework.queue import Level
from casework.standing import News
from casework.workdays import DAYS, Workdays


class Urgency(StrEnum):
    """How soon somebody has to look."""

    URGENT = "urgent"
    WATCH = "watch"
    HAND_OFF = "hand_off"

    @property
    def rank(self) -> int:
        """The higher, the sooner."""
        return (Urgency.HAND_OFF, Urgency.WATCH, Urgency.URGENT).index(self)


class Circle(StrEnum):
    """Whom a step tells."""

    ON_CALL = "on_call"
    AREA = "area"
    SUPERVISORS = "supervisors"
    DESK = "desk"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A circle, and how long after the beginning it is told when nobody has reacted."""

    circle: Circle
    after: dt.timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Ladder:
    """A desk's steps. A danger told once more within `again` of a call nobody has reacted to raises no second one."""

    urgent: tuple[Step, ...]
    calm: tuple[Step, ...]
    again: dt.timedelta

    def steps(self, urgency: Urgency) -> tuple[Step, ...]:
        """The steps of one urgency."""
        return self.urgent if urgency is Urgency.URGENT else self.calm


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A step with its time."""

    circle: Circle
    at: dt.datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """A call as it stands. `reached` says how many people each step that was taken has told."""

    raised_at: dt.datetime
    plan: tuple[Due, ...]
    reached: tuple[int, ...] = ()

    def told(self, people: int) -> Self:
        """After one step more."""
        return replace(self, reached=(*self.reached, people))


def urgency_of(news: News, *, opened: bool) -> Urgency | None:
    """What a turn means for the people to be told; None when nobody has to be. `opened`: a case began with it."""
    if news.alarm is not None:
        return Urgency.URGENT if news.alarm.level is Level.URGENT else Urgency.WATCH
    if news.asks is not None:
        return Urgency.HAND_OFF
    # Nobody was alerted, and still there is a case: a child who carries a home, and seldom asks.
    return Urgency.WATCH if opened else None


def joins(
    urgency: Urgency,
    open_call: Urgency,
    raised_at: dt.datetime,
    *,
    reacted: bool,
    now: dt.datetime,
    again: dt.timedelta,
) -> bool:
    """Whether what is told now is covered by a call that is being made already: nobody gets a mail for every line of
    somebody in distress. After a reaction it is not, because whoever looked may be gone again.
    """
    return not reacted and open_call.rank >= urgency.rank and now - raised_at < again


def plan(urgency: Urgency, at: dt.datetime, ladder: Ladder, workdays: Workdays) -> tuple[Due, ...]:
    """The steps with their times: at once and by the minute for danger, else only while the desk is open."""
    steps = ladder.steps(urgency)
    if urgency is Urgency.URGENT:
        return tuple(Due(circle=step.circle, at=at + step.after) for step in steps)
    begins = opening(at, workdays)
    return tuple(Due(circle=step.circle, at=opening(begins + step.after, workdays)) for step in steps)


def opening(at: dt.datetime, workdays: Workdays) -> dt.datetime:
    """`at` itself while the desk is open, else when it opens next. A desk that never opens is told at once."""
    if workdays.is_open(at):
        return at
    here = workdays.local(at)
    days = (here.date(), workdays.workday_after(here.date()))
    later = (begin for day in days if day is not None for begin in _openings(day, workdays) if begin > at)
    return min(later, default=at).astimezone(at.tzinfo)


def _openings(day: dt.date, workdays: Workdays) -> Iterator[dt.datetime]:
    if workdays.is_workday(day):
        for days, opens, _ in workdays.hours:
            if DAYS[day.weekday()] in days:
                yield dt.datetime.combine(day, opens, workdays.zone)


def has_reaction(alert: Alert, reactions: Sequence[dt.datetime]) -> bool:
    """Whether somebody has claimed, opened or answered since the call was raised."""
    return any(at >= alert.raised_at for at in reactions)


def due_steps(alert: Alert, reactions: Sequence[dt.datetime], now: dt.datetime) -> tuple[int, ...]:
    """The numbers of the steps to take now, each once and in order; none after a reaction.

    A step that reached nobody is no step: the one behind it is due at once.
    """
    if has_reaction(alert, reactions):
        return ()
    first = len(alert.reached)
    nobody = first > 0 and alert.reached[-1] == 0
    found = []
    for number in range(first, len(alert.plan)):
        if alert.plan[number].at > now and not (nobody and number == first):
            break
        found.append(number)
    return tuple(found)


def next_due(alert: Alert, reactions: Sequence[dt.datetime]) -> dt.datetime | None:
    """When the call has to be looked at again; None when it is over."""
    if has_reaction(alert, reactions) or len(alert.reached) >= len(alert.plan):
        return None
    nobody = alert.reached != () and alert.reached[-1] == 0
    return alert.raised_at if nobody else alert.plan[len(alert.reached)].at


# Whom


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """当番: from `starts` to `ends` on the desk's clock — over midnight when `ends` is not later — on the weekdays
    (0 is Monday; empty means every day) from `first` to `last`. The day is the one on which it begins.
    """

    starts: dt.time
    ends: dt.time
    weekdays: frozenset[int] = frozenset()
    first: dt.date | None = None
    last: dt.date | None = None

    def covers(self, local: dt.datetime) -> bool:
        """Whether it covers this moment of the desk's clock."""
        wall, today = local.replace(tzinfo=None), local.date()
        overnight = dt.timedelta(days=1 if self.ends <= self.starts else 0)
        for day in (today, today - dt.timedelta(days=1)):
            begins = dt.datetime.combine(day, self.starts)
            if self._is_on(day) and begins <= wall < dt.datetime.combine(day, self.ends) + overnight:
                return True
        return False

    def _is_on(self, day: dt.date) -> bool:
        within = (self.first or day) <= day <= (self.last or day)
        return within and (not self.weekdays or day.weekday() in self.weekdays)


@dataclass(frozen=True, kw_only=True, slots=True)
class Colleague:
    """Somebody who may be told: what they may do, where mail reaches them, when they are on call at this desk."""

    viewer: Viewer
    address: str | None
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Lists:
    """Addresses that are nobody's own: the desk's, and those told outside its hours."""

    desk: tuple[str, ...] = ()
    night: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """One mail box. `staff_id` is None for an address of the desk."""

    address: str
    staff_id: UUID | None = None


def whom(
    circle: Circle,
    about: CaseFacts,
    people: Sequence[Colleague],
    lists: Lists,
    workdays: Workdays,
    now: dt.datetime,
) -> tuple[Recipient, ...]:
    """The mail boxes of a circle, each once. Nobody is told of a case they may not see."""
    is_open = workdays.is_open(now)
    seeing = [one for one in people if allowed(one.viewer, Action.SEE_CASE, about)]
    match circle:
        case Circle.ON_CALL:
            found = _on_call(seeing, about, is_open=is_open, local=workdays.local(now))
            extra = () if is_open else lists.night
        case Circle.AREA:
            found = [one for one in seeing if about.owner_id in one.viewer.acts_for] or _with(seeing, Role.COORDINATOR)
            extra = ()
        case Circle.SUPERVISORS:
            found, extra = _with(seeing, Role.SUPERVISOR), ()
        case Circle.DESK:
            extra = (*lists.desk, *(() if is_open else lists.night))
            # A desk that wrote no list down still has people: better woken than nobody told.
            found = [] if extra else seeing
    return _each_once(found, extra)


def _on_call(seeing: Sequence[Colleague], about: CaseFacts, *, is_open: bool, local: dt.datetime) -> list[Colleague]:
    glass = [one for one in seeing if allowed(one.viewer, Action.BREAK_GLASS, about)]
    found = [one for one in glass if any(window.covers(local) for window in one.windows)]
    if not is_open:
        return found
    # By day whoever has the case is told as well, and without a rota everybody who could look.
    owner = [one for one in glass if about.owner_id in one.viewer.acts_for]
    return [*found, *owner] or glass


def _with(people: Sequence[Colleague], role: Role) -> list[Colleague]:
    return [one for one in people if any(grant.role is role for grant in one.viewer.grants)]


def _each_once(people: Sequence[Colleague], extra: Sequence[str]) -> tuple[Recipient, ...]:
    found: dict[str, Recipient] = {}
    for one in people:
        if one.address is not None:
            found.setdefault(folded(one.address), Recipient(address=one.address, staff_id=one.viewer.staff_id))
    for address in extra:
        found.setdefault(folded(address), Recipient(address=address))
    return tuple(found.values())


def folded(address: str) -> str:
    """The one spelling of an address: two spellings are one mail box."""
    return address.strip().casefold()


#: Windows of everybody, by the person.
Windows = Mapping[UUID, tuple[Window, ...]]
