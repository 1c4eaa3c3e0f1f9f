"""Mails to staff: rows before anything is sent, taken by one process at a time, with what became of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from casework.alerting import Recipient
from storage import processes, rota
from storage.database import Connection
from storage.ids import NewId
from storage.keyring import Keyring
from storage.notice_tables import Notice, NoticeKind, NoticeState
from storage.tables import table_of
from storage.vault import Place

NOTICES = table_of(Notice)
#: For how long a process has a mail in hand; longer than a mail server is waited for.
LEASE = timedelta(minutes=3)


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What a mail is about; `minutes` since the call was raised."""

    desk_id: str
    kind: NoticeKind
    call_id: UUID | None = None
    case_id: UUID | None = None
    number: str | None = None
    step: int = 0
    minutes: int = 0
    day: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """A mail in hand, opened. `unsure`: somebody may have got it already."""

    id: UUID
    desk_id: str
    kind: NoticeKind
    call_id: UUID | None
    case_id: UUID | None
    number: str | None
    step: int
    minutes: int
    address: str
    message_id: str
    created_at: datetime
    expires_at: datetime
    tries: int
    unsure: bool
    maybe_doubled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What one try changed."""

    state: NoticeState
    next_try_at: datetime | None = None
    unsure: bool = False
    maybe_doubled: bool = False
    reason: str | None = None


def _place(notice_id: UUID) -> Place:
    return Place(table="notices", column="address", row=notice_id)


async def add(
    connection: Connection,
    keyring: Keyring,
    about: About,
    recipient: Recipient,
    *,
    now: datetime,
    expires_at: datetime,
    domain: str,
    new_id: NewId,
) -> UUID | None:
    """Put a mail down to be sent; None when this step, or this day's reminder, has told this mail box.
    `domain` is that of its Message-ID.
    """
    notice_id = new_id()
    row = {
        "id": notice_id,
        **{name: getattr(about, name) for name in About.__slots__},
        "staff_id": recipient.staff_id,
        "recipient": rota.index_of(keyring, recipient.address),
        "address_sealed": keyring.data.seal_json(_place(notice_id), recipient.address),
        # Not the row's id: that stays inside.
        "message_id": f"<{new_id().hex}@{domain}>",
        "state": NoticeState.WAITING,
        "created_at": now,
        "expires_at": expires_at,
        "next_try_at": now,
        "tries": 0,
        "unsure": False,
        "maybe_doubled": False,
    }
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    new = dialect.insert(NOTICES).values(row).on_conflict_do_nothing().returning(NOTICES.c.id)
    return None if (await connection.execute(new)).first() is None else notice_id


async def due(connection: Connection, *, now: datetime, limit: int = 50) -> list[UUID]:
    """Mails to be tried now, danger first. What a dead process had in hand comes back when its lease is over."""
    query = (
        select(NOTICES.c.id)
        .where(NOTICES.c.state == NoticeState.WAITING, NOTICES.c.next_try_at <= now, _is_free(now))
        .order_by(NOTICES.c.kind != NoticeKind.URGENT, NOTICES.c.next_try_at, NOTICES.c.id)
        .limit(limit)
    )
    return list((await connection.execute(query)).scalars())


def _is_free(now: datetime) -> Any:
    return or_(NOTICES.c.leased_until.is_(None), NOTICES.c.leased_until <= now)


async def take(
    connection: Connection, keyring: Keyring, notice_id: UUID, *, process: UUID, now: datetime
) -> Mail | None:
    """Have a mail in hand; None when another process has it, or it is done. The try counts before it is made."""
    query = select(NOTICES).where(NOTICES.c.id == notice_id, NOTICES.c.state == NoticeState.WAITING, _is_free(now))
    row = (await connection.execute(query.with_for_update())).one_or_none()
    if row is None:
        return None
    # Somebody had it and did not say what came of it: it may have gone out.
    unsure = bool(row.unsure or row.leased_by is not None)
    values = {"leased_by": process, "leased_until": now + LEASE, "tries": NOTICES.c.tries + 1, "unsure": unsure}
    await connection.execute(update(NOTICES).where(NOTICES.c.id == notice_id).values(values))
    return _mail(row, keyring, tries=row.tries + 1, unsure=unsure)


def _mail(row: Row[Any], keyring: Keyring, *, tries: int, unsure: bool) -> Mail:
    opened = {"tries", "unsure", "address"}
    names = [name for name in Mail.__slots__ if name not in opened]
    address = str(keyring.data.open_json(_place(row.id), row.address_sealed))
    return Mail(**{name: getattr(row, name) for name in names}, address=address, tries=tries, unsure=unsure)


async def record(connection: Connection, notice_id: UUID, change: Change, *, process: UUID, now: datetime) -> bool:
    """Store what came of a try. False when the lease was over and another process has taken it."""
    values: dict[str, Any] = {
        "state": change.state,
        "unsure": change.unsure,
        "maybe_doubled": change.maybe_doubled,
        "reason": change.reason,
        "leased_by": None,
        "leased_until": None,
    }
    if change.next_try_at is not None:
        values["next_try_at"] = change.next_try_at
    if change.state is NoticeState.SENT:
        values["sent_at"] = now
    mine = (NOTICES.c.id == notice_id, NOTICES.c.leased_by == process, NOTICES.c.state == NoticeState.WAITING)
    return (await connection.execute(update(NOTICES).where(*mine).values(values))).rowcount == 1


async def inherit(connection: Connection, *, alone: bool) -> int:
    """What dead processes had in hand need not wait for their leases: see `outbox.inherit`."""
    leased = NOTICES.c.leased_by
    held = (NOTICES.c.state == NoticeState.WAITING, leased.is_not(None) if alone else processes.left_behind(leased))
    values = {"leased_by": None, "leased_until": None, "unsure": True}
    return (await connection.execute(update(NOTICES).where(*held).values(values))).rowcount


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How mail of a desk goes: by state, since when the oldest waits, how many may have come twice or came to nothing
    lately, and whether the newest tries failed.
    """

    by_state: Mapping[str, int]
    waiting_since: datetime | None = None
    maybe_doubled: int = 0
    in_vain: int = 0
    stuck: int = 0


