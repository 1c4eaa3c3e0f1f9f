"""Finds the lexicon's phrases in a message, in one pass.

An entry is a phrase, or steps with gaps: `電気|ガス…止ま|切れ` is "one of the first, then, within `GAP` characters,
one of the second", over the end of a sentence too, because people break off and send in bursts.
Phrases are looked up in dense text (see `nlp.text`) by their first two characters, so a message costs its length, not
the size of the lexicon.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2s
from typing import NamedTuple

from nlp.text import fold, is_kana

GAP = 14
STEP = "…"
ALTERNATIVE = "|"
SENTENCE_ENDS = frozenset("。!?\n")
# A short word in kana occurs inside others (りぼ in しりぼ); it counts only where a word begins.
SHORT_KANA = 4


class Hit(NamedTuple):
    """A place where an entry was found; offsets into dense text. `name` stands for the entry in the model's weights."""

    label: str
    start: int
    end: int
    entry: int
    name: str


class _Use(NamedTuple):
    """A word's place in an entry: `key` is the place's own number, `before` that of the place it follows."""

    key: int
    before: int | None
    last: bool
    label: str
    entry: int
    name: str


class _Word(NamedTuple):
    text: str
    at_word_start: bool
    uses: tuple[_Use, ...]


def entry_name(label: str, entry: str) -> str:
    """The entry's name in the weights: its label, its first word, and a digest so that an edit makes a new entry."""
    digest = blake2s(entry.encode(), digest_size=3).hexdigest()
    return f"e:{label}:{entry.split(ALTERNATIVE, maxsplit=1)[0]}:{digest}"


class Spotter:
    """An index over labelled entries. Immutable once built, so threads may share it."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        uses: dict[str, dict[int, _Use]] = {}
        key = 0
        for number, (label, entry) in enumerate(entries):
            steps = [step for step in entry.split(STEP) if step]
            name = entry_name(label, entry)
            for place, step in enumerate(steps):
                use = _Use(key, key - 1 if place else None, place + 1 == len(steps), label, number, name)
                key += 1
                for phrase in step.split(ALTERNATIVE):
                    if folded := fold(phrase):
                        uses.setdefault(folded, {})[use.key] = use
        self._singles: dict[str, _Word] = {}
        self._pairs: dict[str, list[_Word]] = {}
        for text, used in uses.items():
            short = len(text) <= SHORT_KANA and all(map(is_kana, text))
            word = _Word(text, short, tuple(used.values()))
            if len(text) == 1:
                self._singles[text] = word
            else:
                self._pairs.setdefault(text[:2], []).append(word)

    def find(self, dense: str, word_starts: frozenset[int] | set[int]) -> list[Hit]:
        """All hits in order of their end; `word_starts` are the offsets where the analyser begins a word."""
        hits: list[Hit] = []
        open_steps: dict[int, tuple[int, int]] = {}
        singles, pairs = self._singles, self._pairs
        for at, char in enumerate(dense):
            word = singles.get(char)
            if word is not None and not (word.at_word_start and at not in word_starts):
                _advance(word, at, open_steps, hits)
            for word in pairs.get(dense[at : at + 2], ()):
                if dense.startswith(word.text, at) and not (word.at_word_start and at not in word_starts):
                    _advance(word, at, open_steps, hits)
        return hits


def _advance(word: _Word, at: int, open_steps: dict[int, tuple[int, int]], hits: list[Hit]) -> None:
    end = at + len(word.text)
    for key, previous, last, label, entry, name in word.uses:
        start = at
        if previous is not None:
            before = open_steps.get(previous)
            if before is None or not 0 <= at - before[1] <= GAP:
                continue
            start = before[0]
        if last:
            hits.append(Hit(label, start, end, entry, name))
        else:
            open_steps[key] = (start, end)
