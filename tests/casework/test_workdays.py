"""開庁日: hours, closed days, public holidays, and by when something has to be seen to."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.workdays import LOOK_AHEAD_DAYS, Workdays, by_when, date_shown, span_shown
from config.content import load_content

TOKYO = ZoneInfo("Asia/Tokyo")
WEEK = frozenset({"mon", "tue", "wed", "thu", "fri"})
DESK = Workdays(
    zone=TOKYO,
    hours=((WEEK, dt.time(9), dt.time(12)), (WEEK - {"wed"}, dt.time(13), dt.time(17))),
    closed_days=frozenset({dt.date(2026, 11, 27)}),
    closed_every_year=frozenset({"12-29", "12-30", "12-31", "01-01", "01-02", "01-03"}),
)


def at(day: int, hour: int, minute: int = 0, *, month: int = 11) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, minute, tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        (at(24, 9), True),
        (at(24, 8, 59), False),
        (at(24, 12), False),
        (at(24, 13), True),
        (at(25, 14), False),  # Wednesday afternoon
        (at(24, 17), False),
        (at(23, 10), False),  # 勤労感謝の日, on no list of the desk
        (at(22, 10), False),  # Sunday
        (at(27, 10), False),  # a day of the desk's own
        (at(31, 10, month=12), False),
        (at(24, 10).astimezone(dt.UTC), True),
    ],
)
def test_a_desk_is_open_in_its_hours_on_its_days(now: dt.datetime, is_open: bool) -> None:
    assert DESK.is_open(now) is is_open


def test_the_next_working_day_leaves_out_weekends_holidays_and_closed_days() -> None:
    assert DESK.workday_after(dt.date(2026, 11, 20)) == dt.date(2026, 11, 24)
    assert DESK.workday_after(dt.date(2026, 11, 26)) == dt.date(2026, 11, 30)
    assert DESK.workday_after(dt.date(2026, 12, 28)) == dt.date(2027, 1, 4)


def test_what_has_time_until_the_next_working_day_has_it_until_that_day_closes() -> None:
    assert DESK.end_of_next(at(20, 20)) == at(24, 17)
    assert DESK.end_of_next(at(24, 0, 5)) == at(25, 12)
    assert DESK.end_of_next(at(23, 23, 59).astimezone(dt.UTC)) == at(24, 17)


def test_a_desk_without_hours_never_promises_a_day() -> None:
    closed = Workdays(zone=TOKYO, hours=())
    assert closed.workday_after(dt.date(2026, 11, 20)) is None
    assert closed.end_of_next(at(20, 20)) is None
    assert not closed.is_open(at(24, 10))


def test_the_desk_as_shipped_works_on_weekdays() -> None:
    shipped = Workdays.of(load_content().desk)
    assert shipped.is_open(at(24, 10))
    assert not shipped.is_open(at(23, 10))


@given(st.dates(dt.date(2026, 1, 1), dt.date(2030, 12, 31)))
def test_the_next_working_day_is_a_working_day_after_and_none_lies_between(day: dt.date) -> None:
    found = DESK.workday_after(day)
    assert found is not None
    assert found > day
    assert DESK.is_workday(found)
    assert not any(DESK.is_workday(day + dt.timedelta(days=n)) for n in range(1, (found - day).days))
    assert (found - day).days < LOOK_AHEAD_DAYS


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (0, "1分"),
        (59 * 60, "59分"),
        (3600, "1時間"),
        (12_000, "3時間20分"),
        (86_400, "1日"),
        (90_000, "1日1時間"),
        (-5, "1分"),
    ],
)
def test_spans_read_as_people_say_them(span: int, shown: str) -> None:
    assert span_shown(dt.timedelta(seconds=span)) == shown


def test_long_spans_are_told_in_days() -> None:
    assert span_shown(dt.timedelta(days=5, hours=7)) == "5日"


def test_by_when_names_the_day_as_one_would() -> None:
    now = at(24, 10)
    assert by_when(at(24, 17), now, TOKYO) == "きょう 17:00まで"
    assert by_when(at(25, 12), now, TOKYO) == "あす(水) 12:00まで"
    assert by_when(at(30, 17), now, TOKYO) == "11月30日(月) 17:00まで"
    assert by_when(at(24, 9, 18), now, TOKYO) == "期限を42分すぎています"
    assert date_shown(dt.date(2027, 1, 4), dt.date(2026, 12, 28)) == "2027年1月4日(月)"
    assert date_shown(dt.date(2026, 11, 23), dt.date(2026, 11, 24)) == "きのう(月)"
