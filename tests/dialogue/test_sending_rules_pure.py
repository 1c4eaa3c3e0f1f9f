"""Whether anything may be sent by itself: each rule alone, and all of them together."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dialogue_cast import CONTENT
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue.followups import DeskCalendar, QuietHours, permitted
from dialogue.sending import LATEST, Circumstances, Go, Sending, Skip, SkipReason, Wait, may_send
from nlp.findings import RiskLevel

TOKYO = ZoneInfo("Asia/Tokyo")
CALENDAR = DeskCalendar.of(CONTENT.desk, CONTENT.checkins.timing)
WATCHED, CALM = RiskLevel.WATCH, RiskLevel.NONE


def at(text: str) -> dt.datetime:
    """「11-24 12:00」 of 2026 on the desk's clock."""
    return dt.datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}").replace(tzinfo=TOKYO)


TUESDAY_NOON = at("11-24 12:00")
BY_ITSELF = (Sending.CHECK_IN, Sending.SECOND_WORD)
UNSOLICITED = (*BY_ITSELF, Sending.NOTICE)
BY_PEOPLE = (Sending.STAFF_ANSWER, Sending.RESULT)
NEVER_HELD_BACK = (Sending.CRISIS, Sending.ANSWER)


def known(**more: Any) -> Circumstances:
    return Circumstances(**({"calendar": CALENDAR, "due_at": TUESDAY_NOON} | more))


@pytest.mark.parametrize("kind", list(Sending))
def test_on_an_ordinary_day_everything_may_be_sent(kind: Sending) -> None:
    assert may_send(kind, known(), TUESDAY_NOON) == Go()


REASONS: list[tuple[str, dict[str, Any], SkipReason, tuple[Sending, ...]]] = [
    ("who blocked the account gets nothing", {"blocked": True}, SkipReason.BLOCKED, (*UNSOLICITED, *BY_PEOPLE)),
    ("nor who lets everything be erased", {"erased": True}, SkipReason.ERASED, (*UNSOLICITED, *BY_PEOPLE)),
    (
        "nor who does not want to be written to here",
        {"safe_contact": False},
        SkipReason.UNSAFE,
        (*UNSOLICITED, *BY_PEOPLE),
    ),
    ("who stopped contact gets nothing by itself", {"stopped": True}, SkipReason.STOPPED, UNSOLICITED),
    ("without a plan there is no check-in", {"plan_live": False}, SkipReason.NO_PLAN, BY_ITSELF),
    ("a pause is a pause", {"paused_until": dt.date(2026, 11, 25)}, SkipReason.PAUSED, BY_ITSELF),
    ("an area is paused as a whole", {"bulk_paused": True}, SkipReason.BULK_PAUSED, BY_ITSELF),
    ("somebody else may see it, and it was not asked", {"guarded": True}, SkipReason.NOT_AGREED, BY_ITSELF),
    ("a day late is too late", {"due_at": at("11-23 11:59")}, SkipReason.LATE, UNSOLICITED),
    ("a person writes", {"staff_writing": True}, SkipReason.STAFF_WRITING, UNSOLICITED),
    ("a talk is under way", {"talk_open": True}, SkipReason.TALK_UNDER_WAY, BY_ITSELF),
    ("they wrote within the last day", {"last_heard_at": at("11-23 12:01")}, SkipReason.TALKED_LATELY, BY_ITSELF),
    ("at most one a day", {"last_push_at": at("11-24 09:00")}, SkipReason.ONE_A_DAY, BY_ITSELF),
    ("what is left of the month is kept for people", {"quota_left": 50, "reserve": 50}, SkipReason.QUOTA, UNSOLICITED),
    ("those under watch come first", {"quota_left": 60, "reserve": 50, "watch_due": 10}, SkipReason.QUOTA, UNSOLICITED),
]


@pytest.mark.parametrize(("because", "more", "why", "kinds"), REASONS, ids=[row[0] for row in REASONS])
def test_it_falls_away(because: str, more: dict[str, Any], why: SkipReason, kinds: tuple[Sending, ...]) -> None:
    for kind in Sending:
        expected = Skip(why=why) if kind in kinds else Go()
        assert may_send(kind, known(**more), TUESDAY_NOON) == expected, (because, kind)


