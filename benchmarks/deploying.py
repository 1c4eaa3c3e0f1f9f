"""Deploys in the middle of a sweep: `python -m benchmarks.deploying [sqlite|postgresql …]`.

Some hundred check-ins are due at once and go out as the desk's rate allows, over minutes. Meanwhile the program is
stopped and started again and again as a deploy does it: over SQLite the one process, over PostgreSQL two servers and
two workers, each new one before an old one goes. The processes are the real ones; LINE refuses, fails and cuts
connections as in the soak. Afterwards each resident must have been sent one check-in, and the next one waits.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import logging
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import func, select, update

from benchmarks.nursery import Nursery
from benchmarks.planned import PLAN
from benchmarks.processes import scratch
from benchmarks.soak.__main__ import KINDS, database, known
from benchmarks.soak.line import MoodyLine
from benchmarks.soak.running import Parts, Size
from benchmarks.town import CHECK_INS, MASTER_BYTES, Town, desk_with, town_of
from dialogue.followups import CheckInPlan, QuietHours, first_day
from handlers.sending_rules import calendar_of
from nlp import Listener
from storage import migrate
from storage.database import Database
from storage.followup_tables import CheckInState
from storage.tables import OutboxMessage, OutboxState, table_of

OUTBOX = table_of(OutboxMessage)
PATIENCE = 900.0
#: The plans were made so long ago: nobody was written to today.
BEFORE = timedelta(days=3)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a run came to; `wrong` must be empty."""

    residents: int
    deploys: int
    stopped_badly: int
    accepted: int
    residents_sent_to: int
    letters: Counter[str]
    occurrences: Counter[str]
    waiting: int
    line: Counter[str]
    seconds: float

    @property
    def wrong(self) -> dict[str, Any]:
        expected = {
            "residents_sent_to": self.residents,
            "accepted": self.residents,
            "waiting": self.residents,
            "stopped_badly": 0,
        }
        found = {name: getattr(self, name) for name, value in expected.items() if getattr(self, name) != value}
        return found | ({"letters": dict(self.letters)} if set(self.letters) != {OutboxState.SENT.value} else {})

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def sends_today() -> bool:
    """Whether the shipped desk sends check-ins today: real processes have the real clock, and holidays are quiet."""
    calendar = calendar_of(desk_with())
    return not calendar.is_quiet_day(datetime.now(UTC).astimezone(calendar.zone).date())


async def settled(url: str, residents: int, now: datetime) -> None:
    """Residents whose check-ins are all due at `now`, whatever the hour."""
    opened = Database(url)
    async with opened.write() as connection:
        await migrate.upgrade(connection)
    town = await town_of(opened, Listener.load())
    town.at(now - BEFORE)
    plan = _plan(town, now)
    for number in range(residents):
        await town.settles(f"U{number:032x}", plan)
    async with opened.write() as connection:
        due = update(CHECK_INS).where(CHECK_INS.c.state == CheckInState.WAITING)
        await connection.execute(due.values(due_at=now, look_at=now))
        # What told them of the plan went to a played LINE.
        await connection.execute(OUTBOX.delete())
    await opened.close()


def _plan(town: Town, now: datetime) -> CheckInPlan:
    """Its quiet hours are on the other side of the clock."""
    here = now.astimezone(town.calendar.zone)
    opposite = [clock_time((here.hour + hours) % 24) for hours in (9, 15)]
    starts = first_day(PLAN.rhythm, town.now.astimezone(town.calendar.zone).date())
    return replace(PLAN, starts=starts, quiet=QuietHours(begins=opposite[0], ends=opposite[1]))


async def deploy(parts: Parts) -> bool:
    """Each process by a new one; whether each ended by itself. Over SQLite there is only ever one."""
    well = True
    for _ in range(len(parts.running)):
        kind, rolling = parts.running[0].kind, len(parts.running) > 1
        if rolling:
            await asyncio.to_thread(parts.start, kind)
        well &= await asyncio.to_thread(parts.retire, 0)
        if not rolling:
            await asyncio.to_thread(parts.start, kind)
    return well


async def run(name: str, url: str, folder: Path, nursery: Nursery, residents: int, deploys: int) -> Report:
    """One run over one database."""
    await settled(url, residents, datetime.now(UTC))
    line, begin, badly = MoodyLine(random.Random(residents)), time.monotonic(), 0
    more = {"JOB_ENGINE": "procrastinate"} if len(KINDS[name]) > 1 else {}
    key = base64.b64encode(MASTER_BYTES).decode()
    settings = {"DATABASE_URL": url, "DATA_DIR": str(folder / "data"), "DATA_KEY": key, **more}
    size = Size(events=0, kills=0, residents=residents, per_second=0, minutes=0)
    opened = Database(url)
    async with line.listening() as port:
        parts = Parts(nursery, folder, size, f"http://127.0.0.1:{port}", settings)
        for kind in KINDS[name]:
            await asyncio.to_thread(parts.start, kind)
        for number in range(deploys):
            await _until(lambda goal=residents * (number + 1) // (deploys + 2): len(line.pushes) >= goal)
            badly += not await deploy(parts)
        await _until_nothing_waits(opened, residents)
        badly += not await asyncio.to_thread(parts.stop)
        report = await _counted(opened, line, residents, deploys)
    await opened.close()
    return replace(report, stopped_badly=badly, seconds=round(time.monotonic() - begin, 1))


async def _until(reached: Any) -> None:
    until = time.monotonic() + PATIENCE
    while not reached():
        if time.monotonic() > until:
            raise TimeoutError("the check-ins do not go out")
        await asyncio.sleep(0.1)


async def _until_nothing_waits(opened: Database, residents: int) -> None:
    sent = select(func.count()).where(OUTBOX.c.state == OutboxState.SENT)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        async with opened.read() as connection:
            if (await connection.execute(sent)).scalar_one() >= residents:
                return
        await asyncio.sleep(1)


async def _counted(opened: Database, line: MoodyLine, residents: int, deploys: int) -> Report:
    async with opened.read() as connection:
        letters = (await connection.execute(select(OUTBOX.c.resident_id, OUTBOX.c.state))).all()
        occurrences = (await connection.execute(select(CHECK_INS.c.resident_id, CHECK_INS.c.state))).all()
    return Report(
        residents=residents,
        deploys=deploys,
        stopped_badly=0,
        accepted=sum(line.pushes.values()),
        residents_sent_to=len({row.resident_id for row in letters}),
        letters=Counter(row.state.value for row in letters),
        occurrences=Counter(row.state.value for row in occurrences),
        waiting=len({row.resident_id for row in occurrences if row.state is CheckInState.WAITING}),
        line=Counter({str(mood): count for mood, count in line.moods.items()}),
        seconds=0.0,
    )


def main(arguments: list[str] | None = None) -> int:
    """0 when nothing went wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.deploying", description=__doc__)
    parser.add_argument("databases", nargs="*", type=known, help="both, unless named")
    parser.add_argument("--residents", type=int, default=600)
    parser.add_argument("--deploys", type=int, default=6)
    told = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    if not sends_today():
        print("a quiet day of the shipped desk: no check-in goes out today")
        return 0
    wrong = False
    for name in told.databases or KINDS:
        with scratch() as folder, database(name, folder) as (url, _), Nursery() as nursery:
            report = asyncio.run(run(name, url, folder, nursery, told.residents, told.deploys))
        print(json.dumps({name: report.to_json(), "wrong": report.wrong}, indent=1), flush=True)
        wrong = wrong or bool(report.wrong)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
