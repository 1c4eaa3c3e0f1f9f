"""Letting go of words whose time is over: daily where the desk wants that, else when a person says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from casework.retention import Rule, Stays, Terms, judge
from dialogue import Desk
from storage import erasure, residents, retention
from storage.database import Database
from storage.ids import NewId
from storage.jobs import JobEngine
from storage.keyring import Keyring

log = structlog.get_logger(__name__)

PACE = timedelta(hours=1)
EVERY = timedelta(hours=23)


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What one run found: how many of each `Rule` that go (or would), and of each reason to stay."""

    going: Mapping[Rule, int]
    staying: Mapping[Stays, int]

    @property
    def counts(self) -> dict[str, int]:
        """As it is logged."""
        return {f"{kind}": number for kind, number in (*self.going.items(), *self.staying.items())}


class Retention:
    """Runs over a desk's residents. Each who goes has a transaction of their own, and is judged once more in it."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        desks: Mapping[str, Desk],
        clock: Callable[[], datetime],
        new_id: NewId,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._desks = desks
        self._clock = clock
        self._new_id = new_id

    def register(self, engine: JobEngine) -> None:
        """Hand the work to the engine: hourly, so that a machine that sleeps at night has its day, too."""
        engine.every(PACE, "retention", self.look)

    async def look(self) -> None:
        """Carry it out once a day, at the desks that want it done by itself."""
        for desk in self._desks.values():
            if not desk.content.desk.retention.automatic:
                continue
            async with self._database.read() as connection:
                last = await retention.last_run(connection, desk.id)
            if last is None or self._clock() - last >= EVERY:
                await self.run(desk.id, carry_out=True)

    async def run(self, desk_id: str, *, carry_out: bool) -> Run:
        """Go through a desk's residents. Without `carry_out` nothing changes but the log of runs."""
        terms, now = _terms(self._desks[desk_id]), self._clock()
        going: Counter[Rule] = Counter()
        staying: Counter[Stays] = Counter()
        after: UUID | None = None
        while True:
            before = now - timedelta(days=terms.anonymous_days)
            async with self._database.read() as connection:
                batch = await retention.quiet(connection, desk_id, before=before, after=after)
            for resident_id, record in batch:
                found = judge(record, terms, now)
                if isinstance(found, Rule) and carry_out:
                    found = await self._let_go(resident_id, terms, now)
                if isinstance(found, Rule):
                    going[found] += 1
                else:
                    staying[found] += 1
            if len(batch) < retention.BATCH:
                break
            after = batch[-1][0]
        return await self._finish(desk_id, Run(going=going, staying=staying), now, carry_out=carry_out)

    async def _let_go(self, resident_id: UUID, terms: Terms, now: datetime) -> Rule | Stays:
        """Erase one, unless somebody wrote or acted since it was looked at."""
        async with self._database.write() as connection:
            record = await retention.record_of(connection, resident_id)
            found = Stays.NOT_YET if record is None else judge(record, terms, now)
            if isinstance(found, Rule):
                await residents.plan_erasure(connection, resident_id, now)
                await erasure.erase(connection, self._keyring, resident_id, now=now)
        return found

    async def _finish(self, desk_id: str, run: Run, now: datetime, *, carry_out: bool) -> Run:
        async with self._database.write() as connection:
            await retention.note_run(
                connection, desk_id, run.counts, at=now, carried_out=carry_out, new_id=self._new_id
            )
        if carry_out and run.going:
            # Old pages of the write-ahead file still hold the wrapped keys.
            await self._database.forget_old_pages()
        log.info("retention.run", desk=desk_id, carried_out=carry_out, **run.counts)
        return run


def _terms(desk: Desk) -> Terms:
    kept = desk.content.desk.retention
    return Terms(
        anonymous_days=kept.anonymous_days,
        consented_years=kept.consented_years,
        zone=ZoneInfo(desk.content.desk.zone),
    )
