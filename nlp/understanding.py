"""From a reading to what the rules and the model decide on."""

from __future__ import annotations

from dataclasses import dataclass

from nlp.facts import facts_of
from nlp.features import Feature, features_of
from nlp.findings import Facts
from nlp.inference import Circumstances, inferred
from nlp.marks import marks_in
from nlp.people import Cast, cast_of
from nlp.reading import Reading

NOTHING = Facts()


@dataclass(frozen=True)
class Understanding:
    """A reading with its people, facts, conclusions and features.

    `here` is inferred from this message alone, `by_now` from everything known after it.
    """

    reading: Reading
    cast: Cast
    facts: Facts
    marks: frozenset[str]
    here: frozenset[str]
    by_now: frozenset[str]
    features: list[Feature]


def understand(
    reading: Reading,
    *,
    before: Facts = NOTHING,
    focus: str | None = None,
    marks: frozenset[str] = frozenset(),
) -> Understanding:
    """Understand a message in the light of what was known before."""
    cast = cast_of(reading, focus)
    alone = facts_of(reading, cast, NOTHING)
    seen_here = marks_in(reading, cast, focus)
    here = inferred(Circumstances(alone, seen_here))
    facts, by_now = alone, here
    if before != NOTHING or marks:
        facts = facts_of(reading, cast, before)
        by_now = inferred(Circumstances(facts, seen_here | marks))
    return Understanding(
        reading=reading,
        cast=cast,
        facts=facts,
        marks=seen_here | marks,
        here=here,
        by_now=by_now,
        features=features_of(reading, alone, here),
    )
