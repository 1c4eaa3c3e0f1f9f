"""Labelled messages and conversations: JSON Lines as the label guideline fixes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.findings import RiskLevel

CATEGORIES = (
    "poverty", "debt", "addiction", "work", "housing", "hoarding", "mental_health", "illness", "disability",
    "elder_care", "eighty_fifty", "hikikomori", "young_carer", "double_care", "childcare", "school", "abuse_dv",
    "family", "isolation", "neighbor", "scam", "pet", "language", "bereavement", "single_parent",
)  # fmt: skip


@dataclass(frozen=True)
class Labelled:
    """A text and what careful readers see in it: `must` any of them, `may` some. `at_most`: the risk is no higher than
    this, and may be lower.
    """

    id: str
    text: str
    must: frozenset[str]
    may: frozenset[str]
    risk: RiskLevel
    kinds: frozenset[str]
    voice: str
    at_most: bool = False


@dataclass(frozen=True)
class Conversation:
    """A resident's turns; the labels of a turn say what is known after it."""

    id: str
    turns: tuple[Labelled, ...]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                raise ValueError(f"{path.name}, line {number}: not JSON") from error


def _labelled(row: dict[str, Any], name: str, voice: str) -> Labelled:
    return Labelled(
        id=name,
        text=row["text"],
        must=frozenset(row["must"]),
        may=frozenset(row.get("may", ())),
        risk=RiskLevel(row["risk"]),
        kinds=frozenset(row.get("kinds", ())),
        voice=voice,
    )


def messages_in(path: Path) -> list[Labelled]:
    """The messages of a file (conversations in it are left out). A voice is the file's name and the writer's."""
    return [
        _labelled(row, row["id"], f"{path.stem}/{row.get('voice', row['id'])}") for row in _rows(path) if "text" in row
    ]


def conversations_in(path: Path) -> list[Conversation]:
    """The conversations of a file (messages in it are left out)."""
    return [
        Conversation(
            id=row["id"],
            turns=tuple(_labelled(turn, f"{row['id']}.{at}", row["id"]) for at, turn in enumerate(row["turns"])),
        )
        for row in _rows(path)
        if "turns" in row
    ]
