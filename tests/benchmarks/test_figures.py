"""The arithmetic behind `make bench`. Speeds themselves are never asserted."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.figures import (
    Figure,
    Result,
    at_least,
    median,
    percentile,
    ratios,
    shortened,
    spread,
    table,
    under,
)

NUMBERS = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=50)


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_percentiles_of_one_to_a_hundred(share: float, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), share) == value


@given(NUMBERS, st.floats(0, 1))
def test_a_percentile_is_one_of_the_values_and_covers_its_share(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6


def test_nothing_measured_is_not_a_number_and_misses_its_target() -> None:
    assert math.isnan(percentile([], 0.5))
    assert math.isnan(median([]))
    assert under("never measured", percentile([], 0.5), 10).met is False


@given(NUMBERS)
def test_rounds_that_slow_down_together_keep_their_ratio(floors: list[float]) -> None:
    assert ratios([floor / 2 for floor in floors], floors) == pytest.approx([0.5] * len(floors))


def test_rounds_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratios([1.0], [1.0, 2.0])


def test_equal_rounds_have_no_noise_and_scattered_ones_have() -> None:
    assert spread([5.0] * 8) == 0
    assert spread([1.0]) == 0
    assert spread([80.0, 90.0, 100.0, 110.0, 120.0]) == pytest.approx(0.2)


@pytest.mark.parametrize(("value", "short"), [(1234.56, 1235), (0.123456, 0.123), (99.96, 100), (0, 0)])
def test_numbers_are_short_enough_to_read(value: float, short: float) -> None:
    assert shortened(value) == short


def test_targets_know_their_side() -> None:
    assert at_least("rate", 0.3, 0.3).met
    assert not at_least("rate", 0.29, 0.3).met
    assert under("time", 199, 200).met
    assert not under("time", 200, 200).met


def test_the_json_of_a_figure_holds_only_what_is_known() -> None:
    assert Figure(name="p50", value=1.23456, unit="ms").to_json() == {"name": "p50", "value": 1.23, "unit": "ms"}
    assert under("p99", 300.0, 200).to_json()["met"] is False


def test_a_table_shows_value_floor_ratio_and_what_was_missed() -> None:
    shown = table(
        "acks",
        Result(
            figures=(
                Figure(name="rate", value=1500.4, unit="/s", floor=5000, ratio=0.3, noise=0.2),
                under("p99", 300, 200, unit="ms"),
            ),
            notes=("a note",),
        ),
    )
    lines = shown.splitlines()
    assert lines[0] == "== acks"
    assert "1,500 /s" in lines[2]
    assert "5,000 /s" in lines[2]
    assert "±10%" in lines[2]
    assert lines[3].split()[-3:] == ["<", "200", "MISSED"]
    assert lines[4].strip() == "· a note"
