"""Rules of wording over all sentences a resident can read: length, forbidden words, questions, easy kanji."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from config.contents.models import PLACEHOLDER
from config.contents.reading import Key, texts_of

if TYPE_CHECKING:
    from config.content import Content

BUBBLE = 80
# Fixed texts that must be complete: two or three sentences that are read once.
LONGER = {"notice": 150, "rights": 90}
CARD_TITLE = 30
KANJI = re.compile(r"[一-鿿々]")
QUOTED = re.compile(r"「[^」]*」")
QUESTION = re.compile(r"か(?:な)?(?=[。\n]|$)|[？?]")
# Beside `ask` only these may ask, and of these only the card's questions in a crisis.
PARTS = ("notice", "listening", "topics", "crisis", "cards", "kinds", "offer", "rights")
NOT_READ = (
    "when",
    "contacts",
    "watch_contacts",
    "watch_contacts_minor",
    "numbers_contacts",
    "numbers_contacts_minor",
    "local",
)


def sentences(content: Content) -> Iterator[tuple[Key, str]]:
    """Every sentence with its place: part, keys, index."""
    for part in PARTS:
        for key, text in texts_of(_plain(getattr(content, part))):
            if not set(NOT_READ) & set(key):
                yield (part, *key), text
    for name, place in content.contacts.items():
        about = {} if place.about is None else _plain(place.about)
        for key, text in texts_of(
            {"name": place.name, "kana": place.kana, "hours": _plain(place.hours), "about": about}
        ):
            yield ("contacts", name, *key), text


def problems(content: Content) -> Iterator[str]:
    """What a reader of the words should change, one sentence each. Nothing to yield means that all is well."""
    rules = [(re.compile(rule.pattern), rule.why) for rule in content.forbidden.rules]
    easy = set(content.forbidden.easy_kanji)
    for key, text in sentences(content):
        where = ".".join(str(part) for part in key)
        for pattern, why in rules:
            if match := pattern.search(text):
                yield f"{where}: “{match.group()}” ({why})"
        if (length := len(filled(content, text))) > _longest(key):
            yield f"{where}: {length} letters, at most {_longest(key)}"
        if "kana" in key and (hard := set(KANJI.findall(PLACEHOLDER.sub("", QUOTED.sub("", text)))) - easy):
            yield f"{where}: too hard to read: {''.join(sorted(hard))}"
        yield from (f"{where}: {problem}" for problem in _question_problems(key, text))


def filled(content: Content, text: str) -> str:
    """`text` with the desk's names and the longest values a placeholder takes."""
    desk = content.desk
    names = {"organisation": desk.organisation, "account": desk.account, "staff": desk.staff}
    hours = desk.hours_shown.plain
    return text.format(**names, hours=hours, next_open="24日(火)の9時", first="暮らしのお金", second="心のこと")


def questions(text: str) -> int:
    """How many questions a text asks."""
    return len(QUESTION.findall(QUOTED.sub("", text)))


def _question_problems(key: Key, text: str) -> Iterator[str]:
    asked = questions(text)
    if {"ask", "ask_open"} & set(key):
        if asked != 1 or not text.endswith("か。"):
            yield "does not ask one thing"
    elif asked:
        yield "asks, but is not a question of its own"


def _longest(key: Key) -> int:
    if "title" in key or "watch_title" in key or "numbers_title" in key:
        return CARD_TITLE
    return LONGER.get(str(key[0]), 100 if key[-2:-1] == ("guard",) else BUBBLE)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
