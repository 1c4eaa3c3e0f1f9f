"""A wire to PostgreSQL that can be cut, closed and made slow: `with Proxy(url) as proxy:`, then `proxy.url`."""

from __future__ import annotations

import asyncio
import random
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from sqlalchemy.engine import make_url

CHUNK = 65536


class Proxy:
    """Runs on a thread of its own; its methods may be called from any."""

    def __init__(self, url: str, *, seed: int = 5) -> None:
        self._target = make_url(url)
        self._chance = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._wires: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._port = 0
        self._open = True
        self._cut_after: tuple[int, int] | None = None
        self.delay = 0.0
        self.cuts = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._begin(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def url(self) -> str:
        """What the program takes as DATABASE_URL."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/{self._target.database}"

    def close(self) -> None:
        """Cut every connection and let nobody in: the database is being restarted, or the network is gone."""
        self._open = False
        self.cut()

    def open(self) -> None:
        self._open = True

    def cut(self) -> None:
        """Cut every connection, in the middle of whatever it says."""
        self._loop.call_soon_threadsafe(self._cut_all)

    def cut_by_chance(self, least: int, most: int) -> None:
        """From now on each new connection is cut after so many bytes of answers; 0, 0: no longer."""
        self._cut_after = (least, most) if most else None

    async def _begin(self) -> asyncio.Server:
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        return server

    async def _end(self) -> None:
        self._server.close()
        self._cut_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _cut_all(self) -> None:
        for wire in self._wires:
            wire.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if not self._open:
            writer.transport.abort()
            return
        folder = unquote(str(self._target.query["host"]))
        there, away = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
        self._wires |= {writer, away}
        budget = self._chance.randint(*self._cut_after) if self._cut_after else None
        try:
            await asyncio.gather(self._pump(reader, away, None), self._pump(there, writer, budget))
        finally:
            self._wires -= {writer, away}
            for wire in (writer, away):
                wire.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, budget: int | None) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                if budget is not None:
                    budget -= len(data)
                    if budget < 0:
                        # What the database has done is done; its word does not arrive.
                        self.cuts += 1
                        break
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
