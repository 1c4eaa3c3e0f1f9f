"""What is said and shown in danger: the cards, the gentle checks, places for children."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from config.contents.models import Line, Part, Phrase, Voiced

CHECKS = frozenset({"suicide", "violence", "lifeline", "medical", "witness", "may_harm"})


class CrisisWhen(Part):
    """When a crisis card is meant: everything named must hold; what is not named may be anything."""

    kinds: tuple[Literal["suicide", "violence", "lifeline", "medical"], ...]
    also: tuple[Literal["suicide", "violence", "lifeline", "medical"], ...] = ()
    roles: tuple[Literal["harmed", "may_harm", "witness", "unknown"], ...] = ()
    at_risk: tuple[Literal["self", "child", "elder", "partner", "other"], ...] = ()
    minor: bool | None = None
    #: What the words tell of, now or (touching, pictures) before.
    tells: Literal["touched", "fire", "missing", "disaster", "trapped"] | None = None
    age_from: int | None = None


class CrisisCard(Part):
    """One kind of danger: whom to call, what is said, and what is asked when a person can hold the answer."""

    when: CrisisWhen
    #: Shown before the others, which answer at every hour while these may not.
    beside: tuple[str, ...] = ()
    contacts: Annotated[tuple[str, ...], Field(min_length=1, max_length=4)]
    notice: Line
    title: Line
    lines: Mapping[Literal["plain", "kana"], tuple[Phrase, ...]]
    sentence: Voiced
    ask: Voiced
    #: What is said while it goes on, in the place of what is said after other cards.
    goes_on: Voiced | None = None


class Watch(Part):
    """A gentle check: with a question while a person reads, without one at night."""

    ask: Voiced
    say: Voiced


def _every_check(watch: Mapping[str, Watch]) -> Mapping[str, Watch]:
    if watch.keys() != CHECKS:
        raise ValueError(f"これだけを全部書いてください: {', '.join(sorted(CHECKS))}")
    return watch


class ForChildren(Part):
    """Places for who is under age, by the danger shown, and what is said when the age was told after another card."""

    title: Line
    lines: Mapping[Literal["plain", "kana"], tuple[Phrase, ...]]
    contacts: Mapping[Literal["suicide", "violence", "lifeline", "touched"], tuple[str, ...]]
    known: Voiced


class Crisis(Part):
    """What is said in danger, whatever the card."""

    children: ForChildren

    again: Voiced
    later: Voiced
    unnumbered: Voiced
    parting: Voiced
    retracted: Voiced
    watched: Voiced
    means: Voiced
    question: Voiced
    retracted_guarded: Voiced
    night: Voiced
    told: Voiced
    #: A person was asked for while nobody is there.
    person_later: Line
    limit_for_minors: Line
    guard: Line
    watch: Annotated[Mapping[str, Watch], AfterValidator(_every_check)]
    watch_notice: Line
    watch_title: Line
    watch_contacts: Annotated[tuple[str, ...], Field(min_length=2, max_length=2)]
    watch_contacts_minor: Annotated[tuple[str, ...], Field(min_length=2, max_length=2)]
    night_watch: Voiced
    numbers_title: Line
    numbers_contacts: Annotated[tuple[str, ...], Field(min_length=2, max_length=3)]
    numbers_contacts_minor: Annotated[tuple[str, ...], Field(min_length=2, max_length=3)]
