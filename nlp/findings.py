"""What the listener finds in a message: frozen values, and their JSON shape.

The JSON written by `to_json` is the public contract of `tsunagu assess`; keys are left out when nothing is
known. Offsets are code points of the original text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class RiskLevel(StrEnum):
    """How soon a person has to look: not especially, soon, today."""

    NONE = "none"
    WATCH = "watch"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """0, 1, 2: so that levels compare."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(RiskLevel)}


class RiskKind(StrEnum):
    """What the danger is."""

    SUICIDE = "suicide"
    VIOLENCE = "violence"
    LIFELINE = "lifeline"
    MEDICAL = "medical"


class WriterRole(StrEnum):
    """Who writes, seen from the person the worry is about."""

    SELF = "self"
    FAMILY = "family"
    NEIGHBOUR = "neighbour"
    PROFESSIONAL = "professional"


class SafetyRole(StrEnum):
    """The writer's part in a danger."""

    HARMED = "harmed"
    MAY_HARM = "may_harm"
    WITNESS = "witness"


class AtRisk(StrEnum):
    """Who is in danger."""

    SELF = "self"
    CHILD = "child"
    ELDER = "elder"
    PARTNER = "partner"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """A span of the resident's own words: `text == message[start:end]`, in code points."""

    start: int
    end: int
    text: str
    turn: int | None = None

    def to_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"start": self.start, "end": self.end, "text": self.text}
        return shown if self.turn is None else {"turn": self.turn, **shown}


@dataclass(frozen=True, kw_only=True, slots=True)
class Concern:
    """One category of worry that is tagged, with a score in 0..1 and its reasons."""

    id: str
    score: float
    evidence: tuple[Evidence, ...]

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "score": round(self.score, 3), "evidence": [e.to_json() for e in self.evidence]}


@dataclass(frozen=True, kw_only=True, slots=True)
class Risk:
    """The highest level shown, its kinds and its reasons.

    `faint`: worrying only as the sum of hints. A person should look, and nobody is asked about it.
    """

    level: RiskLevel = RiskLevel.NONE
    kinds: tuple[RiskKind, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    faint: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "level": self.level.value,
            "kinds": [k.value for k in self.kinds],
            "evidence": [e.to_json() for e in self.evidence],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody the writer speaks of. `relation` is from the writer: mother, son, husband, neighbour, client …"""

    relation: str
    age: int | None = None
    lives_with: bool | None = None
    works: bool | None = None

    def to_json(self) -> dict[str, Any]:
        pairs = (("age", self.age), ("lives_with", self.lives_with), ("works", self.works))
        return {"relation": self.relation, **{name: value for name, value in pairs if value is not None}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Safety:
    """In a danger: the writer's part, who is at risk, and whether it is happening now."""

    role: SafetyRole
    at_risk: AtRisk
    now: bool

    def to_json(self) -> dict[str, Any]:
        return {"role": self.role.value, "at_risk": self.at_risk.value, "now": self.now}


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the words say about the writer and the people around them; absent means unknown."""

    writer_age: int | None = None
    writer_role: WriterRole | None = None
    writer_minor: bool | None = None
    writer_works: bool | None = None
    detected_language: str | None = None
    people: tuple[Person, ...] = ()
    safety: Safety | None = None

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name in ("writer_age", "writer_minor", "writer_works", "detected_language"):
            if (value := getattr(self, name)) is not None:
                out[name] = value
        if self.writer_role is not None:
            out["writer_role"] = self.writer_role.value
        if self.people:
            out["people"] = [p.to_json() for p in self.people]
        if self.safety is not None:
            out["safety"] = self.safety.to_json()
        return out


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """Everything found: in one message, or in a conversation up to a turn."""

    concerns: tuple[Concern, ...] = ()
    risk: Risk = field(default_factory=Risk)
    facts: Facts = field(default_factory=Facts)

    def to_json(self) -> dict[str, Any]:
        return {
            "categories": [c.to_json() for c in self.concerns],
            "risk": self.risk.to_json(),
            "facts": self.facts.to_json(),
        }
