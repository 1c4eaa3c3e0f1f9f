"""When a person reads, and how the next time is said."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from dialogue_cast import CONTENT, DESK

TOKYO = ZoneInfo("Asia/Tokyo")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("now", "is_open", "shown"),
    [
        ("2026-11-24T08:59", False, "24日(火)の9時"),
        ("2026-11-24T09:00", True, "25日(水)の9時"),
        ("2026-11-24T16:59", True, "25日(水)の9時"),
        ("2026-11-24T17:00", False, "25日(水)の9時"),
        ("2026-11-20T20:00", False, "24日(火)の9時"),  # Monday 23 November is a public holiday
        ("2026-12-28T18:00", False, "4日(月)の9時"),  # the turn of the year
        ("2027-05-02T12:00", False, "6日(木)の9時"),  # a row of public holidays
    ],
)
def test_the_desk_knows_its_hours(now: str, is_open: bool, shown: str) -> None:
    assert DESK.is_open(at(now)) is is_open
    assert DESK.next_open_shown(at(now), kana=False) == shown


def test_the_clock_of_the_desk_counts_not_that_of_the_machine() -> None:
    assert DESK.is_open(dt.datetime(2026, 11, 24, 0, 30, tzinfo=dt.UTC))
    assert not DESK.is_open(dt.datetime(2026, 11, 24, 9, 30, tzinfo=dt.UTC))


def test_kana_names_the_day_in_full() -> None:
    assert DESK.next_open_shown(at("2026-11-24T20:00"), kana=True) == "25日（水よう日）の 9時"


def test_a_desk_that_stays_closed_names_its_hours_in_general() -> None:
    days = tuple(dt.date(2026, 11, 1) + dt.timedelta(days=n) for n in range(120))
    words = CONTENT.desk.model_copy(update={"closed_days": days})
    closed = replace(DESK, content=replace(CONTENT, desk=words))
    assert closed.next_open(at("2026-11-24T20:00")) is None
    assert closed.next_open_shown(at("2026-11-24T20:00"), kana=False) == "平日の9時から17時"
