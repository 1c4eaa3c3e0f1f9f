"""The talk after a danger: what is understood there, and what is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from config.contents.models import Part, Voiced
from config.contents.patterned import Patterned

Patterns = tuple[str, ...]


class Asked(Part):
    """One safety question, known by what it holds, and how it is answered in words of one's own."""

    asked: Annotated[Patterns, Field(min_length=1)]
    #: A bare yes or no says nothing, because the question can be answered both ways.
    own: bool = False
    yes: Patterns = ()
    no: Patterns = ()


class Replies(Part):
    """A bare yes or no."""

    yes: Patterns
    no: Patterns


class Heard(Patterned):
    """How it is understood: each pattern is a regular expression over one normalised sentence."""

    #: Done, or about to be done, after a word of dying.
    acts: Patterns
    told: Mapping[str, Patterns]
    replies: Replies
    questions: Mapping[str, Asked]

    def patterns(self) -> Iterator[tuple[str, str]]:
        """Every pattern, with the name of its group."""
        groups = {"acts": self.acts, **self.told, "yes": self.replies.yes, "no": self.replies.no}
        for name, question in self.questions.items():
            groups[name] = (*question.asked, *question.yes, *question.no)
        yield from ((name, pattern) for name, patterns in groups.items() for pattern in patterns)


class ToldWhen(Part):
    """In which talk: everything named must hold; what is not named may be anything."""

    kinds: tuple[Literal["suicide", "violence", "lifeline", "medical"], ...] = ()
    roles: tuple[Literal["harmed", "may_harm", "witness", "unknown"], ...] = ()
    at_risk: tuple[Literal["self", "child", "elder", "partner", "other"], ...] = ()
    minor: bool | None = None
    #: Where one of these cards stands last.
    cards: tuple[str, ...] = ()


class Told(Voiced):
    """The answer to one thing told."""

    heard: str
    #: Goes before a right or a number that the same words may ask for.
    first: bool = False
    #: Also where the words themselves show a danger that a card was shown for.
    urgent: bool = False
    when: ToldWhen = ToldWhen()
    contacts: Annotated[tuple[str, ...], Field(max_length=3)] = ()
    #: Said instead while nobody reads.
    closed: Voiced | None = None


class Replied(Part):
    """The answers to a yes and to a no, where there is one to give."""

    yes: Voiced | None = None
    no: Voiced | None = None


class Aftermath(Part):
    """What is said then: to what is told, and to the answer of a safety question."""

    told: Mapping[str, Told]
    questions: Mapping[str, Replied]
