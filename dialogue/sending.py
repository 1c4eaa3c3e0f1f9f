"""Whether something may be sent now to somebody who did not just write: one rule for every unsolicited word.

Asked again at the moment of sending. Each kind obeys the rules that apply to it, in the order of `RULES`: first those
that let it fall away, then those that make it wait. An answer to a fresh word and anything in a crisis is never held
back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from dialogue.followups import USUALLY_QUIET, Calendar, QuietHours, permitted
from nlp.findings import RiskLevel

LATEST = dt.timedelta(hours=24)
SINCE_TALK = dt.timedelta(hours=24)
STEP = dt.timedelta(minutes=1)
#: Quiet hours and school end, and a clock may be put forward or back.
MOST_A_DAY = 4
LOOK_AHEAD_DAYS = 60


class Sending(StrEnum):
    """What is to be sent. `CRISIS` and `ANSWER` stand here so that every caller can ask."""

    CRISIS = "crisis"
    ANSWER = "answer"
    STAFF_ANSWER = "staff_answer"
    RESULT = "result"
    NOTICE = "notice"
    CHECK_IN = "check_in"
    SECOND_WORD = "second_word"


class SkipReason(StrEnum):
    """Why something is not sent, or not yet. `NOT_NOW` is kept for a talk that itself has nothing to say, `UNDELIVERED`
    for a second word after a first one that LINE never took.
    """

    BLOCKED = "blocked"
    ERASED = "erased"
    UNSAFE = "unsafe"
    STOPPED = "stopped"
    NO_PLAN = "no_plan"
    PAUSED = "paused"
    BULK_PAUSED = "bulk_paused"
    NOT_AGREED = "not_agreed"
    ANSWERED = "answered"
    LATE = "late"
    STAFF_WRITING = "staff_writing"
    TALK_UNDER_WAY = "talk_under_way"
    TALKED_LATELY = "talked_lately"
    ONE_A_DAY = "one_a_day"
    QUOTA = "quota"
    QUIET_DAY = "quiet_day"
    QUIET_HOURS = "quiet_hours"
    SCHOOL_HOURS = "school_hours"
    RATE = "rate"
    UNDELIVERED = "undelivered"
    NOT_NOW = "not_now"


@dataclass(frozen=True, kw_only=True, slots=True)
class Go:
    """It may be sent now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """Not before `until` (aware), when it must be asked again."""

    until: dt.datetime
    why: SkipReason


@dataclass(frozen=True, kw_only=True, slots=True)
class Skip:
    """Never: it falls away."""

    why: SkipReason


Verdict = Go | Wait | Skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """What is known at the moment of sending. Times are aware; what is unknown or does not apply keeps its default.

    `due_at`: when it was to go out. `safe_contact`: False where the resident does not want to be written to here.
    `stopped`: they withdrew that anybody may contact them by himself. `guarded`: somebody else may hold the phone;
    `agreed_to_be_seen`: they said that a notification may come all the same. `answered`: they have written since the
    first word. `talk_open`: words of theirs wait for an answer, or an answer is on its way. `waited_for`: they are
    waiting for this answer now. `last_push_at`: the last word that went out by itself.
    `quota_left`: pushes left this month (None: no limit), of which `reserve` are kept for people and crises, and
    `watch_due` for check-ins of residents under watch. `rate_free_at`: when the desk may send the next one.
    """

    calendar: Calendar
    quiet: QuietHours = USUALLY_QUIET
    minor: bool = False
    level: RiskLevel = RiskLevel.NONE
    due_at: dt.datetime | None = None
    blocked: bool = False
    erased: bool = False
    safe_contact: bool | None = None
    stopped: bool = False
    guarded: bool = False
    agreed_to_be_seen: bool = False
    plan_live: bool = True
    paused_until: dt.date | None = None
    bulk_paused: bool = False
    answered: bool = False
    staff_writing: bool = False
    talk_open: bool = False
    waited_for: bool = False
    last_heard_at: dt.datetime | None = None
    last_push_at: dt.datetime | None = None
    quota_left: int | None = None
    reserve: int = 0
    watch_due: int = 0
    rate_free_at: dt.datetime | None = None


Rule = Callable[[Circumstances, dt.datetime], Verdict | None]


def may_send(kind: Sending, circumstances: Circumstances, now: dt.datetime) -> Verdict:
    """Whether this may be sent at `now` (aware): go, wait, or let it fall away; with the reason.

    Waiting past the moment at which it would be late is no waiting: then it falls away for the reason it waited for.
    """
    for rule in RULES[kind]:
        verdict = rule(circumstances, now)
        if isinstance(verdict, Wait) and _late(circumstances, verdict.until) and _grows_late in RULES[kind]:
            return Skip(why=verdict.why)
        if verdict is not None:
            return verdict
    return Go()


def _skips(why: SkipReason, applies: Callable[[Circumstances], bool]) -> Rule:
    return _skips_at(why, lambda known, _: applies(known))


def _skips_at(why: SkipReason, applies: Callable[[Circumstances, dt.datetime], bool]) -> Rule:
    def rule(known: Circumstances, now: dt.datetime) -> Verdict | None:
        return Skip(why=why) if applies(known, now) else None

    return rule


def _late(known: Circumstances, now: dt.datetime) -> bool:
    return known.due_at is not None and now - known.due_at > LATEST


def _paused(known: Circumstances, now: dt.datetime) -> bool:
    return known.paused_until is not None and _day(known, now) < known.paused_until


def _lately(known: Circumstances, now: dt.datetime) -> bool:
    return known.last_heard_at is not None and now - known.last_heard_at < SINCE_TALK


