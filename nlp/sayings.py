"""Ways of speaking as data: a pattern, the words to look for first, and what makes it meant after all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

Span = tuple[int, int]


class Saying(NamedTuple):
    """A way of speaking: `words` of which one is in every text with a match (a look for them is quicker than for the
    pattern), and what makes it meant, in the match (`unless`) or anywhere (`nowhere`)."""

    words: tuple[str, ...]
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    nowhere: re.Pattern[str] | None = None


def saying(
    words: str, pattern: re.Pattern[str], unless: re.Pattern[str] | None = None, nowhere: re.Pattern[str] | None = None
) -> Saying:
    """`words` parted by blanks."""
    return Saying(tuple(words.split()), pattern, unless, nowhere)


def said(text: str, sayings: Iterable[Saying]) -> Iterator[Span]:
    """Where a text has one of the ways of speaking."""
    for words, pattern, unless, nowhere in sayings:
        for word in words:
            if word in text:
                break
        else:
            continue
        spans = [match.span() for match in pattern.finditer(text)]
        if not spans or (nowhere is not None and nowhere.search(text)):
            continue
        for start, end in spans:
            if unless is None or not unless.search(text[start:end]):
                yield start, end
