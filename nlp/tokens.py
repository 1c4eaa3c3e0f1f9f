"""Morphology: one SudachiPy pass over a message.

SudachiPy raises when two threads share a tokenizer, so each thread gets its own; the dictionary is shared.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from operator import itemgetter
from typing import Any, NamedTuple

from sudachipy import Dictionary, SplitMode

from nlp.text import Prepared

# SudachiPy refuses input over 49,149 bytes; a character takes up to four of them.
_CHUNK = 10_000
# What is asked of a morpheme, and what the joining of digits needs; the rest need not be read from the dictionary.
_FIELDS = {"normalized_form", "pos"}
_START = itemgetter(1)
# SudachiPy gives numbers from here on to what is in no dictionary, and the same number to different words.
_OUTSIDE = 0xF000_0000
# So many words of the dictionary are remembered: nearly all that people use.
_REMEMBERED = 30_000
# A quarter of the time that making a named tuple by its name takes.
_new = tuple.__new__


class Token(NamedTuple):
    """A word: its normalised form and its offsets in dense text."""

    form: str
    start: int
    end: int


class Tokenizer:
    """SudachiPy in its short split mode: small units meet again in other compounds."""

    def __init__(self) -> None:
        self._dictionary = Dictionary()
        self._local = threading.local()
        self._forms: dict[int, str] = {}

    def _own(self) -> Any:
        own = getattr(self._local, "tokenizer", None)
        if own is None:
            own = self._local.tokenizer = self._dictionary.tokenizer(mode=SplitMode.A, fields=_FIELDS)
        return own

    def tokenize(self, prepared: Prepared) -> list[Token]:
        """The words of a message, without blanks, punctuation and signs, in order."""
        plain = prepared.plain
        own, known = self._own(), self._forms
        forms: list[str] = []
        at: list[int] = []
        for begin in range(0, len(plain), _CHUNK):
            for morpheme in own.tokenize(plain[begin : begin + _CHUNK]):
                number = morpheme.word_id()
                forms.append(known[number] if number in known else self._form(morpheme, number))
                at.append(begin + morpheme.begin())
        # A word ends where the next begins, which saves a call for each.
        at.append(len(plain))
        if len(prepared.dense) != len(plain):
            at = [bisect_left(prepared.dense_at, offset) for offset in at]
        tokens = [_new(Token, word) for word in zip(forms, at, at[1:], strict=False) if word[0]]
        # Where words begin at the same place (い of てい is not in dense text), the last comes first.
        tokens.reverse()
        tokens.sort(key=_START)
        return tokens

    def _form(self, morpheme: Any, number: int) -> str:
        """The normalised form, '' for a sign; reading it from the dictionary costs more than remembering it."""
        form = str(morpheme.normalized_form())
        if not form[:1].isalnum():
            form = ""
        if number < _OUTSIDE and len(self._forms) < _REMEMBERED:
            self._forms[number] = form
        return form