def _today(known: Circumstances, now: dt.datetime) -> bool:
    return known.last_push_at is not None and _day(known, known.last_push_at) == _day(known, now)


def _exposed(known: Circumstances) -> bool:
    """Whether a notification may do harm: somebody else may hold the phone, or a child is in danger."""
    return known.guarded or (known.minor and known.level is not RiskLevel.NONE)


def _short(known: Circumstances) -> bool:
    """Whether what is left of the month is meant for others: people first, then those under watch."""
    if known.quota_left is None:
        return False
    kept = known.reserve + (known.watch_due if known.level is RiskLevel.NONE else 0)
    return known.quota_left <= kept


def _day(known: Circumstances, moment: dt.datetime) -> dt.date:
    return moment.astimezone(known.calendar.zone).date()


def _on_quiet_day(known: Circumstances, now: dt.datetime) -> Verdict | None:
    day = _day(known, now)
    if not known.calendar.is_quiet_day(day):
        return None
    ahead = (day + dt.timedelta(days=n) for n in range(1, LOOK_AHEAD_DAYS))
    free = next((later for later in ahead if not known.calendar.is_quiet_day(later)), None)
    if free is None:
        return Skip(why=SkipReason.QUIET_DAY)
    morning = dt.datetime.combine(free, dt.time(), known.calendar.zone)
    return Wait(until=_permitted_from(known, morning), why=SkipReason.QUIET_DAY)


def _in_quiet_hours(known: Circumstances, now: dt.datetime) -> Verdict | None:
    if not known.quiet.holds(now.astimezone(known.calendar.zone).time()):
        return None
    return Wait(until=_permitted_from(known, now), why=SkipReason.QUIET_HOURS)


def _not_waited_for(known: Circumstances, now: dt.datetime) -> Verdict | None:
    return None if known.waited_for else _in_quiet_hours(known, now)


def _in_school(known: Circumstances, now: dt.datetime) -> Verdict | None:
    if permitted(now, known.quiet, known.calendar, minor=known.minor):
        return None
    return Wait(until=_permitted_from(known, now), why=SkipReason.SCHOOL_HOURS)


def _beyond_rate(known: Circumstances, now: dt.datetime) -> Verdict | None:
    if known.rate_free_at is None or known.rate_free_at <= now:
        return None
    return Wait(until=known.rate_free_at, why=SkipReason.RATE)


def _permitted_from(known: Circumstances, start: dt.datetime) -> dt.datetime:
    """The first whole minute (UTC) from `start` on that the hours of the day allow."""
    moment = start.astimezone(dt.UTC).replace(second=0, microsecond=0)
    moment = moment if moment >= start else moment + STEP
    for _ in range(LOOK_AHEAD_DAYS * MOST_A_DAY):
        if permitted(moment, known.quiet, known.calendar, minor=known.minor):
            break
        here = moment.astimezone(known.calendar.zone)
        ends = known.quiet.ends if known.quiet.holds(here.time()) else known.calendar.school.ends
        moment = max(_next_at(ends, here), moment + STEP)
    return moment


def _next_at(clock: dt.time, here: dt.datetime) -> dt.datetime:
    """When (UTC) the wall clock shows `clock` next."""
    day = here.date() + dt.timedelta(days=here.time() >= clock)
    return dt.datetime.combine(day, clock, here.tzinfo).astimezone(dt.UTC)


_reachable: tuple[Rule, ...] = (
    _skips(SkipReason.BLOCKED, lambda known: known.blocked),
    _skips(SkipReason.ERASED, lambda known: known.erased),
    _skips(SkipReason.UNSAFE, lambda known: known.safe_contact is False),
)
_grows_late = _skips_at(SkipReason.LATE, _late)
_quota = _skips(SkipReason.QUOTA, _short)
_by_itself: tuple[Rule, ...] = (
    *_reachable,
    _skips(SkipReason.STOPPED, lambda known: known.stopped),
    _skips(SkipReason.NO_PLAN, lambda known: not known.plan_live),
    _skips_at(SkipReason.PAUSED, _paused),
    _skips(SkipReason.BULK_PAUSED, lambda known: known.bulk_paused),
    _skips(SkipReason.NOT_AGREED, lambda known: _exposed(known) and not known.agreed_to_be_seen),
    _grows_late,
    _skips(SkipReason.STAFF_WRITING, lambda known: known.staff_writing),
    _skips(SkipReason.TALK_UNDER_WAY, lambda known: known.talk_open),
    _skips_at(SkipReason.TALKED_LATELY, _lately),
    _skips_at(SkipReason.ONE_A_DAY, _today),
    _quota,
    _on_quiet_day,
    _in_quiet_hours,
    _in_school,
    _beyond_rate,
)
RULES: Mapping[Sending, tuple[Rule, ...]] = {
    Sending.CRISIS: (),
    Sending.ANSWER: (),
    Sending.STAFF_ANSWER: (*_reachable, _not_waited_for),
    Sending.RESULT: (*_reachable, _in_quiet_hours, _in_school),
    Sending.NOTICE: (
        *_reachable,
        _skips(SkipReason.STOPPED, lambda known: known.stopped),
        _grows_late,
        _skips(SkipReason.STAFF_WRITING, lambda known: known.staff_writing),
        _quota,
        _in_quiet_hours,
        _in_school,
        _beyond_rate,
    ),
    Sending.CHECK_IN: _by_itself,
    Sending.SECOND_WORD: (_skips(SkipReason.ANSWERED, lambda known: known.answered), *_by_itself),
}
