"""What the model weighs by name in a message.

Names say the kind: `g` a lexicon label (value grows with the number of different entries found), `e` one entry,
`w` a word, `i` something inferred, `f` a fact. The value of every kind but `g` is fixed, so that weights are comparable
within a kind and the training weighs knowledge (`i`, `g`) above coincidence (`w`). How words stand together, and words
never seen in training, are the business of the network over word vectors (`nlp.network`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from nlp.findings import Facts
from nlp.reading import Reading
from nlp.sentences import Spans
from nlp.tokens import Token

VALUES = {"i": 2.0, "g": 1.0, "e": 0.5, "w": 0.48, "f": 1.0}
# More entries of one label mean more, but less and less: the value of `g` for one of them, two, three or more.
_GROWTH = tuple(VALUES["g"] * times for times in (1.0, 1.4, 1.7))
# Grammar that turns a meaning around or bends it stays; politeness, particles and filler verbs go, so that manners
# never decide what a message is about.
_MEANT = frozenset({"ない", "ず", "ぬ", "れる", "られる", "せる", "させる", "たい", "過ぎる", "仕舞う", "たがる"})
# fmt: off
_EMPTY = frozenset({
    "居る", "為る", "成る", "有る", "御座る", "下さる", "貰う", "致す", "申す", "御願い", "宜しい", "有り難い",
    "事", "物", "所", "言う", "思う", "御", "様", "さん", "です", "ます", "此れ", "其れ",
    "其の", "此の", "そう", "どう", "良い", "今日は", "今晩は", "初めまして", "お早う", "願う", "為さる", "頂く",
    "参る", "宜しく", "遣る", "けれど", "けど", "から",
})
# fmt: on
_NOT_HIRAGANA = re.compile("[^\\u3041-\\u3096]").search
# A quarter of the time that making a named tuple by its name takes.
_new = tuple.__new__
# The most frequent words are most of what is written; few people use more different ones.
_REMEMBERED = 20_000
_MANNERS = frozenset({"cue/greeting", "idiom/courtesy"})


class Feature(NamedTuple):
    """A feature, the number its weight is multiplied with, and where in dense text it comes from (0, 0: all of it)."""

    name: str
    value: float
    start: int
    end: int


def features_of(reading: Reading, facts: Facts, inferred: frozenset[str]) -> list[Feature]:
    """All features of a message; a name occurs once."""
    found: dict[str, Feature] = {}
    _add_words(found, reading)
    _add_hits(found, reading)
    for name in sorted(inferred):
        found["i:" + name] = Feature("i:" + name, VALUES["i"], 0, 0)
    facts_seen = [f"f:role:{facts.writer_role}"]
    if facts.writer_minor:
        facts_seen.append("f:minor")
    for name in facts_seen:
        found[name] = Feature(name, VALUES["f"], 0, 0)
    return list(found.values())


def grave_of(reading: Reading, features: list[Feature]) -> tuple[list[Feature], list[Token]]:
    """The features and the words that remain without what is everyday."""
    spans = Spans(reading.everyday)
    tokens = [token for token in reading.tokens if not spans.hold(token.start, token.end)]
    return [one for one in features if one.end == 0 or not spans.hold(one.start, one.end)], tokens


def _add_words(found: dict[str, Feature], reading: Reading) -> None:
    """Words that mean something."""
    value = VALUES["w"]
    for form, start, end in reading.tokens:
        name = _word_name(form)
        if name is not None and name not in found:
            found[name] = _new(Feature, (name, value, start, end))


@lru_cache(maxsize=_REMEMBERED)
def _word_name(form: str) -> str | None:
    """The feature of a word, None if it means nothing by itself."""
    if form in _EMPTY or (len(form) <= 3 and form not in _MEANT and _NOT_HIRAGANA(form) is None):
        return None
    return "w:" + form


def _add_hits(found: dict[str, Feature], reading: Reading) -> None:
    value, growth = VALUES["e"], _GROWTH
    for label, hits in reading.by_label.items():
        if label in _MANNERS:
            continue
        before = len(found)
        for _, start, end, _, name in hits:
            if name not in found:
                found[name] = _new(Feature, (name, value, start, end))
        grown = growth[min(len(found) - before, len(growth)) - 1]
        _, start, end, _, _ = hits[0]
        name = _label_name(label)
        found[name] = _new(Feature, (name, grown, start, end))


@lru_cache(maxsize=_REMEMBERED)
def _label_name(label: str) -> str:
    return "g:" + label
