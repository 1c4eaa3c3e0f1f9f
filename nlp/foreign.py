"""Danger and need said in another language: whole phrases, checked by reading, per language."""

from __future__ import annotations

from nlp.findings import RiskKind
from nlp.foreign_phrases import DANGERS, FOREIGN, OWN_HAND
from nlp.labelled import CATEGORIES
from nlp.language import JAPANESE
from nlp.reading import Reading
from nlp.spotter import Hit

_LABEL = f"{FOREIGN}/"
_CATEGORY = {
    "suicide": "mental_health",
    "violence": "abuse_dv",
    OWN_HAND: "abuse_dv",
    "lifeline": "poverty",
    "medical": "illness",
    "birth": "childcare",
    "missing": "childcare",
    "fear": "abuse_dv",
    "shortage": "poverty",
}
# Labour and a child that does not come home are dangers to the body.
_KINDS = {"birth": RiskKind.MEDICAL, "missing": RiskKind.MEDICAL, OWN_HAND: RiskKind.VIOLENCE}
_SOON = {"fear": RiskKind.VIOLENCE, "shortage": RiskKind.LIFELINE}


def hits_by_name(reading: Reading) -> dict[str, list[Hit]]:
    """The phrases found, by the key under which they stand."""
    found: dict[str, list[Hit]] = {}
    for label, hits in reading.by_label.items():
        if label.startswith(_LABEL):
            found.setdefault(label.rpartition("/")[2], []).extend(hits)
    return found


def dangers(reading: Reading) -> dict[RiskKind, list[Hit]]:
    """The kinds of danger named, each with its phrases; every one of them is urgent."""
    named: dict[RiskKind, list[Hit]] = {}
    for name, hits in hits_by_name(reading).items():
        if name in DANGERS:
            named.setdefault(_KINDS.get(name) or RiskKind(name), []).extend(hits)
    return {kind: named[kind] for kind in RiskKind if kind in named}


def worries(reading: Reading) -> dict[RiskKind, list[Hit]]:
    """What a person should look at soon: fear at home, food that will not last."""
    return {_SOON[name]: hits for name, hits in hits_by_name(reading).items() if name in _SOON}


def is_foreign(reading: Reading) -> bool:
    """Whether the message is in another language."""
    return reading.language not in {None, JAPANESE}


def needs(reading: Reading) -> dict[str, list[Hit]]:
    """The categories that the phrases stand for; `language` only where help with it is asked for or plainly lacking."""
    found: dict[str, list[Hit]] = {}
    for name, hits in hits_by_name(reading).items():
        category = _CATEGORY.get(name, name)
        if category in CATEGORIES:
            found.setdefault(category, []).extend(hits)
    return found
