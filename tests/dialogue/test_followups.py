"""When a check-in is due: on the resident's own rhythm, at their time of day, and never at a wrong moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dialogue_cast import CONTENT
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialogue.followups import (
    USUALLY_QUIET,
    Band,
    CheckInPlan,
    DeskCalendar,
    PlanError,
    QuietHours,
    Rhythm,
    Window,
    band_kept,
    first_day,
    moment_on,
    months_after,
    next_due,
    permitted,
)

TOKYO = ZoneInfo("Asia/Tokyo")
DESK = DeskCalendar.of(CONTENT.desk, CONTENT.checkins.timing)
TUESDAY = dt.date(2026, 11, 24)
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=TOKYO)
BANDS = {
    Band.MORNING: Window(begins=dt.time(9), ends=dt.time(11)),
    Band.NOON: Window(begins=dt.time(12), ends=dt.time(14)),
    Band.EVENING: Window(begins=dt.time(17), ends=dt.time(19)),
}
SCHOOL = Window(begins=dt.time(8), ends=dt.time(16))


@dataclass(frozen=True)
class Days:
    """A calendar of its own: quiet on the days named, school on all weekdays."""

    zone: ZoneInfo = TOKYO
    quiet_days: frozenset[dt.date] = frozenset()
    bands: Mapping[Band, Window] = field(default_factory=lambda: BANDS)
    school: Window = SCHOOL

    def is_quiet_day(self, day: dt.date) -> bool:
        return day in self.quiet_days

    def is_school_day(self, day: dt.date) -> bool:
        return day.weekday() < 5


def plan(rhythm: Rhythm = Rhythm.WEEKLY, band: Band = Band.NOON, **more: object) -> CheckInPlan:
    starts = more.pop("starts", first_day(rhythm, TUESDAY))
    return CheckInPlan(rhythm=rhythm, band=band, starts=starts, **more)  # type: ignore[arg-type]


def days(made: CheckInPlan, count: int, calendar: Days | DeskCalendar | None = None) -> list[str]:
    """The days of the next words, on the desk's wall clock."""
    return [f"{moment.astimezone(TOKYO):%Y-%m-%d}" for moment in moments(made, count, calendar)]


def moments(made: CheckInPlan, count: int, calendar: Days | DeskCalendar | None = None) -> list[dt.datetime]:
    found, after = [], NOON
    for _ in range(count):
        due = next_due(made, after, calendar or Days(), seed=7)
        if due is None:
            break
        found.append(due)
        after = due
    return found


@pytest.mark.parametrize(
    ("rhythm", "expected"),
    [
        (Rhythm.TOMORROW, ["2026-11-25"]),
        (Rhythm.WEEKLY, ["2026-12-01", "2026-12-08", "2026-12-15"]),
        (Rhythm.FORTNIGHTLY, ["2026-12-08", "2026-12-22", "2027-01-05"]),
        (Rhythm.MONTHLY, ["2026-12-24", "2027-01-24", "2027-02-24"]),
    ],
)
def test_each_rhythm_has_its_own_days(rhythm: Rhythm, expected: list[str]) -> None:
    assert days(plan(rhythm), 3) == expected


def test_a_day_of_ones_own_choice_comes_once() -> None:
    made = plan(Rhythm.ON_DAY, starts=dt.date(2026, 12, 3), on_day=dt.date(2026, 12, 3))
    assert days(made, 3) == ["2026-12-03"]


def test_the_31st_is_the_last_day_of_shorter_months_and_the_31st_again_after_them() -> None:
    made = plan(Rhythm.MONTHLY, starts=dt.date(2027, 12, 31))
    assert days(made, 5) == ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]


def test_a_quiet_day_moves_one_word_and_not_the_rhythm() -> None:
    calendar = Days(quiet_days=frozenset({dt.date(2026, 12, 8), dt.date(2026, 12, 9)}))
    assert days(plan(), 3, calendar) == ["2026-12-01", "2026-12-10", "2026-12-15"]


def test_two_words_that_quiet_days_move_to_one_day_are_one() -> None:
    calendar = Days(quiet_days=frozenset(dt.date(2026, 12, 1) + dt.timedelta(days=n) for n in range(13)))
    assert days(plan(), 3, calendar) == ["2026-12-14", "2026-12-15", "2026-12-22"]


def test_nothing_goes_out_on_holidays_and_at_the_turn_of_the_year() -> None:
    made = plan(starts=dt.date(2026, 12, 22))
    assert days(made, 3, DESK) == ["2026-12-22", "2027-01-04", "2027-01-05"]
    assert DESK.is_quiet_day(dt.date(2026, 11, 23))
    assert DESK.is_quiet_day(dt.date(2030, 1, 14))
    assert not DESK.is_quiet_day(dt.date(2026, 11, 28))


