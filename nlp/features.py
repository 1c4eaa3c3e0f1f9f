"""What the model weighs by name in a message.

Names say the kind: `g` a lexicon label (value grows with the number of different entries found), `e` one entry,
`w` a word, `i` something inferred, `f` a fact. The value of every kind but `g` is fixed, so that weights are comparable
within a kind and the training weighs knowledge (`i`, `g`) above coincidence (`w`). How words stand together, and words
never seen in training, are the business of the network over word vectors (`nlp.network`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from nlp.findings import Facts
from nlp.reading import Reading

VALUES = {"i": 2.0, "g": 1.0, "e": 0.5, "w": 0.48, "f": 1.0}
# More entries of one label mean more, but less and less.
_GROWTH = (1.0, 1.4, 1.7)
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
    for name in inferred:
        found["i:" + name] = Feature("i:" + name, VALUES["i"], 0, 0)
    facts_seen = [f"f:role:{facts.writer_role}"]
    if facts.writer_minor:
        facts_seen.append("f:minor")
    for name in facts_seen:
        found[name] = Feature(name, VALUES["f"], 0, 0)
    return list(found.values())


def _add_words(found: dict[str, Feature], reading: Reading) -> None:
    """Words that mean something."""
    value = VALUES["w"]
    for form, start, end in reading.tokens:
        if form in _EMPTY or (len(form) <= 3 and form not in _MEANT and _is_hiragana(form)):
            continue
        name = "w:" + form
        if name not in found:
            found[name] = _new(Feature, (name, value, start, end))


def _is_hiragana(form: str) -> bool:
    return _NOT_HIRAGANA(form) is None


def _add_hits(found: dict[str, Feature], reading: Reading) -> None:
    value = VALUES["e"]
    for label, hits in reading.by_label.items():
        if label in _MANNERS:
            continue
        names = {}
        for _, start, end, _, name in hits:
            if name not in names:
                names[name] = _new(Feature, (name, value, start, end))
        found.update(names)
        grown = VALUES["g"] * _GROWTH[min(len(names), len(_GROWTH)) - 1]
        name = "g:" + label
        found[name] = _new(Feature, (name, grown, hits[0].start, hits[0].end))
