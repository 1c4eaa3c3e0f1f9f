"""What would go out until a day, and what not and why, as far as it can be said today. Nothing is changed.

It rests on what is known now: nobody writes, blocks or lets a word go unanswered. So second words after check-ins that
are still to come are not foreseen.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from casework.queue import Level
from dialogue import Desk, State
from dialogue.followups import Calendar, CheckInPlan
from dialogue.sending import Go, Sending, SkipReason, Verdict, Wait, may_send
from handlers.sending_rules import WEEK, Allowance, Now, calendar_of, circumstances, month_ends
from storage import check_in_claims, contact_facts
from storage.check_in_claims import Claim
from storage.contact_facts import Facts
from storage.database import Connection
from storage.followup_tables import CheckInKind
from storage.followups import due_after
from storage.keyring import Keyring

#: So few that nobody else of the program waits for long.
_AT_ONCE = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """One word at its time; `why` it would not go out, None where it would."""

    at: datetime
    resident_id: UUID
    alias: str
    kind: CheckInKind
    plan: CheckInPlan
    why: SkipReason | None


@dataclass(order=True, slots=True)
class _Next:
    """What comes next of one plan, in the order of time."""

    at: datetime
    id: UUID
    due_at: datetime = field(compare=False)
    kind: CheckInKind = field(compare=False)
    claim: Claim = field(compare=False)
    state: State = field(compare=False)
    left: int | None = field(compare=False)


async def foresee(
    connection: Connection,
    keyring: Keyring,
    desk: Desk,
    *,
    now: datetime,
    until: datetime,
    allowance: Allowance,
    monthly: int | None = None,
) -> list[Foreseen]:
    """Everything of a desk before `until`, in the order of time. `monthly`: what each month that follows brings."""
    calendar = calendar_of(desk)
    ids = await check_in_claims.upcoming(connection, desk.id, until=until)
    pauses = await contact_facts.pauses(connection, desk.id, now=now, until=until)
    waiting: list[_Next] = []
    facts: dict[UUID, Facts] = {}
    for start in range(0, len(ids), _AT_ONCE):
        some = await check_in_claims.opened(connection, keyring, ids[start : start + _AT_ONCE])
        waiting += [_first(claim, now) for claim in some if claim.kind is not CheckInKind.LOOK]
        facts |= await contact_facts.facts(connection, [claim.resident.id for claim in some], now=now)
    months = Months(calendar=calendar, allowance=allowance, monthly=monthly)
    situation = Now(at=now, calendar=calendar, pauses=pauses, allowance=allowance)
    found = []
    for one in _walk(waiting, facts, situation, months, until):
        found.append(one)
        if len(found) % _AT_ONCE == 0:
            # Thousands take seconds: in between, residents are answered.
            await asyncio.sleep(0)
    return found


@dataclass(kw_only=True, slots=True)
class Months:
    """What may be sent, month by month: what is left of this one, then `monthly` of each (None: no limit)."""

    calendar: Calendar
    allowance: Allowance
    monthly: int | None
    month: tuple[int, int] | None = None

    def at(self, moment: datetime, watched: int) -> Allowance:
        """What is left at `moment`; moments come in order. `watched` are residents under watch who have a plan."""
        here = moment.astimezone(self.calendar.zone)
        if self.month is not None and self.month != (here.year, here.month) and self.monthly is not None:
            ends = month_ends(here)
            watch_due = watched * (1 + (ends - here) // WEEK)
            self.allowance = replace(self.allowance, left=self.monthly, watch_due=watch_due)
        self.month = (here.year, here.month)
        return self.allowance


def _first(claim: Claim, now: datetime) -> _Next:
    return _Next(
        max(claim.due_at, now),
        claim.id,
        claim.due_at,
        claim.kind,
        claim,
        State.new() if claim.resident.state is None else State.from_json(claim.resident.state),
        claim.plan.left.count_left,
    )


def _walk(
    waiting: list[_Next], facts: dict[UUID, Facts], start: Now, months: Months, until: datetime
) -> Iterator[Foreseen]:
    watched = sum(known.level is not Level.NONE for known in facts.values())
    months.at(start.at, watched)
    heapq.heapify(waiting)
    while waiting:
        one = heapq.heappop(waiting)
        if one.at >= until:
            return
        this = replace(start, at=one.at, allowance=months.at(one.at, watched))
        verdict = _verdict(one, facts[one.claim.resident.id], this)
        if isinstance(verdict, Wait):
            heapq.heappush(waiting, replace(one, at=verdict.until))
            continue
        goes = isinstance(verdict, Go)
        if goes:
            resident = one.claim.resident.id
            this.allowance.spend(facts[resident].level)
            facts[resident] = replace(facts[resident], last_push_at=one.at)
        yield Foreseen(
            at=one.at,
            resident_id=one.claim.resident.id,
            alias=one.claim.resident.alias,
            kind=one.kind,
            plan=one.claim.plan.plan,
            why=None if isinstance(verdict, Go) else verdict.why,
        )
        if (following := _after(one, this.calendar, goes=goes)) is not None:
            heapq.heappush(waiting, following)


def _verdict(one: _Next, known: Facts, this: Now) -> Verdict:
    asked = circumstances(known, one.claim.plan.left, one.state, this, due_at=one.due_at)
    return may_send(Sending.SECOND_WORD if one.kind is CheckInKind.SECOND else Sending.CHECK_IN, asked, one.at)


def _after(one: _Next, calendar: Calendar, *, goes: bool) -> _Next | None:
    if one.kind is CheckInKind.SECOND and goes:
        # Unanswered, nothing follows.
        return None
    left = one.left - 1 if goes and one.left is not None else one.left
    plan = replace(one.claim.plan.plan, count_left=left)
    due = due_after(one.claim.plan.id, plan, max(one.at, one.due_at), calendar)
    if due is None:
        return None
    return replace(one, at=due, due_at=due, kind=CheckInKind.WORD, left=left)
