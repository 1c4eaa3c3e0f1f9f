"""Taking events in, durably: requests that wait together share one commit, and a spool stands in for the database.

A commit on a disk costs a fifth of a millisecond or more; sharing it is what lets a small machine acknowledge
thousands of events a second. Measured beside single commits in `benchmarks/`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from storage import inbox
from storage.database import Database
from storage.inbox import NewEvent
from storage.spool import Spool

log = structlog.get_logger(__name__)

#: LINE wants its answer within two seconds; the spool needs the rest.
COMMIT_DEADLINE = 1.2
_BATCH = 500


class IntakeFailed(Exception):
    """Neither the database nor the spool could keep the events: they must not be acknowledged."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    events: Sequence[NewEvent]
    done: asyncio.Future[None]


class Intake:
    """Stores events of any number of callers; each returns when its events are safe."""

    def __init__(self, *, database: Database, spool: Spool) -> None:
        self._database = database
        self._spool = spool
        self._waiting: list[_Waiting] = []
        self._worker: asyncio.Task[None] | None = None
        self._draining = asyncio.Lock()
        self._committing: set[asyncio.Task[None]] = set()

    async def store(self, events: Sequence[NewEvent]) -> None:
        """Return once the events are on the disk. Raises IntakeFailed."""
        if not events:
            return
        waiting = _Waiting(events, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        await waiting.done

    async def drain(self) -> bool:
        """Bring spooled events into the database. True when something was there. Raises while it is gone."""
        async with self._draining:
            if self._spool.empty:
                return False
            with self._spool.take() as events:
                if events:
                    async with self._database.write() as connection:
                        await inbox.add(connection, events)
                log.warning("spool.drained", events=len(events))
            return True

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            events = [event for waiting in batch for event in waiting.events]
            try:
                await self._keep(events)
            except IntakeFailed as failure:
                for waiting in batch:
                    _fail(waiting.done, failure)
            else:
                for waiting in batch:
                    _succeed(waiting.done)

    async def _keep(self, events: list[NewEvent]) -> None:
        commit = asyncio.create_task(self._commit(events))
        self._committing.add(commit)
        commit.add_done_callback(self._committed)
        # A commit that is too slow goes on by itself; storing the same event twice is harmless.
        done, _ = await asyncio.wait({commit}, timeout=COMMIT_DEADLINE)
        if done and commit.exception() is None:
            return
        try:
            await asyncio.to_thread(self._spool.append, events)
        except OSError as error:
            log.error("intake.failed", events=len(events), reason=type(error).__name__)  # noqa: TRY400 - no traceback: it may hold values
            raise IntakeFailed from error
        log.warning("intake.spooled", events=len(events))

    async def _commit(self, events: list[NewEvent]) -> None:
        await self.drain()
        async with self._database.write() as connection:
            await inbox.add(connection, events)

    def _committed(self, task: asyncio.Task[None]) -> None:
        self._committing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            expected = isinstance(error, SQLAlchemyError | OSError)
            log.warning("intake.commit_failed", reason=type(error).__name__, expected=expected)


def _fail(future: asyncio.Future[None], error: IntakeFailed) -> None:
    if not future.done():
        future.set_exception(error)


def _succeed(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
