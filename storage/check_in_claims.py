"""Check-ins that are due: taken many at once, and what became of them stored together.

Whoever takes them has their residents locked (PostgreSQL: passing over those that a turn has in hand; SQLite: the write
queue), so nobody else decides for them, and an occurrence that another process took is not there any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Row, and_, bindparam, func, insert, select, update

from casework.queue import Level
from storage import outbox, residents
from storage.arrays import each_of
from storage.case_tables import CaseEvent
from storage.cases import CASES
from storage.database import Connection
from storage.followup_tables import CheckInKind, CheckInState, PlanEnd
from storage.followups import CHECK_INS, PLANS, Personal, PlanRow, opened_personal, opened_plan
from storage.keyring import Keyring
from storage.many_rows import Updating, Values, insert_many
from storage.outbox import NewLetter
from storage.residents import ResidentRow
from storage.tables import Key, OutboxMessage, OutboxState, Resident, Turn, table_of
from storage.vault import SealingKey

_RESIDENTS, _KEYS = table_of(Resident), table_of(Key)
_OUTBOX = table_of(OutboxMessage)
_TURNS = table_of(Turn)
_EVENT = insert(table_of(CaseEvent))
_OPEN = CASES.c.closed_at.is_(None)
#: Names the lock of a desk's sweep among PostgreSQL's advisory locks.
_SWEEP = 0x636865636B696E73


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One occurrence that is due, its resident being locked. `follows` is the word it comes after, and `said_at` when
    that went out: None where it never reached LINE.
    """

    id: UUID
    kind: CheckInKind
    due_at: datetime
    tries: int
    plan: PlanRow
    resident: ResidentRow
    personal: Personal | None
    follows: UUID | None
    said_at: datetime | None


_OF_CHECK_IN = ("plan_id", "kind", "due_at", "tries", "second_of", "personal_sealed")
_OF_PLAN = ("plan_sealed", "set_by", "made_at", "sent", "silent_at")
#: One row has all that is opened of an occurrence: itself, the plan that holds, the resident and their key.
_OPENED = (
    select(
        *residents.SEEN,
        CHECK_INS.c.id.label("check_in_id"),
        *(CHECK_INS.c[name] for name in _OF_CHECK_IN),
        *(PLANS.c[name] for name in _OF_PLAN),
    )
    .join_from(CHECK_INS, PLANS, PLANS.c.id == CHECK_INS.c.plan_id)
    .join(_RESIDENTS, _RESIDENTS.c.id == CHECK_INS.c.resident_id)
    .join(_KEYS, _KEYS.c.id == _RESIDENTS.c.key_id)
    .where(CHECK_INS.c.id.in_(each_of("ids")), CHECK_INS.c.state == CheckInState.WAITING, PLANS.c.retired_at.is_(None))
    .where(_RESIDENTS.c.erased_at.is_(None), _KEYS.c.wrapped.is_not(None))
    .order_by(CHECK_INS.c.look_at)
)
_BEFORE = (
    select(CHECK_INS.c.id, CHECK_INS.c.decided_at, _OUTBOX.c.state)
    .outerjoin_from(CHECK_INS, _OUTBOX, _OUTBOX.c.id == CHECK_INS.c.letter_id)
    .where(CHECK_INS.c.id.in_(each_of("ids")))
)


async def first_in_line(connection: Connection, desk_id: str) -> bool:
    """Whether no other process sweeps this desk now: rate and quota are counted by one at a time."""
    if connection.dialect.name == "sqlite":
        return True
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(desk_id, _SWEEP))
    return bool((await connection.execute(select(lock))).scalar_one())


def due_query(desk_id: str, *, now: datetime, limit: int) -> Any:
    """The residents for whom something is due, the longest waiting first, locked."""
    return (
        select(CHECK_INS.c.id)
        .join_from(CHECK_INS, _RESIDENTS, _RESIDENTS.c.id == CHECK_INS.c.resident_id)
        .where(CHECK_INS.c.desk_id == desk_id, CHECK_INS.c.state == CheckInState.WAITING, CHECK_INS.c.look_at <= now)
        .order_by(CHECK_INS.c.look_at)
        .limit(limit)
        .with_for_update(of=_RESIDENTS, skip_locked=True)
    )


async def is_anything_due(connection: Connection, desk_id: str, *, now: datetime) -> bool:
    """Whether a sweep has anything to do; one look at the index."""
    waits = (CHECK_INS.c.desk_id == desk_id, CHECK_INS.c.state == CheckInState.WAITING, CHECK_INS.c.look_at <= now)
    return (await connection.execute(select(CHECK_INS.c.id).where(*waits).limit(1))).first() is not None


