"""Whether something may be sent to somebody who did not just write: what is known of them, put before the one rule.

The rule is `dialogue.sending.may_send`. It is asked at the moment of sending, never before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from casework.queue import Level, SafeContact
from dialogue import Desk, State
from dialogue.followups import ONCE, Calendar, CheckInPlan, DeskCalendar, QuietHours
from dialogue.sending import Circumstances, Sending, Verdict, may_send
from handlers.quota import Quota
from nlp.findings import RiskLevel
from storage import check_in_claims, contact_facts, followups
from storage.contact_facts import Facts, Pause
from storage.database import Connection
from storage.residents import ResidentRow

#: Whoever wrote so lately holds the phone: an answer to that is a direct one.
FRESH = timedelta(minutes=30)
#: So long after their last word somebody counts as waiting for a person, by night as well.
STILL_TALKING = timedelta(hours=3)
WEEK = timedelta(days=7)
_SAFE = {SafeContact.UNKNOWN: None, SafeContact.YES: True, SafeContact.NO: False}


def calendar_of(desk: Desk) -> DeskCalendar:
    """The calendar of a desk, as its content says."""
    return DeskCalendar.of(desk.content.desk, desk.content.checkins.timing)


@dataclass(kw_only=True, slots=True)
class Allowance:
    """How many messages a desk may still send by itself this month. `left` None: as many as it likes."""

    left: int | None = None
    reserve: int = 0
    watch_due: int = 0

    def spend(self, level: Level) -> None:
        """One more is on its way, to somebody of this level."""
        if self.left is not None:
            self.left -= 1
        if level is not Level.NONE:
            self.watch_due = max(self.watch_due - 1, 0)


def month_ends(here: datetime) -> datetime:
    """The first moment of the month after that of `here`, on the same clock."""
    return (here.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(day=1)


async def allowance_of(
    connection: Connection, desk: Desk, quota: Quota | None, calendar: Calendar, *, now: datetime
) -> Allowance:
    """What of the month's messages may go into check-ins, without those that are on their way."""
    if quota is None or quota.left is None:
        return Allowance()
    here = now.astimezone(calendar.zone)
    ends = month_ends(here)
    under_way = await check_in_claims.unpushed(connection, desk.id)
    watched = await check_in_claims.due_under_watch(connection, desk.id, ends)
    # One row stands for a plan, which may come due every week until the month is over.
    watch_due = watched * (1 + (ends - here) // WEEK)
    return Allowance(left=quota.left - under_way, reserve=desk.content.desk.sending.quota_reserve, watch_due=watch_due)


@dataclass(frozen=True, kw_only=True, slots=True)
class Now:
    """What holds for everybody of a desk at the moment `at` (aware)."""

    at: datetime
    calendar: Calendar
    pauses: Sequence[Pause]
    allowance: Allowance


def circumstances(
    facts: Facts, plan: CheckInPlan, state: State, now: Now, *, due_at: datetime, answered: bool = False
) -> Circumstances:
    """What the rule has to know before a check-in."""
    allowance = now.allowance
    return Circumstances(
        calendar=now.calendar,
        quiet=plan.quiet,
        minor=plan.minor or facts.minor,
        level=RiskLevel(facts.level.value),
        due_at=due_at,
        blocked=facts.blocked,
        erased=facts.erased or state.erasing is not None,
        # Whoever was asked, and said that a notification may come, said it of this very thing.
        safe_contact=None if plan.agreed_to_be_seen else _SAFE[facts.safe_contact],
        stopped=facts.stopped,
        guarded=state.guarded,
        agreed_to_be_seen=plan.agreed_to_be_seen,
        paused_until=plan.paused_until,
        bulk_paused=any(pause.holds(facts.area, now.at) for pause in now.pauses),
        answered=answered,
        staff_writing=facts.staff_writing or bool(state.staff),
        talk_open=facts.talk_open,
        # One word for a day they chose is a promise, often made the evening before: that talk does not take it back.
        last_heard_at=None if plan.rhythm in ONCE else facts.heard_at,
        last_push_at=facts.last_push_at,
        quota_left=allowance.left,
        reserve=allowance.reserve,
        watch_due=allowance.watch_due,
    )


def worth_until(plan: CheckInPlan, calendar: Calendar, now: datetime, at_most: datetime, *, minor: bool) -> datetime:
    """How long a check-in decided now may still be delivered: never into hours that have to stay quiet."""
    here = now.astimezone(calendar.zone)
    ends = [here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)]
    for begins in (plan.quiet.begins, *(_school(calendar, here) if minor else ())):
        moment = datetime.combine(here.date(), begins, calendar.zone)
        if moment > here:
            ends.append(moment)
    return min(at_most, *(end.astimezone(at_most.tzinfo) for end in ends))