def test_children_sit_in_school_on_weekdays_in_term_only() -> None:
    assert DESK.is_school_day(dt.date(2026, 11, 24))
    assert not DESK.is_school_day(dt.date(2026, 11, 23))
    assert not DESK.is_school_day(dt.date(2026, 11, 28))
    assert not DESK.is_school_day(dt.date(2026, 8, 5))


def test_a_minor_gets_it_after_school_and_in_the_holidays_in_the_morning() -> None:
    made = plan(band=Band.MORNING, minor=True, starts=dt.date(2027, 7, 16))
    term, holidays = (moment.astimezone(TOKYO) for moment in moments(made, 2, DESK))
    assert (term.date(), holidays.date()) == (dt.date(2027, 7, 16), dt.date(2027, 7, 23))
    assert 16 <= term.hour < 20
    assert 9 <= holidays.hour < 11


def test_the_band_gives_way_to_the_quiet_hours_of_the_resident() -> None:
    night_worker = QuietHours(begins=dt.time(8), ends=dt.time(17))
    (due,) = moments(plan(band=Band.MORNING, quiet=night_worker), 1)
    assert not night_worker.holds(due.astimezone(TOKYO).time())
    half = QuietHours(begins=dt.time(20), ends=dt.time(10))
    (due,) = moments(plan(band=Band.MORNING, quiet=half), 1)
    assert due.astimezone(TOKYO).hour == 10


def test_it_ends_with_its_last_day_and_after_its_last_word() -> None:
    assert days(plan(until=dt.date(2026, 12, 8)), 5) == ["2026-12-01", "2026-12-08"]
    assert days(plan(until=dt.date(2026, 12, 7)), 5) == ["2026-12-01"]
    assert days(plan(count_left=0), 5) == []
    assert days(plan(count_left=1), 1) == ["2026-12-01"]


def test_a_word_moved_past_the_last_day_falls_away() -> None:
    calendar = Days(quiet_days=frozenset({dt.date(2026, 12, 8)}))
    assert days(plan(until=dt.date(2026, 12, 8)), 5, calendar) == ["2026-12-01"]


def test_words_due_in_a_pause_fall_away_and_the_rhythm_goes_on() -> None:
    assert days(plan(paused_until=dt.date(2026, 12, 9)), 2) == ["2026-12-15", "2026-12-22"]
    assert days(plan(Rhythm.TOMORROW, paused_until=dt.date(2026, 12, 9)), 2) == []


def test_people_of_one_band_are_spread_over_it() -> None:
    made = plan(band=Band.MORNING)
    due = [next_due(made, NOON, Days(), seed=seed) for seed in range(1000)]
    assert len({moment for moment in due if moment}) > 900
    assert {moment.astimezone(TOKYO).hour for moment in due if moment} == {9, 10}
    assert next_due(made, NOON, Days(), seed=5) == next_due(made, NOON, Days(), seed=5)


def test_an_hour_that_the_clock_leaves_out_is_nobodys_hour() -> None:
    early = {**BANDS, Band.MORNING: Window(begins=dt.time(2), ends=dt.time(4))}
    calendar = Days(zone=ZoneInfo("Europe/Berlin"), bands=early)
    awake = QuietHours(begins=dt.time(20), ends=dt.time(1))
    for seed in range(200):
        made = plan(band=Band.MORNING, starts=dt.date(2027, 3, 28), quiet=awake)
        due = next_due(made, dt.datetime(2027, 3, 27, 12, tzinfo=TOKYO), calendar, seed=seed)
        assert due is not None
        assert due.astimezone(calendar.zone).date() == dt.date(2027, 3, 28)
        assert due.astimezone(calendar.zone).hour == 3


def test_where_the_clock_leaves_nothing_of_the_hours_the_next_day_is_taken() -> None:
    """On 28 March 2027 there is no time from two to three in Berlin."""
    early = {**BANDS, Band.MORNING: Window(begins=dt.time(2), ends=dt.time(3))}
    calendar = Days(zone=ZoneInfo("Europe/Berlin"), bands=early)
    asleep = QuietHours(begins=dt.time(3), ends=dt.time(2))
    made = plan(band=Band.MORNING, starts=dt.date(2027, 3, 28), quiet=asleep)
    due = next_due(made, dt.datetime(2027, 3, 27, 12, tzinfo=TOKYO), calendar)
    assert due is not None
    assert due.astimezone(calendar.zone).date() == dt.date(2027, 3, 29)
    assert due.astimezone(calendar.zone).hour == 2


def test_a_word_that_quiet_days_moved_is_still_due_when_its_own_day_is_past() -> None:
    made = plan(Rhythm.MONTHLY, starts=dt.date(2026, 12, 31))
    due = next_due(made, dt.datetime(2027, 1, 2, 12, tzinfo=TOKYO), DESK)
    assert due is not None
    assert due.astimezone(TOKYO).date() == dt.date(2027, 1, 4)


