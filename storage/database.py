"""Connections and transactions, one meaning on both databases.

`read()` sees one snapshot, `glance()` too: it is for a few rows found by key. `write()` commits when its block ends and
undoes everything when it raises. On SQLite all writes of the process queue in order (one FIFO lock and BEGIN IMMEDIATE:
the default BEGIN loses updates, waiting by busy_timeout alone is unfair) and every commit is on the disk
(`synchronous=FULL`). On PostgreSQL rows are locked by the statements themselves, always resident first.

SQLite statements of `write()` and `glance()` run on the event loop's own thread: they take microseconds, and handing
each one to a thread and back costs ten times more. What may have to wait — for the lock and for the disk — goes to a
thread: BEGIN and COMMIT.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection as SyncConnection
from sqlalchemy import Executable, create_engine, event
from sqlalchemy.engine import URL, CursorResult, Dialect, Engine, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")

# PostgreSQL answers at once or is away; then the pool tries again.
CONNECT_TIMEOUT_S = 2
#: How long SQLite waits for another process before it gives up; under the 2 s in which LINE wants its answer.
BUSY_TIMEOUT_MS = 1000
READERS = 4


class Connection(Protocol):
    """What the repositories use of a transaction, whichever thread its statements run on."""

    @property
    def dialect(self) -> Dialect: ...

    async def execute(self, statement: Executable, parameters: Any = None, /) -> CursorResult[Any]: ...

    async def exec_driver_sql(self, statement: str, /) -> CursorResult[Any]: ...

    async def run_sync(self, work: Callable[[SyncConnection], T], /) -> T: ...


class InlineConnection:
    """A transaction of SQLite whose statements run at once, on the caller's thread."""

    def __init__(self, connection: SyncConnection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> Dialect:
        return self._connection.dialect

    async def execute(self, statement: Executable, parameters: Any = None, /) -> CursorResult[Any]:
        return self._connection.execute(statement, parameters)

    async def exec_driver_sql(self, statement: str, /) -> CursorResult[Any]:
        return self._connection.exec_driver_sql(statement)

    async def run_sync(self, work: Callable[[SyncConnection], T], /) -> T:
        return work(self._connection)


class Database:
    """One database, by its SQLAlchemy URL. Nothing connects before the first use."""

    def __init__(self, url: str) -> None:
        self.url: URL = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._inline = _Inline(self.url) if self.is_sqlite else None
        self._engine = _sqlite_readers(self.url) if self.is_sqlite else _postgresql(self.url)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """A transaction for looking only, however long it takes."""
        async with self._engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[Connection]:
        """A transaction for looking at a few rows by key."""
        begin = self._engine.begin if self._inline is None else self._inline.glance
        async with begin() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        """A transaction for changes, committed at the end of the block."""
        begin = self._engine.begin if self._inline is None else self._inline.write
        async with begin() as connection:
            yield connection

    async def forget_old_pages(self) -> None:
        """After an erasure: leave no older copy of changed pages in SQLite's write-ahead file."""
        if self._inline is not None:
            await self._inline.truncate_log()

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()
        if self._inline is not None:
            self._inline.close()


class _Inline:
    """The process's own way into its SQLite file."""

    def __init__(self, url: URL) -> None:
        plain = url.set(drivername="sqlite+pysqlite")
        self._writer = create_engine(plain, hide_parameters=True, pool_size=1, max_overflow=0, connect_args=_ARGUMENTS)
        self._reader = create_engine(plain, hide_parameters=True, pool_size=READERS, connect_args=_ARGUMENTS)
        _prepare(self._writer, begin="BEGIN IMMEDIATE")
        _prepare(self._reader, begin="BEGIN")
        self._queue = asyncio.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-writer")

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[Connection]:
        with self._reader.begin() as connection:
            yield InlineConnection(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        async with self._queue:
            connection = await self._away(self._begin)
            try:
                yield InlineConnection(connection)
            except BaseException:
                await self._away(connection.close)
                raise
            await self._away(lambda: _commit(connection))

    async def truncate_log(self) -> None:
        async with self._queue:
            await self._away(self._truncate)

    def _truncate(self) -> None:
        raw = self._writer.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        finally:
            raw.close()

    def _begin(self) -> SyncConnection:
        connection = self._writer.connect()
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        return connection

    async def _away(self, work: Callable[[], T]) -> T:
        """Run on the writer's thread. Whoever waits may be cancelled; the work is never left half done behind them."""
        working = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            await asyncio.wait({working})
            if not working.cancelled() and working.exception() is None and work == self._begin:
                left: Any = working.result()
                await asyncio.wait({asyncio.get_running_loop().run_in_executor(self._thread, left.close)})
            raise

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()
        self._thread.shutdown()


def _commit(connection: SyncConnection) -> None:
    try:
        connection.commit()
    finally:
        connection.close()


_ARGUMENTS = {"timeout": BUSY_TIMEOUT_MS / 1000, "isolation_level": None, "check_same_thread": False}


def _sqlite_readers(url: URL) -> AsyncEngine:
    engine = create_async_engine(url, hide_parameters=True, pool_size=READERS, max_overflow=0, connect_args=_ARGUMENTS)
    _prepare(engine.sync_engine, begin="BEGIN")
    return engine


def _postgresql(url: URL) -> AsyncEngine:
    return create_async_engine(
        url,
        hide_parameters=True,
        pool_size=10,
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "options": "-c timezone=UTC -c lock_timeout=5000"},
    )


def _prepare(engine: Engine, *, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
            cursor.execute(f"PRAGMA {pragma}")
        # Words that were deleted must not linger in free pages of the file.
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:
        connection.exec_driver_sql(begin)
