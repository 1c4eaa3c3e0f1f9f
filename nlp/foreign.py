"""Danger and need said in another language: a small lexicon of whole phrases, checked by reading, per language."""

from __future__ import annotations

import re

from nlp.findings import RiskKind
from nlp.language import JAPANESE, detect
from nlp.reading import Reading
from nlp.spotter import Hit
from nlp.text import is_kana

_LABEL = "danger/"
_CHINESE = "danger/zh/"
# So few syllables are one word.
_KOREAN, _TWO = "danger/ko/", 2
_CATEGORY = {
    "suicide": "mental_health",
    "violence": "abuse_dv",
    "lifeline": "poverty",
    "medical": "illness",
    "fear": "abuse_dv",
    "shortage": "poverty",
    "need": "language",
}
# What is only worrying is told in common words, so these count as whole words; of a danger a stem suffices.
_SOON = {RiskKind.VIOLENCE: "fear", RiskKind.LIFELINE: "shortage"}
_WHOLE = frozenset(_SOON.values())
_INSIDE = re.compile("[a-zà-ɏḁ-ỹ]{2}")


def _hits(reading: Reading) -> dict[str, list[Hit]]:
    labels = [label for label in reading.by_label if label.startswith(_LABEL)]
    if not labels:
        return {}
    found: dict[str, list[Hit]] = {}
    japanese = any(map(is_kana, reading.text))
    for label in labels:
        name = label.rpartition("/")[2]
        # Chinese phrases are made of characters that Japanese has too.
        if japanese and label.startswith(_CHINESE):
            continue
        if words := [hit for hit in reading.by_label[label] if _is_word(reading, hit, whole=name in _WHOLE)]:
            found.setdefault(name, []).extend(words)
    return found


def _is_word(reading: Reading, hit: Hit, *, whole: bool) -> bool:
    """Whether a phrase in Latin letters begins, and if it has to be whole also ends, where a word does (no rape in
    grapes): dense text has no blanks."""
    plain, at = reading.prepared.plain, reading.prepared.dense_at
    first, last = at[hit.start], at[hit.end - 1]
    if hit.label.startswith(_KOREAN) and hit.end - hit.start == _TWO and last - first >= _TWO:
        # 혼자 살아요, "I live alone", is no 자살.
        return False
    begins = not first or _INSIDE.match(plain, first - 1) is None
    return begins and not (whole and _INSIDE.match(plain, last))


def dangers(reading: Reading) -> dict[RiskKind, list[Hit]]:
    """The kinds of danger named, each with its phrases; every one of them is urgent."""
    found = _hits(reading)
    return {kind: found[kind.value] for kind in RiskKind if kind.value in found} if found else {}


def worries(reading: Reading) -> dict[RiskKind, list[Hit]]:
    """What a person should look at soon: fear at home, food that will not last."""
    found = _hits(reading)
    return {kind: found[name] for kind, name in _SOON.items() if name in found}


def is_foreign(reading: Reading) -> bool:
    """Whether the message is in another language."""
    return detect(reading.prepared.plain) not in {None, JAPANESE}


def needs(reading: Reading) -> dict[str, list[Hit]]:
    """The categories that the phrases stand for; `language` only where help with it is asked for or plainly lacking."""
    found: dict[str, list[Hit]] = {}
    for name, hits in _hits(reading).items():
        found.setdefault(_CATEGORY[name], []).extend(hits)
    return found
