"""A message cut into pieces, so that the words a finding rests on can be marked inside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

_UNSHOWABLE = re.compile("[\ud800-\udfff\x00]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A span of code points, `start` to `end`, and the label of what it led to."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A stretch of a message under the same labels."""

    text: str
    labels: tuple[str, ...] = ()


def showable(text: str) -> str:
    """What no page can hold (half a surrogate, NUL) as U+FFFD, one for one, so that offsets stay true."""
    return _UNSHOWABLE.sub("\ufffd", text)


def pieces(text: str, marks: Iterable[Mark]) -> tuple[Piece, ...]:
    """The whole text in order. Marks may overlap; what lies outside the text is cut off."""
    spans = [
        (max(mark.start, 0), min(mark.end, len(text)), mark.label)
        for mark in marks
        if max(mark.start, 0) < min(mark.end, len(text))
    ]
    edges = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    found = []
    for start, end in pairwise(edges):
        labels = dict.fromkeys(label for a, b, label in spans if a <= start and end <= b)
        found.append(Piece(text=showable(text[start:end]), labels=tuple(labels)))
    return tuple(found)
