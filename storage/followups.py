"""Check-ins of one resident: the plan they agreed to, and the one occurrence of it that waits.

The resident is locked by whoever calls a function that changes something: a plan, its occurrences and the letters of
both change together, so that an old text never goes out. What is due is taken by `storage.check_in_claims`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, delete, insert, not_, select, update

from dialogue.effects import CheckInAnswer, SayKind
from dialogue.followups import Calendar, CheckInPlan, next_due
from dialogue.sending import SkipReason
from storage.database import Connection
from storage.followup_tables import CheckIn, CheckInKind, CheckInState, PlanEnd
from storage.followup_tables import CheckInPlan as PlanTable
from storage.ids import NewId
from storage.residents import ResidentRow
from storage.tables import OutboxMessage, OutboxState, table_of
from storage.vault import Place, SealingKey

PLANS = table_of(PlanTable)
CHECK_INS = table_of(CheckIn)
_OUTBOX = table_of(OutboxMessage)
_NEVER_CAME = frozenset({OutboxState.FAILED, OutboxState.EXPIRED, OutboxState.BLOCKED})
#: Later than this, words are no answer to a check-in any more.
ANSWERED_WITHIN = timedelta(days=60)
#: What becomes of a letter whose plan is over before it was sent.
CALLED_OFF = "called off"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanRow:
    """A plan, opened."""

    id: UUID
    desk_id: str
    resident_id: UUID
    plan: CheckInPlan
    set_by: UUID | None
    made_at: datetime
    sent: int
    retired_at: datetime | None
    retired_why: PlanEnd | None
    silent_at: datetime | None

    @property
    def left(self) -> CheckInPlan:
        """The plan with what went out counted down."""
        if self.plan.count_left is None:
            return self.plan
        return replace(self.plan, count_left=max(self.plan.count_left - self.sent, 0))


@dataclass(frozen=True, kw_only=True, slots=True)
class Personal:
    """A line that a person adds to the next check-in, and how they are introduced."""

    words: str
    signed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckInRow:
    """One occurrence."""

    id: UUID
    kind: CheckInKind
    state: CheckInState
    due_at: datetime
    look_at: datetime
    reason: str | None
    decided_at: datetime | None
    answered_at: datetime | None
    answer: str | None
    personal: Personal | None = None
    #: Queued, and LINE did not take it: nobody was silent who never got it.
    undelivered: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Clockwork:
    """What planning rests on beside the plan."""

    calendar: Calendar
    now: datetime
    new_id: NewId


def plan_place(plan_id: UUID) -> Place:
    return Place(table="check_in_plans", column="plan", row=plan_id)


def personal_place(check_in_id: UUID) -> Place:
    return Place(table="check_ins", column="personal", row=check_in_id)


def seed_of(plan_id: UUID) -> int:
    """What spreads the words of many plans over a band."""
    return plan_id.int & (1 << 62) - 1


def due_after(plan_id: UUID, plan: CheckInPlan, after: datetime, calendar: Calendar) -> datetime | None:
    """When the next check-in of a stored plan is due."""
    return next_due(plan, after, calendar, seed=seed_of(plan_id))


def new_row(
    plan_id: UUID, desk_id: str, resident_id: UUID, kind: CheckInKind, due_at: datetime, made: Clockwork
) -> dict[str, Any]:
    """The row of an occurrence that waits."""
    return {
        "id": made.new_id(),
        "plan_id": plan_id,
        "desk_id": desk_id,
        "resident_id": resident_id,
        "kind": kind,
        "state": CheckInState.WAITING,
        "due_at": due_at,
        "look_at": due_at,
        "tries": 0,
        "made_at": made.now,
        "second_of": None,
    }


async def live(connection: Connection, resident_id: UUID, key: SealingKey) -> PlanRow | None:
    """The plan that holds now."""
    query = select(PLANS).where(PLANS.c.resident_id == resident_id, PLANS.c.retired_at.is_(None))
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else plan_row(row, key)


async def plans(connection: Connection, resident_id: UUID, key: SealingKey, *, limit: int = 20) -> list[PlanRow]:
    """All plans of a resident, the newest first."""
    query = select(PLANS).where(PLANS.c.resident_id == resident_id).order_by(PLANS.c.made_at.desc()).limit(limit)
    return [plan_row(row, key) for row in await connection.execute(query)]


def plan_row(row: Row[Any], key: SealingKey) -> PlanRow:
    """A row of the table, opened."""
    return PlanRow(
        id=row.id,
        desk_id=row.desk_id,
        resident_id=row.resident_id,
        plan=opened_plan(row.id, row.plan_sealed, key),
        set_by=row.set_by,
        made_at=row.made_at,
        sent=row.sent,
        retired_at=row.retired_at,
        retired_why=row.retired_why,
        silent_at=row.silent_at,
    )


def opened_plan(plan_id: UUID, sealed: bytes, key: SealingKey) -> CheckInPlan:
    """What somebody wished for."""
    return CheckInPlan.from_json(key.open_json(plan_place(plan_id), sealed))


async def set_plan(
    connection: Connection, resident: ResidentRow, plan: CheckInPlan, made: Clockwork, *, set_by: UUID | None = None
) -> UUID:
    """Retire what holds now and put another plan in its place, with its first occurrence."""
    line = await _waiting_line(connection, resident)
    await retire(connection, resident.id, PlanEnd.EDITED, now=made.now)
    plan_id = made.new_id()
    due = due_after(plan_id, plan, made.now, made.calendar)
    row = {
        "id": plan_id,
        "desk_id": resident.desk_id,
        "resident_id": resident.id,
        "plan_sealed": resident.key.seal_json(plan_place(plan_id), plan.to_json()),
        "set_by": set_by,
        "made_at": made.now,
        "sent": 0,
        "retired_at": made.now if due is None else None,
        "retired_why": PlanEnd.DONE if due is None else None,
    }
    await connection.execute(insert(PLANS), row)
    if due is not None:
        first = new_row(plan_id, resident.desk_id, resident.id, CheckInKind.WORD, due, made)
        await connection.execute(insert(CHECK_INS), first)
    if line is not None:
        # What a person wrote for the next one goes out with the next one.
        await add_personal(connection, resident, line)
    return plan_id


async def _waiting_line(connection: Connection, resident: ResidentRow) -> Personal | None:
    waits = (CHECK_INS.c.resident_id == resident.id, CHECK_INS.c.state == CheckInState.WAITING)
    query = select(CHECK_INS.c.id, CHECK_INS.c.personal_sealed).where(*waits, CHECK_INS.c.personal_sealed.is_not(None))
    row = (await connection.execute(query.limit(1))).one_or_none()
    return None if row is None else opened_personal(row.id, row.personal_sealed, resident.key)


async def edit(
    connection: Connection, resident: ResidentRow, change: Callable[[CheckInPlan], CheckInPlan], made: Clockwork
) -> UUID | None:
    """The plan that holds, changed: by a new one in its place. None where there is none."""
    held = await live(connection, resident.id, resident.key)
    if held is None:
        return None
    return await set_plan(connection, resident, change(held.left), made, set_by=held.set_by)


async def retire(connection: Connection, resident_id: UUID, why: PlanEnd, *, now: datetime) -> bool:
    """Nothing of the plan goes out any more: neither what waits nor what is on its way. False when there was none."""
    theirs = (PLANS.c.resident_id == resident_id, PLANS.c.retired_at.is_(None))
    over = update(PLANS).where(*theirs).values(retired_at=now, retired_why=why)
    if not (await connection.execute(over)).rowcount:
        return False
    await _void(connection, resident_id, now=now)
    await call_off(connection, resident_id, SkipReason.NO_PLAN, now=now)
    return True


async def call_off(connection: Connection, resident_id: UUID, why: SkipReason, *, now: datetime) -> None:
    """A check-in that was not sent yet is not sent, and why."""
    waits = select(_OUTBOX.c.id).where(
        _OUTBOX.c.resident_id == resident_id,
        _OUTBOX.c.state == OutboxState.WAITING,
        _OUTBOX.c.kind == SayKind.CHECK_IN.value,
    )
    letters = list((await connection.execute(waits)).scalars())
    if not letters:
        return
    gone = {"state": OutboxState.EXPIRED, "reason": CALLED_OFF, "leased_by": None}
    await connection.execute(update(_OUTBOX).where(_OUTBOX.c.id.in_(letters)).values(gone))
    skipped = {"state": CheckInState.SKIPPED, "reason": why.value, "decided_at": now}
    await connection.execute(update(CHECK_INS).where(CHECK_INS.c.letter_id.in_(letters)).values(skipped))


async def _void(
    connection: Connection, resident_id: UUID, *, now: datetime, kinds: Sequence[CheckInKind] = tuple(CheckInKind)
) -> int:
    theirs = (CHECK_INS.c.resident_id == resident_id, CHECK_INS.c.state == CheckInState.WAITING)
    void = {"state": CheckInState.VOID, "decided_at": now, "personal_sealed": None}
    these = update(CHECK_INS).where(*theirs, CHECK_INS.c.kind.in_(kinds))
    return (await connection.execute(these.values(void))).rowcount


async def answered(connection: Connection, resident: ResidentRow, answer: CheckInAnswer, made: Clockwork) -> None:
    """The resident said something: no second word follows, and the rhythm goes on.

    A button is put in the place of mere words; words never in that of a button.
    """
    last = await _last_said(connection, resident.id, made.now)
    if last is not None and (last.answered_at is None or answer is not CheckInAnswer.WORDS):
        values: dict[str, Any] = {"answer": answer.value, "answered_at": last.answered_at or made.now}
        await connection.execute(update(CHECK_INS).where(CHECK_INS.c.id == last.id).values(values))
    line = await _waiting_line(connection, resident)
    followed = await _void(connection, resident.id, now=made.now, kinds=(CheckInKind.SECOND, CheckInKind.LOOK))
    if followed and (held := await live(connection, resident.id, resident.key)) is not None:
        await _go_on(connection, held, made)
        if line is not None:
            await add_personal(connection, resident, line)


async def _last_said(connection: Connection, resident_id: UUID, now: datetime) -> Row[Any] | None:
    """The newest check-in that went out, if it is not long ago."""
    query = (
        select(CHECK_INS.c.id, CHECK_INS.c.answered_at)
        .where(CHECK_INS.c.resident_id == resident_id, CHECK_INS.c.state == CheckInState.QUEUED)
        .where(CHECK_INS.c.decided_at >= now - ANSWERED_WITHIN)
        .order_by(CHECK_INS.c.due_at.desc(), CHECK_INS.c.id.desc())
        .limit(1)
    )
    return (await connection.execute(query)).one_or_none()


async def _go_on(connection: Connection, held: PlanRow, made: Clockwork) -> None:
    due = due_after(held.id, held.left, made.now, made.calendar)
    if due is None:
        await retire(connection, held.resident_id, PlanEnd.DONE, now=made.now)
        return
    row = new_row(held.id, held.desk_id, held.resident_id, CheckInKind.WORD, due, made)
    await connection.execute(insert(CHECK_INS), row)


async def plan_anew(connection: Connection, resident: ResidentRow, made: Clockwork) -> None:
    """What waits was planned by a clock that was wrong: put the next occurrence in its place."""
    held = await live(connection, resident.id, resident.key)
    if held is not None and await _void(connection, resident.id, now=made.now):
        await _go_on(connection, held, made)


# What staff see and add


async def history(connection: Connection, resident_id: UUID, key: SealingKey, *, limit: int = 60) -> list[CheckInRow]:
    """The occurrences of a resident, the newest first: what waits, went out, was skipped and why, and the answers.

    What fell away before its time is left out: it would look as if it were still to come.
    """
    before_its_time = and_(CHECK_INS.c.state == CheckInState.VOID, CHECK_INS.c.due_at > CHECK_INS.c.decided_at)
    query = (
        select(CHECK_INS, _OUTBOX.c.state.label("fate"))
        .outerjoin_from(CHECK_INS, _OUTBOX, _OUTBOX.c.id == CHECK_INS.c.letter_id)
        .where(CHECK_INS.c.resident_id == resident_id, not_(before_its_time))
        .order_by(CHECK_INS.c.due_at.desc(), CHECK_INS.c.id.desc())
        .limit(limit)
    )
    return [check_in_row(row, key) for row in await connection.execute(query)]


def check_in_row(row: Row[Any], key: SealingKey) -> CheckInRow:
    """A row of the table with the `fate` of its letter, opened."""
    names = ("id", "kind", "state", "due_at", "look_at", "reason", "decided_at", "answered_at", "answer")
    personal = None if row.personal_sealed is None else opened_personal(row.id, row.personal_sealed, key)
    undelivered = row.state is CheckInState.QUEUED and row.fate in _NEVER_CAME
    return CheckInRow(**{name: getattr(row, name) for name in names}, personal=personal, undelivered=undelivered)


def opened_personal(check_in_id: UUID, sealed: bytes, key: SealingKey) -> Personal:
    """The line of a person."""
    value: Mapping[str, str] = key.open_json(personal_place(check_in_id), sealed)
    return Personal(words=value["words"], signed=value["signed"])


async def add_personal(connection: Connection, resident: ResidentRow, personal: Personal | None) -> bool:
    """Put a line into the next check-in, in the place of another one; None takes it out. False when none waits."""
    waiting = (
        CHECK_INS.c.resident_id == resident.id,
        CHECK_INS.c.state == CheckInState.WAITING,
        CHECK_INS.c.kind != CheckInKind.LOOK,
    )
    check_in_id = (await connection.execute(select(CHECK_INS.c.id).where(*waiting))).scalar_one_or_none()
    if check_in_id is None:
        return False
    sealed = None
    if personal is not None:
        value = {"words": personal.words, "signed": personal.signed}
        sealed = resident.key.seal_json(personal_place(check_in_id), value)
    await connection.execute(update(CHECK_INS).where(CHECK_INS.c.id == check_in_id).values(personal_sealed=sealed))
    return True


async def erase(connection: Connection, resident_id: UUID) -> None:
    """In the transaction that erases the resident."""
    await connection.execute(delete(CHECK_INS).where(CHECK_INS.c.resident_id == resident_id))
    await connection.execute(delete(PLANS).where(PLANS.c.resident_id == resident_id))
