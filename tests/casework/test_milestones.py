"""18, 40, 65: seen some months before, for certain by a birthday, and between two days by an age that was said."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.milestones import AGES, Milestone, by_age, by_birthday

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("born", "age", "day"),
    [
        (date(2008, 11, 26), 18, date(2026, 11, 26)),
        (date(2008, 11, 25), 40, date(2048, 11, 25)),
        (date(1961, 12, 1), 65, date(2026, 12, 1)),
        (date(2012, 2, 29), 18, date(2030, 3, 1)),
    ],
)
def test_a_birthday_tells_the_very_day(born: date, age: int, day: date) -> None:
    assert by_birthday(born, TODAY) == Milestone(age=age, earliest=day, latest=day)


def test_after_the_last_age_nothing_comes() -> None:
    assert by_birthday(date(1950, 1, 1), TODAY) is None
    assert by_age(70, since=TODAY, until=TODAY, today=TODAY) is None
    assert by_age(200, since=TODAY, until=TODAY, today=TODAY) is None


def test_who_said_that_they_are_seventeen_turns_eighteen_within_the_year() -> None:
    one = by_age(17, since=TODAY, until=TODAY, today=TODAY)
    assert one == Milestone(age=18, earliest=TODAY, latest=date(2027, 11, 26))
    assert one.is_near(TODAY, 6)


def test_who_said_that_they_are_sixteen_is_thought_of_some_months_before_it_may_be() -> None:
    one = by_age(16, since=TODAY, until=TODAY, today=TODAY)
    assert one is not None
    assert not one.is_near(date(2027, 5, 25), 6)
    assert one.is_near(date(2027, 5, 26), 6)
    assert one.is_near(one.latest, 6)
    assert not one.is_near(date(2028, 11, 27), 6)


def test_an_age_that_was_said_long_ago_leads_to_the_next_milestone() -> None:
    one = by_age(17, since=date(2020, 1, 1), until=date(2020, 1, 1), today=TODAY)
    assert one is not None
    assert one.age == 40


@given(
    born=st.dates(date(1930, 1, 1), TODAY),
    said=st.dates(date(2020, 1, 1), TODAY),
    today=st.dates(TODAY, date(2060, 1, 1)),
)
def test_what_an_age_tells_holds_the_day_that_the_birthday_tells(born: date, said: date, today: date) -> None:
    age = said.year - born.year - ((said.month, said.day) < (born.month, born.day))
    if age < 0:
        return
    guessed, known = by_age(age, since=said, until=said, today=today), by_birthday(born, today)
    if known is None or guessed is None:
        assert known is None or known.age in AGES
        return
    if guessed.age == known.age:
        # Born on 29 February, one is a year older on 1 March.
        assert guessed.earliest <= known.earliest <= guessed.latest or (born.month, born.day) == (2, 29)
