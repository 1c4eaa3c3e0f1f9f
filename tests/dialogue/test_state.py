"""The state is a small versioned value that survives storage, old versions and nonsense."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.consents import ConsentKind
from dialogue import State, StateError
from dialogue.checkin_state import CheckInMemory
from dialogue.consent_state import ConsentMemory, Detail, Share
from dialogue.followups import Band, CheckInPlan, QuietHours, Rhythm
from dialogue.scam_state import ScamMemory
from dialogue.state import VERSION, CrisisShown, Erasing, OfferMemory, Pending, Tone

WORDS = st.lists(st.text(max_size=6), max_size=5).map(tuple)
TIMES = st.integers(0, 2_000_000_000).map(lambda at: dt.datetime.fromtimestamp(at, dt.UTC))
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
QUIET = st.builds(QuietHours, begins=CLOCKS, ends=CLOCKS)
STATES = st.builds(
    State,
    noticed=st.booleans(),
    tone=st.sampled_from(Tone),
    turns=st.integers(0, 10_000),
    near=st.integers(0, 5),
    asked=st.booleans(),
    guarded=st.booleans(),
    guard_told=st.booleans(),
    limit_told=st.booleans(),
    unwatched=st.booleans(),
    numbers_off=st.booleans(),
    safety=st.text(max_size=8),
    crisis=st.none()
    | st.builds(
        CrisisShown,
        card=st.text(max_size=8),
        kinds=WORDS,
        at=TIMES,
    ),
    quiet=st.booleans(),
    pending=st.sampled_from(Pending),
    staff=st.text(max_size=8),
    erasing=st.none() | st.builds(Erasing, at=TIMES, asked=st.booleans()),
    closed_told=st.none() | TIMES,
    scam=st.none()
    | st.builds(
        ScamMemory, began=TIMES, at=TIMES, heard=TIMES, paid=st.booleans(), over=st.booleans(), door=st.booleans()
    ),
    consent=st.builds(
        ConsentMemory,
        reads=st.sampled_from(["", "all", "from_now", "no"]),
        asked=st.integers(0, 3),
        wording=st.text(max_size=8),
        step=st.sampled_from(["", "read", *Detail]).map(str),
        at=st.none() | TIMES,
        done=st.lists(st.sampled_from(Detail).map(lambda one: one.value), max_size=3).map(tuple),
        stopped=st.booleans(),
        wants=st.booleans(),
        shares=st.lists(
            st.builds(
                Share,
                kind=st.sampled_from(ConsentKind),
                request=st.text(max_size=8),
                org=st.text(max_size=8),
                place=st.text(max_size=8),
                count=st.integers(1, 3),
                answer=st.sampled_from(["", "yes", "no"]),
                wording=st.text(max_size=8),
            ),
            max_size=2,
        ).map(tuple),
    ),
    checkins=st.builds(
        CheckInMemory,
        offered=st.sampled_from(["", "made", "yes", "no"]),
        plan=st.none()
        | st.builds(
            CheckInPlan,
            rhythm=st.sampled_from(Rhythm),
            band=st.sampled_from(Band),
            starts=st.dates(),
            on_day=st.none() | st.dates(),
            until=st.none() | st.dates(),
            count_left=st.none() | st.integers(0, 99),
            paused_until=st.none() | st.dates(),
            quiet=QUIET,
            minor=st.booleans(),
            agreed_to_be_seen=st.booleans(),
        ),
        step=st.sampled_from(["", "offer", "rhythm", "day", "band", "seen", "quiet"]),
        rhythm=st.sampled_from(["", *Rhythm]).map(str),
        on_day=st.none() | st.dates(),
        band=st.sampled_from(["", *Band]).map(str),
        waiting=st.text(max_size=8),
        last=st.text(max_size=4),
        language=st.sampled_from(["", "en"]),
        nudged_at=st.none() | TIMES,
        hard_on=st.none() | st.dates(),
        unwelcome=st.booleans(),
        quiet=st.none() | QUIET,
    ),
    denied=WORDS,
    offer=st.none()
    | st.builds(
        OfferMemory,
        at=TIMES,
        count=st.integers(0, 9),
        matters=WORDS,
        answer=st.sampled_from(["", "yes", "stay", "no"]),
    ),
    matters=WORDS,
    roles=WORDS,
    flagged=WORDS,
    used=WORDS,
)


@given(STATES)
def test_a_state_comes_back_as_it_was_stored(state: State) -> None:
    assert State.from_json(state.to_json()) == state


def test_a_state_from_before_there_was_a_dialogue_starts_anew() -> None:
    assert State.from_json({"version": 0}) == State.new()
    assert State.from_json({"version": 0, "noticed": True}) == State(noticed=True)


def test_a_state_of_version_one_keeps_what_was_said_and_how() -> None:
    stored = {"version": 1, "kana": True, "offered": True, "turns": 7, "matters": ["work"], "quiet": True}
    wanted = State(tone=Tone.KANA, pending=Pending.OFFER, turns=7, matters=("work",), quiet=True)
    assert State.from_json(stored) == wanted
    assert State.from_json({"version": 1, "noticed": True}) == State(noticed=True)


def test_a_state_of_version_two_has_agreed_to_nothing() -> None:
    assert State.from_json({"version": 2, "noticed": True}) == State(noticed=True, consent=ConsentMemory())


def test_a_state_of_version_four_has_answered_no_question_of_safety() -> None:
    stored = {"version": 4, "noticed": True, "guarded": True}
    state = State.from_json(stored)
    assert state == State(noticed=True, guarded=True)
    assert state.hushed


def test_a_state_of_version_three_has_wished_for_no_check_ins() -> None:
    stored = {"version": 3, "noticed": True, "consent": {"reads": "all"}}
    assert State.from_json(stored) == State(noticed=True, consent=ConsentMemory(reads="all"), checkins=CheckInMemory())


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        "{}",
        {},
        {"version": 99},
        {"version": True},
        {"version": "1"},
        {"version": 1, "noticed": "yes"},
        {"version": 1, "turns": True},
        {"version": 1, "used": "abc"},
        {"version": 1, "used": [1]},
        {"version": 1, "crisis": {"card": "x"}},
        {"version": 1, "crisis": {"card": "x", "kinds": [], "at": 10**20}},
        {"version": 1, "crisis": "x"},
        {"version": 1, "offer": {"at": 1, "count": "many", "matters": [], "answer": ""}},
        {"version": 2, "tone": "loud"},
        {"version": 2, "pending": "nothing"},
        {"version": 2, "staff": 1},
        {"version": 2, "closed_told": True},
        {"version": 2, "erasing": {"at": 1}},
        {"version": 3, "consent": "all"},
        {"version": 3, "consent": {"reads": 1}},
        {"version": 3, "consent": {"shares": [{"kind": "read"}]}},
        {"version": 4, "checkins": "weekly"},
        {"version": 4, "scam": {"began": 1}},
        {"version": 4, "scam": "now"},
        {"version": 4, "checkins": {"plan": {"rhythm": "weekly"}}},
        {"version": 4, "checkins": {"unwelcome": 1}},
        {"version": 4, "checkins": {"on_day": 20261203}},
        {"version": 4, "checkins": {"nudged_at": "soon"}},
        {"version": 4, "checkins": {"quiet": {"from": "20:00"}}},
    ],
)
def test_what_cannot_be_read_is_refused_with_one_error(stored: object) -> None:
    with pytest.raises(StateError):
        State.from_json(stored)


def test_what_a_newer_program_adds_is_left_out_so_that_both_work_side_by_side() -> None:
    added = {"asked_of_the_moon": True}
    stored = {"version": VERSION, "noticed": True, "consent": {"reads": "all"} | added, "checkins": added} | added
    assert State.from_json(stored) == State(noticed=True, consent=ConsentMemory(reads="all"), checkins=CheckInMemory())


def test_the_oldest_phrases_are_forgotten_first() -> None:
    state = State.new().remember(*(str(number) for number in range(1000)))
    assert state.used[-1] == "999"
    assert len(state.used) < 300
    assert state.remember("998").used[-1] == "998"