def _school(calendar: Calendar, here: datetime) -> tuple[time, ...]:
    return (calendar.school.begins,) if calendar.is_school_day(here.date()) else ()


async def staff_answer(connection: Connection, resident: ResidentRow, calendar: Calendar, *, now: datetime) -> Verdict:
    """Whether what a person wrote may be sent now."""
    known = (await contact_facts.facts(connection, [resident.id], now=now))[resident.id]
    state = _state(resident)
    since = None if known.heard_at is None else now - known.heard_at
    kind = Sending.ANSWER if since is not None and since <= FRESH else Sending.STAFF_ANSWER
    talking = since is not None and since <= STILL_TALKING
    known_now = Circumstances(
        calendar=calendar,
        quiet=await _quiet(connection, resident, state, calendar),
        blocked=known.blocked,
        erased=known.erased,
        safe_contact=_SAFE[known.safe_contact],
        waited_for=known.waits or talking or known.level is Level.URGENT,
    )
    return may_send(kind, known_now, now)


async def check_ins_told(
    connection: Connection, resident: ResidentRow, calendar: Calendar, *, now: datetime
) -> Verdict:
    """Whether somebody may be told now that a person set or ended their check-ins. Who is writing may be."""
    known = (await contact_facts.facts(connection, [resident.id], now=now))[resident.id]
    since = None if known.heard_at is None else now - known.heard_at
    talking = since is not None and since <= STILL_TALKING
    fresh = since is not None and since <= FRESH
    known_now = Circumstances(
        calendar=calendar,
        quiet=await _quiet(connection, resident, _state(resident), calendar),
        minor=known.minor,
        blocked=known.blocked,
        erased=known.erased,
        safe_contact=_SAFE[known.safe_contact],
        waited_for=talking,
    )
    kind = Sending.ANSWER if fresh else Sending.STAFF_ANSWER if talking else Sending.NOTICE
    return may_send(kind, known_now, now)


async def result_told(connection: Connection, resident: ResidentRow, calendar: Calendar, *, now: datetime) -> Verdict:
    """Whether what became of a matter may be told now."""
    known = (await contact_facts.facts(connection, [resident.id], now=now))[resident.id]
    state = _state(resident)
    circumstances_now = Circumstances(
        calendar=calendar,
        quiet=await _quiet(connection, resident, state, calendar),
        minor=known.minor,
        blocked=known.blocked,
        erased=known.erased or state.erasing is not None,
        safe_contact=_SAFE[known.safe_contact],
    )
    return may_send(Sending.RESULT, circumstances_now, now)


def _state(resident: ResidentRow) -> State:
    return State.new() if resident.state is None else State.from_json(resident.state)


async def _quiet(connection: Connection, resident: ResidentRow, state: State, calendar: Calendar) -> QuietHours:
    """The hours of their plan, else those they once chose, else the desk's."""
    plan = await followups.live(connection, resident.id, resident.key)
    return state.checkins.quiet or calendar.quiet if plan is None else plan.plan.quiet