async def due(connection: Connection, desk_id: str, *, now: datetime, limit: int) -> list[UUID]:
    """What is due, the longest waiting first."""
    waits = (CHECK_INS.c.desk_id == desk_id, CHECK_INS.c.state == CheckInState.WAITING, CHECK_INS.c.look_at <= now)
    query = select(CHECK_INS.c.id).where(*waits).order_by(CHECK_INS.c.look_at).limit(limit)
    return list((await connection.execute(query)).scalars())


async def claim(
    connection: Connection,
    keyring: Keyring,
    desk_id: str,
    *,
    now: datetime,
    limit: int,
    only: Sequence[UUID] | None = None,
) -> list[Claim]:
    """Lock the residents of what is due, and look at it as it is then; with `only`, at these of it."""
    query = due_query(desk_id, now=now, limit=limit)
    found = await connection.execute(query if only is None else query.where(CHECK_INS.c.id.in_(only)))
    ids = list(found.scalars())
    return await opened(connection, keyring, ids) if ids else []


async def upcoming(connection: Connection, desk_id: str, *, until: datetime) -> list[UUID]:
    """All that waits for a time before `until`, the next first."""
    waits = (CHECK_INS.c.desk_id == desk_id, CHECK_INS.c.state == CheckInState.WAITING, CHECK_INS.c.due_at < until)
    query = select(CHECK_INS.c.id).where(*waits).order_by(CHECK_INS.c.due_at, CHECK_INS.c.id)
    return list((await connection.execute(query)).scalars())


async def opened(connection: Connection, keyring: Keyring, ids: Sequence[UUID]) -> list[Claim]:
    """What of these waits now, with plan and resident."""
    rows = (await connection.execute(_OPENED, {"ids": ids})).all()
    before = await _before(connection, [row.second_of for row in rows if row.second_of is not None])
    return [_claim(row, residents.opened(keyring, row), before.get(row.second_of)) for row in rows]


