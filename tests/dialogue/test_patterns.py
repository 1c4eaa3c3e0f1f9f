"""No pattern takes long on a hostile message: what may repeat can be read in one way only.

A group like `(まあ|まあまあ)*` has twice as many readings with every repetition, and a search tries them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from dialogue_cast import CONTENT

from dialogue.intents import LONGEST_WISH, recognise

INTENTS = CONTENT.intents
#: Wishes are read in sentences of at most forty letters; these are read in longer ones, so they must be clean.
GROUPS = (
    INTENTS.commands,
    INTENTS.rights,
    *INTENTS.nearer.values(),
    INTENTS.asides,
    CONTENT.glossary.patterns,
    INTENTS.asked,
    INTENTS.answers,
    INTENTS.talk,
    INTENTS.feelings,
    INTENTS.styles,
    INTENTS.check_in,
)
PATTERNS = [
    *(pattern for group in GROUPS for patterns in group.values() for pattern in patterns),
    *INTENTS.parts.values(),
    *INTENTS.asking,
    *INTENTS.advice,
    *(pattern for _, pattern in CONTENT.scam.heard.patterns()),
    *CONTENT.scam.heard.parts.values(),
    *(pattern for _, pattern in CONTENT.sides.patterns()),
]


def words(parsed: Any) -> set[str] | None:
    """All texts that a parsed part matches, None when it is no list of words."""
    out = {""}
    for kind, what in parsed:
        if kind is constants.AT or kind in (constants.ASSERT, constants.ASSERT_NOT):
            continue
        part = alternatives(kind, what)
        if part is None:
            return None
        out = {first + second for first in out for second in part}
    return out


def alternatives(kind: Any, what: Any) -> set[str] | None:
    if kind is constants.LITERAL:
        return {chr(what)}
    if kind is constants.SUBPATTERN:
        return words(what[3])
    if kind is constants.BRANCH:
        parts = [words(branch) for branch in what[1]]
        return None if None in parts else set().union(*(part for part in parts if part is not None))
    if kind is constants.MAX_REPEAT and what[1] == 1:
        part = words(what[2])
        return None if part is None else part | ({""} if what[0] == 0 else set())
    return None


def repeated(parsed: Any) -> Iterator[Any]:
    """Every part that may come again and again."""
    for kind, what in parsed:
        if kind is constants.SUBPATTERN:
            yield from repeated(what[3])
        elif kind is constants.BRANCH:
            for branch in what[1]:
                yield from repeated(branch)
        elif kind is constants.MAX_REPEAT:
            yield from ([what[2]] if what[1] > 1 else [])
            yield from repeated(what[2])


def read_twice(code: set[str]) -> bool:
    """Whether some row of these words can be cut in two ways (Sardinas and Patterson)."""
    left = {long.removeprefix(short) for short in code for long in code if long != short and long.startswith(short)}
    seen: set[str] = set()
    while left - seen:
        seen |= left
        left = {
            longer.removeprefix(shorter)
            for rest in left
            for word in code
            for shorter, longer in ((rest, word), (word, rest))
            if longer.startswith(shorter)
        }
        if "" in left:
            return True
    return False


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_repeats_can_be_read_in_one_way_only(pattern: str) -> None:
    for part in repeated(parser.parse(pattern)):
        code = words(part)
        if code is None:
            assert len(part) == 1, f"“{pattern}” repeats something that is no list of words"
        else:
            assert "" not in code
            assert not read_twice(code), sorted(code)


def test_the_check_finds_what_it_looks_for() -> None:
    assert read_twice({"まあ", "まあまあ"})
    assert not read_twice({"まあ", "はい", "うん"})


@pytest.mark.parametrize("text", ["まあ", "いいえ", "今の", "消して", "です", "の", "はい", "また", "ありがとう"])
def test_a_word_said_a_thousand_times_is_read_at_once(text: str) -> None:
    assert recognise(INTENTS, (text * 1000 + "x",)).commands == ()
    assert recognise(INTENTS, ((text * LONGEST_WISH)[: LONGEST_WISH - 1] + "x",)).rights == ()


def test_patterns_are_written_for_folded_text() -> None:
    for pattern in PATTERNS:
        assert not re.search("[ァ-ヴ　 。、！？]", pattern), pattern
