"""A checklist of how people say things: one short case per line in behaviour.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from yaml_files import read_yaml

from nlp import Listener

FOLDER = Path(__file__).parent


def read(name: str) -> list[tuple[str, str]]:
    """The cases of a file with the group each stands in."""
    cases: dict[str, list[str]] = read_yaml(FOLDER / name)
    return [(group, case) for group, found in cases.items() for case in found]


FLAT = read("behaviour.yaml")
SITUATIONS = read("situations.yaml")


def unmet(heard: dict[str, Any], wishes: list[str]) -> list[str]:
    """The expectations that do not hold."""
    tags = {concern["id"] for concern in heard["categories"]}
    level = heard["risk"]["level"]
    holds = {
        "quiet": not tags,
        "calm": level != "urgent",
        "alarm": level != "none",
        "none": level == "none",
        "watch": level == "watch",
        "urgent": level == "urgent",
    }

    def met(wish: str) -> bool:
        if wish[0] == "+":
            return wish[1:] in tags
        return wish[1:] not in tags if wish[0] == "-" else holds[wish]

    return [wish for wish in wishes if not met(wish)]


def test_there_are_at_least_three_hundred_cases() -> None:
    assert len(FLAT) >= 300


@pytest.mark.parametrize(("group", "case"), FLAT, ids=[f"{group}: {case}" for group, case in FLAT])
def test_a_short_message_is_heard(listener: Listener, group: str, case: str) -> None:
    text, _, wishes = case.rpartition(" => ")
    heard = listener.assess({"text": text.replace("\\n", "\n")})
    assert not unmet(heard, wishes.split()), heard


@pytest.mark.parametrize(("group", "case"), SITUATIONS, ids=[f"{group}: {case}" for group, case in SITUATIONS])
def test_a_situation_is_understood(listener: Listener, group: str, case: str) -> None:
    text, _, wishes = case.rpartition(" => ")
    turns = text.split(" / ")
    heard = listener.assess({"turns": turns})["overall"] if len(turns) > 1 else listener.assess({"text": text})
    assert not unmet(heard, wishes.split()), heard
