"""Readings of Japanese text for people who do not read kanji: small kana above them (ふりがな).

    Readings().of("相談員が読みます")  ->  (Piece("相談員", "そうだんいん"), Piece("が", ""), Piece("読", "よ"), …)

Readings are the dictionary's best guess; where it is known to guess wrong, `_corrected` says better.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

from sudachipy import Dictionary, SplitMode

_KANJI = r"[々〆〇ヶ㐀-䶿一-鿿豈-﫿𠀀-𲎯]"
_HAS_KANJI = re.compile(_KANJI)
_PARTS = re.compile(rf"{_KANJI}+|[^々〆〇ヶ㐀-䶿一-鿿豈-﫿𠀀-𲎯]+")
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ"))}
# SudachiPy refuses input over 49,149 bytes; a character takes up to four of them.
_CHUNK = 10_000
_WEEKDAYS = dict(zip("月火水木金土日", ["げつ", "か", "すい", "もく", "きん", "ど", "にち"], strict=True))
#: Days of the month that are read with か: 二日 to 十日, 十四日, 二十日, 二十四日.
_KA_DAYS = frozenset({*range(2, 11), 14, 20, 24})
_WHAT_IT_IS = re.compile(r"[もかがをに]")


class Piece(NamedTuple):
    """A stretch of text; `reading` is empty where it needs none."""

    text: str
    reading: str


class Readings:
    """The dictionary for readings. Loading takes a moment: make one and keep it."""

    def __init__(self) -> None:
        self._dictionary = Dictionary()
        self._local = threading.local()

    def of(self, text: str) -> tuple[Piece, ...]:
        """The pieces of `text` in order; joined they are the text."""
        if not _HAS_KANJI.search(text):
            return (Piece(text, ""),) if text else ()
        pieces: list[Piece] = []
        for begin in range(0, len(text), _CHUNK):
            chunk = text[begin : begin + _CHUNK].translate(_NO_SURROGATES)
            for morpheme in self._own().tokenize(chunk):
                surface, kana = morpheme.surface(), morpheme.reading_form().translate(_TO_HIRAGANA)
                around = (
                    chunk[max(0, morpheme.begin() - 2) : morpheme.begin()],
                    chunk[morpheme.end() : morpheme.end() + 1],
                )
                pieces += _pieces(surface, _corrected(surface, kana, *around))
        return tuple(_joined(pieces))

    def _own(self) -> Any:
        own = getattr(self._local, "tokenizer", None)
        if own is None:
            own = self._local.tokenizer = self._dictionary.tokenizer(mode=SplitMode.C, fields={"reading_form"})
        return own


class _NoSurrogates(dict[int, int]):
    """SudachiPy raises on lone surrogates: they become unreadable signs, one for one."""

    def __missing__(self, code: int) -> int:
        return 0xFFFD if 0xD800 <= code <= 0xDFFF else code


_NO_SURROGATES = _NoSurrogates()


def _corrected(surface: str, kana: str, before: str, after: str) -> str:
    """The reading of a word between its neighbours, where the dictionary looks at the word alone."""
    if surface in _WEEKDAYS and before[-1:] in {"(", "（"} and after in {")", "）"}:
        return _WEEKDAYS[surface]
    if surface == "日" and before[-1:].isdecimal():
        day = int("".join(letter for letter in before if letter.isdecimal()))
        return "か" if day in _KA_DAYS else "にち"
    if surface == "何" and _WHAT_IT_IS.match(after):
        return "なに"
    if surface.startswith("言") and kana.startswith("ゆ"):
        return "い" + kana[1:]
    return kana


def _pieces(surface: str, kana: str) -> list[Piece]:
    """One word: kana in it stay as they are, each run of kanji gets its part of the reading."""
    if not _HAS_KANJI.search(surface):
        return [Piece(surface, "")]
    if (cut := surface.find("（")) > 0:
        # A word that brings its explanation along: 削除（けす）.
        return [*_pieces(surface[:cut], kana), Piece(surface[cut:], "")]
    parts = _PARTS.findall(surface)
    shape = "".join("(.+?)" if _HAS_KANJI.search(part) else re.escape(part.translate(_TO_HIRAGANA)) for part in parts)
    found = re.fullmatch(shape, kana)
    if found is None or not re.fullmatch(r"[ぁ-ゖー]+", "".join(found.groups())):
        whole = re.fullmatch(r"[ぁ-ゖー]+", kana) and re.fullmatch(rf"(?:{_KANJI}|[ぁ-ゖァ-ヺー])+", surface)
        return [Piece(surface, kana if whole else "")]
    own = iter(found.groups())
    return [Piece(part, next(own) if _HAS_KANJI.search(part) else "") for part in parts]


def _joined(pieces: list[Piece]) -> Iterator[Piece]:
    """Neighbours without a reading as one."""
    plain = ""
    for piece in pieces:
        if not piece.reading:
            plain += piece.text
            continue
        if plain:
            yield Piece(plain, "")
        plain = ""
        yield piece
    if plain:
        yield Piece(plain, "")
