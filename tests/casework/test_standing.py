"""What one turn of the talk changes in a case."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.queue import CaseState, LastWord, Level, Place, SafeContact
from casework.standing import CHILD_RULE, Alarm, News, Standing, Terms, after, timeline
from casework.workdays import Workdays

NOW = dt.datetime(2026, 11, 20, 3, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
WEEK = frozenset({"mon", "tue", "wed", "thu", "fri"})
TERMS = Terms(
    urgent_within=30 * MINUTE, workdays=Workdays(zone=ZoneInfo("Asia/Tokyo"), hours=((WEEK, dt.time(9), dt.time(17)),))
)
URGENT = Alarm(level=Level.URGENT, kinds=("lifeline",), rule="urgent.unknown.first")
WATCH = Alarm(level=Level.WATCH, kinds=("suicide",), rule="watch.unknown")


def news(minutes: int = 0, **what: object) -> News:
    return replace(News(at=NOW + minutes * MINUTE, turn=minutes + 1), **{"wrote": True, "answered": True, **what})  # type: ignore[arg-type]


def opened(**what: object) -> Standing:
    standing = after(None, news(**{"asks": "accepts_person", **what}), TERMS)
    assert standing is not None
    return standing


def then(standing: Standing, told: News) -> Standing:
    now = after(standing, told, TERMS)
    assert now is not None
    return now


def test_light_talk_opens_no_case() -> None:
    assert after(None, news(categories=("pet",)), TERMS) is None
    assert after(None, news(categories=("poverty",), level=Level.NONE), TERMS) is None


@pytest.mark.parametrize(
    ("what", "rule"),
    [
        ({"alarm": URGENT, "level": Level.URGENT}, URGENT.rule),
        ({"alarm": WATCH, "level": Level.WATCH}, WATCH.rule),
        ({"asks": "accepts_person"}, "accepts_person"),
        ({"categories": ("young_carer",), "minor": True, "age": 13}, CHILD_RULE),
        ({"asks": "asks_for_person", "alarm": URGENT, "level": Level.URGENT}, URGENT.rule),
    ],
)
def test_a_case_is_opened_by_danger_by_asking_and_for_a_child_who_carries_a_home(
    what: dict[str, object], rule: str
) -> None:
    standing = after(None, news(**what), TERMS)
    assert standing is not None
    assert standing.rule == rule
    assert standing.state is CaseState.WAITING
    assert standing.waiting_since == NOW


def test_danger_has_half_an_hour_and_is_first_in_the_queue() -> None:
    standing = opened(asks=None, alarm=URGENT, level=Level.URGENT, kinds=("lifeline",))
    assert standing.place is Place.URGENT
    assert standing.deadline_at == NOW + 30 * MINUTE
    assert standing.risk_kinds == ("lifeline",)
    again = then(standing, news(5, alarm=URGENT, level=Level.URGENT))
    assert again.deadline_at == standing.deadline_at
    assert again.waiting_since == NOW


def test_a_child_who_carries_has_a_lane_and_until_the_next_working_day() -> None:
    standing = opened(asks=None, categories=("young_carer",), minor=True, age=13)
    assert standing.child_lane
    assert standing.age_band == "12-14"
    assert standing.deadline_at == dt.datetime(2026, 11, 24, 17, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert then(standing, news(1, alarm=URGENT, level=Level.URGENT)).deadline_at == NOW + 31 * MINUTE


def test_words_never_lower_a_danger_and_staff_may() -> None:
    standing = opened(alarm=URGENT, level=Level.URGENT)
    assert then(standing, news(1)).risk_level is Level.URGENT
    lowered = replace(standing, staff_level=Level.NONE)
    assert then(lowered, news(1)).risk_level is Level.NONE
    assert then(lowered, news(1)).place is Place.WAITING


def test_a_new_danger_takes_the_lowering_away() -> None:
    lowered = replace(opened(alarm=URGENT, level=Level.URGENT), staff_level=Level.NONE)
    assert then(lowered, news(1, alarm=URGENT)).risk_level is Level.URGENT
    watched = replace(lowered, staff_level=Level.WATCH)
    assert then(watched, news(1, alarm=WATCH)).risk_level is Level.WATCH


def test_an_answered_case_waits_again_when_the_resident_writes() -> None:
    answered = replace(opened(), waiting_since=None, last_word=LastWord.STAFF)
    assert answered.place is Place.ANSWERED
    silent = then(answered, news(7, answered=False))
    assert silent.waiting_since == NOW + 7 * MINUTE
    assert silent.last_word is LastWord.RESIDENT
    assert then(answered, news(7)).last_word is LastWord.PROGRAM
    assert then(answered, news(7, wrote=False)).waiting_since is None


def test_taking_the_wish_back_ends_the_waiting_but_not_in_danger() -> None:
    assert then(opened(), news(1, asks=None, takes_back=True)).waiting_since is None
    danger = opened(alarm=URGENT, level=Level.URGENT)
    assert then(danger, news(1, takes_back=True)).waiting_since == NOW


def test_a_word_wakes_a_case_that_was_put_off() -> None:
    put_off = replace(opened(), state=CaseState.SNOOZED, snoozed_until=NOW + 60 * MINUTE)
    woken = then(put_off, news(3))
    assert (woken.state, woken.snoozed_until) == (CaseState.WAITING, None)
    assert then(replace(put_off, owned=True), news(3)).state is CaseState.OPEN
    assert then(put_off, news(3, wrote=False)).state is CaseState.SNOOZED
    assert "woke" in set(timeline(put_off, woken, news(3)))


def test_blocking_is_seen_and_ends_with_the_next_word() -> None:
    left = then(opened(), news(1, wrote=False, left=True))
    assert left.blocked
    assert not then(left, news(2)).blocked
    assert list(timeline(opened(), left, news(1, wrote=False, left=True))) == ["blocked"]


def test_erasing_hides_a_case_at_once_and_taking_it_back_shows_it_again() -> None:
    hidden = then(opened(), news(1, hides=True, hidden=True))
    assert hidden.hidden_at == NOW + MINUTE
    assert then(hidden, news(2, hidden=True)).hidden_at == hidden.hidden_at
    assert then(hidden, news(3, hides=False)).hidden_at is None
    assert opened(hidden=True, alarm=URGENT).hidden_at == NOW


def test_who_may_hold_the_phone_stays_known() -> None:
    guarded = opened(guarded=True)
    assert guarded.safe_contact is SafeContact.NO
    assert then(guarded, news(1)).safe_contact is SafeContact.NO


def test_the_timeline_names_what_happened() -> None:
    told = news(asks="accepts_person", alarm=URGENT, level=Level.URGENT)
    first = after(None, told, TERMS)
    assert first is not None
    assert list(timeline(None, first, told)) == ["opened", "alarm_urgent", "asked"]


levels = st.sampled_from(Level)
alarms = st.none() | st.builds(
    Alarm, level=st.sampled_from([Level.WATCH, Level.URGENT]), kinds=st.just(("suicide",)), rule=st.just("r")
)
turns = st.builds(
    News,
    at=st.integers(0, 10_000).map(lambda n: NOW + n * MINUTE),
    turn=st.integers(1, 50),
    wrote=st.booleans(),
    answered=st.booleans(),
    alarm=alarms,
    asks=st.none() | st.just("accepts_person"),
    takes_back=st.booleans(),
    level=levels,
    categories=st.lists(st.sampled_from(["poverty", "young_carer"]), unique=True).map(tuple),
    minor=st.booleans(),
    left=st.booleans(),
    hides=st.none() | st.booleans(),
)


@given(st.lists(turns, max_size=8))
def test_whatever_comes_danger_never_sinks_and_the_place_fits(talk: list[News]) -> None:
    standing, highest = None, Level.NONE
    for told in sorted(talk, key=lambda one: one.at):
        standing = after(standing, told, TERMS)
        if standing is None:
            continue
        assert standing.heard_level.rank >= highest.rank
        highest = standing.heard_level
        assert (standing.waiting_since is None) == (standing.place is Place.ANSWERED)
        assert standing.since <= told.at
