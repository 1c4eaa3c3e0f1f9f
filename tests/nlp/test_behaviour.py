"""A checklist of how people say things: one short case per line in behaviour.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from nlp import Listener

CASES: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "behaviour.yaml").read_text(encoding="utf-8"))
FLAT = [(group, case) for group, cases in CASES.items() for case in cases]


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
