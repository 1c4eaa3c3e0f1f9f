"""Danger and need said in another language: a small lexicon of whole phrases, checked by reading, per language."""

from __future__ import annotations

from nlp.findings import RiskKind
from nlp.reading import Reading
from nlp.spotter import Hit
from nlp.text import is_kana

_LABEL = "danger/"
_CHINESE = "danger/zh/"
_CATEGORY = {
    "suicide": "mental_health",
    "violence": "abuse_dv",
    "lifeline": "poverty",
    "medical": "illness",
    "need": "language",
}


def _hits(reading: Reading) -> dict[str, list[Hit]]:
    labels = [label for label in reading.by_label if label.startswith(_LABEL)]
    if not labels:
        return {}
    found: dict[str, list[Hit]] = {}
    japanese = any(map(is_kana, reading.text))
    for label in labels:
        # Chinese phrases are made of characters that Japanese has too.
        if not (japanese and label.startswith(_CHINESE)):
            found.setdefault(label.rpartition("/")[2], []).extend(reading.by_label[label])
    return found


def dangers(reading: Reading) -> dict[RiskKind, list[Hit]]:
    """The kinds of danger named, each with its phrases; every one of them is urgent."""
    found = _hits(reading)
    return {kind: found[kind.value] for kind in RiskKind if kind.value in found} if found else {}


def needs(reading: Reading) -> dict[str, list[Hit]]:
    """The categories that the phrases stand for; `language` only where help with it is asked for or plainly lacking."""
    return {_CATEGORY[name]: hits for name, hits in _hits(reading).items()}
