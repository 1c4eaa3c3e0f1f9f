"""18歳・40歳・65歳: ages at which other services become responsible, seen some months before.

At 18 help for children ends (児童福祉法4条), at 40 介護保険 begins for some illnesses (介護保険法9条2号), at 65 it
comes before help for disabled people (障害者総合支援法7条). What a desk does about it is its own affair.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

AGES = (18, 40, 65)
LONGEST_LIFE = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Milestone:
    """Somebody turns `age` between these days: the same one twice where their birthday is known."""

    age: int
    earliest: dt.date
    latest: dt.date

    def is_near(self, today: dt.date, months_before: int) -> bool:
        """Whether it is time to think of it: some months before it may happen, until it has happened for certain."""
        return self.earliest <= _months_after(today, months_before) and today <= self.latest


def by_birthday(born: dt.date, today: dt.date) -> Milestone | None:
    """The next one of somebody born on that day."""
    for age in AGES:
        day = _birthday(born, age)
        if day >= today:
            return Milestone(age=age, earliest=day, latest=day)
    return None


def by_age(age: int, *, since: dt.date, until: dt.date, today: dt.date) -> Milestone | None:
    """The next one of somebody who said, on a day from `since` to `until`, that they were `age`.

    They turn one year older within a year after they said so: nobody knows when.
    """
    if not 0 <= age <= LONGEST_LIFE:
        return None
    for target in AGES:
        if age >= target:
            continue
        years = target - age
        one = Milestone(age=target, earliest=_birthday(since, years - 1), latest=_birthday(until, years))
        if one.latest >= today:
            return one
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Age:
    """What is known: the birthday of a sheet, or an age in `years` that was said between two moments (aware)."""

    born: dt.date | None = None
    years: int | None = None
    since: dt.datetime
    until: dt.datetime


def next_of(age: Age, today: dt.date, zone: dt.tzinfo) -> Milestone | None:
    """The next milestone of somebody of whom this is known; a birthday is surer than an age that was said."""
    if age.born is not None:
        return by_birthday(age.born, today)
    if age.years is None:
        return None
    since, until = (moment.astimezone(zone).date() for moment in (age.since, age.until))
    return by_age(age.years, since=since, until=until, today=today)


def _birthday(born: dt.date, age: int) -> dt.date:
    """The day on which somebody becomes so old; born on 29 February, on 1 March."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return dt.date(born.year + age, 3, 1)


def _months_after(day: dt.date, count: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, last))
