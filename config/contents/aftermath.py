"""The talk after a danger: what is understood there, and what is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.contents.models import Part, Voiced
from config.contents.patterns import filled_in

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


class Heard(Part):
    """How it is understood: each pattern is a regular expression over one normalised sentence."""

    parts: Mapping[str, str] = {}
    #: Done, or about to be done, after a word of dying.
    acts: Patterns
    told: Mapping[str, Patterns]
    replies: Replies
    questions: Mapping[str, Asked]

    @model_validator(mode="before")
    @classmethod
    def _with_parts(cls, read: object) -> object:
        parts = read.get("parts") if isinstance(read, dict) else None
        return filled_in(read, parts) if isinstance(parts, dict) else read

    @model_validator(mode="after")
    def _patterns_compile(self) -> Self:
        for name, pattern in self._patterns():
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{name} の「{pattern}」は、型(正規表現)として読めません") from error
        return self

    def _patterns(self) -> Iterator[tuple[str, str]]:
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


class Told(Voiced):
    """The answer to one thing told."""

    heard: str
    #: Goes before a right or a number that the same words may ask for.
    first: bool = False
    #: Also where the words themselves show a danger that a card was shown for.
    urgent: bool = False
    when: ToldWhen = ToldWhen()
    contacts: Annotated[tuple[str, ...], Field(max_length=3)] = ()


class Replied(Part):
    """The answers to a yes and to a no, where there is one to give."""

    yes: Voiced | None = None
    no: Voiced | None = None


class Aftermath(Part):
    """What is said then: to what is told, and to the answer of a safety question."""

    told: Mapping[str, Told]
    questions: Mapping[str, Replied]
