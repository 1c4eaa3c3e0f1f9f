"""The words of the private page, where a resident sees their own sheet. Japanese carries readings (漢字《かんじ》)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Self

from pydantic import ValidationError, model_validator

from config.contents import ruby
from config.contents.models import Part, Phrase
from config.contents.reading import read_yaml
from config.contents.refusals import refused

FILE = Path(__file__).parent / "content" / "private_page.yaml"


class OpenWords(Part):
    """Before it is opened: a preview, or somebody else, may look at this."""

    title: Phrase
    about: Phrase
    alone: Phrase
    button: Phrase
    over: Phrase
    over_how: Phrase


class ClosedWords(Part):
    """After the time is over, with what was typed kept."""

    title: Phrase
    kept: Phrase
    button: Phrase
    sent: Phrase
    not_sent: Phrase


class ConsentWords(Part):
    """To whom what may be told."""

    title: Phrase
    about: Phrase
    choose: Phrase
    not_now: Phrase
    ask_around: Phrase
    tell_name: Phrase
    #: Read back once it is kept: who gets what.
    agreed_around: Phrase
    agreed_name: Phrase
    agreed_none: Phrase
    proposed: Phrase
    others: Phrase
    nowhere: Phrase
    covers: Phrase
    withdraw: Phrase
    withdraw_about: Phrase
    withdrawn: Phrase


class PrivateWords(Part):
    """All words of the page in one voice."""

    open: OpenWords
    closed: ClosedWords
    none: Phrase
    intro: Phrase
    saved: Phrase
    changed: Phrase
    wrong: Phrase
    add: Phrase
    machine: Phrase
    keep_back: Phrase
    kept_back: Phrase
    keep_names: Phrase
    nothing: Phrase
    consent: ConsentWords
    save: Phrase
    finish: Phrase
    finished: Phrase


class PrivatePage(Part):
    """The page in plain and in easy Japanese. In other languages it is shown in easy Japanese."""

    ja: PrivateWords
    easy: PrivateWords

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for name, words in (("ja", self.ja), ("easy", self.easy)):
            for sentence in _sentences(words):
                if (why := ruby.problem(sentence, every_kanji=True)) is not None:
                    raise ValueError(f"{name}: {why}")
        return self

    def words(self, *, easy: bool) -> PrivateWords:
        """The words in one voice."""
        return self.easy if easy else self.ja


def _sentences(part: Part) -> list[str]:
    found: list[str] = []
    for name in type(part).model_fields:
        value = getattr(part, name)
        found += _sentences(value) if isinstance(value, Part) else [value]
    return found


@cache
def private_page(file: Path = FILE) -> PrivatePage:
    """The words as written in `file`. Raises `ContentError` naming line and reason."""
    read = read_yaml(file)
    try:
        return PrivatePage.model_validate(read.value)
    except ValidationError as error:
        raise refused(read, error) from None
