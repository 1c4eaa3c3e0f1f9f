"""The settings and ready phrases of the work on cases, and what they must not say to a resident."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.casework import FILE, CaseWords, Ready, case_words
from config.content import load_content
from config.contents.reading import ContentError

SHIPPED = case_words()
RULES = load_content().forbidden
KANJI = re.compile(r"[一-鿿々]")
#: What a resident meets on the screen and in the talk, with its reading beside it.
READ_OUT = frozenset("相談員安")


def texts() -> list[tuple[str, Ready]]:
    return [(phrase.label, phrase) for phrase in SHIPPED.phrases]


@pytest.mark.parametrize(("label", "phrase"), texts())
def test_ready_phrases_keep_the_rules_of_wording(label: str, phrase: Ready) -> None:
    for text in (phrase.plain, phrase.kana):
        broken = [rule.why for rule in RULES.rules if re.search(rule.pattern, text)]
        assert broken == [], label
        assert len(text) <= 90
        assert len(re.findall("か。", text)) <= 1


@pytest.mark.parametrize(("label", "phrase"), texts())
def test_the_easy_voice_uses_easy_kanji(label: str, phrase: Ready) -> None:
    assert set(KANJI.findall(phrase.kana)) - set(RULES.easy_kanji) - READ_OUT == set(), label


def test_labels_are_told_apart() -> None:
    assert len({phrase.label for phrase in SHIPPED.phrases}) == len(SHIPPED.phrases)


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("urgent_minutes: 30", "urgent_minutes: 0", "urgent_minutes"),
        ("signed: role_and_name", "signed: name", "signed"),
        ("second_person: false", "second_persons: false", "second_person"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_line(tmp_path: Path, before: str, after: str, line: str) -> None:
    file = tmp_path / "casework.yaml"
    file.write_text(FILE.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    with pytest.raises(ContentError, match=r"casework\.yaml \d+行目"):
        case_words(file)
    assert line


def test_the_shipped_settings_are_a_desks() -> None:
    assert isinstance(SHIPPED, CaseWords)
    assert SHIPPED.urgent_minutes <= 60
