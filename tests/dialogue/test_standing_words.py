"""Words about a person who was offered or is waited for, and what is no answer to a question of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from dialogue_cast import CONTENT
from yaml_files import read_yaml

from dialogue.intents import found_in, recognise

WORDINGS = read_yaml(Path(__file__).with_name("wordings") / "standing.yaml")


def cases(group: str) -> list[tuple[str, str]]:
    return [(name, text) for name, texts in WORDINGS[group].items() for text in map(str, texts)]


@pytest.mark.parametrize(("name", "text"), cases("standing"))
def test_words_about_a_person_are_known(name: str, text: str) -> None:
    found = found_in(CONTENT.intents.standing, [text])
    assert found == () if name == "other" else name in found


@pytest.mark.parametrize(("name", "text"), cases("beside"))
def test_what_is_no_answer_is_known_from_names_and_towns(name: str, text: str) -> None:
    found = found_in(CONTENT.intents.beside, [text])
    assert found == () if name == "other" else name in found


@pytest.mark.parametrize(("name", "text"), cases("talk"))
def test_coming_and_going_is_small_talk_and_despair_is_none(name: str, text: str) -> None:
    talk = recognise(CONTENT.intents, [text]).talk
    groups = {"alive", "returns", "eased", "leaves"}
    assert not groups & set(talk) if name == "other" else name in talk
