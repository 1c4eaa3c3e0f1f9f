"""伴走: when a short word goes out to somebody who wished for one. Pure: a year can be worked out in a second.

A plan is a rhythm and a band of the day, kept on the desk's wall clock. Which days are due follows from the plan alone:
a day that must stay quiet moves its word to the next one that need not, and the rhythm goes on from its own day.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol, Self
from zoneinfo import ZoneInfo

from casework.workdays import is_public_holiday
from config.contents.checkins import Timing
from config.contents.models import DeskWords

#: A desk that is quiet for longer than this sends nothing at all.
LOOK_AHEAD_DAYS = 400
DAY = 24 * 60
SATURDAY = 5


class Rhythm(StrEnum):
    """How often: the resident's choice. `TOMORROW` and `ON_DAY` are one word only."""

    TOMORROW = "tomorrow"
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"
    ON_DAY = "on_day"


class Band(StrEnum):
    """朝・昼・夕. Which clock times these are stands in `checkins.yaml`."""

    MORNING = "morning"
    NOON = "noon"
    EVENING = "evening"


ONCE = frozenset({Rhythm.TOMORROW, Rhythm.ON_DAY})
_WEEKS = {Rhythm.WEEKLY: 1, Rhythm.FORTNIGHTLY: 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """From one clock time to another of the same day, the second one not included."""

    begins: dt.time
    ends: dt.time


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietHours:
    """Clock times in which nothing is sent, over midnight where `begins` is the later one. The same twice: none."""

    begins: dt.time
    ends: dt.time

    def holds(self, clock: dt.time) -> bool:
        """Whether nothing is sent at this time of the day."""
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    def to_json(self) -> dict[str, str]:
        return {"from": self.begins.isoformat("minutes"), "to": self.ends.isoformat("minutes")}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError or ValueError on anything that `to_json` did not write."""
        return cls(begins=dt.time.fromisoformat(value["from"]), ends=dt.time.fromisoformat(value["to"]))


#: 20:00 to 9:00, unless the resident wishes otherwise.
USUALLY_QUIET = QuietHours(begins=dt.time(20), ends=dt.time(9))


class PlanError(ValueError):
    """A stored plan cannot be read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckInPlan:
    """What somebody wished for.

    `starts` is the day of the first word (see `first_day`), the others follow from it; `on_day` is that day where the
    resident named it. Nothing goes out after `until`, nor once `count_left` is zero: whoever sends counts down. Words
    due before `paused_until` fall away. `agreed_to_be_seen`: asked whether somebody else may see the notification,
    they said it may come: needed where there was any sign of violence.
    """

    rhythm: Rhythm
    band: Band
    starts: dt.date
    on_day: dt.date | None = None
    until: dt.date | None = None
    count_left: int | None = None
    paused_until: dt.date | None = None
    quiet: QuietHours = USUALLY_QUIET
    minor: bool = False
    agreed_to_be_seen: bool = False

    def to_json(self) -> dict[str, Any]:
        dates = {name: day.isoformat() for name in _DAYS if (day := getattr(self, name)) is not None}
        count = {} if self.count_left is None else {"count_left": self.count_left}
        flags = {name: True for name in ("minor", "agreed_to_be_seen") if getattr(self, name)}
        return {
            "rhythm": self.rhythm.value,
            "band": self.band.value,
            "starts": self.starts.isoformat(),
            "quiet": self.quiet.to_json(),
            **dates,
            **count,
            **flags,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Raises `PlanError` on anything that `to_json` did not write."""
        try:
            value = dict(stored)
            named = [name for name in ("starts", *_DAYS) if name in value]
            days: dict[str, Any] = {name: dt.date.fromisoformat(value.pop(name)) for name in named}
            quiet = QuietHours.from_json(value.pop("quiet"))
            rhythm, band = Rhythm(value.pop("rhythm")), Band(value.pop("band"))
            count = value.pop("count_left", None)
            flags = {name: _true(item) for name, item in value.items()}
            if not (count is None or type(count) is int):
                raise TypeError("a count is expected")
            return cls(rhythm=rhythm, band=band, quiet=quiet, count_left=count, **(days | flags))
        except (KeyError, TypeError, ValueError) as error:
            raise PlanError("a plan that was not written by this program") from error


def _true(value: object) -> bool:
    if value is not True:
        raise TypeError("only what is so is written down")
    return True


_DAYS = ("on_day", "until", "paused_until")


class Calendar(Protocol):
    """What a plan must know of the desk: its clock, its bands, the days and hours in which nothing goes out, and
    school.
    """

    @property
    def zone(self) -> ZoneInfo: ...

    @property
    def bands(self) -> Mapping[Band, Window]: ...

    @property
    def school(self) -> Window: ...

    @property
    def quiet(self) -> QuietHours: ...

    def is_quiet_day(self, day: dt.date) -> bool: ...

    def is_school_day(self, day: dt.date) -> bool: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class DeskCalendar:
    """The calendar of a desk: its own closed days, public holidays, the turn of the year, and terms of school."""

    zone: ZoneInfo
    bands: Mapping[Band, Window]
    school: Window
    terms: tuple[tuple[str, str], ...]
    #: Where a resident chose no other hours.
    quiet: QuietHours = USUALLY_QUIET
    quiet_days: frozenset[dt.date] = frozenset()
    quiet_every_year: frozenset[str] = frozenset()
    #: Days already looked up: one desk asks for the same ones thousands of times.
    known: dict[dt.date, bool] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, words: DeskWords, timing: Timing) -> Self:
        """As the content of the desk says."""
        return cls(
            zone=ZoneInfo(words.zone),
            bands={Band(name): Window(begins=band.begins, ends=band.ends) for name, band in timing.bands.items()},
            school=Window(begins=timing.school.begins, ends=timing.school.ends),
            terms=tuple((term.first, term.last) for term in timing.terms),
            quiet=QuietHours(begins=timing.quiet.begins, ends=timing.quiet.ends),
            quiet_days=frozenset(words.closed_days),
            quiet_every_year=frozenset((*words.closed_every_year, *timing.quiet_every_year)),
        )

    def is_quiet_day(self, day: dt.date) -> bool:
        """Whether nothing goes out on that day by itself."""
        if day not in self.known:
            quiet = day in self.quiet_days or f"{day:%m-%d}" in self.quiet_every_year or is_public_holiday(day)
            self.known[day] = quiet
        return self.known[day]

    def is_school_day(self, day: dt.date) -> bool:
        """Whether children sit in school: weekdays in term that are no public holidays."""
        within = any(first <= f"{day:%m-%d}" <= last for first, last in self.terms)
        return within and day.weekday() < SATURDAY and not is_public_holiday(day)


def first_day(rhythm: Rhythm, today: dt.date) -> dt.date:
    """When the first word of a rhythm chosen today is due: after one whole turn of it."""
    if rhythm in _WEEKS:
        return today + dt.timedelta(weeks=_WEEKS[rhythm])
    return months_after(today, 1) if rhythm is Rhythm.MONTHLY else today + dt.timedelta(days=1)


def months_after(day: dt.date, count: int) -> dt.date:
    """The same day of a later month; the last one where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, last))