def test_a_day_that_a_place_left_out_is_nobodys_day() -> None:
    """Samoa went from 29 to 31 December 2011."""
    apia = Days(zone=ZoneInfo("Pacific/Apia"))
    made = plan(Rhythm.ON_DAY, starts=dt.date(2011, 12, 30))
    due = next_due(made, dt.datetime(2011, 12, 28, tzinfo=dt.UTC), apia)
    assert due is not None
    assert due.astimezone(apia.zone).date() == dt.date(2011, 12, 31)


def test_a_desk_that_is_always_quiet_sends_nothing() -> None:
    class Never(Days):
        def is_quiet_day(self, day: dt.date) -> bool:
            return True

    assert next_due(plan(), NOON, Never()) is None


@pytest.mark.parametrize("rhythm", list(Rhythm))
def test_a_plan_survives_being_stored(rhythm: Rhythm) -> None:
    made = plan(
        rhythm,
        on_day=dt.date(2026, 12, 3),
        until=dt.date(2027, 1, 1),
        count_left=3,
        paused_until=dt.date(2026, 12, 1),
        quiet=QuietHours(begins=dt.time(22, 30), ends=dt.time(7)),
        minor=True,
        agreed_to_be_seen=True,
    )
    assert CheckInPlan.from_json(made.to_json()) == made
    assert CheckInPlan.from_json(plan(rhythm).to_json()) == plan(rhythm)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"rhythm": "daily"},
        {"band": "night"},
        {"starts": "soon"},
        {"count_left": True},
        {"minor": 1},
        {"quiet": {"from": "20:00"}},
        {"unknown": True},
        {"until": 5},
    ],
)
def test_what_is_no_plan_is_refused(wrong: dict[str, object]) -> None:
    stored = plan().to_json() | wrong if wrong else {}
    with pytest.raises(PlanError):
        CheckInPlan.from_json(stored)


@pytest.mark.parametrize(
    ("begins", "ends", "band"),
    [(20, 9, Band.MORNING), (20, 10, Band.MORNING), (20, 12, Band.NOON)],
)
def test_the_band_is_named_in_which_words_come(begins: int, ends: int, band: Band) -> None:
    quiet = QuietHours(begins=dt.time(begins), ends=dt.time(ends))
    made = plan(band=Band.MORNING, quiet=quiet)
    assert band_kept(made, DESK) == band
    (due,) = moments(made, 1, DESK)
    spans = {one: (window.begins, window.ends) for one, window in DESK.bands.items()}
    first, last = spans[band]
    assert first <= due.astimezone(TOKYO).time() < last


def test_quiet_hours_hold_over_midnight() -> None:
    assert USUALLY_QUIET.holds(dt.time(20))
    assert USUALLY_QUIET.holds(dt.time(3))
    assert not USUALLY_QUIET.holds(dt.time(9))
    assert not QuietHours(begins=dt.time(9), ends=dt.time(9)).holds(dt.time(9))


def test_months_are_counted_by_the_calendar() -> None:
    assert months_after(dt.date(2027, 10, 31), 1) == dt.date(2027, 11, 30)
    assert months_after(dt.date(2027, 10, 31), 4) == dt.date(2028, 2, 29)
    assert months_after(dt.date(2027, 12, 15), 1) == dt.date(2028, 1, 15)


