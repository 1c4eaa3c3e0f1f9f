"""A process's place on a PostgreSQL: an advisory lock, held by a connection kept open for nothing else.

The lock ends with the process, however that ends, but also when the database is restarted. So the connection is looked
after on a thread, and the place is asked for again once it is lost.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import structlog
from psycopg.conninfo import make_conninfo

log = structlog.get_logger(__name__)

_ALONE = "SELECT pg_advisory_lock(hashtext('tsunagu.server'))"
_SHARED = "SELECT pg_advisory_lock_shared(hashtext('tsunagu.server'))"
#: Seconds until a lost place is found out.
LOOK_EVERY = 1.0
#: Where the network was cut, both sides find out within a minute, and the database gives the place back.
_ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


@contextmanager
def held(address: str, *, shared: bool) -> Iterator[None]:
    """Have the place while the block lasts.

    Raises psycopg.OperationalError when the database cannot be reached, LockNotAvailable when it is taken.
    """
    place = _Place(address, shared=shared)
    place.take()
    over = threading.Event()
    looking = threading.Thread(target=place.keep, args=(over,), name="place", daemon=True)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()
        place.leave()


class _Place:
    def __init__(self, address: str, *, shared: bool) -> None:
        self._address = address
        self._lock = _SHARED if shared else _ALONE
        self._connection: psycopg.Connection | None = None
        self._told = False

    def take(self) -> None:
        address = make_conninfo(self._address, **_ALIVE)
        connection = psycopg.connect(address, autocommit=True, connect_timeout=2)
        try:
            for name, value in _ALIVE.items():
                connection.execute(f"SET tcp_{name} = {value}")
            # A server that was just killed gives its lock back a moment later.
            connection.execute("SET lock_timeout = '3s'")
            connection.execute(self._lock)
        except psycopg.Error:
            connection.close()
            raise
        self._connection = connection

    def keep(self, over: threading.Event) -> None:
        while not over.wait(LOOK_EVERY):
            if self._is_lost():
                self._take_again()

    def leave(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _is_lost(self) -> bool:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.execute("SELECT 1")
                return False
        self.leave()
        return True

    def _take_again(self) -> None:
        taken = False
        # Otherwise the database is still away.
        with suppress(psycopg.OperationalError):
            try:
                self.take()
            except psycopg.errors.LockNotAvailable:
                taken = True
            else:
                log.info("server.place_taken_again")
        if taken and not self._told:
            log.error("server.not_alone")
        self._told = taken
