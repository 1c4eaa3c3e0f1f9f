"""Connections and transactions, one meaning on both databases.

`read()` sees one snapshot. `write()` commits when its block ends and undoes everything when it raises. On SQLite all
writes of the process queue in order (one FIFO lock and BEGIN IMMEDIATE: the default BEGIN loses updates, waiting by
busy_timeout alone is unfair) and every commit is on the disk (`synchronous=FULL`). On PostgreSQL rows are locked by
the statements themselves, always resident first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

#: How long SQLite waits for another process before it gives up; under the 2 s in which LINE wants its answer.
BUSY_TIMEOUT_MS = 1000
READERS = 4


class Database:
    """One database, by its SQLAlchemy URL. Nothing connects before the first use."""

    def __init__(self, url: str) -> None:
        self.url: URL = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._queue = asyncio.Lock()
        if self.is_sqlite:
            self._reader = _sqlite_engine(self.url, begin="BEGIN", size=READERS)
            self._writer = _sqlite_engine(self.url, begin="BEGIN IMMEDIATE", size=1)
        else:
            self._reader = self._writer = create_async_engine(
                self.url,
                hide_parameters=True,
                pool_size=10,
                pool_pre_ping=True,
                connect_args={"connect_timeout": 2, "options": "-c timezone=UTC -c lock_timeout=5000"},
            )

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction for looking only."""
        async with self._reader.begin() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction for changes, committed at the end of the block."""
        if not self.is_sqlite:
            async with self._writer.begin() as connection:
                yield connection
            return
        async with self._queue, self._writer.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Give all connections back."""
        await self._reader.dispose()
        if self._writer is not self._reader:
            await self._writer.dispose()


def _sqlite_engine(url: URL, *, begin: str, size: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=size,
        max_overflow=0,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "isolation_level": None},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
            cursor.execute(f"PRAGMA {pragma}")
        # Words that were deleted must not linger in free pages of the file.
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
