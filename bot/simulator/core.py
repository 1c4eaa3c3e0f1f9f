"""What all parts of the platform share: one lock, one clock, one source of ids, and the news that something changed."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from bot.simulator.ids import Ids
from bot.simulator.moved_clock import MovedClock

Clock = Callable[[], datetime]
# Requests, events and deliveries are kept for tests and for the page; a simulator left running must not grow for ever.
KEPT = 50_000


def system_clock() -> datetime:
    return datetime.now(UTC)


class Core:
    """State is touched from the server's loop and from test threads alike, so everything happens under `lock`."""

    def __init__(self, clock: Clock, seed: int | None) -> None:
        self._clock = clock if isinstance(clock, MovedClock) else MovedClock(clock)
        self._listeners: set[Callable[[], None]] = set()
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.version = 0
        self.ids = Ids(random.Random(seed))  # noqa: S311 - ids of a simulation, repeatable on purpose

    @property
    def offset(self) -> timedelta:
        """How far ahead the clock was moved."""
        return self._clock.ahead

    def now(self) -> datetime:
        return self._clock()

    def advance(self, by: timedelta) -> None:
        """Move the clock on: reply tokens, retry keys and the month grow old, nobody waits."""
        with self.lock:
            self._clock.advance(by)
            self.touch()

    def touch(self) -> None:
        """Say that something changed. Called with every change, inside the lock."""
        with self.lock:
            self.version += 1
            self.changed.notify_all()
            for listener in tuple(self._listeners):
                listener()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after each change; what comes back ends it. Listeners must not block."""
        with self.lock:
            self._listeners.add(listener)
        return lambda: self._stop_listening(listener)

    def _stop_listening(self, listener: Callable[[], None]) -> None:
        with self.lock:
            self._listeners.discard(listener)

    def wait_for(self, predicate: Callable[[], bool], timeout: float) -> bool:
        with self.changed:
            return self.changed.wait_for(predicate, timeout)

    async def next_change(self, since: int, seconds: float) -> int:
        """The version once it differs from `since`, or after so many seconds whatever it is then."""
        loop = asyncio.get_running_loop()
        news = asyncio.Event()

        def tell() -> None:
            loop.call_soon_threadsafe(news.set)

        stop = self.listen(tell)
        try:
            if self.version == since:
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), seconds)
        finally:
            stop()
        return self.version
