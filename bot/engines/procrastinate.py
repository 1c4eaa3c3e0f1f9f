"""The engine of several processes: wakes travel as jobs of Procrastinate, the rest is done as in one process.

A job says only whose rows to look at, by opaque ids. It is put down in the transaction of the rows themselves, and
whichever worker fetches it lets its own `EmbeddedEngine` do the work. Jobs carry no lock and are never retried: row
locks and leases decide who does what, and a sweep finds what a lost job leaves behind. Periodic work is done by the
process that takes its row of `clock_works`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from procrastinate.exceptions import ProcrastinateException
from psycopg import Error as PsycopgError
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import SQLAlchemyError

from bot.engines.embedded import STOP_WITHIN, ClockRuns, EmbeddedEngine
from bot.engines.tenure import BEAT_PACE, Tenure
from bot.engines.wakes import Wake, Wakes, not_yet_waiting, open_jobs
from storage import processes
from storage.database import Connection, Database
from storage.jobs import Conversation, DeliveryWork, PeriodicWork, TurnWork

log = structlog.get_logger(__name__)

RESCUE_PACE = timedelta(seconds=15)
#: After the worker was thrown out of its loop: the database is being restarted.
RESTART_AFTER = 1.0
_UNREACHABLE = (ProcrastinateException, PsycopgError, PoolTimeout, SQLAlchemyError, OSError)


class ProcrastinateEngine:
    """Implements `JobEngine` over PostgreSQL. A process whose tenure is not for working only puts jobs down."""

    def __init__(
        self,
        *,
        turn: TurnWork,
        delivery: DeliveryWork,
        database: Database,
        tenure: Tenure,
        clock: Callable[[], datetime],
    ) -> None:
        self._local = EmbeddedEngine(turn=turn, delivery=delivery, clock=clock)
        self._wakes = Wakes(database.url, self._work_off)
        self._database = database
        self._tenure = tenure
        self._works = tenure.works
        self._clock = clock
        self._open = False
        self._outgoing: dict[Conversation | UUID, datetime | None] = {}
        self._posting: asyncio.Task[None] | None = None
        self._working: asyncio.Task[None] | None = None

    async def wake_within(self, connection: Connection, conversations: Collection[Conversation]) -> bool:
        await self._wakes.put([Wake(turns=conversations)], within=connection)
        return True

    def wake(self, conversation: Conversation, at: datetime | None = None) -> None:
        if self._works and at is not None and at > self._clock():
            self._local.wake(conversation, at)
        else:
            self._post(conversation, at)

    def deliver(self, resident_id: UUID, at: datetime | None = None) -> None:
        if self._works:
            self._local.deliver(resident_id, at)
        else:
            self._post(resident_id, at)

    def every(self, pace: timedelta, name: str, work: PeriodicWork, *, here: bool = False) -> None:
        if here:
            self._local.every(pace, name, work)
        elif self._works:
            self._local.every(pace, name, _Shared(self._database, self._tenure, pace, name, work))

    @property
    def clock_runs(self) -> Mapping[str, ClockRuns]:
        """How the works of the clock went in this process."""
        return self._local.clock_runs

    @property
    def running(self) -> bool:
        """Whether wakes are carried, and in a process that works: whether it is at work."""
        at_work = self._working is not None and not self._working.done() and self._tenure.lasts()
        return self._open and (at_work or not self._works)

    async def rest(self, *, planned: bool = False) -> None:
        """Wait until no job is open anywhere and nothing is in hand here; see `EmbeddedEngine.rest`."""
        while self._posting is not None or await self._open_jobs():  # noqa: ASYNC110
            # The database tells nobody that its last job is done.
            await asyncio.sleep(0.02)
        await self._local.rest(planned=planned)

    async def start(self) -> None:
        await self._tenure.beat()
        await self._wakes.app.open_async()
        self._open = True
        self.every(BEAT_PACE, "tenure", self._tenure.beat, here=True)
        self.every(RESCUE_PACE, "rescue", self._rescue)
        await self._local.start()
        if self._works:
            self._working = asyncio.create_task(self._keep_working())

    async def stop(self) -> None:
        self._open = False
        self._wakes.hurry()
        self._local.shut()
        if self._working is not None:
            self._working.cancel()
            await asyncio.wait({self._working})
            self._working = None
        given_up = await self._local.wind_up()
        if self._posting is not None:
            await asyncio.wait({self._posting})
        with suppress(*_UNREACHABLE):
            # If the database is gone, the others find out by themselves.
            await self._tenure.end(clean=not given_up)
        with suppress(*_UNREACHABLE):
            await self._wakes.app.close_async()

    async def _work_off(self, wake: Wake) -> None:
        for resident_id in wake.residents:
            self._local.deliver(resident_id)
        await self._local.work_off(wake.turns)

    async def _keep_working(self) -> None:
        # Told to stop while the database is away, a worker ends with that error and not as cancelled.
        while self._open:
            try:
                await self._wakes.work(stop_within=STOP_WITHIN)
            except _UNREACHABLE as error:
                log.warning("worker.interrupted", reason=type(error).__name__)
            await asyncio.sleep(RESTART_AFTER)

    async def _rescue(self) -> None:
        if rescued := await self._wakes.rescue():
            log.warning("jobs.rescued", jobs=rescued)

    def _post(self, whom: Conversation | UUID, at: datetime | None) -> None:
        """Several wakes of one moment travel together; the earlier of two times counts."""
        if not self._open:
            return
        if whom in self._outgoing:
            known = self._outgoing[whom]
            at = None if at is None or known is None else min(at, known)
        self._outgoing[whom] = at
        if self._posting is None:
            self._posting = asyncio.create_task(self._post_all())

    async def _post_all(self) -> None:
        try:
            while self._outgoing:
                outgoing, self._outgoing = self._outgoing, {}
                try:
                    await self._put(outgoing)
                except _UNREACHABLE as error:
                    # The rows are there: the sweep finds them.
                    log.warning("wakes.lost", wakes=len(outgoing), reason=type(error).__name__)
        finally:
            self._posting = None

    async def _put(self, outgoing: dict[Conversation | UUID, datetime | None]) -> None:
        now = [whom for whom, at in outgoing.items() if at is None]
        async with self._database.glance() as connection:
            turns = await not_yet_waiting(connection, [whom for whom in now if isinstance(whom, Conversation)])
        later = [_later(whom, at) for whom, at in outgoing.items() if at is not None]
        await self._wakes.put([Wake(turns=turns, residents=[r for r in now if isinstance(r, UUID)]), *later])

    async def _open_jobs(self) -> int:
        async with self._database.glance() as connection:
            return await open_jobs(connection)


def _later(whom: Conversation | UUID, at: datetime) -> Wake:
    return Wake(turns=[whom], at=at) if isinstance(whom, Conversation) else Wake(residents=[whom], at=at)


class _Shared:
    """A periodic work that one process does for all."""

    def __init__(self, database: Database, tenure: Tenure, pace: timedelta, name: str, work: PeriodicWork) -> None:
        self._database = database
        self._process = tenure.process
        self._pace = pace
        self._name = name
        self._work = work

    async def __call__(self) -> None:
        async with self._database.write() as connection:
            mine = await processes.take(connection, self._name, pace=self._pace, process=self._process)
        if not mine:
            return
        try:
            await self._work()
        finally:
            async with self._database.write() as connection:
                await processes.done(connection, self._name, process=self._process)
