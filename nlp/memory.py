"""What is remembered of a conversation between two turns: small, frozen, and plain JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nlp.findings import (
    Assessment,
    AtRisk,
    Concern,
    Evidence,
    Facts,
    Person,
    Risk,
    RiskKind,
    RiskLevel,
    Safety,
    SafetyRole,
    WriterRole,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What is kept of a turn's words: `text` begins at the turn's character `start`."""

    turn: int
    start: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Known:
    """All that is known before a turn.

    `focus` is the relation spoken of last, so that 「四十六です」 finds its person; `marks` are the names of what
    was said once and counts for what can be inferred (see `nlp.inference`); `recent` are the last words, with which
    a short answer is read.
    """

    assessment: Assessment = field(default_factory=Assessment)
    focus: str | None = None
    marks: frozenset[str] = frozenset()
    recent: tuple[Said, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data; under 8 KB however long the conversation."""
        return {
            "concerns": [[c.id, round(c.score, 3), _spans(c.evidence)] for c in self.assessment.concerns],
            "risk": [
                self.assessment.risk.level.value,
                [k.value for k in self.assessment.risk.kinds],
                _spans(self.assessment.risk.evidence),
                *(["faint"] if self.assessment.risk.faint else []),
            ],
            "facts": self.assessment.facts.to_json(),
            "focus": self.focus,
            "marks": sorted(self.marks),
            "recent": [[said.turn, said.start, said.text] for said in self.recent],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Known:
        """The inverse of `to_json`. Raises KeyError, TypeError or ValueError on anything else."""
        if not data:
            return cls()
        level, kinds, spans, *faint = data["risk"]
        return cls(
            assessment=Assessment(
                concerns=tuple(
                    Concern(id=name, score=score, evidence=_evidence(found)) for name, score, found in data["concerns"]
                ),
                risk=Risk(
                    level=RiskLevel(level),
                    kinds=tuple(RiskKind(kind) for kind in kinds),
                    evidence=_evidence(spans),
                    faint=bool(faint),
                ),
                facts=_facts(data["facts"]),
            ),
            focus=data["focus"],
            marks=frozenset(data["marks"]),
            recent=tuple(Said(turn, start, text) for turn, start, text in data["recent"]),
        )


#: Before the first message nothing is known.
UNKNOWN = Known()


def _spans(evidence: tuple[Evidence, ...]) -> list[list[Any]]:
    return [[e.turn, e.start, e.text] for e in evidence]


def _evidence(spans: list[list[Any]]) -> tuple[Evidence, ...]:
    return tuple(Evidence(start=start, end=start + len(text), text=text, turn=turn) for turn, start, text in spans)


def _facts(data: dict[str, Any]) -> Facts:
    safety = data.get("safety")
    role = data.get("writer_role")
    return Facts(
        writer_age=data.get("writer_age"),
        writer_role=None if role is None else WriterRole(role),
        writer_minor=data.get("writer_minor"),
        writer_works=data.get("writer_works"),
        detected_language=data.get("detected_language"),
        people=tuple(Person(**person) for person in data.get("people", ())),
        safety=None
        if safety is None
        else Safety(role=SafetyRole(safety["role"]), at_risk=AtRisk(safety["at_risk"]), now=safety["now"]),
    )
