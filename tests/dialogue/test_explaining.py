"""Words of offices are explained and questions about the program answered; tellings with the same words are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialogue_cast import CONTENT
from yaml_files import read_yaml

from config.contents.glossary import ASPECTS
from dialogue.intents import Intent, recognise

SAID = read_yaml(Path(__file__).with_name("wordings") / "explained.yaml")


def heard(*texts: str) -> Intent:
    return recognise(CONTENT.intents, texts)


@pytest.mark.parametrize(("name", "texts"), SAID["asked"].items())
def test_it_is_understood_in_many_wordings(name: str, texts: list[str]) -> None:
    for text in texts:
        assert heard(text).rights[:1] == (name,), text


@pytest.mark.parametrize("text", SAID["lookalikes"])
def test_a_telling_with_the_same_words_is_no_question(text: str) -> None:
    assert heard(text).rights == ()


def test_every_aside_and_every_word_is_tried() -> None:
    asked = {name.partition(".")[0] for name in SAID["asked"]}
    assert asked == {*CONTENT.itself, *CONTENT.glossary.terms}


def test_who_asks_what_a_counsellor_is_calls_none() -> None:
    assert "person" not in heard("相談員ってだれ").rights
    assert heard("相談員").rights == ("person",)


def test_what_is_asked_beside_an_explanation_is_heard_as_well() -> None:
    assert heard("189ってなに？親に言わないで").rights == ("number_189.what", "told_family")


def test_only_what_is_known_is_answered() -> None:
    for key, term in CONTENT.glossary.terms.items():
        for aspect in ASPECTS:
            known = term.said(aspect) is not None
            assert (f"{key}.{aspect}" in CONTENT.glossary.patterns) is known


def test_a_bare_word_asks_only_with_a_mark() -> None:
    assert heard("188？").rights == ("number_188.what",)
    assert heard("188").rights == ()


def test_names_of_nothing_are_no_words() -> None:
    assert CONTENT.glossary.said("who_sees") is None
    assert CONTENT.glossary.said("no_such.what") is None


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("親に言わないで", "told_family"),
        ("先生にも言わないで", "told_outside"),
        ("社長に いわないで", "told_outside"),
        ("病院って親に連絡いく？", "told_by_others"),
        ("救急車よんだら親にばれる", "told_by_others"),
        ("相談員に言ったら学校に連絡いくんでしょ", "told_outside"),
    ],
)
def test_who_would_hear_of_it_is_told_apart(text: str, right: str) -> None:
    assert heard(text).rights == (right,)
