"""Morphology: one SudachiPy pass over a message.

SudachiPy raises when two threads share a tokenizer, so each thread gets its own; the dictionary is shared.
"""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

from sudachipy import Dictionary, SplitMode

from nlp.text import Prepared

# SudachiPy refuses input over 49,149 bytes; a character takes up to four of them.
_CHUNK = 10_000


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

    def _own(self) -> Any:
        own = getattr(self._local, "tokenizer", None)
        if own is None:
            own = self._local.tokenizer = self._dictionary.tokenizer(mode=SplitMode.A)
        return own

    def tokenize(self, prepared: Prepared) -> list[Token]:
        """The words of a message, without blanks, punctuation and signs, in order."""
        tokens: list[Token] = []
        to_dense = _inverse(prepared)
        plain = prepared.plain
        own = self._own()
        for begin in range(0, len(plain), _CHUNK):
            part = plain[begin : begin + _CHUNK]
            end = begin + len(part)
            # From the last to the first: a word ends where the next begins, which saves a call across the border.
            for morpheme in reversed(list(own.tokenize(part))):
                start = begin + morpheme.begin()
                form = morpheme.normalized_form()
                if form[:1].isalnum():
                    tokens.append(Token(form, to_dense[start], to_dense[end]))
                end = start
        tokens.sort(key=_start)
        return tokens


def _start(token: Token) -> int:
    return token.start


def _inverse(prepared: Prepared) -> list[int] | range:
    """For each offset in plain text the dense offset of the first character at or after it."""
    size = len(prepared.plain)
    if len(prepared.dense) == size:
        return range(size + 1)
    inverse: list[int] = []
    dense = 0
    for at in range(size + 1):
        while prepared.dense_at[dense] < at:
            dense += 1
        inverse.append(dense)
    return inverse
