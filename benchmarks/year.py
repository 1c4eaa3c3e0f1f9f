"""A year of check-ins in a town, with everything that can go wrong, in minutes: `python -m benchmarks.year`.

Residents answer, fall silent, pause, stop, block and come back; processes die before a commit and after LINE accepted;
two workers sweep at once; the program is away for hours and days; the clock is put back; the month's limit changes.
Storage, rules, dialogue, sweep and delivery are the real ones. Everything LINE accepts is looked at when it does.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import itertools
import json
import logging
import math
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, select

from benchmarks.figures import median, percentile
from benchmarks.town import CHECK_INS, NOON, Asked, Died, Push, Town, town_of
from dialogue.followups import Band, CheckInPlan, QuietHours, Rhythm, first_day, permitted
from nlp import Listener
from storage import migrate, outbox
from storage.database import Connection, Database
from storage.followup_tables import CheckInPlan as PlanTable
from storage.followup_tables import CheckInState, PlanEnd
from storage.tables import table_of

PLANS = table_of(PlanTable)
TICK = timedelta(minutes=1)
DAY = timedelta(days=1)
#: What comes back to a check-in, in thousandths; the rest is silence.
_ANSWERS = (("good", 300), ("so_so", 300), ("hard", 80), ("words", 50), ("pause", 20), ("stop", 3), ("block", 7))
_RHYTHMS = ((Rhythm.WEEKLY, 55), (Rhythm.FORTNIGHTLY, 25), (Rhythm.MONTHLY, 17), (Rhythm.TOMORROW, 3))
_QUIET = (
    QuietHours(begins=clock_time(20), ends=clock_time(9)),
    QuietHours(begins=clock_time(18), ends=clock_time(10)),
    QuietHours(begins=clock_time(21), ends=clock_time(12)),
    QuietHours(begins=clock_time(12), ends=clock_time(17)),
)


class Killed(BaseException):
    """The process ends just before a commit."""


class MortalDatabase(Database):
    """A database whose process can be killed before a commit: `dies` counts down the transactions until then."""

    dies: int | None = None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        async with super().write() as connection:
            yield connection
            if self.dies is not None:
                self.dies -= 1
                if self.dies <= 0:
                    self.dies = None
                    raise Killed


@dataclass(kw_only=True, slots=True)
class Person:
    """One resident, as the simulation knows them."""

    address: str
    plan: CheckInPlan
    stopped: bool = False
    blocked: bool = False
    last_sent: datetime | None = None


@dataclass(kw_only=True, slots=True)
class Report:
    """What a year came to."""

    residents: int
    days: int
    sent: int = 0
    quiet: int = 0
    doubles: int = 0
    after_stop: int = 0
    twice_a_day: int = 0
    without_reason: int = 0
    lost_plans: int = 0
    kills: int = 0
    repeated: int = 0
    lateness: list[float] = field(default_factory=list)
    skips: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def wrong(self) -> dict[str, int]:
        """Everything that must be zero."""
        names = ("quiet", "doubles", "after_stop", "twice_a_day", "without_reason", "lost_plans")
        return {name: getattr(self, name) for name in names}

    def to_json(self) -> dict[str, Any]:
        return {
            "residents": self.residents,
            "days": self.days,
            "sent": self.sent,
            **self.wrong,
            "killed": self.kills,
            "recognised_by_409": self.repeated,
            "lateness_median_s": median(self.lateness),
            "lateness_p99_s": percentile(self.lateness, 0.99),
            "skipped": dict(self.skips.most_common()),
            "ended": dict(self.ends.most_common()),
            "seconds": round(self.seconds, 1),
        }


class Year:
    """`await Year(town, …).run()`."""

    def __init__(
        self, town: Town, database: MortalDatabase, *, residents: int, days: int, seed: int, minutes: float = math.inf
    ) -> None:
        self._minutes, self._seed = minutes, seed
        self._town = town
        self._database = database
        self._chance = random.Random(seed)
        self._report = Report(residents=residents, days=days)
        self._begins, self._ends = town.now, town.now + days * DAY
        self._people: dict[str, Person] = {}
        self._plans: list[tuple[datetime, int, str, Person]] = []
        self._order = itertools.count()
        self._seen = 0
        self._keys: set[UUID] = set()
        self._away = self._absences(days)

    async def run(self) -> Report:
        """Live through it all."""
        begin = time.monotonic()
        for number in range(self._report.residents):
            at = self._begins + timedelta(minutes=self._chance.randrange(28 * 24 * 60))
            self._later(at, "settle", self._person(number, at))
        for day in range(1, self._report.days):
            self._later(self._begins + day * DAY, "day", None)
        while (at := await self._next()) < self._ends:
            await self._live(self._awake(at))
            if time.monotonic() - begin > 60 * self._minutes:
                self._report.days = (self._town.now - self._begins).days
                break
        await self._count()
        self._report.seconds = time.monotonic() - begin
        self._report.repeated = self._town.line.repeated
        return self._report

    def _absences(self, days: int) -> list[tuple[datetime, datetime]]:
        """When the program is away: some hours, and some days."""
        spans = (timedelta(hours=2), timedelta(hours=9), timedelta(days=2), timedelta(days=6))
        starts = [self._begins + timedelta(minutes=self._chance.randrange(days * 24 * 60)) for _ in spans]
        return [(start, start + span) for start, span in zip(starts, spans, strict=True)]

    def _person(self, number: int, at: datetime) -> Person:
        chance = self._chance
        rhythm = chance.choices([one for one, _ in _RHYTHMS], [weight for _, weight in _RHYTHMS])[0]
        today = at.astimezone(self._town.calendar.zone).date()
        until: date | None = today + timedelta(days=chance.randrange(40, 300)) if chance.random() < 0.1 else None
        plan = CheckInPlan(
            rhythm=rhythm,
            band=chance.choice(list(Band)),
            starts=first_day(rhythm, today),
            until=until,
            count_left=chance.randrange(3, 20) if chance.random() < 0.1 else None,
            quiet=chance.choices(_QUIET, (7, 1, 1, 1))[0],
            minor=chance.random() < 0.1,
        )
        return Person(address=f"U{number}", plan=plan)

    def _later(self, at: datetime, what: str, person: Person | None) -> None:
        heapq.heappush(self._plans, (at, next(self._order), what, person))  # type: ignore[misc]  # None sorts last

    def _awake(self, at: datetime) -> datetime:
        """Nothing happens while the program is away: afterwards everything has waited."""
        for start, end in self._away:
            if start <= at < end:
                return end
        return at

    async def _next(self) -> datetime:
        """The next moment at which anything can happen: somebody acts, or something is due, at a tick of the clock."""
        waits = (CHECK_INS.c.desk_id == self._town.desk.id, CHECK_INS.c.state == CheckInState.WAITING)
        async with self._database.glance() as connection:
            due = (await connection.execute(select(func.min(CHECK_INS.c.look_at)).where(*waits))).scalar_one()
        moments = [at for at in (due, self._plans[0][0] if self._plans else None) if at is not None]
        # While the desk's rate is used up, what is due waits for the next tick.
        soonest = max(min(moments, default=self._ends), self._town.now + TICK / 60)
        ticks = -((soonest - NOON) // -TICK)
        return NOON + ticks * TICK

    async def _live(self, at: datetime) -> None:
        self._town.at(at)
        while self._plans and self._plans[0][0] <= at:
            _, _, what, person = heapq.heappop(self._plans)
            await self._survived(self._acts(what, person))
        if self._chance.random() < 0.01:
            self._trouble()
        await self._survived(self._sweep())
        self._look()

    def _trouble(self) -> None:
        """A process will die: before one of the next commits, or after LINE accepted the next message."""
        if self._chance.random() < 0.5:
            self._database.dies = self._chance.randrange(1, 4)
        else:
            self._town.line.dies = True

    async def _survived(self, work: Any) -> None:
        """Do it; if the process dies, another one starts and finds what is left."""
        try:
            await work
        except (Killed, Died):
            self._report.kills += 1
            self._database.dies, self._town.line.dies = None, False
            self._town.restart()
            async with self._database.write() as connection:
                await outbox.inherit(connection, alone=True)
            await self._sweep()

    async def _sweep(self) -> None:
        town = self._town
        if self._chance.random() < 0.05:
            other = town.another_worker(Asked())
            await asyncio.gather(town.checkins.sweep(), other.sweep())
        else:
            await town.checkins.sweep()
        async with self._database.glance() as connection:
            waiting = await outbox.residents_waiting(connection, now=town.now, hands=[None, town.process])
        town.engine.delivered.clear()
        for resident_id in waiting:
            await town.delivery(resident_id)

    async def _acts(self, what: str, person: Person | None) -> None:
        town = self._town
        if person is None:
            await self._daily()
            return
        if what == "settle":
            self._people[person.address] = person
            if not (person.stopped or person.blocked):
                await town.settles(person.address, person.plan)
        elif what == "block":
            person.blocked = True
            await town.blocks(person.address)
        elif what == "unblock":
            person.blocked = False
            await town.unblocks(person.address)
        elif what == "stop":
            person.stopped = True
            await town.says(person.address, "もう連絡しないでください")
        elif what == "words":
            await town.says(person.address, "まあまあです")
        elif not person.blocked:
            await town.presses(person.address, what)

    async def _daily(self) -> None:
        """What happens to a desk once in a while.

        Days have a chance of their own: ids differ from run to run, and what happens to the desk must not, or one year
        has a limit for months and another none.
        """
        town = self._town
        chance = random.Random(f"{self._seed} {town.now:%Y-%m-%d}")
        await town.checkins.mend()
        if chance.random() < 0.02:
            town.line.quota.limit = chance.choice((None, None, self._report.residents, self._report.residents * 4))
        for person in await self._without_plan():
            # They are asked again after some weeks, and choose the same.
            if chance.random() < 0.03:
                await town.settles(person.address, self._from_today(person))
        if chance.random() < 0.02:
            # Somebody puts the clock back, and these hours come once more.
            town.at(town.now - timedelta(hours=chance.randrange(1, 4)))

    async def _without_plan(self) -> list[Person]:
        """Who has settled, and has no plan without having wished so; some were cut off before they had one."""
        async with self._database.glance() as connection:
            live = select(PLANS.c.resident_id).where(PLANS.c.retired_at.is_(None))
            found = set((await connection.execute(live)).scalars())
        people = self._town.people
        over = (one for address, one in self._people.items() if people.get(address) not in found)
        return [one for one in over if not (one.stopped or one.blocked)]

    def _from_today(self, person: Person) -> CheckInPlan:
        today = self._town.now.astimezone(self._town.calendar.zone).date()
        starts = first_day(person.plan.rhythm, today)
        person.plan = replace(person.plan, starts=starts, until=None, count_left=None)
        return person.plan

    def _look(self) -> None:
        """Everything LINE accepted since the last look."""
        accepted = self._town.line.accepted
        for push in accepted[self._seen :]:
            if push.key is not None and (push.messages[-1].get("quickReply") or _has_buttons(push)):
                self._judge(push)
        self._seen = len(accepted)

    def _judge(self, push: Push) -> None:
        report, calendar, person = self._report, self._town.calendar, self._people[push.address]
        assert push.key is not None
        report.sent += 1
        report.doubles += push.key in self._keys
        self._keys.add(push.key)
        day = push.at.astimezone(calendar.zone).date()
        allowed = permitted(push.at, person.plan.quiet, calendar, minor=person.plan.minor)
        report.quiet += not allowed or calendar.is_quiet_day(day)
        report.after_stop += person.stopped or person.blocked
        last = person.last_sent
        report.twice_a_day += last is not None and last.astimezone(calendar.zone).date() == day
        person.last_sent = push.at
        self._reacts(person, push.at)

    def _reacts(self, person: Person, at: datetime) -> None:
        chance = self._chance
        names, weights = zip(*_ANSWERS, ("", 1000 - sum(weight for _, weight in _ANSWERS)), strict=True)
        what = chance.choices(names, weights)[0]
        if not what:
            return
        when = at + timedelta(minutes=int(chance.expovariate(1 / 300)) + 1)
        self._later(when, what, person)
        if what == "block" and chance.random() < 0.5:
            self._later(when + timedelta(days=chance.randrange(1, 40)), "unblock", person)

    async def _count(self) -> None:
        """What the database says at the end."""
        report = self._report
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(CHECK_INS, PLANS.c.retired_at, PLANS.c.retired_why).join_from(
                    CHECK_INS, PLANS, PLANS.c.id == CHECK_INS.c.plan_id
                )
            )
            found = rows.all()
            plans = (await connection.execute(select(PLANS.c.id, PLANS.c.retired_why))).all()
        waiting = Counter(row.plan_id for row in found if row.state is CheckInState.WAITING)
        for row in found:
            if row.state is CheckInState.QUEUED:
                report.lateness.append((row.decided_at - row.due_at).total_seconds())
                report.after_stop += row.retired_at is not None and row.decided_at > row.retired_at
            elif row.state is CheckInState.SKIPPED:
                report.without_reason += row.reason is None
                report.skips[row.reason or ""] += 1
        live = {plan.id for plan in plans if plan.retired_why is None}
        report.lost_plans = sum(waiting[plan_id] != 1 for plan_id in live) + len(set(waiting) - live)
        report.ends.update(plan.retired_why.value for plan in plans if isinstance(plan.retired_why, PlanEnd))


def _has_buttons(push: Push) -> bool:
    """Whether these are the words of a check-in: its buttons name its occurrence."""
    return f"answer.good.{push.key}" in json.dumps(list(push.messages))


async def live_through(
    folder: Path, listener: Listener, *, residents: int, days: int, seed: int, minutes: float = math.inf
) -> Report:
    """A year of a fresh town on SQLite; after so many minutes what has been lived through until then."""
    database = MortalDatabase(f"sqlite+aiosqlite:///{folder / 'year.db'}")
    async with database.write() as connection:
        await migrate.upgrade(connection)
    town = await town_of(database, listener)
    try:
        return await Year(town, database, residents=residents, days=days, seed=seed, minutes=minutes).run()
    finally:
        await database.close()


def main() -> int:
    """0 when nothing went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop and count after so many")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="tsunagu-year-") as folder:
        limits = {"residents": asked.residents, "days": asked.days, "seed": asked.seed, "minutes": asked.minutes}
        report = asyncio.run(live_through(Path(folder), Listener.load(), **limits))
    print(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
    return 1 if any(report.wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
