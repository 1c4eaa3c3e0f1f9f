"""開庁日: on which days people work at a desk, and by when something has to be seen to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

import jpholiday

from config.contents.models import DeskWords

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_SHOWN = "月火水木金土日"
#: A desk that is closed for longer than this has no working days at all.
LOOK_AHEAD_DAYS = 60


@lru_cache(maxsize=4096)
def is_public_holiday(day: dt.date) -> bool:
    """Whether the law names that day a public holiday (国民の祝日に関する法律)."""
    return bool(jpholiday.is_holiday(day))


@dataclass(frozen=True, kw_only=True, slots=True)
class Workdays:
    """When a desk works: its hours by weekday, without the days it is closed and without public holidays.

    Public holidays (国民の祝日に関する法律) come from a table of the law, so that a list that nobody renewed does not
    promise a working day.
    """

    zone: ZoneInfo
    hours: tuple[tuple[frozenset[str], dt.time, dt.time], ...]
    closed_days: frozenset[dt.date] = frozenset()
    closed_every_year: frozenset[str] = frozenset()

    @classmethod
    def of(cls, words: DeskWords) -> Self:
        """As the desk's own words say."""
        return cls(
            zone=ZoneInfo(words.zone),
            hours=tuple((frozenset(h.days), h.opens, h.closes) for h in words.hours),
            closed_days=frozenset(words.closed_days),
            closed_every_year=frozenset(words.closed_every_year),
        )

    def local(self, now: dt.datetime) -> dt.datetime:
        """`now` on the desk's wall clock."""
        return now.astimezone(self.zone)

    def is_workday(self, day: dt.date) -> bool:
        """Whether anybody works on that day."""
        closed = day in self.closed_days or f"{day:%m-%d}" in self.closed_every_year or is_public_holiday(day)
        return not closed and any(DAYS[day.weekday()] in days for days, _, _ in self.hours)

    def is_open(self, now: dt.datetime) -> bool:
        """Whether anybody works at this moment."""
        here = self.local(now)
        name = DAYS[here.weekday()]
        within = any(name in days and opens <= here.time() < closes for days, opens, closes in self.hours)
        return within and self.is_workday(here.date())

    def workday_after(self, day: dt.date) -> dt.date | None:
        """翌開庁日: the first working day after `day`; None for a desk that has none for two months."""
        ahead = (day + dt.timedelta(days=n) for n in range(1, LOOK_AHEAD_DAYS))
        return next((later for later in ahead if self.is_workday(later)), None)

    def opening(self, day: dt.date) -> dt.datetime:
        """When the desk opens on a working day; the midnight before any other."""
        name = DAYS[day.weekday()]
        opens = min((opens for days, opens, _ in self.hours if name in days), default=dt.time())
        return dt.datetime.combine(day, opens, self.zone)

    def closing(self, day: dt.date) -> dt.datetime:
        """When the desk closes on a working day; midnight on any other."""
        name = DAYS[day.weekday()]
        closes = max((closes for days, _, closes in self.hours if name in days), default=None)
        if closes is None:
            return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), self.zone)
        return dt.datetime.combine(day, closes, self.zone)

    def end_of_next(self, now: dt.datetime) -> dt.datetime | None:
        """The end of the working day after today, seen from `now`."""
        day = self.workday_after(self.local(now).date())
        return None if day is None else self.closing(day)


def date_shown(day: dt.date, today: dt.date) -> str:
    """「きょう」「あす(金)」「11月30日(月)」, and with the year where it is another."""
    weekday = DAYS_SHOWN[day.weekday()]
    ahead = (day - today).days
    if ahead == 0:
        return "きょう"
    if ahead in {1, -1}:
        return f"{'あす' if ahead > 0 else 'きのう'}({weekday})"
    year = "" if day.year == today.year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日({weekday})"


def span_shown(span: dt.timedelta) -> str:
    """How long something took or takes, a minute at the least: 「12分」「3時間20分」「2日」."""
    minutes = max(int(span.total_seconds()) // 60, 1)
    if minutes < 60:
        return f"{minutes}分"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}時間{rest}分" if rest else f"{hours}時間"
    return f"{hours // 24}日" if hours >= 72 or hours % 24 == 0 else f"{hours // 24}日{hours % 24}時間"


def by_when(deadline: dt.datetime, now: dt.datetime, zone: ZoneInfo) -> str:
    """「きょう 17:00まで」, or by how much it is over."""
    if deadline < now:
        return f"期限を{span_shown(now - deadline)}すぎています"
    there, here = deadline.astimezone(zone), now.astimezone(zone)
    return f"{date_shown(there.date(), here.date())} {there:%H:%M}まで"
