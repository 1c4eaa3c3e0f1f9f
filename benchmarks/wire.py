"""The load generator: ready-made HTTP/1.1 requests over plain sockets, so that the client costs little."""

from __future__ import annotations

import asyncio
import gc
import re
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import uvloop

T = TypeVar("T")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
ANSWER_WITHIN = 10.0


class Wire(asyncio.Protocol):
    """One keep-alive connection with one request on its way at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's by behaviour, not by class.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        length = _LENGTH.search(self._received, 0, end)
        if len(self._received) < end + 4 + (int(length[1]) if length else 0):
            return
        status = int(self._received[9:12])
        self._received = b""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)

    @property
    def open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server hung up"))

    async def ask(self, request: bytes) -> int:
        """Send, and wait for the whole answer; its status."""
        if self._transport is None:
            raise ConnectionError("not connected")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def connect(port: int, count: int) -> list[Wire]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(Wire, "127.0.0.1", port))[1] for _ in range(count)]


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run on the same event loop that the servers use."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


@contextmanager
def undisturbed() -> Iterator[None]:
    """The generator's own garbage collection must not look like the server's."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def as_fast_as_possible(port: int, requests: Iterator[bytes], *, seconds: float, wires: int) -> float:
    """Each connection sends its next request when it has its answer. Returns answers with 200 per second."""
    lines = await connect(port, wires)
    done = 0
    with undisturbed():
        begin = time.perf_counter()

        async def work(line: Wire) -> None:
            nonlocal done
            while time.perf_counter() - begin < seconds:
                request = next(requests, None)
                if request is None:
                    return
                if await line.ask(request) == 200:
                    done += 1

        await asyncio.wait_for(asyncio.gather(*(work(line) for line in lines)), seconds + ANSWER_WITHIN)
        took = time.perf_counter() - begin
    for line in lines:
        line.close()
    return done / took


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """One request of a steady load: when it was meant to go out (monotonic), its status and how long it took."""

    due: float
    status: int
    seconds: float


async def steadily(port: int, requests: Sequence[bytes], *, per_second: float, wires: int = 64) -> list[Sent]:
    """Send at a fixed pace whatever the server does. Times count from the planned moment, so waiting counts too."""
    lines: asyncio.LifoQueue[Wire] = asyncio.LifoQueue()
    for line in await connect(port, wires):
        lines.put_nowait(line)
    begin = time.monotonic() + 0.2

    async def send(number: int) -> Sent:
        due = begin + number / per_second
        await asyncio.sleep(due - time.monotonic())
        line = await lines.get()
        try:
            # A server hangs up on connections that were idle for some seconds.
            line = line if line.open else (await connect(port, 1))[0]
            status = await asyncio.wait_for(line.ask(requests[number]), ANSWER_WITHIN)
        except (TimeoutError, ConnectionError):
            line.close()
            status = 0
        lines.put_nowait(line)
        return Sent(due=due, status=status, seconds=time.monotonic() - due)

    with undisturbed():
        sent = await asyncio.gather(*(send(number) for number in range(len(requests))))
    while not lines.empty():
        lines.get_nowait().close()
    return sent
