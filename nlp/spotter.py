"""Finds the lexicon's phrases in a message, in one pass.

An entry is a phrase, or steps with gaps: `電気|ガス…止ま|切れ` is "one of the first, then, within `GAP` characters,
one of the second", over the end of a sentence too, because people break off and send in bursts.
Phrases are looked up in dense text (see `nlp.text`) by their first characters, so a message costs its length, not
the size of the lexicon.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2s
from itertools import zip_longest
from operator import add
from typing import NamedTuple

from nlp.text import fold, is_kana

GAP = 14
STEP = "…"
ALTERNATIVE = "|"
SENTENCE_ENDS = frozenset("。!?\n")
# Phrases are looked up by so many of their first characters.
LONGEST_KEY = 3
# A short word in kana occurs inside others (りぼ in しりぼ); it counts only where a word begins.
SHORT_KANA = 4
_new = tuple.__new__


class Hit(NamedTuple):
    """A place where an entry was found; offsets into dense text. `name` stands for the entry in the model's weights."""

    label: str
    start: int
    end: int
    entry: int
    name: str


class _Use(NamedTuple):
    """A word's place in an entry of several steps: `key` is the place's own number, `before` that of the place it
    follows."""

    key: int
    before: int | None
    last: bool
    label: str
    entry: int
    name: str


class _Word(NamedTuple):
    """A phrase and where it is used: `alone` are the entries (label, number, name) that it makes by itself, `opens`
    the places of first steps, `follows` its later steps by the place that must have been seen before."""

    text: str
    length: int
    at_word_start: bool
    alone: tuple[tuple[str, int, str], ...]
    opens: tuple[int, ...]
    follows: dict[int, _Use]


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
        self._words: dict[str, tuple[_Word, ...]] = {}
        self._begun: set[str] = set()
        for text, used in uses.items():
            short = len(text) <= SHORT_KANA and all(map(is_kana, text))
            alone = tuple((use.label, use.entry, use.name) for use in used.values() if use.last and use.before is None)
            opens = tuple(use.key for use in used.values() if use.before is None and not use.last)
            follows = {use.before: use for use in used.values() if use.before is not None}
            begin = text[:LONGEST_KEY]
            word = _Word(text, len(text), short, alone, opens, follows)
            self._words[begin] = (*self._words.get(begin, ()), word)
            self._begun.add(text[:2])

    def find(self, dense: str, word_starts: frozenset[int] | set[int]) -> list[Hit]:
        """All hits in order of their start; `word_starts` are the offsets where the analyser begins a word."""
        hits: list[Hit] = []
        open_steps: dict[int, tuple[int, int]] = {}
        words, begun, look_up, nothing = self._words, self._begun, self._words.get, ()
        # At most places no phrase begins: one and two characters tell.
        twos = list(map(add, dense, dense[1:]))
        for at, (one, two) in enumerate(zip_longest(dense, twos, fillvalue="")):
            if one in words:
                for word in words[one]:
                    _take(word, at, word_starts, open_steps, hits)
            if two in begun:
                for word in look_up(two, nothing):
                    _take(word, at, word_starts, open_steps, hits)
                for word in look_up(dense[at : at + LONGEST_KEY], nothing) if at + 2 < len(dense) else nothing:
                    if word.length == LONGEST_KEY or dense.startswith(word.text, at):
                        _take(word, at, word_starts, open_steps, hits)
        return hits


def _take(
    word: _Word,
    at: int,
    word_starts: frozenset[int] | set[int],
    open_steps: dict[int, tuple[int, int]],
    hits: list[Hit],
) -> None:
    """Record a word that stands at `at`: the entries it completes, and the steps that it opens."""
    _, length, at_word_start, alone, opens, follows = word
    if at_word_start and at not in word_starts:
        return
    end = at + length
    for label, entry, name in alone:
        hits.append(_new(Hit, (label, at, end, entry, name)))
    if follows:
        # A frequent word stands in a hundred entries, of which few were begun.
        for previous in open_steps.keys() & follows.keys():
            start, before_end = open_steps[previous]
            if 0 <= at - before_end <= GAP:
                key, _, last, label, entry, name = follows[previous]
                if last:
                    hits.append(_new(Hit, (label, start, end, entry, name)))
                else:
                    open_steps[key] = (start, end)
    if opens:
        open_steps.update(dict.fromkeys(opens, (at, end)))
