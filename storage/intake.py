"""Taking events in, durably: requests that wait together share one commit, and a spool stands in for the database.

A commit on a disk costs a fifth of a millisecond or more; sharing it is what lets a small machine acknowledge
thousands of events a second. Measured beside single commits in `benchmarks/`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from storage import inbox
from storage.database import Connection, Database
from storage.inbox import NewEvent
from storage.jobs import Conversation, WakeWithin
from storage.spool import Spool

log = structlog.get_logger(__name__)

#: LINE wants its answer within two seconds; the spool needs the rest.
COMMIT_DEADLINE = 1.2
_BATCH = 500
#: So many events may wait for their commit; whoever comes then is turned away at once, and LINE delivers again. A
#: machine that commits a hundred events a second still answers what it took within two seconds.
MOST_WAITING = 200


class IntakeFailed(Exception):
    """Neither the database nor the spool could keep the events: they must not be acknowledged."""


class IntakeFull(IntakeFailed):
    """More events wait than can be stored in time: better a quick no than a late yes."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    events: Sequence[NewEvent]
    since: float
    done: asyncio.Future[bool]


async def _afterwards(_connection: Connection, _conversations: Collection[Conversation]) -> bool:
    return False


class Intake:
    """Stores events of any number of callers; each returns when its events are safe.

    `wake_within` wakes their conversations as a part of the commit, where the engine can.
    """

    def __init__(
        self,
        *,
        database: Database,
        spool: Spool,
        wake_within: WakeWithin = _afterwards,
        most: int = MOST_WAITING,
        deadline: float = COMMIT_DEADLINE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._spool = spool
        self._wake_within = wake_within
        self._most = most
        self._deadline = deadline
        self._monotonic = monotonic
        self._in_hand = 0
        #: Events since the start: safe, of these in the spool first, and turned away.
        self.taken = 0
        self.spooled = 0
        self.turned_away = 0
        self._waiting: list[_Waiting] = []
        self._worker: asyncio.Task[None] | None = None
        self._draining = asyncio.Lock()
        self._committing: set[asyncio.Task[bool]] = set()

    async def store(self, events: Sequence[NewEvent]) -> bool:
        """Return once the events are on the disk: whether their conversations are woken, too.

        Raises IntakeFull at once when too much waits, and IntakeFailed. One call alone is never too much.
        """
        if not events:
            return True
        if self.full:
            self.turned_away += len(events)
            raise IntakeFull
        self._in_hand += len(events)
        try:
            woken = await self._stored(events)
        finally:
            self._in_hand -= len(events)
        self.taken += len(events)
        return woken

    @property
    def full(self) -> bool:
        """Whether whoever comes now is turned away."""
        return self._in_hand >= self._most

    async def _stored(self, events: Sequence[NewEvent]) -> bool:
        waiting = _Waiting(events, self._monotonic(), asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await waiting.done

    async def drain(self) -> bool:
        """Bring spooled events into the database. True when something was there. Raises while it is gone."""
        async with self._draining:
            if self._spool.empty:
                return False
            with self._spool.take() as events:
                if events:
                    await self._add(events)
                log.warning("spool.drained", events=len(events))
            return True

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            events = [event for waiting in batch for event in waiting.events]
            try:
                woken = await self._keep(events, since=batch[0].since)
            except IntakeFailed as failure:
                for waiting in batch:
                    _fail(waiting.done, failure)
            else:
                for waiting in batch:
                    _succeed(waiting.done, woken)

    async def _keep(self, events: list[NewEvent], *, since: float) -> bool:
        """Into the database; into the spool once the oldest has waited long enough, also behind a commit before it."""
        left = max(self._deadline - (self._monotonic() - since), 0.0)
        commit = asyncio.create_task(self._commit(events))
        self._committing.add(commit)
        commit.add_done_callback(self._committed)
        # A commit that is too slow goes on by itself; storing the same event twice is harmless.
        done, _ = await asyncio.wait({commit}, timeout=left)
        if done and commit.exception() is None:
            log.info("intake.stored", event_rows=[str(event.id) for event in events])
            return commit.result()
        try:
            await asyncio.to_thread(self._spool.append, events)
        except OSError as error:
            log.error("intake.failed", events=len(events), reason=type(error).__name__)  # noqa: TRY400 - no traceback: it may hold values
            raise IntakeFailed from error
        self.spooled += len(events)
        log.warning("intake.spooled", event_rows=[str(event.id) for event in events])
        return False

    async def _commit(self, events: list[NewEvent]) -> bool:
        await self.drain()
        return await self._add(events)

    async def _add(self, events: Sequence[NewEvent]) -> bool:
        async with self._database.write() as connection:
            await inbox.add(connection, events)
            return await self._wake_within(connection, {event.conversation for event in events})

    def _committed(self, task: asyncio.Task[bool]) -> None:
        self._committing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            expected = isinstance(error, SQLAlchemyError | OSError)
            log.warning("intake.commit_failed", reason=type(error).__name__, expected=expected)


def _fail(future: asyncio.Future[bool], error: IntakeFailed) -> None:
    if not future.done():
        future.set_exception(error)


def _succeed(future: asyncio.Future[bool], woken: bool) -> None:
    if not future.done():
        future.set_result(woken)