async def _before(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """The words that others follow, with how their delivery went."""
    return {row.id: row for row in await connection.execute(_BEFORE, {"ids": ids})} if ids else {}


def _claim(row: Row[Any], resident: ResidentRow, before: Row[Any] | None) -> Claim:
    personal = row.personal_sealed
    return Claim(
        id=row.check_in_id,
        kind=row.kind,
        due_at=row.due_at,
        tries=row.tries,
        plan=_plan(row, resident),
        resident=resident,
        personal=None if personal is None else opened_personal(row.check_in_id, personal, resident.key),
        follows=row.second_of,
        # A letter that is not kept any more went out: what did not is kept for longer than a second word waits.
        said_at=before.decided_at if before is not None and before.state in {OutboxState.SENT, None} else None,
    )


def _plan(row: Row[Any], resident: ResidentRow) -> PlanRow:
    return PlanRow(
        id=row.plan_id,
        desk_id=resident.desk_id,
        resident_id=resident.id,
        plan=opened_plan(row.plan_id, row.plan_sealed, resident.key),
        set_by=row.set_by,
        made_at=row.made_at,
        sent=row.sent,
        retired_at=None,
        retired_why=None,
        silent_at=row.silent_at,
    )


# What became of them


@dataclass(kw_only=True, slots=True)
class Ledger:
    """What one transaction stores for all that it took."""

    turns: list[dict[str, Any]] = field(default_factory=list)
    states: list[tuple[ResidentRow, Any]] = field(default_factory=list)
    letters: list[tuple[UUID, SealingKey, NewLetter]] = field(default_factory=list)
    over: list[dict[str, Any]] = field(default_factory=list)
    put_off: list[dict[str, Any]] = field(default_factory=list)
    following: list[dict[str, Any]] = field(default_factory=list)
    #: Plans of which one more word went out.
    sent: list[UUID] = field(default_factory=list)
    silent: list[dict[str, Any]] = field(default_factory=list)
    ended: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def closes(
        self, claim: Claim, state: CheckInState, at: datetime, *, reason: str | None = None, letter: UUID | None = None
    ) -> None:
        """This occurrence is over."""
        self.over.append({"which": claim.id, "to": state, "at": at, "why": reason, "letter": letter})

    def waits(self, claim: Claim, until: datetime, reason: str, *, tries: int) -> None:
        """It is looked at again."""
        self.put_off.append({"which": claim.id, "until": until, "why": reason, "tried": tries})

    def ends(self, claim: Claim, why: PlanEnd, at: datetime) -> None:
        """Its plan is over."""
        self.ended.append({"which": claim.plan.id, "why": why, "at": at})


_WAITS = CHECK_INS.c.state == CheckInState.WAITING


def _closing(row: Values) -> Executable:
    over = {
        "state": row["to"],
        "decided_at": row["at"],
        "reason": row["why"],
        "letter_id": row["letter"],
        "personal_sealed": None,
    }
    return update(CHECK_INS).where(CHECK_INS.c.id == row["which"], _WAITS).values(over)


def _putting_off(row: Values) -> Executable:
    later = {"look_at": row["until"], "reason": row["why"], "tries": row["tried"]}
    return update(CHECK_INS).where(CHECK_INS.c.id == row["which"], _WAITS).values(later)


_OVER = Updating(
    {
        "which": CHECK_INS.c.id.type,
        "to": CHECK_INS.c.state.type,
        "at": CHECK_INS.c.decided_at.type,
        "why": CHECK_INS.c.reason.type,
        "letter": CHECK_INS.c.letter_id.type,
    },
    _closing,
)
_PUT_OFF = Updating(
    {
        "which": CHECK_INS.c.id.type,
        "until": CHECK_INS.c.look_at.type,
        "why": CHECK_INS.c.reason.type,
        "tried": CHECK_INS.c.tries.type,
    },
    _putting_off,
)
_SENT = update(PLANS).where(PLANS.c.id.in_(each_of("ids"))).values(sent=PLANS.c.sent + 1)
_PLAN = PLANS.c.id == bindparam("which")
_SILENT = update(PLANS).where(_PLAN, PLANS.c.silent_at.is_(None)).values(silent_at=bindparam("at"))
_ENDED = (
    update(PLANS)
    .where(_PLAN, PLANS.c.retired_at.is_(None))
    .values(retired_at=bindparam("at"), retired_why=bindparam("why"))
)


async def write(connection: Connection, ledger: Ledger) -> None:
    """Store it all; the letters are sent by whoever comes first.

    Raises `residents.Moved` when an occurrence or a talk is not any more as it was.
    """
    await insert_many(connection, _TURNS, ledger.turns)
    await residents.decided_many(connection, ledger.states)
    await outbox.add_many(connection, ledger.letters, leased_by=None)
    for changes, rows in ((_OVER, ledger.over), (_PUT_OFF, ledger.put_off)):
        if await changes.run(connection, rows) != len(rows):
            raise residents.Moved
    if ledger.sent:
        await connection.execute(_SENT, {"ids": ledger.sent})
    # Few of a round, or none.
    for statement, seldom in ((_EVENT, ledger.events), (_SILENT, ledger.silent), (_ENDED, ledger.ended)):
        if seldom:
            await connection.execute(statement, seldom)
    # Last of all: until here the one before it waited, and no plan has two that wait.
    await insert_many(connection, CHECK_INS, ledger.following)


async def put_off(connection: Connection, check_in_id: UUID, *, until: datetime, reason: str) -> None:
    """Something went wrong with one: it is looked at again, and holds up nobody else."""
    later = {"look_at": until, "reason": reason, "tries": CHECK_INS.c.tries + 1}
    await connection.execute(update(CHECK_INS).where(CHECK_INS.c.id == check_in_id, _WAITS).values(later))


async def sent_since(connection: Connection, desk_id: str, since: datetime, now: datetime) -> int:
    """How many check-ins a desk sent after `since`. What a wrong clock put into the future does not count."""
    query = (
        select(func.count())
        .select_from(CHECK_INS)
        .where(CHECK_INS.c.desk_id == desk_id, CHECK_INS.c.state == CheckInState.QUEUED)
        .where(CHECK_INS.c.decided_at > since, CHECK_INS.c.decided_at <= now)
    )
    return int((await connection.execute(query)).scalar_one())


async def due_under_watch(connection: Connection, desk_id: str, until: datetime) -> int:
    """How many check-ins of residents in worry or danger are due before `until`."""
    query = (
        select(func.count())
        .select_from(CHECK_INS.join(CASES, and_(CASES.c.resident_id == CHECK_INS.c.resident_id, _OPEN)))
        .where(CHECK_INS.c.desk_id == desk_id, _WAITS, CHECK_INS.c.due_at < until, CASES.c.risk_level != Level.NONE)
        .where(CHECK_INS.c.kind != CheckInKind.LOOK)
    )
    return int((await connection.execute(query)).scalar_one())


async def unpushed(connection: Connection, desk_id: str) -> int:
    """How many letters of a desk may still cost a push."""
    query = (
        select(func.count())
        .select_from(_OUTBOX.join(_RESIDENTS, _RESIDENTS.c.id == _OUTBOX.c.resident_id))
        .where(_OUTBOX.c.state == OutboxState.WAITING, _RESIDENTS.c.desk_id == desk_id)
    )
    return int((await connection.execute(query)).scalar_one())


async def from_the_future(connection: Connection, *, now: datetime, limit: int = 500) -> list[UUID]:
    """Whose next check-in was planned by a clock that ran ahead: its time is of no worth."""
    query = select(CHECK_INS.c.resident_id).where(_WAITS, CHECK_INS.c.made_at > now).limit(limit)
    return list((await connection.execute(query)).scalars())
