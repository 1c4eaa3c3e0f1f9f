"""Words in Latin letters as the phrases of other languages are looked up in: without marks, elision and drawl.

People on a phone leave out the marks (não, nao; không, khong), shorten (ko, q, n) and stretch (pleaseee). Folded text
is `·word·word·`: the dot stands before every word and at the end, so that a phrase begins where a word does. What parts
sentences is a word of its own (`,`), and so is a laugh (`lol`).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

GAP = "·"
PAUSE, LAUGH = ",", "lol"
LETTERS = "a-zà-öø-ɏḁ-ỹ"
_PIECE = re.compile(f"[{LETTERS}0-9'’‘`]+|[.,;:!?\n。、]|[😂🤣😅😆😄😁]")
_ELISION = re.compile("['’‘`]")
_PARTS = frozenset(".,;:!?\n。、")
_DRAWL = re.compile(r"([a-z])\1{2,}")
_LAUGHS = re.compile(
    # Not a daughter, nor what there may be.
    r"(?!hija$|haja$)(?:ha|he|hi|hu|ja|je|ji|rs|hue|ah){2,}h?|k{3,}|haha\w*|jaja\w*|hehe\w*|hihi\w*|lo+l+|lmf?ao+|rofl|jk|xd|hshs\w*"
)
# What only Vietnamese has; ê, ô and ã are Portuguese, too.
VIETNAMESE = re.compile("[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉĩịọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹ]")


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text; `starts` are where its words begin in it, `spans` where they stand in the text."""

    text: str
    starts: list[int]
    spans: list[tuple[int, int]]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of the folded text stands in the text."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = max(bisect_left(self.starts, end) - 1, first)
        return self.spans[first][0], self.spans[last][1]


def bare(word: str) -> str:
    """A word without its marks."""
    if word.isascii():
        return word
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char)).replace(
        "đ", "d"
    )


def folded(text: str, short: Mapping[str, str], *, marked: bool = False) -> Folded:
    """Fold lower-case text; `short` spells out what people shorten, `marked` leaves the marks where they are."""
    parts: list[str] = []
    starts: list[int] = []
    spans: list[tuple[int, int]] = []
    size = 0
    for piece in _PIECE.finditer(text):
        word = _word(piece[0], short, marked=marked)
        if not word or (word == PAUSE and parts and parts[-1] == PAUSE):
            continue
        for part in word.split():
            starts.append(size)
            spans.append(piece.span())
            parts.append(part)
            size += len(part) + len(GAP)
    return Folded(GAP + GAP.join(parts) + GAP, starts, spans)


def phrase(text: str, *, marked: bool = False) -> str:
    """A phrase of the lexicon as it stands in folded text."""
    return "".join(GAP + part for part in folded(text.lower(), {}, marked=marked).text.split(GAP) if part)


def words(text: str) -> list[str]:
    """The words of lower-case text, without marks."""
    found = (_word(piece[0], {}, marked=False) for piece in _PIECE.finditer(text))
    return [word for word in found if word and word not in {PAUSE, LAUGH} and not word.isdigit()]


def _word(piece: str, short: Mapping[str, str], *, marked: bool) -> str:
    if piece in _PARTS:
        return PAUSE
    word = _ELISION.sub("", piece)
    if not word:
        return ""
    if not word[0].isalnum() or _LAUGHS.fullmatch(word):
        return LAUGH
    plain = _DRAWL.sub(r"\1", bare(word))
    if plain in short:
        return short[plain] if marked else bare(short[plain])
    return word if marked else plain