NO_MAIL = Standing(by_state={state.value: 0 for state in NoticeState})


async def standing(connection: Connection, *, now: datetime) -> dict[str, Standing]:
    """Figures by desk for the console's banner and for operators; nothing of a person in them. Desks that have sent
    no mail are not there.
    """
    of, waiting = NOTICES.c, NOTICES.c.state == NoticeState.WAITING
    vain = of.state.in_((NoticeState.FAILED, NoticeState.EXPIRED)) & (of.created_at >= now - timedelta(days=1))
    figures = (
        func.min(of.created_at).filter(waiting).label("waiting_since"),
        func.count().filter(of.maybe_doubled.is_(True)).label("maybe_doubled"),
        func.count().filter(vain).label("in_vain"),
        func.count().filter(waiting, of.reason.is_not(None)).label("stuck"),
    )
    states: defaultdict[str, dict[str, int]] = defaultdict(lambda: dict(NO_MAIL.by_state))
    for row in await connection.execute(
        select(of.desk_id, of.state, func.count().label("rows")).group_by(of.desk_id, of.state)
    ):
        states[row.desk_id][row.state.value] = row.rows
    rows = await connection.execute(select(of.desk_id, *figures).group_by(of.desk_id))
    return {
        row.desk_id: Standing(
            by_state=states[row.desk_id],
            waiting_since=row.waiting_since,
            maybe_doubled=row.maybe_doubled,
            in_vain=row.in_vain,
            stuck=row.stuck,
        )
        for row in rows
    }


async def last_of_days(connection: Connection, desk_id: str, *, since: datetime) -> datetime | None:
    """When a desk's last mails of a day were written; None where there are none `since` then."""
    here = (NOTICES.c.desk_id == desk_id) & (NOTICES.c.kind == NoticeKind.DAY) & (NOTICES.c.created_at >= since)
    last: datetime | None = (await connection.execute(select(func.max(NOTICES.c.created_at)).where(here))).scalar_one()
    return last


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A mail as the console lists it: to whom of the staff (None: an address of the desk), and what became of it."""

    kind: NoticeKind
    number: str | None
    staff_id: UUID | None
    step: int
    state: NoticeState
    created_at: datetime
    sent_at: datetime | None
    tries: int
    maybe_doubled: bool
    reason: str | None


async def recent(connection: Connection, desk_id: str, *, limit: int = 50) -> list[Told]:
    """The newest mails of a desk."""
    query = select(*(NOTICES.c[name] for name in Told.__slots__)).where(NOTICES.c.desk_id == desk_id)
    rows = await connection.execute(query.order_by(NOTICES.c.created_at.desc(), NOTICES.c.id.desc()).limit(limit))
    return [Told(**row._asdict()) for row in rows]
