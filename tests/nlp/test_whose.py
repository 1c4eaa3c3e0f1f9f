"""Whose danger it is, who writes and how old they are, in other languages. Short cases in whose.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from yaml_files import read_yaml

from nlp import Listener

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


@pytest.mark.parametrize(("text", "wishes"), FLAT, ids=[text for text, _ in FLAT])
def test_whose_danger_is_told(listener: Listener, text: str, wishes: str) -> None:
    facts = listener.assess({"text": text})["facts"]
    assert not unmet(facts, wishes.split()), facts