def test_the_second_word_falls_away_once_they_have_written() -> None:
    assert may_send(Sending.SECOND_WORD, known(answered=True), TUESDAY_NOON) == Skip(why=SkipReason.ANSWERED)
    assert may_send(Sending.CHECK_IN, known(answered=True), TUESDAY_NOON) == Go()


WAITS: list[tuple[str, dict[str, Any], str, str, SkipReason, tuple[Sending, ...]]] = [
    (
        "at night until the morning",
        {},
        "11-24 21:30",
        "11-25 09:00",
        SkipReason.QUIET_HOURS,
        (*UNSOLICITED, *BY_PEOPLE),
    ),
    (
        "at eight in the evening already",
        {},
        "11-24 20:00",
        "11-25 09:00",
        SkipReason.QUIET_HOURS,
        (*UNSOLICITED, *BY_PEOPLE),
    ),
    (
        "in hours of their own choice",
        {"quiet": QuietHours(begins=dt.time(12), ends=dt.time(15))},
        *("11-24 12:30", "11-24 15:00", SkipReason.QUIET_HOURS, (*UNSOLICITED, *BY_PEOPLE)),
    ),
    (
        "a child until school is over",
        {"minor": True},
        *("11-24 12:00", "11-24 16:00", SkipReason.SCHOOL_HOURS, (*UNSOLICITED, Sending.RESULT)),
    ),
    (
        "as fast as the desk wishes",
        {"rate_free_at": at("11-24 12:05")},
        *("11-24 12:00", "11-24 12:05", SkipReason.RATE, UNSOLICITED),
    ),
]


@pytest.mark.parametrize(("because", "more", "now", "until", "why", "kinds"), WAITS, ids=[row[0] for row in WAITS])
def test_it_waits(
    because: str, more: dict[str, Any], now: str, until: str, why: SkipReason, kinds: tuple[Sending, ...]
) -> None:
    for kind in Sending:
        expected = Wait(until=at(until), why=why) if kind in kinds else Go()
        assert may_send(kind, known(**more), at(now)) == expected, (because, kind)


def test_on_a_quiet_day_a_check_in_waits_for_the_next_morning_and_people_do_not() -> None:
    holiday = known(due_at=at("11-23 12:00"))
    waits = Wait(until=at("11-24 09:00"), why=SkipReason.QUIET_DAY)
    assert {kind: may_send(kind, holiday, at("11-23 12:00")) for kind in BY_ITSELF} == dict.fromkeys(BY_ITSELF, waits)
    for kind in (*BY_PEOPLE, *NEVER_HELD_BACK):
        assert may_send(kind, holiday, at("11-23 12:00")) == Go()


def test_what_would_wait_until_it_is_too_late_falls_away() -> None:
    new_year = known(due_at=at("12-29 12:00"))
    assert may_send(Sending.CHECK_IN, new_year, at("12-29 12:00")) == Skip(why=SkipReason.QUIET_DAY)
    late = known(due_at=at("11-24 08:00"), rate_free_at=at("11-25 09:00"))
    assert may_send(Sending.CHECK_IN, late, at("11-24 12:00")) == Skip(why=SkipReason.RATE)


def test_a_staff_answer_comes_at_night_to_who_waits_for_it() -> None:
    night = at("11-24 22:00")
    assert may_send(Sending.STAFF_ANSWER, known(waited_for=True), night) == Go()
    assert isinstance(may_send(Sending.STAFF_ANSWER, known(), night), Wait)
    assert isinstance(may_send(Sending.RESULT, known(waited_for=True), night), Wait)


def test_who_said_that_a_notification_may_come_gets_it_in_a_guarded_talk() -> None:
    assert may_send(Sending.CHECK_IN, known(guarded=True, agreed_to_be_seen=True), TUESDAY_NOON) == Go()


