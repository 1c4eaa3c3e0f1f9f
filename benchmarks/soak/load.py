"""Residents who write in bursts, through a LINE that delivers again, late, twice and out of order."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.soak.line import MoodyLine
from benchmarks.webhooks import messages, request_of, text_event, user
from benchmarks.wire import Wire, connect

SENDERS = 12
#: LINE waits this long for an answer to a webhook.
ANSWER_WITHIN = 2.0
LONGEST_BURST = 9
HOURS = 3_600_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One webhook request on its way."""

    request: bytes
    events: tuple[str, ...]
    tokens: tuple[str, ...]
    copy: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Temper:
    """How LINE delivers: shares of deliveries, in thousandths, and the longest delay in seconds."""

    replayed: int = 50
    late: int = 30
    hours_old: int = 10
    longest_delay: float = 40.0


@dataclass
class Load:
    """`await load.send(…)` until so many events are acknowledged. `ports()` are the servers that run now."""

    line: MoodyLine
    chance: random.Random
    residents: int
    ports: Callable[[], list[int]]
    temper: Temper = field(default_factory=Temper)
    acknowledged: set[str] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=dict)
    offered: int = 0
    replays: int = 0
    refused: int = 0
    unanswered: int = 0
    _due: list[tuple[float, int, Delivery]] = field(default_factory=list)
    _number: itertools.count[int] = field(default_factory=itertools.count)
    _waits: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, *, goal: int, per_second: float, until: float, may_go: Callable[[], Awaitable[bool]]) -> None:
        """Write until `goal` events are acknowledged or the time is over; then deliver what is still on its way."""
        senders = [asyncio.create_task(self._sender()) for _ in range(SENDERS)]
        try:
            while len(self.acknowledged) < goal and time.monotonic() < until:
                if await may_go() and len(self._due) < 200:
                    self._burst()
                    await asyncio.sleep((1 + LONGEST_BURST) / 2 / per_second)
                else:
                    await asyncio.sleep(0.2)
            while self._due or self._in_hand:
                self._hurry()
                await asyncio.sleep(0.1)
        finally:
            for sender in senders:
                sender.cancel()
            await asyncio.gather(*senders, return_exceptions=True)

    _in_hand: int = 0

    def _burst(self) -> None:
        """Somebody writes one to nine messages, in as many requests as LINE likes."""
        who = user(self.chance.randrange(self.residents) + 1)
        texts = messages()
        events: list[dict[str, Any]] = []
        for _ in range(self.chance.randint(1, LONGEST_BURST)):
            token = f"soak{next(self._number):028d}"
            event = text_event(who, texts[self.chance.randrange(len(texts))], token)
            self.tokens[token] = event["webhookEventId"]
            if self.chance.randrange(1000) < self.temper.hours_old:
                event["timestamp"] -= self.chance.randrange(12 * HOURS)
            events.append(event)
        self.offered += len(events)
        while events:
            count = self.chance.randint(1, len(events))
            self._send_later(_delivery(events[:count]), self._delay())
            events = events[count:]

    def _delay(self) -> float:
        late = self.chance.randrange(1000) < self.temper.late
        return self.chance.random() * (self.temper.longest_delay if late else 0.2)

    def _send_later(self, delivery: Delivery, seconds: float) -> None:
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._number), delivery))

    def _hurry(self) -> None:
        """At the end, what was to come late comes now."""
        now = time.monotonic()
        self._due = [(min(at, now + 1), number, delivery) for at, number, delivery in self._due]
        heapq.heapify(self._due)

    async def _sender(self) -> None:
        wires: dict[int, Wire] = {}
        while True:
            if not self._due or self._due[0][0] > time.monotonic():
                await asyncio.sleep(0.02)
                continue
            _, _, delivery = heapq.heappop(self._due)
            self._in_hand += 1
            try:
                await self._deliver(delivery, wires)
            finally:
                self._in_hand -= 1

    async def _deliver(self, delivery: Delivery, wires: dict[int, Wire]) -> None:
        for token in delivery.tokens:
            self.line.delivered(token)
        status = await self._ask(delivery, wires)
        if status == 200:
            self.acknowledged.update(delivery.events)
            if not delivery.copy and self.chance.randrange(1000) < self.temper.replayed:
                self.replays += 1
                again = Delivery(request=delivery.request, events=delivery.events, tokens=(), copy=True)
                self._send_later(again, self.chance.random() * self.temper.longest_delay)
            return
        self.refused += status != 0
        self.unanswered += status == 0
        # LINE's redelivery.
        self._send_later(delivery, 0.3 + self.chance.random() * 2)

    async def _ask(self, delivery: Delivery, wires: dict[int, Wire]) -> int:
        ports = self.ports()
        if not ports:
            return 0
        port = self.chance.choice(ports)
        wire = wires.pop(port, None)
        try:
            if wire is None or not wire.open:
                wire = (await connect(port, 1))[0]
            status = await asyncio.wait_for(wire.ask(delivery.request), ANSWER_WITHIN)
        except (TimeoutError, OSError):
            if wire is not None:
                wire.close()
            return 0
        wires[port] = wire
        return status


def _delivery(events: list[dict[str, Any]]) -> Delivery:
    return Delivery(
        request=request_of(*events),
        events=tuple(event["webhookEventId"] for event in events),
        tokens=tuple(event["replyToken"] for event in events),
    )
