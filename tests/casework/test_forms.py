"""What people type becomes typed values, and back into the words they know."""

from __future__ import annotations

import datetime as dt
import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheet_cast import FORM, FULL

from casework.eras import read_day, wareki
from casework.forms import Row, Typed, Value, WrongValue, from_json, neat, read_value, row_shown, shown, to_json

DAY = dt.date(2026, 11, 26)


@pytest.mark.parametrize(
    "typed",
    ["2026-11-26", "2026/11/26", "2026年11月26日", "令和8年11月26日", "R8.11.26", "Ｒ８．１１．２６", "r8-11-26"],
)
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    assert read_day(typed) == DAY


def test_a_day_is_shown_as_offices_write_it() -> None:
    assert wareki(DAY) == "令和8年11月26日"
    assert wareki(dt.date(2019, 5, 1)) == "令和元年5月1日"
    assert wareki(dt.date(2019, 4, 30)) == "平成31年4月30日"
    assert read_day("昭和元年12月25日") == dt.date(1926, 12, 25)


@pytest.mark.parametrize(
    "typed", ["", "あした", "2026-13-01", "8年11月26日", "令和0年1月1日", "平成元年1月7日", "元年1月1日"]
)
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_day(typed)


@given(st.dates(min_value=dt.date(1868, 10, 23), max_value=dt.date(2999, 12, 31)))
def test_every_day_survives_its_era(day: dt.date) -> None:
    assert read_day(wareki(day)) == day


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("nickname", "  もみじ\nさん ", "もみじ さん"),
        ("words", "一\r\n二", "一\n二"),
        ("created_on", "令和8年11月26日", DAY),
        ("household_size", "２人", 2),
        ("household_size", "ふたり", None),
        ("household_size", "2人", 2),
        ("gender", "female", "female"),
        ("topics", ["care", "income"], ("income", "care")),
        ("topics", [], ()),
        ("disclosure_by_talk", "on", True),
        ("name", "髙﨑 𠮷子", "髙﨑 𠮷子"),
        ("name", "葛\U000e0100城 辻\U000e0101", "葛\U000e0100城 辻\U000e0101"),
        ("household", [{"relation": "son", "age": "9"}, {"relation": ""}], (Row(cells={"relation": "son", "age": 9}),)),
    ],
)  # fmt: skip
def test_values_are_typed(key: str, typed: Typed, value: Value | None) -> None:
    if value is None:
        with pytest.raises(WrongValue):
            read_value(FORM, key, typed)
    else:
        assert read_value(FORM, key, typed) == value


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("created_on", "きのう", "日付は"),
        ("gender", "robot", "選べるもの"),
        ("topics", ["care", "gold"], "選べるもの"),
        ("name", "あ" * 81, "80文字までで書いてください（今は81文字です）。"),
        ("household", [{"age": "八十"}], "「年齢」：数字で"),
        ("household", [{"relation": "other"}] * 31, "30行まで"),
        ("household", "text", "表の形"),
    ],
)
def test_what_does_not_fit_is_said_in_japanese(key: str, typed: Typed, said: str) -> None:
    with pytest.raises(WrongValue, match=said):
        read_value(FORM, key, typed)


def test_codes_and_rows_are_shown_in_words() -> None:
    assert shown(FORM, "topics", ("income", "care")) == "収入・生活費のこと、介護のこと"
    assert shown(FORM, "disclosure_by_talk", True) == "はい"
    assert shown(FORM, "topics", ("a_code_of_an_older_form",)) == "a_code_of_an_older_form"
    rows = FULL["household"]
    assert isinstance(rows, tuple)
    assert isinstance(rows[0], Row)
    assert row_shown(FORM, FORM.fields["household"], rows[0]) == "母　髙﨑 ウメ　82　同居　もの忘れ"


def test_values_survive_storage() -> None:
    for value in (*FULL.values(), True, 0, (Row(cells={"on": DAY}, source=UUID(int=1)),), ("a",)):
        assert from_json(json.loads(json.dumps(to_json(value)))) == value


@given(st.text())
def test_neat_text_can_be_stored_and_printed(text: str) -> None:
    kept = neat(text)
    kept.encode("utf-8")
    assert "\x00" not in kept
    assert neat(kept) == kept
