"""The audit: acts added to one chain for each desk, and the check that nothing was changed, taken out or cut off.

Each row's `mac` is HMAC-SHA256 over the mac before it and the row itself, under a key derived from the index key:
without DATA_KEY nobody can write a row that fits. What a cut tail leaves fits too; against that `heads` are
exported and compared later. Locks are taken in the order resident, case, sheet, audit.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.audit_tables import AuditEntry, AuditHead
from storage.database import Connection
from storage.ids import NewId
from storage.keyring import Keyring
from storage.tables import table_of
from storage.vault import IndexKey

#: The chain of what belongs to no desk: signing in, accounts.
NO_DESK = "-"
RESIDENT = "resident"
PROGRAM = "program"
#: Before the first row.
START = b"\0" * 32

_PLAIN = re.compile(r"[A-Za-z0-9_.:,+*/-]{0,64}")
_BATCH = 1000
_ROWS = table_of(AuditEntry)
_HEADS = table_of(AuditHead)

Detail = str | int | bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """Something done. `actor` is a member of staff, `RESIDENT` or `PROGRAM`; `detail` takes ids and plain names only:
    letters a word of a resident would need are refused with ValueError.
    """

    action: str
    object_kind: str
    object_id: UUID | str | None = None
    actor: UUID | str = PROGRAM
    address: str | None = None
    desk_id: str = NO_DESK
    detail: Mapping[str, Detail] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for value in (*self.detail, *self.detail.values(), self.object_id, self.actor, self.action):
            if isinstance(value, str) and not _PLAIN.fullmatch(value):
                raise ValueError(f"the audit of {self.object_kind} takes ids and plain names only")


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """The end of a desk's chain at some time."""

    desk_id: str
    number: int
    mac: bytes


class Flaw(StrEnum):
    """What is wrong with a chain."""

    CHANGED = "changed"
    MISSING = "missing"
    CUT = "cut"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A flaw, and the number of the first row it touches."""

    desk_id: str
    number: int
    flaw: Flaw


async def record(connection: Connection, keyring: Keyring, act: Act, *, at: datetime, new_id: NewId) -> None:
    """Add an act to its desk's chain, in the transaction of the act itself."""
    head = await _locked_head(connection, act.desk_id)
    row = {
        "id": new_id(),
        "desk_id": act.desk_id,
        "number": head.number + 1,
        "at": at,
        "actor": str(act.actor),
        "address": act.address,
        "action": act.action,
        "object_kind": act.object_kind,
        "object_id": None if act.object_id is None else str(act.object_id),
        "detail": dict(act.detail),
    }
    mac = _mac(keyring.index, head.mac, row)
    await connection.execute(insert(_ROWS), {**row, "mac": mac})
    await connection.execute(
        update(_HEADS).where(_HEADS.c.desk_id == act.desk_id).values(number=row["number"], mac=mac)
    )


async def _locked_head(connection: Connection, desk_id: str) -> Head:
    query = select(_HEADS).where(_HEADS.c.desk_id == desk_id).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        # Two first acts at once: one makes the row, the other waits for it.
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        first = dialect.insert(_HEADS).values(desk_id=desk_id, number=0, mac=START)
        await connection.execute(first.on_conflict_do_nothing())
        row = (await connection.execute(query)).one()
    return Head(desk_id=row.desk_id, number=row.number, mac=row.mac)


def _mac(key: IndexKey, before: bytes, row: Mapping[str, Any]) -> bytes:
    canonical = {
        "id": str(row["id"]),
        "desk_id": row["desk_id"],
        "number": row["number"],
        "at": row["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        **{name: row[name] for name in ("actor", "address", "action", "object_kind", "object_id", "detail")},
    }
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return key.of("audit", before.hex(), text)


async def heads(connection: Connection) -> list[Head]:
    """The end of every chain, to be kept where the database's keeper cannot change it."""
    rows = await connection.execute(select(_HEADS).order_by(_HEADS.c.desk_id))
    return [Head(desk_id=row.desk_id, number=row.number, mac=row.mac) for row in rows]


async def verify(connection: Connection, keyring: Keyring, exported: Sequence[Head] = ()) -> list[Found]:
    """Flaws of all chains, against the chains themselves and against heads exported earlier; empty is good."""
    found: list[Found] = []
    now = {head.desk_id: head for head in await heads(connection)}
    stored = (await connection.execute(select(_ROWS.c.desk_id).distinct())).scalars()
    for desk_id in sorted({*now, *stored, *(head.desk_id for head in exported)}):
        earlier = {head.number: head.mac for head in exported if head.desk_id == desk_id and head.number}
        found += await _verify_desk(connection, keyring, desk_id, now.get(desk_id), earlier)
    return found


async def _verify_desk(
    connection: Connection, keyring: Keyring, desk_id: str, head: Head | None, earlier: Mapping[int, bytes]
) -> list[Found]:
    found: list[Found] = []
    mac, number = START, 0
    async for row in _chain(connection, desk_id):
        number += 1
        if row.number != number:
            found.append(Found(desk_id=desk_id, number=number, flaw=Flaw.MISSING))
            number = row.number
        elif row.mac != _mac(keyring.index, mac, row._asdict()) or earlier.get(number, row.mac) != row.mac:
            found.append(Found(desk_id=desk_id, number=number, flaw=Flaw.CHANGED))
        mac = row.mac
    newest = max([*earlier, 0 if head is None else head.number])
    if newest > number:
        found.append(Found(desk_id=desk_id, number=number + 1, flaw=Flaw.CUT))
    elif head is None or (head.number, head.mac) != (number, mac):
        found.append(Found(desk_id=desk_id, number=number, flaw=Flaw.CHANGED))
    return found


async def _chain(connection: Connection, desk_id: str) -> AsyncIterator[Row[Any]]:
    """The rows of a desk in order, a batch at a time: years of them do not fit into memory."""
    after = -1
    while True:
        query = select(_ROWS).where(_ROWS.c.desk_id == desk_id, _ROWS.c.number > after)
        rows = (await connection.execute(query.order_by(_ROWS.c.number).limit(_BATCH))).all()
        for row in rows:
            yield row
        if len(rows) < _BATCH:
            return
        after = rows[-1].number


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which entries to show; None does not ask. `desks` are those the reader may see, None for all."""

    desks: frozenset[str] | None = None
    actor: str | None = None
    action: str | None = None
    object_kind: str | None = None
    object_id: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    #: Only entries older than this one: the last of the page before.
    after: UUID | None = None


async def entries(connection: Connection, wanted: Wanted, *, limit: int) -> list[Row[Any]]:
    """Entries, the newest first."""
    query = select(_ROWS).order_by(_ROWS.c.id.desc()).limit(limit)
    if wanted.desks is not None:
        query = query.where(_ROWS.c.desk_id.in_(sorted(wanted.desks)))
    for name in ("actor", "action", "object_kind", "object_id"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(_ROWS.c[name] == value)
    if wanted.since is not None:
        query = query.where(_ROWS.c.at >= wanted.since)
    if wanted.before is not None:
        query = query.where(_ROWS.c.at < wanted.before)
    if wanted.after is not None:
        query = query.where(_ROWS.c.id < wanted.after)
    return list((await connection.execute(query)).all())
