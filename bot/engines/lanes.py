"""Lanes: work by key, one after another for a key, side by side for different keys, and timers for later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Lanes(Generic[K]):
    """Runs `work(key)` for every kicked key. A kick during the work makes it run once more afterwards.

    `work` returns the seconds until it wants to run again, or None.
    """

    def __init__(self, work: Callable[[K], Awaitable[float | None]], *, at_once: int) -> None:
        self._work = work
        self._room = asyncio.Semaphore(at_once)
        self._running: dict[K, asyncio.Task[None]] = {}
        self._again: set[K] = set()
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._open = True

    def kick(self, key: K, *, after: float = 0.0) -> None:
        """Run the key now, or after some seconds; the earlier of two times counts."""
        if not self._open:
            return
        loop = asyncio.get_running_loop()
        if after > 0:
            due = loop.time() + after
            timer = self._timers.get(key)
            if timer is None or timer.when() > due:
                self._cancel_timer(key)
                self._timers[key] = loop.call_at(due, self.kick, key)
            return
        self._cancel_timer(key)
        if key in self._running:
            self._again.add(key)
        else:
            self._running[key] = loop.create_task(self._run(key))

    async def run(self, key: K) -> None:
        """Kick a key and wait for the run that begins now. One that is in hand runs once more, unwaited for."""
        in_hand = key in self._running
        self.kick(key)
        if not in_hand and (task := self._running.get(key)) is not None:
            await asyncio.wait({task})

    @property
    def busy(self) -> int:
        """How many keys are being worked on or wait for room."""
        return len(self._running)

    async def rest(self, *, planned: bool = False) -> None:
        """Wait until nothing is being worked on; with `planned`, until nothing is planned for later either."""
        loop = asyncio.get_running_loop()
        while self._running or (planned and self._timers):
            if self._running:
                await asyncio.wait(self._running.values())
            else:
                await asyncio.sleep(max(min(t.when() for t in self._timers.values()) - loop.time(), 0))

    def forget_later(self) -> None:
        """Nothing that is planned for later will be run."""
        for key in list(self._timers):
            self._cancel_timer(key)

    def shut(self) -> None:
        """Begin nothing new."""
        self._open = False
        self.forget_later()
        self._again.clear()

    async def close(self, *, within: float) -> int:
        """Begin nothing new, wait for what is in hand; return how many had to be given up."""
        self.shut()
        if not self._running:
            return 0
        _, late = await asyncio.wait(self._running.values(), timeout=within)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
        return len(late)

    def _cancel_timer(self, key: K) -> None:
        if (timer := self._timers.pop(key, None)) is not None:
            timer.cancel()

    async def _run(self, key: K) -> None:
        after: float | None = None
        try:
            async with self._room:
                self._again.discard(key)
                after = await self._work(key)
        finally:
            del self._running[key]
            if key in self._again:
                self._again.discard(key)
                self.kick(key)
            elif after is not None:
                self.kick(key, after=max(after, 0.001))
