"""Whose danger it is, who writes and how old they are, in other languages. Short cases in whose.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from yaml_files import read_yaml

from nlp import Listener
from nlp.foreign_people import NOT_RELATIONS
from nlp.foreign_phrases import phrases
from nlp.lexicon import ROOT

CASES: dict[str, list[str]] = read_yaml(Path(__file__).parent / "whose.yaml")
FLAT = [case.split(" => ") for cases in CASES.values() for case in cases]
PARTS, AT_RISK = {"harmed", "may_harm", "witness"}, {"self", "child", "elder", "partner", "other"}


def unmet(facts: dict[str, Any], wishes: list[str]) -> list[str]:
    """The expectations that do not hold."""
    safety = facts.get("safety", {})
    people = {person["relation"]: person.get("age") for person in facts.get("people", [])}

    def met(wish: str) -> bool:
        name, _, value = wish.partition(":")
        if name in PARTS:
            return bool(safety.get("role") == name)
        if name in AT_RISK and not value:
            return bool(safety.get("at_risk") == name)
        if name in {"now", "minor"}:
            return bool(safety["now"] if name == "now" else facts.get("writer_minor"))
        if name == "role":
            return bool(facts.get("writer_role") == value)
        if name == "age":
            return bool(facts.get("writer_age") == int(value))
        return name in people and (not value or people[name] == int(value))

    return [wish for wish in wishes if not met(wish)]


@pytest.mark.parametrize("language", CASES)
def test_every_language_has_a_dozen_cases(language: str) -> None:
    assert len(CASES[language]) >= 12


def test_every_word_for_a_person_is_of_a_known_relation() -> None:
    known = read_yaml(ROOT / "kin.yaml").keys()
    for file, words in phrases().whose.items():
        assert words.keys() - NOT_RELATIONS <= known, file


@pytest.mark.parametrize(("text", "wishes"), FLAT, ids=[text for text, _ in FLAT])
def test_whose_danger_is_told(listener: Listener, text: str, wishes: str) -> None:
    facts = listener.assess({"text": text})["facts"]
    assert not unmet(facts, wishes.split()), facts


@pytest.mark.parametrize(
    ("turns", "role", "at_risk"),
    [
        (["my friend says she wants to die", "she sent me a goodbye letter"], "witness", "other"),
        (["my friend wants to die", "I want to die too"], "harmed", "self"),
        (["my dad collapsed", "he is not breathing"], "witness", "elder"),
        (["mi papá se cayó", "no respira"], "witness", "elder"),
        (["my mom has dementia", "I hit her"], "may_harm", "elder"),
        (["I hit my son", "I want to die"], "harmed", "self"),
        (["my neighbor is beating his wife", "I can hear her screaming again"], "witness", "partner"),
        (["I'm 13", "my dad beats me"], "harmed", "self"),
        (["我朋友想自杀", "她吃了很多药"], "witness", "other"),
    ],
)
def test_whose_danger_is_told_over_turns(listener: Listener, turns: list[str], role: str, at_risk: str) -> None:
    safety = listener.assess({"turns": turns})["overall"]["facts"]["safety"]
    assert (safety["role"], safety["at_risk"]) == (role, at_risk)
