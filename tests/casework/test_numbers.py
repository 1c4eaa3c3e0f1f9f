"""Numbers of cases are found however a keyboard writes them."""

from __future__ import annotations

import pytest

from casework.numbers import number_typed


@pytest.mark.parametrize(
    "typed",
    [
        "2026-0012",
        "２０２６－００１２",
        "２０２６ー００１２",
        "2026−0012",
        "2026‐0012",
        "2026ｰ0012",
        " ２０２６‐００１２　",
        "2026 - 0012",
    ],
)
def test_a_number_is_the_same_in_full_width_and_with_any_hyphen(typed: str) -> None:
    assert number_typed(typed) == "2026-0012"


def test_the_beginning_of_a_number_is_one_too() -> None:
    assert number_typed("２０２６－００") == "2026-00"


@pytest.mark.parametrize("words", ["あおい スープ", "かわいい きりん 2", "ｽｰﾌﾟ", "一二三", "-", "", "12月の方"])
def test_other_words_stay_as_they_were_typed(words: str) -> None:
    assert number_typed(words) == words
