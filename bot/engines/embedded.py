"""The engine of the one-process case: turns and deliveries in lanes of this event loop, APScheduler for the clock.

APScheduler only keeps time: what it kicks runs in lanes too, because its shutdown drops coroutines that still run.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.engines.lanes import Lanes
from storage.database import Connection
from storage.jobs import Conversation, DeliveryWork, PeriodicWork, TurnWork

log = structlog.get_logger(__name__)

# Few at once: all share one core and one write queue, and webhooks must not wait behind them.
TURNS_AT_ONCE = 4
DELIVERIES_AT_ONCE = 8
PERIODIC_AT_ONCE = 8
#: Work in hand gets this long when the process is asked to stop.
STOP_WITHIN = 15.0


@dataclass(slots=True)
class ClockRuns:
    """How a work of the clock went here since the start."""

    count: int = 0
    failed: int = 0
    seconds: float = 0.0


class EmbeddedEngine:
    """Implements `JobEngine` inside one event loop."""

    def __init__(self, *, turn: TurnWork, delivery: DeliveryWork, clock: Callable[[], datetime]) -> None:
        self._turn = turn
        self._delivery = delivery
        self._clock = clock
        self._turns: Lanes[Conversation] = Lanes(self._run_turn, at_once=TURNS_AT_ONCE)
        self._deliveries: Lanes[UUID] = Lanes(self._run_delivery, at_once=DELIVERIES_AT_ONCE)
        self._clockwork: Lanes[str] = Lanes(self._run_periodic, at_once=PERIODIC_AT_ONCE)
        self._periodic: dict[str, tuple[timedelta, PeriodicWork]] = {}
        self._scheduler: AsyncIOScheduler | None = None
        self.clock_runs: dict[str, ClockRuns] = {}

    async def wake_within(self, connection: Connection, conversations: Collection[Conversation]) -> bool:
        return False

    def wake(self, conversation: Conversation, at: datetime | None = None) -> None:
        self._turns.kick(conversation, after=self._seconds_until(at))

    def deliver(self, resident_id: UUID, at: datetime | None = None) -> None:
        self._deliveries.kick(resident_id, after=self._seconds_until(at))

    def every(self, pace: timedelta, name: str, work: PeriodicWork, *, here: bool = False) -> None:
        self._periodic[name] = (pace, work)

    @property
    def running(self) -> bool:
        """True between start and stop."""
        return self._scheduler is not None

    async def work_off(self, conversations: Collection[Conversation]) -> None:
        """Like `wake` for all of them; returns when they are done. Waits for none that was in hand before."""
        await asyncio.gather(*(self._turns.run(conversation) for conversation in conversations))

    async def rest(self, *, planned: bool = False) -> None:
        """Wait until all turns and deliveries in hand are done; with `planned`, also those of a later time."""
        await self._turns.rest(planned=planned)
        await self._deliveries.rest(planned=planned)

    async def start(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for name, (pace, _) in self._periodic.items():
            self._scheduler.add_job(
                self._tick,
                "interval",
                args=[name],
                seconds=pace.total_seconds(),
                # By the scheduler's own clock: that of a simulator may be weeks ahead.
                next_run_time=datetime.now(UTC),
                id=name,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )
        self._scheduler.start()

    async def stop(self) -> None:
        await self.wind_up()

    def shut(self) -> None:
        """Begin nothing new, but the delivery of what the turns in hand have to say."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None
        self._clockwork.shut()
        self._turns.shut()
        self._deliveries.forget_later()

    async def wind_up(self) -> int:
        """Stop; how much was given up because it did not end in time."""
        self.shut()
        given_up = await self._clockwork.close(within=STOP_WITHIN)
        given_up += await self._turns.close(within=STOP_WITHIN)
        given_up += await self._deliveries.close(within=STOP_WITHIN)
        log.info("engine.stopped", given_up=given_up)
        return given_up

    def _seconds_until(self, at: datetime | None) -> float:
        return 0.0 if at is None else (at - self._clock()).total_seconds()

    async def _run_turn(self, conversation: Conversation) -> float | None:
        try:
            worked = await self._turn(conversation)
        except Exception as error:  # noqa: BLE001 - the row stays; the sweep finds it again
            log.error("turn.failed", desk=conversation.desk_id, reason=type(error).__name__)  # noqa: TRY400
            return None
        for resident_id in worked.deliver:
            self.deliver(resident_id)
        return None if worked.again_at is None else self._seconds_until(worked.again_at)

    async def _run_delivery(self, resident_id: UUID) -> float | None:
        try:
            again_at = await self._delivery(resident_id)
        except Exception as error:  # noqa: BLE001 - the row stays; the sweep finds it again
            log.error("delivery.failed", resident=str(resident_id), reason=type(error).__name__)  # noqa: TRY400
            return None
        return None if again_at is None else self._seconds_until(again_at)

    async def _tick(self, name: str) -> None:
        # A coroutine only so that APScheduler calls it here and not in a thread.
        self._clockwork.kick(name)

    async def _run_periodic(self, name: str) -> None:
        runs, begun = self.clock_runs.setdefault(name, ClockRuns()), time.monotonic()
        runs.count += 1
        try:
            await self._periodic[name][1]()
        except Exception as error:  # noqa: BLE001 - the next round comes anyway
            runs.failed += 1
            log.error("clock.failed", work=name, reason=type(error).__name__)  # noqa: TRY400
        finally:
            runs.seconds += time.monotonic() - begun
