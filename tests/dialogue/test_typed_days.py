"""Days and hours as people write them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue.dates import (
    FURTHEST_DAYS,
    clock_shown,
    day_at,
    day_in,
    day_shown,
    hours_at,
    hours_in,
    last_day_in,
    names_a_day,
    times_in,
)
from dialogue.followups import QuietHours

TUESDAY = dt.date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("あした", (2026, 11, 25)),
        ("明日でお願いします", (2026, 11, 25)),
        ("あさって", (2026, 11, 26)),
        ("しあさって", (2026, 11, 27)),
        ("３日後", (2026, 11, 27)),
        ("三日後に", (2026, 11, 27)),
        ("十日後", (2026, 12, 4)),
        ("二週間後", (2026, 12, 8)),
        ("1か月後", (2026, 12, 24)),
        ("12月3日", (2026, 12, 3)),
        ("十二月二十五日", (2026, 12, 25)),
        ("12/3がいい", (2026, 12, 3)),
        ("1月7日", (2027, 1, 7)),
        ("11月24日", (2027, 11, 24)),
        ("30日", (2026, 11, 30)),
        ("5日", (2026, 12, 5)),
        ("31日", (2026, 12, 31)),
        ("木曜日", (2026, 11, 26)),
        ("火曜", (2026, 12, 1)),
        ("来週の火曜", (2026, 12, 1)),
        ("来週の月曜日", (2026, 11, 30)),
        ("再来週の金曜", (2026, 12, 11)),
        ("今週の土曜", (2026, 11, 28)),
        ("来週", (2026, 12, 1)),
        ("来月", (2026, 12, 24)),
        ("来週 木", (2026, 12, 3)),
        ("来月の20日", (2026, 12, 20)),
        ("12がつ3にち", (2026, 12, 3)),
    ],
)
def test_a_day_is_understood_as_it_is_written(text: str, day: tuple[int, int, int]) -> None:
    assert day_in(text, TUESDAY) == dt.date(*day)


@pytest.mark.parametrize(
    "text",
    [
        *("きょう", "昨日", "13月1日", "2月30日", "0日後", "400日後", "今週の月曜", "いつか", "", "99日"),
        *("1日1回", "1日に一度でいい", "3日おき", "10日間", "2日前", "五日ごとに"),
        "あしたのことを考えると眠れなくて、ずっと天井を見ていました。どうしたらいいのか分からないです",
    ],
)
def test_what_is_no_day_from_tomorrow_on_is_none(text: str) -> None:
    assert day_in(text, TUESDAY) is None


def test_the_29th_of_february_is_the_next_one_there_is() -> None:
    assert day_in("2月29日", dt.date(2027, 3, 1)) == dt.date(2028, 2, 29)
    assert day_in("2月29日", TUESDAY) is None


@given(st.text(max_size=40), st.dates(dt.date(2020, 1, 1), dt.date(2100, 1, 1)))
def test_whatever_is_written_a_day_lies_from_tomorrow_to_a_year_ahead(text: str, today: dt.date) -> None:
    day = day_in(text, today)
    assert day is None or 1 <= (day - today).days <= FURTHEST_DAYS


@given(st.integers(0, 99), st.integers(0, 99), st.dates(dt.date(2020, 1, 1), dt.date(2100, 1, 1)))
def test_whatever_the_numbers_a_day_lies_ahead_and_is_the_one_written(month: int, day: int, today: dt.date) -> None:
    found = day_in(f"{month}月{day}日", today)
    assert found is None or (found.month, found.day) == (month, day)


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("22時から7時", "22:00", "07:00"),
        ("夜10時から朝6時まで", "22:00", "06:00"),
        ("午後9時半から午前8時", "21:30", "08:00"),
        ("２０：３０〜９：００", "20:30", "09:00"),
        ("8時から17時は仕事です", "08:00", "17:00"),
        ("よる8じから あさ9じ", "20:00", "09:00"),
        ("ごご9じから ごぜん8じ", "21:00", "08:00"),
    ],
)
def test_hours_are_understood_as_they_are_written(text: str, begins: str, ends: str) -> None:
    clock = dt.time.fromisoformat
    assert hours_in(text) == QuietHours(begins=clock(begins), ends=clock(ends))


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("夜12時から朝7時", "00:00", "07:00"),
        ("夜の1時から朝9時", "01:00", "09:00"),
        ("夜中の12時半から8時", "00:30", "08:00"),
        ("夜8時から昼の1時", "20:00", "13:00"),
        ("昼12時から夕方5時", "12:00", "17:00"),
        ("夜11時から午前11時", "23:00", "11:00"),
    ],
)
def test_hours_about_midnight_and_noon_are_those_that_people_mean(text: str, begins: str, ends: str) -> None:
    clock = dt.time.fromisoformat
    assert hours_in(text) == QuietHours(begins=clock(begins), ends=clock(ends))


@pytest.mark.parametrize("text", ["9時から9時", "9時から8時", "25時から7時", "22時", "夜", "", "22時61分から7時"])
def test_hours_that_leave_too_little_of_a_day_or_are_none_are_not_taken(text: str) -> None:
    assert hours_in(text) is None


def test_what_a_button_carries_is_not_trusted() -> None:
    assert day_at("2026-12-03", TUESDAY) == dt.date(2026, 12, 3)
    assert hours_at("2200-0700") == QuietHours(begins=dt.time(22), ends=dt.time(7))
    for old in ("2026-11-24", "2020-01-01", "9999-12-31", "12月3日", "", "\x00"):
        assert day_at(old, TUESDAY) is None
    for made_up in ("2400-0700", "2200-2200", "2200-2130", "22000700", "", "\ud800"):
        assert hours_at(made_up) is None


def test_words_meant_as_a_day_are_told_from_a_telling() -> None:
    assert names_a_day("13月40日")
    assert not names_a_day("つらいです")


def test_days_and_hours_are_shown_in_both_voices() -> None:
    assert day_shown(dt.date(2026, 12, 3), kana=False) == "12月3日(木)"
    assert day_shown(dt.date(2026, 12, 3), kana=True) == "12月3日（木よう日）"
    assert [clock_shown(dt.time(9)), clock_shown(dt.time(19, 30))] == ["9時", "19時30分"]


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("おたよりはあと1回でいい", 1),
        ("お便りは残り十二回で", 12),
        ("おたよりはあと三回だけ", 3),
        ("あと0回", None),
        ("1日1回", None),
    ],
)
def test_how_many_more_are_wished_for(text: str, times: int | None) -> None:
    assert times_in(text) == times


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12月20日まで", (2026, 12, 20)),
        ("来月の20日まで", (2026, 12, 20)),
        ("来月まで", (2026, 12, 31)),
        ("来週まで", (2026, 12, 6)),
        ("今月いっぱいで", (2026, 11, 30)),
        ("月末まで", (2026, 11, 30)),
        ("来月末まで", (2026, 12, 31)),
        ("2月末まで", (2027, 2, 28)),
        ("年内まで", (2026, 12, 31)),
    ],
)
def test_the_last_day_of_what_is_named_is_the_end(text: str, day: tuple[int, int, int]) -> None:
    assert last_day_in(text, TUESDAY) == dt.date(*day)


@pytest.mark.parametrize(
    "text", ["11月24日まで", "24日まで", "11/24で終わり", "今月の24日まで", "きょうまで", "本日で終わり"]
)
def test_an_end_may_be_today(text: str) -> None:
    assert last_day_in(text, TUESDAY) == TUESDAY


@pytest.mark.parametrize("text", ["あしたまで", "1日後まで"])
def test_what_is_counted_from_today_is_not_today(text: str) -> None:
    assert last_day_in(text, TUESDAY) == TUESDAY + dt.timedelta(days=1)


@pytest.mark.parametrize("text", ["12月20日", "13月末まで", "昨日まで", "まで", "2月30日まで"])
def test_what_names_no_end_is_none(text: str) -> None:
    assert last_day_in(text, TUESDAY) is None


@given(st.text(max_size=40), st.integers(0, 99), st.dates(dt.date(2020, 1, 1), dt.date(2100, 1, 1)))
def test_whatever_is_written_an_end_is_no_day_of_the_past(text: str, month: int, today: dt.date) -> None:
    for said in (text, f"{text}まで", f"{month}月{text}まで", f"{month}月末まで"):
        day = last_day_in(said, today)
        assert day is None or day >= today
