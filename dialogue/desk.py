"""One desk: its words and its hours."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.content import Content

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_SHOWN = "月火水木金土日"
LOOK_AHEAD_DAYS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """A LINE account of one organisation."""

    id: str
    content: Content

    def local(self, now: dt.datetime) -> dt.datetime:
        """`now` on the desk's wall clock."""
        return now.astimezone(ZoneInfo(self.content.desk.zone))

    def is_open(self, now: dt.datetime) -> bool:
        """Whether a person reads at `now`."""
        here = self.local(now)
        return any(opens <= here.time() < closes for opens, closes in self._openings(here.date()))

    def next_open(self, now: dt.datetime) -> dt.datetime | None:
        """When a person reads next, None when the desk is closed for longer than can be told."""
        here = self.local(now)
        for ahead in range(LOOK_AHEAD_DAYS):
            day = here.date() + dt.timedelta(days=ahead)
            for opens, _ in self._openings(day):
                start = dt.datetime.combine(day, opens, here.tzinfo)
                if start > here:
                    return start
        return None

    def opened_between(self, earlier: dt.datetime, now: dt.datetime) -> bool:
        """Whether a person read at any time between the two."""
        start = self.next_open(earlier)
        return start is not None and start <= now

    def next_open_shown(self, now: dt.datetime, *, kana: bool) -> str:
        """「24日(火)の9時」; when it cannot be told, the hours in general."""
        start = self.next_open(now)
        if start is None:
            hours = self.content.desk.hours_shown
            return hours.kana if kana else hours.plain
        minute = f"{start.minute}分" if start.minute else ""
        return self.hour_shown(start, kana=kana) + minute

    def hour_shown(self, moment: dt.datetime, *, kana: bool) -> str:
        """「27日(金)の10時」, on the desk's wall clock and without minutes."""
        here = self.local(moment)
        day = DAYS_SHOWN[here.weekday()]
        if kana:
            return f"{here.day}日（{day}よう日）の {here.hour}時"
        return f"{here.day}日({day})の{here.hour}時"

    def _openings(self, day: dt.date) -> list[tuple[dt.time, dt.time]]:
        words = self.content.desk
        if day in words.closed_days or f"{day:%m-%d}" in words.closed_every_year:
            return []
        name = DAYS[day.weekday()]
        return sorted((hours.opens, hours.closes) for hours in words.hours if name in hours.days)
