"""One check-in that is due: what becomes of it, and what follows. Nothing is read or stored here: see the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from casework.queue import Level
from dialogue import Decision, Desk, State, decide
from dialogue.effects import Say
from dialogue.events import CheckInDue
from dialogue.followups import LOOK_AHEAD_DAYS, ONCE, Calendar, CheckInPlan, moment_on
from dialogue.reaching import unsaid
from dialogue.sending import Sending, Skip, SkipReason, Wait, may_send
from handlers.letters import write_letter
from handlers.sending_rules import Now, circumstances, worth_until
from storage.cases import PROGRAM
from storage.check_in_claims import Claim, Ledger
from storage.contact_facts import Facts
from storage.followup_tables import CheckInKind, CheckInState, PlanEnd
from storage.followups import Clockwork, due_after, new_row, seed_of
from storage.tables import Channel

#: The line of the timeline: no answer came.
SILENT = "silent"
SHORTEST_WAIT = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """What holds for all that one transaction takes."""

    desk: Desk
    now: Now
    made: Clockwork
    listener_version: str

    @property
    def patience(self) -> timedelta:
        """How long after a word its silence is noticed."""
        return timedelta(days=self.desk.content.checkins.timing.second_after_days)


def step(ledger: Ledger, claim: Claim, facts: Facts, this: Round) -> None:
    """Decide on one occurrence: its end, or until when it waits."""
    answered = _answered(claim, facts)
    state = State.new() if claim.resident.state is None else State.from_json(claim.resident.state)
    nudged = state.checkins.nudged_at is not None
    if claim.kind is CheckInKind.LOOK:
        _look(ledger, claim, facts, this, answered=answered, nudged=nudged)
        return
    if claim.kind is CheckInKind.SECOND and claim.said_at is None:
        # Whoever never got the first word was not silent.
        _take_back(ledger, claim, this)
        _pass_over(ledger, claim, SkipReason.UNDELIVERED, this)
        return
    if claim.kind is CheckInKind.SECOND and not answered and facts.level is not Level.NONE:
        _tell_staff(ledger, claim, facts, this)
    if claim.kind is CheckInKind.SECOND and not answered and nudged:
        # The one before it was the second already, because that one could not go out in time.
        _look(ledger, claim, facts, this, answered=False, nudged=True)
        return
    known = circumstances(facts, claim.plan.left, state, this.now, due_at=claim.due_at, answered=answered)
    kind = Sending.SECOND_WORD if claim.kind is CheckInKind.SECOND else Sending.CHECK_IN
    match may_send(kind, known, this.made.now):
        case Skip(why=why):
            _pass_over(ledger, claim, why, this)
        case Wait(until=until, why=why):
            ledger.waits(claim, max(until, this.made.now + SHORTEST_WAIT), why.value, tries=claim.tries)
        case _:
            _say(ledger, claim, facts, state, this)


def _answered(claim: Claim, facts: Facts) -> bool:
    """Whether they have written since the word that this one follows."""
    return claim.said_at is not None and facts.heard_at is not None and facts.heard_at > claim.said_at


def _say(ledger: Ledger, claim: Claim, facts: Facts, state: State, this: Round) -> None:
    now, resident, personal = this.made.now, claim.resident, claim.personal
    event = CheckInDue(
        occurrence=str(claim.id),
        second=claim.kind is CheckInKind.SECOND,
        personal="" if personal is None else personal.words,
        signed="" if personal is None else personal.signed,
    )
    decision = decide(this.desk, state, event, None, now, seed_of(claim.id))
    said = next((effect for effect in decision.effects if isinstance(effect, Say)), None)
    if said is None:
        _pass_over(ledger, claim, SkipReason.NOT_NOW, this)
        return
    turn_id = _turn(ledger, claim, decision, this)
    letter = write_letter(said, turn_id=turn_id, token=None, now=now, new_id=this.made.new_id, retry_key=claim.id)
    minor = claim.plan.plan.minor or facts.minor
    until = worth_until(claim.plan.plan, this.made.calendar, now, letter.expires_at, minor=minor)
    channel = Channel(resident.place.value)
    ledger.letters.append((resident.id, resident.key, replace(letter, expires_at=until, channel=channel)))
    ledger.closes(claim, CheckInState.QUEUED, now, letter=letter.id)
    this.now.allowance.spend(facts.level)
    if claim.kind is CheckInKind.WORD:
        ledger.sent.append(claim.plan.id)
    last = decision.state.checkins.nudged_at is not None or _was_last(claim, this)
    _wait_for_answer(ledger, claim, this, last=last)


def _was_last(claim: Claim, this: Round) -> bool:
    """Whether the word just said was the last of several that were wished for: it said so, and none follows."""
    left = claim.plan.left
    if left.rhythm in ONCE:
        return False
    if left.count_left is not None:
        left = replace(left, count_left=left.count_left - 1)
    return due_after(claim.plan.id, left, this.made.now, this.made.calendar) is None


def _turn(ledger: Ledger, claim: Claim, decision: Decision, this: Round) -> UUID:
    """The decision, stored as a turn of the talk."""
    turn_id = this.made.new_id()
    row = {
        "id": turn_id,
        "resident_id": claim.resident.id,
        "number": claim.resident.version + 1,
        "at": this.made.now,
        "content_version": this.desk.content.version,
        "listener_version": this.listener_version,
    }
    ledger.turns.append(row)
    ledger.states.append((claim.resident, decision.state.to_json()))
    return turn_id


def _wait_for_answer(ledger: Ledger, claim: Claim, this: Round, *, last: bool) -> None:
    """After a first word comes the second, after the `last` one a look: each falls away when an answer comes. One of
    the rhythm may be the last itself, in the place of a second word that could not go out.
    """
    at, second = this.made.now + this.patience, None
    if not last:
        second = second_due(claim.plan.id, claim.plan.plan, at, this.made.calendar)
    kind = CheckInKind.LOOK if second is None else CheckInKind.SECOND
    row = new_row(claim.plan.id, claim.resident.desk_id, claim.resident.id, kind, second or at, this.made)
    ledger.following.append({**row, "second_of": claim.id})


def second_due(plan_id: UUID, plan: CheckInPlan, at: datetime, calendar: Calendar) -> datetime | None:
    """When a second word is due: on the first day from `at` on that the plan's band and quiet hours allow. None after
    the last day of the plan.
    """
    day: date = at.astimezone(calendar.zone).date()
    if plan.until is not None and day > plan.until:
        return None
    ahead = (day + timedelta(days=n) for n in range(LOOK_AHEAD_DAYS))
    moments = (moment_on(plan, one, calendar, seed=seed_of(plan_id)) for one in ahead)
    return next((moment for moment in moments if moment is not None), None)


def _take_back(ledger: Ledger, claim: Claim, this: Round) -> None:
    """The talk does not wait for an answer to a word that never came."""
    if claim.resident.state is not None:
        _turn(ledger, claim, Decision(state=unsaid(State.from_json(claim.resident.state))), this)


def _pass_over(ledger: Ledger, claim: Claim, why: SkipReason, this: Round) -> None:
    """It is not sent, and why; the rhythm goes on."""
    ledger.closes(claim, CheckInState.SKIPPED, this.made.now, reason=why.value)
    _go_on(ledger, claim, this)


def _go_on(ledger: Ledger, claim: Claim, this: Round) -> None:
    after = max(this.made.now, claim.due_at)
    due = due_after(claim.plan.id, claim.plan.left, after, this.made.calendar)
    if due is None:
        ledger.ends(claim, PlanEnd.DONE, this.made.now)
        return
    row = new_row(claim.plan.id, claim.resident.desk_id, claim.resident.id, CheckInKind.WORD, due, this.made)
    ledger.following.append(row)


def _look(ledger: Ledger, claim: Claim, facts: Facts, this: Round, *, answered: bool, nudged: bool) -> None:
    """Nobody answered twice: nothing goes out any more, and staff are told. Never a third word. Who did not answer
    the last word that was wished for is not silent, unless there is worry: the plan is done."""
    if answered or claim.said_at is None:
        why = SkipReason.ANSWERED if answered else SkipReason.UNDELIVERED
        ledger.closes(claim, CheckInState.VOID, this.made.now, reason=why.value)
        if not answered:
            _take_back(ledger, claim, this)
        _go_on(ledger, claim, this)
        return
    ledger.closes(claim, CheckInState.LOOKED, this.made.now)
    if nudged or facts.level is not Level.NONE:
        _tell_staff(ledger, claim, facts, this)
    ledger.ends(claim, PlanEnd.SILENT if nudged else PlanEnd.DONE, this.made.now)


def _tell_staff(ledger: Ledger, claim: Claim, facts: Facts, this: Round) -> None:
    """An entry among the silent, once for a plan; and a line in the timeline where there is a case."""
    if claim.plan.silent_at is not None:
        return
    now = this.made.now
    ledger.silent.append({"which": claim.plan.id, "at": now})
    if facts.case_id is not None:
        event = {"id": this.made.new_id(), "case_id": facts.case_id, "at": now, "kind": SILENT, "actor": PROGRAM}
        ledger.events.append({**event, "object_id": claim.plan.id, "detail": {}})
