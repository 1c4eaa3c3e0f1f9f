"""By when somebody hears, in 開庁日, and when it may be said at all."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from casework.sheet_needs import Due
from casework.sheet_news import Held, Mark, by_when, may_be_told_at, next_step_by, on_workday
from casework.workdays import Workdays

TOKYO = ZoneInfo("Asia/Tokyo")
WEEK = frozenset({"mon", "tue", "wed", "thu", "fri"})
DESK = Workdays(
    zone=TOKYO,
    hours=((WEEK, dt.time(9), dt.time(17)),),
    closed_every_year=frozenset({"12-29", "12-30", "12-31", "01-01", "01-02", "01-03"}),
)
NEVER = Workdays(zone=TOKYO, hours=())


def at(day: int, hour: int, month: int = 11) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, tzinfo=TOKYO)


def test_the_latest_of_all_recipients_counts_and_a_closed_day_becomes_the_next_open_one() -> None:
    # 3 December 2026 is a Thursday, the 6th a Sunday.
    first = Due(receive_by=dt.date(2026, 11, 30), reply_by=dt.date(2026, 12, 3))
    second = Due(receive_by=dt.date(2026, 12, 1), reply_by=dt.date(2026, 12, 6))
    found = by_when([first, second], DESK, dt.date(2026, 11, 26))
    assert found is not None
    assert (found.received, found.heard) == ("12月1日(火)", "12月7日(月)")
    assert by_when([Due(receive_by=None, reply_by=None)], DESK, dt.date(2026, 11, 26)) is None


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (at(26, 10), None),
        (at(26, 7), at(26, 9)),
        (at(26, 17), at(27, 9)),
        (at(27, 20), at(30, 9)),
        (at(28, 12, 12), None),
        (at(28, 18, 12), dt.datetime(2027, 1, 4, 9, tzinfo=TOKYO)),
    ],
)
def test_it_is_said_while_somebody_works_and_after_the_turn_of_the_year(
    now: dt.datetime, until: dt.datetime | None
) -> None:
    assert may_be_told_at(DESK, now) == until


def test_a_desk_without_working_days_keeps_nothing_for_ever() -> None:
    assert may_be_told_at(NEVER, at(26, 10)) == at(27, 10)
    assert on_workday(dt.date(2026, 11, 28), NEVER) == dt.date(2026, 11, 28)


def test_a_late_answer_is_looked_into_by_the_next_working_day() -> None:
    assert next_step_by(DESK, at(26, 10)) == "あす(金)"
    assert next_step_by(DESK, at(27, 10)) == "11月30日(月)"


def test_every_mark_has_words_and_only_danger_passes() -> None:
    assert all(mark.label for mark in Mark)
    assert [why for why in Held if why.passes] == [Held.DANGER]