ZONES = ("Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")
DATES = st.dates(dt.date(2023, 12, 1), dt.date(2032, 3, 31))
CLOCKS = st.times().map(lambda clock: clock.replace(minute=clock.minute // 15 * 15, second=0, microsecond=0))
QUIETS = st.builds(QuietHours, begins=CLOCKS, ends=CLOCKS).filter(
    lambda quiet: quiet == USUALLY_QUIET or (dt.timedelta(hours=24) - _length(quiet)) >= dt.timedelta(hours=2)
)
PLANS = st.builds(
    CheckInPlan,
    rhythm=st.sampled_from(Rhythm),
    band=st.sampled_from(Band),
    starts=DATES,
    on_day=st.none(),
    until=st.none() | DATES,
    count_left=st.none() | st.integers(1, 9),
    paused_until=st.none() | DATES,
    quiet=st.just(USUALLY_QUIET) | QUIETS,
    minor=st.booleans(),
)
DESKS = st.builds(
    Days,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    quiet_days=st.frozensets(DATES, max_size=6).map(
        lambda found: frozenset(day + dt.timedelta(days=n) for day in found for n in range(9))
    ),
)
AFTER = st.integers(0, 8 * 366 * 24 * 3600).map(
    lambda s: dt.datetime(2023, 12, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=s)
)
SEEDS = st.integers(0, 2**62)
NEW_YEAR = dt.datetime(2027, 12, 31, 23, 59, tzinfo=dt.UTC)


def _length(quiet: QuietHours) -> dt.timedelta:
    minutes = (quiet.ends.hour * 60 + quiet.ends.minute - quiet.begins.hour * 60 - quiet.begins.minute) % (24 * 60)
    return dt.timedelta(minutes=minutes)


@settings(max_examples=400, deadline=None)
@given(PLANS, DESKS, AFTER, SEEDS)
@example(CheckInPlan(rhythm=Rhythm.MONTHLY, band=Band.NOON, starts=dt.date(2024, 1, 31)), Days(), NEW_YEAR, 1)
@example(CheckInPlan(rhythm=Rhythm.MONTHLY, band=Band.NOON, starts=dt.date(2024, 2, 29)), Days(), NEW_YEAR, 1)
def test_a_word_is_never_due_at_a_forbidden_moment(
    made: CheckInPlan, calendar: Days, after: dt.datetime, seed: int
) -> None:
    due = next_due(made, after, calendar, seed=seed)
    if due is None:
        return
    here = due.astimezone(calendar.zone)
    assert due > after
    assert not calendar.is_quiet_day(here.date())
    assert permitted(due, made.quiet, calendar, minor=made.minor)
    assert here.date() >= made.starts
    assert made.until is None or here.date() <= made.until
    assert made.paused_until is None or here.date() >= made.paused_until


@settings(max_examples=300, deadline=None)
@given(PLANS, DESKS, AFTER, AFTER, SEEDS)
def test_later_is_never_earlier(
    made: CheckInPlan, calendar: Days, one: dt.datetime, other: dt.datetime, seed: int
) -> None:
    first, second = sorted((one, other))
    earlier, later = (next_due(made, moment, calendar, seed=seed) for moment in (first, second))
    assert later is None or (earlier is not None and earlier <= later)
    # Between a moment and the next word there is no other one.
    if earlier is not None and first < second < earlier:
        assert later == earlier


@settings(max_examples=300, deadline=None)
@given(PLANS, DESKS, AFTER, SEEDS)
def test_a_rhythm_that_has_no_end_is_never_left_for_ever(
    made: CheckInPlan, calendar: Days, after: dt.datetime, seed: int
) -> None:
    made = replace(made, until=None, paused_until=None, count_left=None)
    due = next_due(made, after, calendar, seed=seed)
    if made.rhythm in {Rhythm.TOMORROW, Rhythm.ON_DAY}:
        start = dt.datetime.combine(made.starts, dt.time(), calendar.zone)
        assert due is not None or after >= start
        return
    assert due is not None
    longest = dt.timedelta(days=31 + 6 * 9 + 3)
    start = dt.datetime.combine(made.starts, dt.time(), calendar.zone)
    assert due - max(after, start) <= longest


@settings(max_examples=150, deadline=None)
@given(PLANS, DESKS, SEEDS)
def test_one_after_the_other_they_come_each_on_a_day_of_its_own_and_keep_the_rhythm(
    made: CheckInPlan, calendar: Days, seed: int
) -> None:
    made = replace(made, until=None, paused_until=None)
    after, found = dt.datetime(2023, 11, 1, tzinfo=dt.UTC), []
    for _ in range(30):
        due = next_due(made, after, calendar, seed=seed)
        if due is None:
            break
        found.append(due)
        after = due
    here = [moment.astimezone(calendar.zone).date() for moment in found]
    assert all(first < second for first, second in pairwise(here))
    if made.rhythm in {Rhythm.WEEKLY, Rhythm.FORTNIGHTLY}:
        step = 7 if made.rhythm is Rhythm.WEEKLY else 14
        kept = [day for day in here if (day - made.starts).days % step == 0]
        moved = [day for day in here if day not in kept]
        # A word leaves its day only where nothing may go out on that day.
        for day in moved:
            turn = made.starts + dt.timedelta(days=(day - made.starts).days // step * step)
            assert moment_on(made, turn, calendar, seed=seed) is None


@settings(max_examples=150, deadline=None)
@given(PLANS, DESKS, SEEDS, st.dates(dt.date(2024, 1, 1), dt.date(2030, 1, 1)))
def test_a_plan_ends_exactly_with_its_last_day(made: CheckInPlan, calendar: Days, seed: int, until: dt.date) -> None:
    endless, ending = replace(made, until=None), replace(made, until=until)
    after = dt.datetime.combine(until - dt.timedelta(days=70), dt.time(), dt.UTC)
    for _ in range(12):
        free = next_due(endless, after, calendar, seed=seed)
        due = next_due(ending, after, calendar, seed=seed)
        within = free is not None and free.astimezone(calendar.zone).date() <= until
        assert due == (free if within else None)
        if due is None:
            break
        after = due
