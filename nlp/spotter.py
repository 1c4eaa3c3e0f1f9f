"""Finds the lexicon's phrases in a message, in one pass.

An entry is a phrase, or steps with gaps: `電気|ガス…止ま|切れ` is "one of the first, then, within `GAP` characters,
one of the second", over the end of a sentence too, because people break off and send in bursts.
One automaton over all phrases reads the dense text (see `nlp.text`) once, so a message costs its length and what is
found in it, not the size of the lexicon.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import blake2s
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from nlp.text import fold, is_kana

GAP = 14
STEP = "…"
ALTERNATIVE = "|"
SENTENCE_ENDS = frozenset("。!?\n")
# At one place shorter phrases are taken before longer ones; from this length on, as the lexicon has them.
_AS_LISTED = 3
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
    """Where a phrase is used: `alone` are the entries (label, number, name) that it makes by itself, `opens`
    the places of first steps, `follows` its later steps by the place that must have been seen before."""

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
        uses = _uses(entries)
        phrases = sorted(uses, key=lambda text: min(len(text), _AS_LISTED))
        self._words = [_word(text, uses[text].values()) for text in phrases]
        self._automaton = AhoCorasick(
            phrases, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA, store_patterns=False
        )

    def find(self, dense: str, word_starts: frozenset[int] | set[int]) -> list[Hit]:
        """All hits in order of their start; `word_starts` are the offsets where the analyser begins a word."""
        hits: list[Hit] = []
        open_steps: dict[int, tuple[int, int]] = {}
        opened, words = open_steps.keys(), self._words
        found = self._automaton.find_matches_as_indexes(dense, overlapping=True)
        for at, number, end in sorted([(at, number, end) for number, at, end in found]):
            at_word_start, alone, opens, follows = words[number]
            if at_word_start and at not in word_starts:
                continue
            for label, entry, name in alone:
                hits.append(_new(Hit, (label, at, end, entry, name)))
            # A frequent word stands in a hundred entries, of which few were begun.
            if follows and not opened.isdisjoint(follows):
                _follow(follows, at, end, open_steps, hits)
            if opens:
                open_steps.update(dict.fromkeys(opens, (at, end)))
        return hits


def _follow(
    follows: dict[int, _Use], at: int, end: int, open_steps: dict[int, tuple[int, int]], hits: list[Hit]
) -> None:
    """Record what a word does as a later step: the entries it completes, and the steps it opens after it."""
    for previous in open_steps.keys() & follows.keys():
        start, before_end = open_steps[previous]
        if 0 <= at - before_end <= GAP:
            key, _, last, label, entry, name = follows[previous]
            if last:
                hits.append(_new(Hit, (label, start, end, entry, name)))
            else:
                open_steps[key] = (start, end)


def _uses(entries: Iterable[tuple[str, str]]) -> dict[str, dict[int, _Use]]:
    """The places of each phrase, by the place's number."""
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
    return uses


def _word(text: str, used: Collection[_Use]) -> _Word:
    return _Word(
        at_word_start=len(text) <= SHORT_KANA and all(map(is_kana, text)),
        alone=tuple((use.label, use.entry, use.name) for use in used if use.last and use.before is None),
        opens=tuple(use.key for use in used if use.before is None and not use.last),
        follows={use.before: use for use in used if use.before is not None},
    )
