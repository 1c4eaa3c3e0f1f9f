"""The words of the private room's own page: buttons, hints, what is said when something does not work.

The talk itself is said by `dialogue`; these words only stand around it. Japanese carries readings (漢字《かんじ》).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, model_validator

from config.contents import ruby
from config.contents.models import Part, Phrase

LANGUAGES = ("en", "zh", "ko", "vi", "tl", "pt", "ne", "es")
CELLS = ("talk", "letters", "guide", "settings", "urgent", "stop")


def _https(address: str) -> str:
    if urlsplit(address).scheme != "https" or not urlsplit(address).netloc:
        raise ValueError("https:// で始まるアドレスにしてください")
    return address


Cell = Literal["talk", "letters", "guide", "settings", "urgent", "stop"]


class Switches(Part):
    """How the page looks and speaks."""

    name: Phrase
    language: Phrase
    ruby: Phrase
    large: Phrase
    easy: Phrase
    done: Phrase


class Talking(Part):
    """What stands around the talk."""

    log: Phrase
    earlier: Phrase
    newest: Phrase
    you: Phrase
    program: Phrase
    person: Phrase
    choices: Phrase
    unsend: Phrase
    unsend_sure: Phrase
    unsent: Phrase
    write: Phrase
    send: Phrase
    skip: Phrase
    reading: Phrase
    go_on: Phrase
    not_kept: Phrase


class Trouble(Part):
    """What is said when something does not work. Nothing here blames anybody."""

    offline: Phrase
    not_sent: Phrase
    again: Phrase
    too_long: Phrase
    too_fast: Phrase
    stale: Phrase
    closed: Phrase
    closed_how: Phrase
    #: Of a desk that is closed: nobody would read what is written.
    ended: Phrase
    ended_how: Phrase
    #: Said only where there is something to read.
    ended_kept: Phrase
    #: Numbers stand under it.
    ended_call: Phrase
    #: Why the page of the own sheet does not open where somebody else may hold the phone. It names no danger.
    page_held: Phrase
    missing: Phrase
    broken: Phrase
    danger: Phrase


class PageWords(Part):
    """All words of the page in one language."""

    leave: Phrase
    leave_hint: Phrase
    menu: Phrase
    cells: Mapping[Cell, Phrase]
    switches: Switches
    talking: Talking
    trouble: Trouble

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if lacking := [cell for cell in CELLS if cell not in self.cells]:
            raise ValueError(f"マスが足りません: {', '.join(lacking)}")
        return self


class ForeignPage(Part):
    """The page in another language; `reviewed` once somebody who speaks it well has read it beside the Japanese."""

    name: Phrase
    reviewed: bool
    words: PageWords


class Instead(Part):
    """A sentence of the talk that speaks of LINE's own buttons, and what is said in its place in the room."""

    says: str
    here: str


class RoomWords(Part):
    """The page of a desk. `title` is all that a tab or a history shows; `leave_to` is where 「すぐ閉じる」 leads."""

    title: Phrase
    leave_to: Annotated[str, AfterValidator(_https)]
    instead: tuple[Instead, ...]
    ja: PageWords
    easy: PageWords
    languages: Mapping[str, ForeignPage]

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for name, words in (("ja", self.ja), ("easy", self.easy)):
            for sentence in _sentences(words):
                if (why := ruby.problem(sentence, every_kanji=True)) is not None:
                    raise ValueError(f"{name}: {why}")
        if lacking := [code for code in LANGUAGES if code not in self.languages]:
            raise ValueError(f"言葉が足りません: {', '.join(lacking)}")
        return self

    def here(self, text: str) -> str:
        """What the talk says, as it is said in the room."""
        for each in self.instead:
            text = text.replace(each.says, each.here)
        return text

    def words(self, language: str, *, easy: bool) -> PageWords:
        """The words in a language; an unknown one is Japanese."""
        if (foreign := self.languages.get(language)) is not None:
            return foreign.words
        return self.easy if easy else self.ja


def _sentences(part: Part) -> list[str]:
    found: list[str] = []
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, Part):
            found += _sentences(value)
        elif isinstance(value, Mapping):
            found += value.values()
        else:
            found.append(value)
    return found
