"""What will go out of a desk's check-ins, kept for a minute: pages ask more often than it changes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import perf_counter

from fastapi import Request

from dialogue.sending import SkipReason
from handlers.checkin_forecast import Foreseen, foresee
from handlers.quota import Quota
from handlers.sending_rules import Allowance, allowance_of, calendar_of, month_ends
from handlers.staff.console import Console, console_of

FRESH = timedelta(minutes=1)
#: So many times as long as it took nobody looks again.
REST = 60
#: Pages that only warn are content with one so old.
WARNS_FOR = timedelta(minutes=10)
DAYS = 14


@dataclass(frozen=True, kw_only=True, slots=True)
class Foresight:
    """As it looked at `at`: everything until the end of the next week, or of the month where that is later."""

    at: datetime
    first: date
    found: tuple[Foreseen, ...]
    allowance: Allowance
    quota: Quota | None
    month_ends: datetime

    @property
    def this_month(self) -> list[Foreseen]:
        """What is due before the month is over."""
        return [one for one in self.found if one.at < self.month_ends]

    @property
    def going(self) -> int:
        """How many go out this month, as far as the messages last."""
        return sum(one.why is None for one in self.this_month)

    @property
    def short(self) -> list[Foreseen]:
        """What falls away because this month's messages do not last."""
        return [one for one in self.this_month if one.why is SkipReason.QUOTA]


class Foresights:
    """The desks' foresights."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._known: dict[str, Foresight] = {}
        self._lasts: dict[str, timedelta] = {}
        self._one_at_a_time = asyncio.Lock()

    async def of(self, desk_id: str) -> Foresight:
        """At most a minute old; older where it takes long to work out."""
        async with self._one_at_a_time:
            known = self._known.get(desk_id)
            lasts = self._lasts.get(desk_id, FRESH)
            if known is None or not timedelta() <= self._console.clock() - known.at < lasts:
                began = perf_counter()
                known = self._known[desk_id] = await self._look(desk_id)
                self._lasts[desk_id] = max(FRESH, REST * timedelta(seconds=perf_counter() - began))
        return known

    def known(self, desk_id: str) -> Foresight | None:
        """What is known already, without waiting: for pages that are opened all day. `keep` brings it up to date."""
        return self._known.get(desk_id)

    async def keep(self, desk_id: str) -> None:
        """See to it that what is known is not too old; to be done behind an answer that has gone out."""
        known = self._known.get(desk_id)
        fresh = known is not None and timedelta() <= self._console.clock() - known.at < WARNS_FOR
        if not fresh and not self._one_at_a_time.locked():
            await self.of(desk_id)

    def forget(self, desk_id: str) -> None:
        """Something was changed: look anew next time."""
        self._known.pop(desk_id, None)

    async def _look(self, desk_id: str) -> Foresight:
        console, now = self._console, self._console.clock()
        desk, work = console.desks[desk_id], console.work
        assert work is not None, "this console was made without cases"
        calendar = calendar_of(desk)
        here = now.astimezone(calendar.zone)
        first = here.date() - timedelta(days=here.weekday())
        last = datetime.combine(first + timedelta(days=DAYS), time(), calendar.zone)
        quota = await work.quotas.of(desk_id)
        async with console.database.read() as connection:
            allowance = await allowance_of(connection, desk, quota, calendar, now=now)
            spent = Allowance(left=allowance.left, reserve=allowance.reserve, watch_due=allowance.watch_due)
            until = max(last, month_ends(here))
            monthly = None if quota is None else quota.limit
            found = await foresee(
                connection, console.keyring, desk, now=now, until=until, allowance=spent, monthly=monthly
            )
        return Foresight(
            at=now, first=first, found=tuple(found), allowance=allowance, quota=quota, month_ends=month_ends(here)
        )


def shortage(known: Foresight) -> str | None:
    """What staff have to know of this month's messages before they run out; None while they last."""
    if known.allowance.left is None:
        return None
    left, reserve = max(known.allowance.left, 0), known.allowance.reserve
    if left == 0:
        return "今月の送信数を使い切りました。相談員の返事は、本人が書いてすぐのときだけ届きます。"
    if left < reserve:
        return (
            f"今月の送信数は、残り{left}通です。人の返事と緊急のために取ってある{reserve}通を、もう使いはじめています。"
        )
    if not known.short:
        return None
    return (
        f"今月の送信数が、お便り{len(known.short)}通分足りない見込みです"
        f"(残り{left}通、うち{reserve}通は人の返事と緊急のために取ってあります)。"
    )


def foresights(request: Request) -> Foresights:
    """What goes out at each desk, as far as it can be said now; one for the whole console."""
    state = request.app.state
    if not hasattr(state, "foresights"):
        state.foresights = Foresights(console_of(request))
    found: Foresights = state.foresights
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """A day of the calendar: how many go out, how many do not. `quiet`: nothing goes out by itself on that day."""

    day: date
    going: int
    skipped: int
    quiet: bool
    past: bool


def days_of(known: Foresight, console: Console, desk_id: str) -> list[Day]:
    """This week and the next one, from Monday."""
    calendar = calendar_of(console.desks[desk_id])
    today = known.at.astimezone(calendar.zone).date()
    by_day: Counter[tuple[date, bool]] = Counter(
        (one.at.astimezone(calendar.zone).date(), one.why is None) for one in known.found
    )
    days = [known.first + timedelta(days=number) for number in range(DAYS)]
    return [
        Day(
            day=day,
            going=by_day[day, True],
            skipped=by_day[day, False],
            quiet=calendar.is_quiet_day(day),
            past=day < today,
        )
        for day in days
    ]


def reasons_of(found: Iterable[Foreseen]) -> Mapping[SkipReason, int]:
    """How often each reason stands for something that does not go out, the commonest first."""
    return dict(Counter(one.why for one in found if one.why is not None).most_common())
