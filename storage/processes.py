"""Several processes on one PostgreSQL: who is alive, and who does what one does for all.

A process that has not been seen for `LEASE` is dead: what it had in hand is taken up by others. It was seen by the
database's clock, so that the clocks of the machines need not agree. A process itself counts from before it asked, by a
clock that is never set (see `bot.engines.tenure`), and stops sending well before the others give it up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from storage.database import Connection
from storage.process_tables import ClockWork, Process
from storage.tables import table_of

_PROCESSES = table_of(Process)
_WORKS = table_of(ClockWork)

#: Reply tokens live for a minute: whoever takes a dead process's letters up has to come before that.
LEASE = timedelta(seconds=20)
#: How much of its pace a work must be old to be done again: those who ask never ask at the same moment.
_RIPE = 0.9


def _now() -> ColumnElement[datetime]:
    # Not now(): that is when the transaction began.
    return func.clock_timestamp(type_=DateTime(timezone=True))


def left_behind(leased_by: Any) -> ColumnElement[bool]:
    """Whether a column names a process that is not alive."""
    living = select(_PROCESSES.c.id).where(_PROCESSES.c.seen_at > _now() - LEASE)
    return and_(leased_by.is_not(None), leased_by.not_in(living))


async def beat(connection: Connection, process: UUID, *, works: bool) -> None:
    """This process is alive."""
    row = {"id": process, "works": works, "started_at": _now(), "seen_at": _now()}
    seen = insert(_PROCESSES).values(row).on_conflict_do_update(index_elements=["id"], set_={"seen_at": _now()})
    await connection.execute(seen)


async def end(connection: Connection, process: UUID) -> None:
    """This process ends: what it still has in hand is left behind from now on."""
    await connection.execute(update(_WORKS).where(_WORKS.c.held_by == process).values(held_by=None))
    await connection.execute(delete(_PROCESSES).where(_PROCESSES.c.id == process))


async def bury(connection: Connection) -> int:
    """Forget processes that died without a word. Their leases are left behind with or without this."""
    dead = delete(_PROCESSES).where(_PROCESSES.c.seen_at <= _now() - LEASE)
    return (await connection.execute(dead)).rowcount


async def take(connection: Connection, name: str, *, pace: timedelta, process: UUID) -> bool:
    """Begin a periodic work for all. False when it is not due, or another living process is at it."""
    first = {"name": name, "due_at": _now(), "held_by": None}
    await connection.execute(insert(_WORKS).values(first).on_conflict_do_nothing())
    held, due = _WORKS.c.held_by, _WORKS.c.due_at
    mine = (
        _WORKS.c.name == name,
        or_(held.is_(None), held == process, left_behind(held)),
        # A time further away than one pace was written before somebody set the clock back.
        or_(due <= _now(), due > _now() + pace),
    )
    values = {"held_by": process, "due_at": _now() + pace * _RIPE}
    return (await connection.execute(update(_WORKS).where(*mine).values(values))).rowcount == 1


async def done(connection: Connection, name: str, *, process: UUID) -> None:
    """A periodic work has been done, or has failed: the next may begin it when it is due."""
    mine = (_WORKS.c.name == name, _WORKS.c.held_by == process)
    await connection.execute(update(_WORKS).where(*mine).values(held_by=None))


@dataclass(frozen=True, kw_only=True, slots=True)
class Company:
    """How many processes are alive, and how many of them work."""

    all: int
    working: int


async def company(connection: Connection) -> Company:
    """Who is there now."""
    alive = select(func.count().label("all"), func.count().filter(_PROCESSES.c.works).label("working"))
    row = (await connection.execute(alive.where(_PROCESSES.c.seen_at > _now() - LEASE))).one()
    return Company(all=row.all, working=row.working)
