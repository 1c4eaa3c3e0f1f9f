"""Spans of dense text: its sentences, and what lies in which span."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

_END = re.compile("[。!?\n]")
_CLAUSE = re.compile(r"[^。．.！!？?\n、,…・\s]+")


def clauses(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    """What stands between stops and commas, each with its span."""
    return ((found.span(), found[0]) for found in _CLAUSE.finditer(text))


class Sentences:
    """The sentences of a text; asking costs the logarithm of their number, however many are asked for."""

    def __init__(self, text: str) -> None:
        self.ends = [match.start() for match in _END.finditer(text)]
        self._size = len(text)

    def around(self, at: int) -> tuple[int, int]:
        """The sentence that holds an offset; the mark that ends it does not belong to it, but is its offset."""
        return self.begin(at), self.end(at)

    def begin(self, at: int) -> int:
        """Where the sentence around an offset begins."""
        place = bisect_left(self.ends, at)
        return self.ends[place - 1] + 1 if place else 0

    def end(self, at: int) -> int:
        """The offset of the first mark at or after an offset, or the text's end."""
        place = bisect_left(self.ends, at)
        return self.ends[place] if place < len(self.ends) else self._size


class Spans:
    """Spans of a text, and whether any of them holds another one; asking costs the logarithm of their number."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        # How far the spans reach that begin there or before.
        self._reach = list(accumulate((end for _, end in ordered), max))

    def hold(self, start: int, end: int) -> bool:
        """Whether one of the spans begins not after `start` and ends not before `end`."""
        place = bisect_right(self._starts, start)
        return place > 0 and end <= self._reach[place - 1]

    def touch(self, start: int, end: int) -> bool:
        """Whether one of the spans has a place in common."""
        place = bisect_left(self._starts, end)
        return place > 0 and self._reach[place - 1] > start
