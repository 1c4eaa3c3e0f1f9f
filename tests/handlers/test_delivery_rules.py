"""How a letter travels: reply while the token is fresh, push with its key, never twice where that can be known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.line.delivery_rules import (
    Answer,
    Outcome,
    Plan,
    Step,
    after_push,
    after_reply,
    finished,
    next_step,
    pause,
    plan,
)
from storage.ids import uuid7
from storage.outbox import Change, Letter, ReplyToken
from storage.tables import OutboxState

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def letter(
    number: int = 1, *, token_age: float | None = 0, bubbles: int = 1, wait: float = 0, **fields: object
) -> Letter:
    token = None if token_age is None else ReplyToken(token=f"t{number}", at=NOW - timedelta(seconds=token_age))
    made = Letter(
        id=uuid7(number, number),
        kind="answer",
        priority=2,
        body=[{"type": "text", "text": f"{number}-{n}"} for n in range(bubbles)],
        token=token,
        retry_key=uuid7(number, 99),
        expires_at=NOW + timedelta(hours=2),
        next_try_at=NOW + timedelta(seconds=wait),
        tries=0,
        pushed_at=None,
        unsure=False,
    )
    return replace(made, **fields)


def answer(outcome: Outcome) -> Answer:
    return Answer(outcome=outcome, request_id="r", reason=outcome.value)


def step(of: Letter, *, blocked: bool = False) -> Step:
    return next_step(of, now=NOW, blocked=blocked)


def test_a_fresh_token_is_used_for_a_free_reply() -> None:
    assert step(letter(token_age=49.9)) is Step.REPLY


@pytest.mark.parametrize("age", [50, 61, None])
def test_an_old_token_or_none_means_push(age: float | None) -> None:
    assert step(letter(token_age=age)) is Step.PUSH


def test_what_is_no_longer_worth_saying_expires() -> None:
    assert step(letter(expires_at=NOW)) is Step.EXPIRE


def test_nothing_goes_to_somebody_who_blocked_the_account() -> None:
    assert step(letter(), blocked=True) is Step.BLOCKED
    assert finished(letter(), Step.BLOCKED).state is OutboxState.BLOCKED


def test_a_push_stops_before_its_retry_key_is_void() -> None:
    tried = letter(token_age=None, expires_at=NOW + timedelta(days=9), pushed_at=NOW - timedelta(hours=23))
    assert step(tried) is Step.EXPIRE
    assert step(replace(tried, pushed_at=NOW - timedelta(hours=22, minutes=59))) is Step.PUSH


def reply(of: Letter, outcome: Outcome) -> Change:
    return after_reply(of, answer(outcome), now=NOW, jitter=0.5)


def push(of: Letter, outcome: Outcome) -> Change:
    return after_push(of, answer(outcome), now=NOW, jitter=0.5)


def test_an_accepted_reply_is_sent() -> None:
    change = reply(letter(), Outcome.ACCEPTED)
    assert (change.state, change.sent_by, change.request_id) == (OutboxState.SENT, "reply", "r")


def test_a_refused_first_reply_goes_as_push_at_once() -> None:
    change = reply(letter(), Outcome.REFUSED)
    assert (change.state, change.drop_token, change.next_try_at) == (OutboxState.WAITING, True, NOW)


def test_a_token_refused_after_an_unknown_outcome_means_it_was_sent() -> None:
    unknown = reply(letter(), Outcome.UNKNOWN)
    assert unknown.unsure
    assert not unknown.drop_token
    assert unknown.next_try_at is not None
    assert unknown.next_try_at - NOW < timedelta(seconds=1)
    again = reply(letter(unsure=True, tries=1), Outcome.REFUSED)
    assert (again.state, again.sent_by, again.maybe_doubled) == (OutboxState.SENT, "reply", False)


def test_a_push_after_a_reply_of_unknown_outcome_is_counted_as_maybe_doubled() -> None:
    unsure = letter(token_age=55, unsure=True, tries=1)
    assert step(unsure) is Step.PUSH
    assert push(unsure, Outcome.ACCEPTED).maybe_doubled
    later = push(unsure, Outcome.UNKNOWN)
    carried = replace(unsure, unsure=later.unsure, pushed_at=later.pushed_at, maybe_doubled=later.maybe_doubled)
    assert push(carried, Outcome.ALREADY_ACCEPTED).maybe_doubled


def test_an_already_accepted_push_is_a_success_and_not_a_double() -> None:
    tried = letter(token_age=None, tries=1, pushed_at=NOW - timedelta(seconds=9), unsure=True)
    change = push(tried, Outcome.ALREADY_ACCEPTED)
    assert (change.state, change.sent_by, change.maybe_doubled) == (OutboxState.SENT, "push", False)
    assert change.pushed_at == tried.pushed_at


def test_a_refused_push_fails_with_its_reason() -> None:
    change = push(letter(token_age=None), Outcome.REFUSED)
    assert (change.state, change.reason) == (OutboxState.FAILED, "refused")


@pytest.mark.parametrize(
    ("outcome", "least", "most"),
    [
        (Outcome.RATE_LIMITED, 1, 2),
        (Outcome.UNKNOWN, 1, 2),
        (Outcome.QUOTA_REACHED, 3600, 3600),
        (Outcome.CREDENTIALS, 60, 60),
    ],
)
def test_a_push_that_did_not_go_waits_for_its_kind_of_trouble(outcome: Outcome, least: float, most: float) -> None:
    change = push(letter(token_age=None), outcome)
    assert change.state is OutboxState.WAITING
    assert change.next_try_at is not None
    assert least <= (change.next_try_at - NOW).total_seconds() <= most


def test_rate_and_quota_leave_no_doubt_that_nothing_was_sent() -> None:
    for outcome in (Outcome.RATE_LIMITED, Outcome.QUOTA_REACHED, Outcome.CREDENTIALS):
        assert not push(letter(token_age=None), outcome).unsure
        assert not reply(letter(), outcome).unsure


@given(st.integers(0, 60), st.floats(0, 1))
def test_pauses_grow_and_nothing_waits_a_minute_longer_than_line_was_away(tries: int, jitter: float) -> None:
    assert timedelta(0) < pause(tries, jitter) < timedelta(minutes=1)
    assert pause(tries, jitter) <= pause(tries + 1, jitter)


def planned(*letters: Letter, blocked: bool = False) -> Plan:
    return plan(list(letters), now=NOW, blocked=blocked)


def test_nothing_waits_nothing_is_done() -> None:
    assert planned() == Plan()


def test_letters_go_in_their_order_each_with_its_own_token() -> None:
    first, second = letter(1), letter(2)
    assert planned(first, second) == Plan(letter=first, step=Step.REPLY)


def test_a_letter_to_be_replied_again_holds_back_the_later_ones() -> None:
    first = letter(1, wait=2, unsure=True, tries=1)
    assert planned(first, letter(2)) == Plan(again_at=first.next_try_at)


def test_a_surely_unsent_letter_goes_along_with_the_next_free_reply() -> None:
    old, new = letter(1, token_age=70, wait=3600, tries=1), letter(2)
    assert planned(old, new) == Plan(letter=new, step=Step.REPLY, older=old)


def test_a_letter_that_may_have_been_sent_is_not_said_again_in_a_reply() -> None:
    old, new = letter(1, token_age=70, wait=30, unsure=True, tries=1), letter(2)
    assert planned(old, new) == Plan(letter=new, step=Step.REPLY)


def test_five_bubbles_are_the_most_one_reply_carries() -> None:
    old, new = letter(1, token_age=70, bubbles=3), letter(2, bubbles=3)
    assert planned(old, new) == Plan(letter=old, step=Step.PUSH)


def test_for_somebody_who_blocked_everything_is_closed_one_by_one() -> None:
    first = letter(1)
    assert planned(first, letter(2), blocked=True) == Plan(letter=first, step=Step.BLOCKED)


@st.composite
def letters(draw: st.DrawFn) -> Letter:
    return letter(
        draw(st.integers(1, 9)),
        token_age=draw(st.none() | st.floats(0, 120)),
        bubbles=draw(st.integers(1, 5)),
        wait=draw(st.floats(-60, 600)),
        unsure=draw(st.booleans()),
        tries=draw(st.integers(0, 5)),
        expires_at=NOW + timedelta(seconds=draw(st.floats(-60, 600))),
        pushed_at=draw(st.none() | st.floats(0, 90000).map(lambda s: NOW - timedelta(seconds=s))),
    )


@given(st.lists(letters(), max_size=5), st.booleans())
def test_a_plan_does_something_now_or_comes_back_later_as_long_as_something_waits(
    waiting: list[Letter], blocked: bool
) -> None:
    chosen = plan(waiting, now=NOW, blocked=blocked)
    if not waiting:
        assert chosen == Plan()
    elif chosen.letter is None:
        assert chosen.again_at is not None
        assert chosen.again_at > NOW
    else:
        assert chosen.step is not None
        assert chosen.older is None or (chosen.step is Step.REPLY and not chosen.older.unsure)


@given(letters(), st.sampled_from(Outcome))
def test_every_outcome_either_ends_the_waiting_or_sets_a_time(of: Letter, outcome: Outcome) -> None:
    for change in (reply(of, outcome), push(of, outcome)):
        assert (change.state is not OutboxState.WAITING) or change.next_try_at is not None


@pytest.mark.parametrize(("older", "newer"), [("staff", "answer"), ("answer", "staff"), ("staff", "staff")])
def test_what_a_person_writes_is_never_merged_with_anything(older: str, newer: str) -> None:
    first, second = letter(1, token_age=None, kind=older), letter(2, kind=newer)
    assert planned(first, second) == Plan(letter=first, step=Step.PUSH)
