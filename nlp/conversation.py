"""What is known after a turn: tags add up, a denial takes one back, danger never falls."""

from __future__ import annotations

from dataclasses import replace

from nlp.concerns import ANY, INFERRED_SCORE, evidence_of
from nlp.findings import Assessment, Concern, Evidence, Risk, RiskKind
from nlp.labelled import CATEGORIES
from nlp.model import Model
from nlp.understanding import Understanding

# What is remembered of a reason; the rest can be read in the turn itself.
KEPT_EVIDENCE = 2
# How much of the earlier turns still counts.
MEMORY = 0.6


def merge(before: Assessment, message: Assessment, seen: Understanding, model: Model, turn: int) -> Assessment:
    """Everything known after the message."""
    concerns = {concern.id: concern for concern in before.concerns if concern.id not in seen.reading.denied}
    for concern in message.concerns:
        known = concerns.get(concern.id)
        concerns[concern.id] = concern if known is None else _both(known, concern)
    for category in seen.by_now:
        if category not in concerns:
            spans = evidence_of(category, seen, model, turn)
            concerns[category] = Concern(id=category, score=INFERRED_SCORE, evidence=spans)
    ordered = sorted(map(_short, concerns.values()), key=lambda concern: -concern.score)
    return Assessment(concerns=tuple(ordered), risk=_worse(before.risk, message.risk), facts=message.facts)


def add_up(before: tuple[float, ...], new: tuple[float, ...]) -> tuple[float, ...]:
    """The model's sums over the turns: half sentences that say little alone say more together."""
    if not before:
        return new
    return tuple(MEMORY * old + fresh for old, fresh in zip(before, new, strict=True))


def with_context(
    overall: Assessment, seen: Understanding, model: Model, scores: dict[str, float], turn: int
) -> Assessment:
    """Add what the turns show only together."""
    if not model.passes(ANY, scores[ANY]):
        return overall
    known = {concern.id for concern in overall.concerns} | seen.reading.denied
    added = [
        Concern(id=name, score=scores[name], evidence=evidence_of(name, seen, model, turn))
        for name in CATEGORIES
        if name not in known and model.passes(name, scores[name])
    ]
    concerns = sorted((*overall.concerns, *map(_short, added)), key=lambda concern: -concern.score)
    return replace(overall, concerns=tuple(concerns))


def with_risk(overall: Assessment, risk: Risk) -> Assessment:
    """Add the danger that shows only in what was said before."""
    return replace(overall, risk=_worse(overall.risk, risk))


def _both(known: Concern, new: Concern) -> Concern:
    return Concern(id=known.id, score=max(known.score, new.score), evidence=known.evidence + new.evidence)


def _short(concern: Concern) -> Concern:
    return Concern(id=concern.id, score=concern.score, evidence=_first(concern.evidence))


def _first(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return evidence[:KEPT_EVIDENCE]


def _worse(before: Risk, new: Risk) -> Risk:
    """The higher level; kinds and reasons of both when they are equally high."""
    if new.level.rank > before.level.rank:
        return new
    if new.level.rank < before.level.rank or new.level.rank == 0:
        return before
    kinds = tuple(kind for kind in RiskKind if kind in before.kinds or kind in new.kinds)
    return Risk(level=before.level, kinds=kinds, evidence=(before.evidence + new.evidence)[:KEPT_EVIDENCE])
