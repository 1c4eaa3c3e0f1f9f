"""Who comes first, whose lane it is, and what the address of a queue page means."""

from __future__ import annotations

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.queue import (
    UNANSWERED_AFTER,
    Cursor,
    Filters,
    Lane,
    LastWord,
    Level,
    Place,
    Silence,
    age_band,
    carries_a_home,
    deadline,
    level_now,
    place,
    silence,
)
from casework.workdays import Workdays

NOW = dt.datetime(2026, 11, 20, 3, 0, tzinfo=dt.UTC)
WEEK = frozenset({"mon", "tue", "wed", "thu", "fri"})
DESK = Workdays(zone=ZoneInfo("Asia/Tokyo"), hours=((WEEK, dt.time(9), dt.time(17)),))
SOON = dt.timedelta(minutes=30)
levels = st.sampled_from(Level)


def test_danger_comes_first_and_whoever_waits_before_whoever_was_answered() -> None:
    assert place(Level.URGENT, waits=True) < place(Level.WATCH, waits=True)
    assert place(Level.WATCH, waits=True) == place(Level.NONE, waits=True) == Place.WAITING
    assert {place(level, waits=False) for level in Level} == {Place.ANSWERED}


@given(levels, st.none() | levels)
def test_lowering_never_raises(found: Level, lowered: Level | None) -> None:
    now = level_now(found, lowered)
    assert now.rank <= found.rank
    assert now in {found, lowered}


@pytest.mark.parametrize(
    ("categories", "minor", "age", "carries"),
    [
        (["young_carer"], True, None, True),
        (["school", "young_carer"], True, 14, True),
        (["young_carer"], False, None, True),
        (["young_carer"], False, 41, False),
        (["young_carer"], True, 18, False),
        (["school"], True, 14, False),
    ],
)
def test_a_child_who_carries_a_home_has_a_lane(
    categories: list[str], minor: bool, age: int | None, carries: bool
) -> None:
    assert carries_a_home(categories, minor=minor, age=age) is carries


def test_danger_has_minutes_and_a_child_who_carries_has_until_the_end_of_the_next_working_day() -> None:
    def due(level: Level, *, child: bool) -> dt.datetime | None:
        return deadline(level, child_lane=child, now=NOW, urgent_within=SOON, workdays=DESK)

    assert due(Level.URGENT, child=False) == due(Level.URGENT, child=True) == NOW + SOON
    assert due(Level.WATCH, child=True) == dt.datetime(2026, 11, 24, 17, 0, tzinfo=DESK.zone)
    assert due(Level.NONE, child=True) == dt.datetime(2026, 11, 24, 17, 0, tzinfo=DESK.zone)
    assert due(Level.WATCH, child=False) is None


@pytest.mark.parametrize(
    ("age", "minor", "band"),
    [
        (None, False, None),
        (None, True, "minor"),
        (11, True, "0-11"),
        (17, True, "15-17"),
        (18, False, "18-24"),
        (90, False, "75-"),
    ],
)
def test_ages_are_shown_as_bands(age: int | None, minor: bool, band: str | None) -> None:
    assert age_band(age, minor=minor) == band


def test_somebody_who_fell_silent_is_listed_and_why() -> None:
    def why(
        *, blocked: bool = False, by: LastWord = LastWord.STAFF, ago: dt.timedelta = UNANSWERED_AFTER
    ) -> Silence | None:
        return silence(blocked=blocked, last_word=by, last_word_at=NOW - ago, now=NOW)

    assert why(blocked=True, by=LastWord.RESIDENT) is Silence.BLOCKED
    assert why() is Silence.UNANSWERED
    assert why(ago=UNANSWERED_AFTER - dt.timedelta(seconds=1)) is None
    assert why(by=LastWord.RESIDENT) is None


@given(st.sampled_from(Place), st.datetimes(timezones=st.just(dt.UTC)), st.uuids())
def test_a_cursor_comes_back_from_an_address(where: Place, since: dt.datetime, case_id: UUID) -> None:
    cursor = Cursor(place=where, since=since, id=str(case_id))
    assert Cursor.read(cursor.written()) == cursor


@given(st.text())
def test_any_other_text_is_no_cursor_and_no_error(text: str) -> None:
    read = Cursor.read(text)
    assert read is None or read.written()


@given(
    st.dictionaries(
        st.sampled_from(["lane", "level", "category", "area", "owner", "words", "closed", "after"]), st.text()
    )
)
def test_any_address_is_read(asked: dict[str, str]) -> None:
    read = Filters.read(asked, categories=["poverty"], areas=["north"])
    again = Filters.read(read.written(), categories=["poverty"], areas=["north"])
    assert again.written() == read.written()


def test_a_number_is_looked_for_however_it_was_typed() -> None:
    assert Filters.read({"words": "２０２６－００１２"}, categories=[], areas=[]).words == "2026-0012"


def test_filters_are_kept_in_the_address_and_a_change_begins_at_the_first_page() -> None:
    asked = {
        "lane": "children",
        "level": "urgent",
        "category": "poverty",
        "area": "north",
        "words": " あおい ",
        "after": "x",
    }
    filters = Filters.read(asked, categories=["poverty"], areas=["north"])
    assert filters.lane is Lane.CHILDREN
    assert filters.words == "あおい"
    assert filters.written(level=None) == {
        "lane": "children",
        "category": "poverty",
        "area": "north",
        "words": "あおい",
    }
    assert Filters.read({"category": "'; DROP", "area": "?"}, categories=["poverty"], areas=[]) == Filters()