def test_a_child_in_danger_gets_one_only_after_saying_that_it_may_come() -> None:
    after_school = at("11-24 16:30")
    child = known(minor=True, level=WATCHED)
    assert may_send(Sending.CHECK_IN, child, after_school) == Skip(why=SkipReason.NOT_AGREED)
    assert may_send(Sending.CHECK_IN, replace(child, agreed_to_be_seen=True), after_school) == Go()
    assert may_send(Sending.CHECK_IN, replace(child, level=CALM), after_school) == Go()


def test_when_messages_run_short_those_under_watch_get_theirs_first() -> None:
    short = {"quota_left": 55, "reserve": 50, "watch_due": 5}
    assert may_send(Sending.CHECK_IN, known(level=WATCHED, **short), TUESDAY_NOON) == Go()
    assert may_send(Sending.CHECK_IN, known(level=CALM, **short), TUESDAY_NOON) == Skip(why=SkipReason.QUOTA)
    assert may_send(Sending.CHECK_IN, known(level=CALM, **short | {"watch_due": 4}), TUESDAY_NOON) == Go()


def test_exactly_a_day_late_is_not_too_late() -> None:
    assert may_send(Sending.CHECK_IN, known(due_at=TUESDAY_NOON - dt.timedelta(days=1)), TUESDAY_NOON) == Go()


def test_the_day_is_that_of_the_desk_and_not_of_utc() -> None:
    """Eight in the morning in Tokyo is the day before in UTC."""
    early = QuietHours(begins=dt.time(20), ends=dt.time(7))
    yesterday = known(quiet=early, last_push_at=at("11-23 19:00"), due_at=at("11-24 08:00"))
    assert may_send(Sending.CHECK_IN, yesterday, at("11-24 08:00")) == Go()


FLAGS = ("blocked", "erased", "stopped", "guarded", "bulk_paused", "staff_writing", "talk_open", "answered", "minor")
MINUTES = st.integers(0, 60 * 24 * 500)
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
TIMES = MINUTES.map(lambda minutes: START + dt.timedelta(minutes=minutes))
CIRCUMSTANCES = st.builds(
    Circumstances,
    calendar=st.just(CALENDAR),
    level=st.sampled_from(RiskLevel),
    due_at=st.none() | TIMES,
    safe_contact=st.sampled_from([None, True, False]),
    waited_for=st.booleans(),
    agreed_to_be_seen=st.booleans(),
    plan_live=st.sampled_from([True, True, False]),
    last_heard_at=st.none() | TIMES,
    last_push_at=st.none() | TIMES,
    quota_left=st.none() | st.integers(0, 100),
    reserve=st.integers(0, 60),
    rate_free_at=st.none() | TIMES,
    **{name: st.sampled_from([False, False, False, True]) for name in FLAGS},
)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(Sending), CIRCUMSTANCES, TIMES)
def test_whatever_is_known_nothing_goes_out_at_a_wrong_moment(
    kind: Sending, circumstances: Circumstances, now: dt.datetime
) -> None:
    verdict = may_send(kind, circumstances, now)
    if kind in NEVER_HELD_BACK:
        assert verdict == Go()
        return
    if isinstance(verdict, Wait):
        assert verdict.until > now
    if not isinstance(verdict, Go):
        return
    assert not any((circumstances.blocked, circumstances.erased))
    assert circumstances.safe_contact is not False
    if kind in BY_ITSELF:
        assert not circumstances.stopped
        assert permitted(now, circumstances.quiet, CALENDAR, minor=circumstances.minor)
        assert not CALENDAR.is_quiet_day(now.astimezone(TOKYO).date())
        assert circumstances.due_at is None or now - circumstances.due_at <= LATEST
        assert circumstances.quota_left is None or circumstances.quota_left > circumstances.reserve


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(BY_ITSELF), CIRCUMSTANCES, TIMES)
def test_who_waits_long_enough_is_sent_to_or_told_why_not(
    kind: Sending, circumstances: Circumstances, now: dt.datetime
) -> None:
    circumstances = replace(circumstances, due_at=now)
    for _ in range(12):
        verdict = may_send(kind, circumstances, now)
        if not isinstance(verdict, Wait):
            return
        now = verdict.until
    raise AssertionError("it waits for ever")
