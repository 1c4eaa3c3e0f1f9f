"""Words of offices explained, and what is asked of the program itself: fixed, true sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from config.contents.models import Line, Part, Said, Voiced

Aspect = Literal["may", "cost", "how", "where", "what"]
#: What may be asked about a word, the more telling first.
ASPECTS: tuple[Aspect, ...] = ("may", "cost", "how", "where", "what")
PIECE = re.compile(r"(?<!\(\?)(?<!\(\?P)<([a-z]+)>")


class Term(Part):
    """One word: how it is called, and what is true of it. An aspect without a sentence is not answered."""

    #: Patterns over folded text.
    names: tuple[str, ...] = Field(min_length=1)
    #: Whether the name alone, with a question mark, asks what it is.
    bare: bool = False
    #: Whole sentences that ask about it in another way.
    also: Mapping[Aspect, tuple[str, ...]] = {}
    #: Contacts that stand below it; `local:…` where the desk has one.
    places: tuple[str, ...] = ()
    what: Said
    cost: Said | None = None
    how: Said | None = None
    where: Said | None = None
    may: Said | None = None

    def said(self, aspect: str) -> Said | None:
        """What is true of this aspect, if anything is known."""
        return {"what": self.what, "cost": self.cost, "how": self.how, "where": self.where, "may": self.may}[aspect]


class Glossary(Part):
    """`<name>` in a pattern of `asks` stands for the word's names, any other `<piece>` for one of `parts`."""

    parts: Mapping[str, str]
    asks: Mapping[Aspect, tuple[str, ...]]
    terms: Mapping[str, Term]
    #: Said where somebody asks for a place and the desk has none, above a button to ask a person.
    look_up: Line
    ask_staff: Line
    title: Line

    @model_validator(mode="after")
    def _patterns_compile(self) -> Self:
        for asked, patterns in self.patterns.items():
            for pattern in patterns:
                try:
                    re.compile(pattern)
                except re.error as error:
                    raise ValueError(f"{asked} の「{pattern}」は、型(正規表現)として読めません") from error
        return self

    @cached_property
    def patterns(self) -> Mapping[str, tuple[str, ...]]:
        """How each aspect of each word that can be answered is asked about, by `term.aspect`."""
        return dict(self._patterns())

    @cached_property
    def mentioned(self) -> tuple[str, ...]:
        """All names: without one of them only the patterns of `unnamed` can hold."""
        return tuple(name for term in self.terms.values() for name in term.names)

    @cached_property
    def unnamed(self) -> Mapping[str, tuple[str, ...]]:
        """Those of `patterns` that need no name."""
        out = {}
        for key, term in self.terms.items():
            for aspect, patterns in term.also.items():
                if free := [pattern for pattern in patterns if "<name>" not in pattern]:
                    out[f"{key}.{aspect}"] = tuple(self._filled(pattern, "") for pattern in free)
        return out

    def said(self, asked: str) -> Said | None:
        """The answer to `term.aspect`, None where it is no name of ours."""
        term, _, aspect = asked.partition(".")
        return self.terms[term].said(aspect) if term in self.terms and aspect else None

    def _patterns(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for key, term in self.terms.items():
            name = f"(?:{'|'.join(term.names)})"
            for aspect in ASPECTS:
                if term.said(aspect) is None:
                    continue
                asks = (*self.asks.get(aspect, ()), *term.also.get(aspect, ()))
                bare = (f"^<lead>{name}か$",) if term.bare and aspect == "what" else ()
                yield f"{key}.{aspect}", tuple(self._filled(pattern, name) for pattern in (*asks, *bare))

    def _filled(self, pattern: str, name: str) -> str:
        return PIECE.sub(lambda piece: name if piece[1] == "name" else self.parts.get(piece[1], piece[0]), pattern)


class Aside(Part):
    """What is asked of the program itself, or of what it just said: answered, and nothing is asked back."""

    say: Voiced
    #: Contacts below it.
    places: tuple[str, ...] = ()
    #: Contacts below it where a child writes, and danger was told of.
    minor_places: tuple[str, ...] = ()
