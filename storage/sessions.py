"""Sign-ins: sessions by the hash of their token, and how long who failed has to wait.

Failures are counted for an account from one address, for an address, and — for the second factor only, which needs
the right password first — for an account. So somebody who tries passwords slows down nobody but their own address.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.database import Connection
from storage.staff_tables import SignInTry, Staff, StaffSession, Stage
from storage.tables import table_of
from storage.vault import IndexKey

_SESSIONS = table_of(StaffSession)
_TRIES = table_of(SignInTry)
_STAFF = table_of(Staff)

#: A session's own time is noted this often: not every look is worth a write.
NOTED_EVERY = timedelta(minutes=1)
#: Between password and second factor.
PASSWORD_STAGE_LASTS = timedelta(minutes=10)
KEPT_AFTER_END = timedelta(days=90)
FAILURES_FORGOTTEN_AFTER = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How long a session lasts, whatever happens, and without a sign of life."""

    absolute: timedelta = timedelta(hours=12)
    idle: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A session as it is stored, with what is needed of its owner."""

    id: UUID
    staff_id: UUID
    stage: Stage
    address: str
    created_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    disabled: bool
    must_change: bool

    def is_open(self, now: datetime, limits: Limits) -> bool:
        """Whether it may still be used."""
        if self.ended_at is not None or self.disabled:
            return False
        lasts = limits.absolute if self.stage is Stage.FULL else PASSWORD_STAGE_LASTS
        return now < self.created_at + lasts and now < self.seen_at + limits.idle


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def begin(
    connection: Connection,
    *,
    session_id: UUID,
    token: str,
    staff_id: UUID,
    stage: Stage,
    address: str,
    device: str,
    now: datetime,
) -> None:
    """Open a session. `token` is random and known to the browser alone."""
    row = {"id": session_id, "token_hash": _hash(token), "staff_id": staff_id, "stage": stage, "address": address[:64]}
    await connection.execute(insert(_SESSIONS), {**row, "device": device[:64], "created_at": now, "seen_at": now})


async def find(connection: Connection, token: str) -> Session | None:
    """The session of a token, open or not."""
    query = (
        select(_SESSIONS, _STAFF.c.disabled_at, _STAFF.c.must_change)
        .join_from(_SESSIONS, _STAFF, _STAFF.c.id == _SESSIONS.c.staff_id)
        .where(_SESSIONS.c.token_hash == _hash(token))
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    return Session(
        id=row.id,
        staff_id=row.staff_id,
        stage=row.stage,
        address=row.address,
        created_at=row.created_at,
        seen_at=row.seen_at,
        ended_at=row.ended_at,
        disabled=row.disabled_at is not None,
        must_change=row.must_change,
    )


async def seen(connection: Connection, session_id: UUID, now: datetime) -> None:
    """Note a sign of life."""
    await connection.execute(update(_SESSIONS).where(_SESSIONS.c.id == session_id).values(seen_at=now))


async def end(connection: Connection, session_id: UUID, *, reason: str, now: datetime) -> None:
    """Close one session."""
    which = (_SESSIONS.c.id == session_id, _SESSIONS.c.ended_at.is_(None))
    await connection.execute(update(_SESSIONS).where(*which).values(ended_at=now, end_reason=reason))


async def end_all(
    connection: Connection, staff_id: UUID, *, reason: str, now: datetime, but: UUID | None = None
) -> None:
    """Close all sessions of somebody, but one where it is given."""
    which = [_SESSIONS.c.staff_id == staff_id, _SESSIONS.c.ended_at.is_(None)]
    if but is not None:
        which.append(_SESSIONS.c.id != but)
    await connection.execute(update(_SESSIONS).where(*which).values(ended_at=now, end_reason=reason))


async def open_ones(connection: Connection, staff_id: UUID, *, now: datetime, limits: Limits) -> list[Row[Any]]:
    """The open sessions of somebody, newest first: id, address, device, created_at, seen_at."""
    query = select(_SESSIONS).where(
        _SESSIONS.c.staff_id == staff_id,
        _SESSIONS.c.ended_at.is_(None),
        _SESSIONS.c.stage == Stage.FULL,
        _SESSIONS.c.created_at > now - limits.absolute,
        _SESSIONS.c.seen_at > now - limits.idle,
    )
    return list((await connection.execute(query.order_by(_SESSIONS.c.seen_at.desc()))).all())


async def knows_address(connection: Connection, staff_id: UUID, address: str) -> bool:
    """Whether this person has signed in wholly from this address before."""
    query = select(_SESSIONS.c.id).where(
        _SESSIONS.c.staff_id == staff_id, _SESSIONS.c.address == address[:64], _SESSIONS.c.stage == Stage.FULL
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def tidy(connection: Connection, now: datetime) -> None:
    """Forget old sessions and old failures."""
    await connection.execute(delete(_SESSIONS).where(_SESSIONS.c.seen_at < now - KEPT_AFTER_END))
    await connection.execute(delete(_TRIES).where(_TRIES.c.last_at < now - FAILURES_FORGOTTEN_AFTER))


class TryKind(StrEnum):
    """What failures have in common."""

    ACCOUNT_HERE = "account_here"
    ADDRESS = "address"
    CODE = "code"
    #: Watchwords: of one room from one address, from one address, and of one room wherever the tries come from.
    ROOM_HERE = "room_here"
    ROOM_ADDRESS = "room_address"
    ROOM = "room"


#: Failures without any wait, and the longest wait. Many sit behind one address of an office, so it is given more.
_FREE = {
    TryKind.ACCOUNT_HERE: 3,
    TryKind.ADDRESS: 20,
    TryKind.CODE: 5,
    TryKind.ROOM_HERE: 5,
    TryKind.ROOM_ADDRESS: 40,
    TryKind.ROOM: 30,
}
_LONGEST = {
    TryKind.ACCOUNT_HERE: timedelta(minutes=15),
    TryKind.ADDRESS: timedelta(minutes=1),
    TryKind.CODE: timedelta(minutes=15),
    TryKind.ROOM_HERE: timedelta(minutes=30),
    TryKind.ROOM_ADDRESS: timedelta(minutes=5),
    TryKind.ROOM: timedelta(minutes=15),
}


def delay(kind: TryKind, failures: int) -> timedelta:
    """How long to wait after so many failures: nothing at first, then doubling, and never for ever."""
    above = failures - _FREE[kind]
    if above <= 0:
        return timedelta(0)
    return min(_LONGEST[kind], timedelta(seconds=2 ** min(above, 12)))


@dataclass(frozen=True, slots=True)
class TryKey:
    """A counter of failures."""

    kind: TryKind
    key: bytes

    @classmethod
    def of(cls, index: IndexKey, kind: TryKind, *parts: str) -> TryKey:
        """The counter of a kind for what is named."""
        return cls(kind, index.of("sign-in", kind.value, *parts))


async def attempt(connection: Connection, keys: list[TryKey], now: datetime) -> timedelta:
    """Begin a try: how long to wait before it, or nothing — then it counts as failed until `succeeded` says else.

    Counting first means that a thousand tries at once are a thousand failures, not one.
    """
    wait = timedelta(0)
    counted: dict[TryKey, int] = {}
    # In one order for everybody, so that no two wait for each other.
    for key in sorted(keys, key=lambda key: key.key):
        row = await _locked(connection, key, now)
        fresh = row.last_at > now - FAILURES_FORGOTTEN_AFTER
        counted[key] = (row.failures if fresh else 0) + 1
        if row.wait_until is not None and row.wait_until > now:
            wait = max(wait, row.wait_until - now)
    if wait:
        return wait
    for key, failures in counted.items():
        until = now + delay(key.kind, failures)
        values = {"failures": failures, "last_at": now, "wait_until": until if until > now else None}
        await connection.execute(update(_TRIES).where(_TRIES.c.key == key.key).values(values))
    return wait


async def _locked(connection: Connection, key: TryKey, now: datetime) -> Row[Any]:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    fresh = dialect.insert(_TRIES).values(key=key.key, failures=0, last_at=now)
    await connection.execute(fresh.on_conflict_do_nothing())
    return (await connection.execute(select(_TRIES).where(_TRIES.c.key == key.key).with_for_update())).one()


async def succeeded(connection: Connection, keys: list[TryKey]) -> None:
    """Forget the failures of these, the try that has just succeeded among them. An address keeps what others failed."""
    for key in keys:
        if key.kind in {TryKind.ADDRESS, TryKind.ROOM_ADDRESS, TryKind.ROOM}:
            one_less = update(_TRIES).where(_TRIES.c.key == key.key, _TRIES.c.failures > 0)
            await connection.execute(one_less.values(failures=_TRIES.c.failures - 1, wait_until=None))
        else:
            await connection.execute(delete(_TRIES).where(_TRIES.c.key == key.key))