def next_due(plan: CheckInPlan, after: dt.datetime, calendar: Calendar, *, seed: int = 0) -> dt.datetime | None:
    """The first moment (UTC) of this plan that lies after `after` (aware), None when it has ended.

    `seed` belongs to the plan and spreads the words of many over a band; the same seed gives the same moments. Also
    None where a desk is quiet for more than a year.
    """
    if plan.count_left is not None and plan.count_left <= 0:
        return None
    here = after.astimezone(calendar.zone).date()
    return next((moment for moment in _due(plan, here, calendar, seed) if moment > after), None)


def moment_on(plan: CheckInPlan, day: dt.date, calendar: Calendar, *, seed: int = 0) -> dt.datetime | None:
    """When (UTC) a word of this plan goes out on `day`, None where nothing may go out on that day at all."""
    if calendar.is_quiet_day(day):
        return None
    school = calendar.school if plan.minor and calendar.is_school_day(day) else None
    minutes = _minutes(calendar.bands[plan.band], plan.quiet, school)
    if not minutes:
        return None
    place = zlib.crc32(f"{seed}:{day.toordinal()}".encode())
    for step in range(len(minutes)):
        minute = minutes[(place // 60 + step) % len(minutes)]
        clock = dt.time(minute // 60, minute % 60, place % 60)
        wall = dt.datetime.combine(day, clock, calendar.zone)
        moment = wall.astimezone(dt.UTC)
        # A clock that is put forward has no such time on that day. (In one zone only wall clocks are compared.)
        if moment.astimezone(calendar.zone) == wall:
            return moment
    return None


def band_kept(plan: CheckInPlan, calendar: Calendar) -> Band:
    """The band in which the words of this plan come, when its quiet hours leave nothing of the one that was chosen."""
    minutes = _minutes(calendar.bands[plan.band], plan.quiet, None)
    if not minutes:
        return plan.band
    spans = {band: (_minute(span.begins), _minute(span.ends)) for band, span in calendar.bands.items()}
    return min(spans, key=lambda band: max(spans[band][0] - minutes[0], minutes[0] - spans[band][1] + 1))


def permitted(clock: dt.datetime, quiet: QuietHours, calendar: Calendar, *, minor: bool) -> bool:
    """Whether the hours of the day allow something to be sent at `clock` (aware). Days are another matter."""
    here = clock.astimezone(calendar.zone)
    school = minor and calendar.is_school_day(here.date())
    in_school = school and calendar.school.begins <= here.time() < calendar.school.ends
    return not (in_school or quiet.holds(here.time()))


def _due(plan: CheckInPlan, here: dt.date, calendar: Calendar, seed: int) -> Iterator[dt.datetime]:
    """The moments of this plan from the day `here` on, in order; one for all turns that fall on the same day."""
    for turn in _turns_from(plan, here, calendar):
        nominal = _nominal(plan, turn)
        if plan.until is not None and nominal > plan.until:
            return
        if plan.paused_until is not None and nominal < plan.paused_until:
            continue
        found = _allowed(plan, nominal, calendar, seed)
        if found is None or (plan.until is not None and found[0] > plan.until):
            return
        if found[0] >= here:
            yield found[1]


def _turns_from(plan: CheckInPlan, here: dt.date, calendar: Calendar) -> Iterator[int]:
    """Which turns of the rhythm may fall on `here` or later: also earlier ones that quiet days moved up to it."""
    if plan.rhythm in ONCE:
        yield 0
        return
    turn = max(0, _turn_at(plan, here))
    while turn > 0:
        found = _allowed(plan, _nominal(plan, turn - 1), calendar, 0)
        if found is not None and found[0] < here:
            break
        turn -= 1
    while _nominal(plan, turn).year < dt.MAXYEAR - 2:
        yield turn
        turn += 1


def _turn_at(plan: CheckInPlan, day: dt.date) -> int:
    """The turn of the rhythm that falls on `day` or just before it."""
    if plan.rhythm is Rhythm.MONTHLY:
        return (day.year - plan.starts.year) * 12 + day.month - plan.starts.month
    return (day - plan.starts).days // (7 * _WEEKS[plan.rhythm])


def _nominal(plan: CheckInPlan, turn: int) -> dt.date:
    if plan.rhythm is Rhythm.MONTHLY:
        return months_after(plan.starts, turn)
    if plan.rhythm in ONCE:
        return plan.on_day or plan.starts
    return plan.starts + dt.timedelta(weeks=turn * _WEEKS[plan.rhythm])


def _allowed(plan: CheckInPlan, day: dt.date, calendar: Calendar, seed: int) -> tuple[dt.date, dt.datetime] | None:
    """`day`, or the next one on which something may go out, and the moment on it."""
    for ahead in range(LOOK_AHEAD_DAYS):
        later = day + dt.timedelta(days=ahead)
        if (moment := moment_on(plan, later, calendar, seed=seed)) is not None:
            return later, moment
    return None


@lru_cache(maxsize=4096)
def _minutes(band: Window, quiet: QuietHours, school: Window | None) -> tuple[int, ...]:
    """The minutes of the day in which a word may go out: those of the band; where none of it is left, the nearest."""
    free = [minute for minute in range(DAY) if not quiet.holds(_clock(minute)) and not _within(minute, school)]
    begins, ends = _minute(band.begins), _minute(band.ends)
    inside = [minute for minute in free if begins <= minute < ends]
    if inside or not free:
        return tuple(inside)
    near = min(free, key=lambda minute: (max(begins - minute, minute - ends), -minute))
    return tuple(minute for minute in free if abs(minute - near) <= (ends - begins) // 2)


def _within(minute: int, window: Window | None) -> bool:
    return window is not None and window.begins <= _clock(minute) < window.ends


def _clock(minute: int) -> dt.time:
    return dt.time(minute // 60, minute % 60)


def _minute(clock: dt.time) -> int:
    return clock.hour * 60 + clock.minute
