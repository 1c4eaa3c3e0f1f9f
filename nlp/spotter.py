"""Finds the lexicon's phrases in a message, in one pass.

An entry is a phrase, or steps with gaps: `電気|ガス…止ま|切れ` is "one of the first, then, within `GAP` characters,
one of the second", over the end of a sentence too, because people break off and send in bursts.
One automaton over all phrases reads the dense text (see `nlp.text`) once, so a message costs its length and what is
found in it, not the size of the lexicon.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
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
# What looks like one word and, before these letters, is the end of another (ここにいます is no いま), or a particle and
# the next word (昼はうどん).
_ENDING = {"いま": "すせし", "はう": "すどまれるちんみそ"}
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

    not_before: tuple[str, ...]
    alone: tuple[tuple[str, int, str], ...]
    opens: frozenset[int]
    follows: dict[int, _Use]


def entry_name(label: str, entry: str) -> str:
    """The entry's name in the weights: its label, its first word, and a digest so that an edit makes a new entry."""
    digest = blake2s(entry.encode(), digest_size=3).hexdigest()
    return f"e:{label}:{entry.split(ALTERNATIVE, maxsplit=1)[0]}:{digest}"


def own_words(entry: str, found: str) -> list[tuple[int, int]]:
    """Where the words that begin and end an entry stand in a place where it was found; between them are its gaps."""
    first, *later = _steps(entry)
    if not later:
        return [(0, len(found))]
    begins = max((len(word) for word in first if found.startswith(word)), default=0)
    ends = max((len(word) for word in later[-1] if found.endswith(word)), default=0)
    return [(0, begins), (len(found) - ends, len(found))]


@lru_cache(maxsize=4096)
def _steps(entry: str) -> tuple[tuple[str, ...], ...]:
    """The folded phrases of each step of an entry."""
    steps = (tuple(filter(None, map(fold, step.split(ALTERNATIVE)))) for step in entry.split(STEP) if step)
    return tuple(steps) or ((),)


class Spotter:
    """An index over labelled entries. Immutable once built, so threads may share it."""

    def __init__(self, entries: Iterable[tuple[str, str]], reach: range = range(GAP + 1)) -> None:
        self._reach = reach
        uses = _uses(entries)
        phrases = sorted(uses, key=lambda text: min(len(text), _AS_LISTED))
        self._words = [_word(text, uses[text].values()) for text in phrases]
        # Most of what is found comes to nothing. These tell so, each small enough to stay near in memory: whether a
        # phrase counts only where a word begins, whether it does nothing but follow, and the places it follows (the
        # alternatives of a step share one set).
        self._at_word_start = bytes(_is_short_kana(text) for text in phrases)
        self._only_follows = bytes(not word.alone and not word.opens for word in self._words)
        shared: dict[frozenset[int], frozenset[int]] = {}
        places = (frozenset(word.follows) for word in self._words)
        self._follows = [shared.setdefault(place, place) for place in places]
        self._automaton = AhoCorasick(
            phrases, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA, store_patterns=False
        )

    def find(self, dense: str, word_starts: frozenset[int] | set[int]) -> list[Hit]:
        """All hits in order of their start; `word_starts` are the offsets where the analyser begins a word."""
        hits: list[Hit] = []
        opened: set[int] = set()
        places: dict[int, tuple[int, int]] = {}
        only_follows, follows_of = self._only_follows, self._follows
        for at, number, end in self._matches(dense, word_starts):
            # A frequent word stands in a hundred entries, of which few were begun.
            begun = not opened.isdisjoint(follows_of[number])
            if only_follows[number] and not begun:
                continue
            not_before, alone, opens, follows = self._words[number]
            if not_before and dense[end : end + 1] in not_before:
                continue
            for label, entry, name in alone:
                hits.append(_new(Hit, (label, at, end, entry, name)))
            if begun:
                opened.update(_follow(follows, at, end, places, hits, self._reach))
            if opens:
                opened.update(opens)
                for key in opens:
                    places[key] = (at, end)
        return hits

    def _matches(self, dense: str, word_starts: frozenset[int] | set[int]) -> list[tuple[int, int, int]]:
        """The phrases that count where they stand, in order: start, number, end."""
        found = self._automaton.find_matches_as_indexes(dense, overlapping=True)
        at_word_start = self._at_word_start
        return sorted(
            [(at, number, end) for number, at, end in found if not at_word_start[number] or at in word_starts]
        )


def _follow(
    follows: dict[int, _Use], at: int, end: int, places: dict[int, tuple[int, int]], hits: list[Hit], reach: range
) -> list[int]:
    """Record what a word does as a later step: the entries it completes, and the steps (returned) it opens after it."""
    opened: list[int] = []
    for previous in places.keys() & follows.keys():
        start, before_end = places[previous]
        if at - before_end in reach:
            key, _, last, label, entry, name = follows[previous]
            if last:
                hits.append(_new(Hit, (label, start, end, entry, name)))
            else:
                places[key] = (start, end)
                opened.append(key)
    return opened


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


def _is_short_kana(text: str) -> bool:
    return len(text) <= SHORT_KANA and all(map(is_kana, text))


def _word(text: str, used: Collection[_Use]) -> _Word:
    return _Word(
        not_before=tuple(_ENDING.get(text, "")),
        alone=tuple((use.label, use.entry, use.name) for use in used if use.last and use.before is None),
        opens=frozenset([use.key for use in used if use.before is None and not use.last]),
        follows={use.before: use for use in used if use.before is not None},
    )
