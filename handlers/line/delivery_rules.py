"""How a message reaches a resident on LINE: pure rules over a letter, the clock and what LINE answered.

Sources: LINE reference «Send reply message», «Send push message», «Retry failed API requests».
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from dialogue.effects import SayKind
from handlers.letters import STAFF
from storage.outbox import Change, Letter
from storage.tables import OutboxState

#: LINE gives a reply token one minute; we stop early, because the request itself takes time.
TOKEN_FRESH = timedelta(seconds=50)
#: A retry key is void after 24 hours: then the same request would be a second message.
RETRY_KEY_VALID = timedelta(hours=23)
QUOTA_PAUSE = timedelta(hours=1)
CREDENTIALS_PAUSE = timedelta(minutes=1)
#: Once LINE is well again, nothing waits a minute; however long it was away.
LONGEST_PAUSE = timedelta(seconds=50)
MESSAGES_PER_SEND = 5
_ALONE = frozenset({STAFF, SayKind.CHECK_IN.value})


class Step(StrEnum):
    """What to do with a letter now."""

    REPLY = "reply"
    PUSH = "push"
    EXPIRE = "expire"
    BLOCKED = "blocked"


class Outcome(StrEnum):
    """What LINE made of one attempt."""

    ACCEPTED = "accepted"
    ALREADY_ACCEPTED = "already accepted"
    REFUSED = "refused"
    RATE_LIMITED = "rate limited"
    QUOTA_REACHED = "monthly quota reached"
    CREDENTIALS = "credentials refused"
    UNKNOWN = "outcome unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One attempt's outcome, LINE's id of the request, and a reason without any text of a person."""

    outcome: Outcome
    request_id: str | None = None
    reason: str | None = None


def next_step(letter: Letter, *, now: datetime, blocked: bool) -> Step:
    """What to do with a letter at this moment."""
    if now >= letter.expires_at or (letter.pushed_at is not None and now - letter.pushed_at >= RETRY_KEY_VALID):
        return Step.EXPIRE
    if blocked:
        return Step.BLOCKED
    if letter.token is not None and now - letter.token.at < TOKEN_FRESH:
        return Step.REPLY
    return Step.PUSH


def pause(tries: int, jitter: float) -> timedelta:
    """How long to wait after the n-th failure: 1, 2, 4 … seconds up to `LONGEST_PAUSE`, spread by `jitter` in 0..1."""
    return min(timedelta(seconds=2 ** min(tries, 10)), LONGEST_PAUSE) * (0.5 + jitter / 2)


def finished(letter: Letter, step: Step) -> Change:
    """A letter that is not sent any more."""
    state = OutboxState.EXPIRED if step is Step.EXPIRE else OutboxState.BLOCKED
    return Change(state=state, tries=letter.tries, unsure=letter.unsure, reason=step.value)


def after_reply(letter: Letter, answer: Answer, *, now: datetime, jitter: float) -> Change:
    """What a reply's outcome changes.

    A token is single use: a refusal after an attempt of unknown outcome means that the attempt was accepted. A
    refusal at the first attempt means that the token is dead, and the same words go as a push.
    """
    tries = letter.tries + 1
    match answer.outcome:
        case Outcome.ACCEPTED | Outcome.ALREADY_ACCEPTED:
            return _sent(letter, answer, now=now, by=Step.REPLY)
        case Outcome.REFUSED if letter.unsure:
            return _sent(letter, answer, now=now, by=Step.REPLY)
        case Outcome.REFUSED:
            return Change(tries=tries, next_try_at=now, drop_token=True, reason=answer.reason)
        case Outcome.UNKNOWN:
            # At once: the same token cannot send twice, and it dies soon.
            return Change(tries=tries, next_try_at=now + pause(tries, jitter) / 4, unsure=True, reason=answer.reason)
        case Outcome.CREDENTIALS:
            return Change(tries=tries, next_try_at=now + CREDENTIALS_PAUSE, unsure=letter.unsure, reason=answer.reason)
        case Outcome.RATE_LIMITED | Outcome.QUOTA_REACHED:
            later = now + pause(tries, jitter)
            return Change(tries=tries, next_try_at=later, unsure=letter.unsure, reason=answer.reason)


def after_push(letter: Letter, answer: Answer, *, now: datetime, jitter: float) -> Change:
    """What a push's outcome changes. The stored retry key makes every repetition safe for 23 hours."""
    tries, pushed_at = letter.tries + 1, letter.pushed_at or now
    # A push after a reply of unknown outcome may be the second copy: a doubled word beats silence, and it is counted.
    doubled = letter.maybe_doubled or (letter.unsure and letter.pushed_at is None)
    again = {Outcome.QUOTA_REACHED: QUOTA_PAUSE, Outcome.CREDENTIALS: CREDENTIALS_PAUSE}
    match answer.outcome:
        case Outcome.ACCEPTED | Outcome.ALREADY_ACCEPTED:
            sent = _sent(letter, answer, now=now, by=Step.PUSH)
            return replace(sent, pushed_at=pushed_at, maybe_doubled=doubled)
        case Outcome.REFUSED:
            return Change(state=OutboxState.FAILED, tries=tries, pushed_at=pushed_at, reason=answer.reason)
        case outcome:
            return Change(
                tries=tries,
                next_try_at=now + again.get(outcome, pause(tries, jitter)),
                pushed_at=pushed_at,
                unsure=letter.unsure or outcome is Outcome.UNKNOWN,
                maybe_doubled=doubled,
                reason=answer.reason,
            )


def _sent(letter: Letter, answer: Answer, *, now: datetime, by: Step) -> Change:
    return Change(
        state=OutboxState.SENT,
        tries=letter.tries + 1,
        sent_at=now,
        sent_by=by.value,
        request_id=answer.request_id,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to do for a resident now: handle `letter`, or first merge `older` into it, or come back at a time."""

    letter: Letter | None = None
    step: Step | None = None
    older: Letter | None = None
    again_at: datetime | None = None


def plan(letters: list[Letter], *, now: datetime, blocked: bool) -> Plan:
    """Choose from all that waits for a resident, in order.

    A letter that will be tried again with its reply token holds back the later ones. One that can only be pushed
    does not: when it was surely not sent, it goes along with the next free reply.
    """
    for position, letter in enumerate(letters):
        step = next_step(letter, now=now, blocked=blocked)
        if step in {Step.EXPIRE, Step.BLOCKED}:
            return Plan(letter=letter, step=step)
        if step is Step.PUSH and not letter.unsure:
            for newer in letters[position + 1 :]:
                if _can_carry(newer, letter, now=now):
                    return Plan(letter=newer, step=Step.REPLY, older=letter)
        if letter.next_try_at <= now:
            return Plan(letter=letter, step=step)
        if step is Step.REPLY:
            return Plan(again_at=letter.next_try_at)
    return Plan(again_at=min((letter.next_try_at for letter in letters), default=None))


def _can_carry(newer: Letter, older: Letter, *, now: datetime) -> bool:
    if {newer.kind, older.kind} & _ALONE:
        # What a person writes, what the program answers and a check-in never stand in one message.
        return False
    fits = len(older.body) + len(newer.body) <= MESSAGES_PER_SEND
    untried = not newer.unsure and newer.tries == 0
    return fits and untried and next_step(newer, now=now, blocked=False) is Step.REPLY
