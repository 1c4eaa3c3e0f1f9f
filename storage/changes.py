"""Counters that rise with every change of a desk's queue and talks, in the transaction of the change itself.

Open pages listen to them: one poll of a process feeds all its streams, however many processes there are.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from storage.case_tables import Change
from storage.database import Connection
from storage.tables import table_of

_CHANGES = table_of(Change)


@dataclass(frozen=True, kw_only=True, slots=True)
class Counters:
    """How often a desk's queue, and the talks and presence in its cases, have changed."""

    queue: int
    talk: int


async def bump(connection: Connection, desk_id: str, *, queue: bool = True, talk: bool = True) -> None:
    """Tell open pages. Call it last in a transaction: on PostgreSQL the row is everybody's until the commit."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    first = dialect.insert(_CHANGES).values(desk_id=desk_id, queue=int(queue), talk=int(talk))
    rising = {"queue": _CHANGES.c.queue + int(queue), "talk": _CHANGES.c.talk + int(talk)}
    await connection.execute(first.on_conflict_do_update(index_elements=["desk_id"], set_=rising))


async def counters(connection: Connection) -> dict[str, Counters]:
    """All desks' counters."""
    rows = await connection.execute(select(_CHANGES))
    return {row.desk_id: Counters(queue=row.queue, talk=row.talk) for row in rows}
