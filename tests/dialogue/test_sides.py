"""Which side of a worry is heard in which words: `sides.yaml` beside this file has examples and near misses."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from dialogue_cast import CONTENT, Talk, texts_of

from dialogue import sides
from dialogue.intents import sentences

EXAMPLES: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "sides.yaml").read_text("utf-8"))
LINES = [
    (category, *(part.strip() for part in line.rsplit("=>", 1)))
    for category, lines in EXAMPLES.items()
    for line in lines
]


@pytest.mark.parametrize(("category", "text", "side"), LINES)
def test_a_side_is_heard_in_the_words_that_tell_of_it(category: str, text: str, side: str) -> None:
    expected = None if side == "-" else f"{category}.{side}"
    assert sides.told(CONTENT.sides, category, sentences([text])) == expected


@pytest.mark.parametrize("category", CONTENT.sides.of)
def test_each_side_has_three_examples_and_each_category_three_near_misses(category: str) -> None:
    found = [side for known, _, side in LINES if known == category]
    assert {name: found.count(name) for name in CONTENT.sides.of[category] if found.count(name) < 3} == {}
    assert found.count("-") >= 3


def test_what_was_told_stays_while_the_talk_is_about_the_same_worry() -> None:
    talk = Talk()
    talk.hear("犬が死んじゃった", tags=["pet"])
    later = texts_of(talk.hear("まだ信じられない", tags=["pet"]))
    of_pets = CONTENT.topics["pet"]
    assert not {*of_pets.take_up.plain, *of_pets.ask.plain} & set(later)


def test_a_side_told_later_takes_the_place_of_the_earlier() -> None:
    known = sides.remembered(
        CONTENT.sides, ("bereavement.papers", "pet.died"), ["pet"], sentences(["犬が死んじゃった"])
    )
    assert known == ("bereavement.papers", "pet.died")
    assert sides.of(CONTENT.sides, known, "pet", sentences(["さみしい"])) is CONTENT.sides.of["pet"]["died"]
    assert sides.of(CONTENT.sides, known, "debt", sentences(["さみしい"])) is None


def test_a_side_is_heard_in_a_message_that_names_no_worry_while_the_talk_is_about_it() -> None:
    talk = Talk()
    talk.hear("妻の介護をしています", tags=["elder_care"])
    said = texts_of(talk.hear("夜に何度も起こされます"))
    assert {*CONTENT.sides.of["elder_care"]["nights"].take_up.plain} & set(said)
