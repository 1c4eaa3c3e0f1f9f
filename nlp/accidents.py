"""Accidents and emergencies that happen while they are told, in one short message: 「天ぷら鍋から火が出た」.

So few words weigh too little for the model, and some of them it knows from other troubles: the water that comes before
the house sounds like a stalker, stones from a cliff like a wish to die. Rules (`lexicon/accidents.yaml`) say which
signs are an accident together and which beside them say that it is over, thought of, or a game; longer stories are left
to the model. Plights (`lexicon/plights.yaml`) are read in the same way: violence, farewells and want.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from nlp.lexicon import read
from nlp.spotter import Hit, Spotter

#: Whoever writes more than this tells something, with few accidents that are plain at twice the length.
LONGEST, AT_LENGTH = 45, 75
#: So few letters tell one thing.
BRIEF = 25
#: Marks a message that tells of an accident; its kinds are the accident's unless other words name another danger.
MARK = "mark/accident"
#: Marks one that tells of violence, of a farewell or of want (`lexicon/plights.yaml`).
PLIGHT = "mark/plight"
_NOW = "mark/now"
_ENTRY = -3_000_000
_KIN = "kin/"
_SIGN = "accident/"
_UNLESS = "unless"
_OUTRIGHT, _CALM = "/outright", "/calm"
# What else the words of an accident look like.
_ELSE = (
    "risk/violence/",
    "risk/suicide/",
    "sign/violence/",
    "sign/suicide/",
    "scene/home/",
    "mark/may_harm",
    "sign/lifeline/unfed",
)


class Rule(NamedTuple):
    """The parts (each a set of signs, one of which must be there), what must not be there, what they make."""

    label: str
    parts: tuple[frozenset[str], ...]
    unless: frozenset[str]
    longest: int


class Accidents:
    """The rules and their signs. Immutable once built, so threads may share it."""

    def __init__(self, data: dict[str, Any]) -> None:
        groups = data["groups"]
        entries = [(name, entry) for name, listed in data["signs"].items() for entry in listed]
        self._spotter = Spotter([*entries, *((_UNLESS, entry) for entry in data[_UNLESS])])
        self.innocent = frozenset(data["innocent"])
        self._of_now = data.get("now", True)
        self.signs = frozenset(name for name, _ in entries)
        self.rules = tuple(
            _rule(line, f"risk/{kind}/{strength}", groups, longest)
            for section, longest in (
                ("brief", BRIEF),
                ("rules", data.get("longest", LONGEST)),
                ("at_length", AT_LENGTH),
            )
            for kind, strengths in data.get(section, {}).items()
            for strength, lines in strengths.items()
            for line in lines
        )
        self._longest = max(rule.longest for rule in self.rules)
        self._rules_of: dict[str, list[int]] = {}
        for number, rule in enumerate(self.rules):
            # The part of the fewest signs is met least often; people are in most messages.
            for label in min(rule.parts, key=_commonness):
                self._rules_of.setdefault(label, []).append(number)

    def _waiting(self, signs: dict[str, list[Hit]]) -> list[Rule]:
        """The rules that one of the signs may begin; of most rules no part is there at all."""
        numbers = {number for label in signs.keys() & self._rules_of.keys() for number in self._rules_of[label]}
        return [self.rules[number] for number in sorted(numbers)]

    def find(
        self, text: str, word_starts: frozenset[int] | set[int], people: Iterable[Hit]
    ) -> tuple[list[Hit], list[Hit]]:
        """What dense text tells of an accident, if it is short, and the signs in it that are nothing else; `people` are
        the hits that name somebody.
        """
        if len(text) > self._longest:
            return [], []
        signs: dict[str, list[Hit]] = {}
        for hit in self._spotter.find(text, word_starts):
            signs.setdefault(hit.label, []).append(hit)
        if not signs or _UNLESS in signs:
            return [], []
        for person in people:
            signs.setdefault(person.label, []).append(person)
        rules = [rule for rule in self._waiting(signs) if len(text) <= rule.longest and _holds(rule, signs)]
        told = {(rule.label, hit) for rule in rules for hit in _told(rule, signs)}
        found = [
            Hit(label, hit.start, hit.end, _ENTRY, f"e:{_SIGN}{hit.label}")
            for label, hit in sorted(told)
            if not label.endswith(_CALM)
        ]
        innocent = [hit for _, hit in told if hit.label in self.innocent]
        return found + (_marks(found) if self._of_now else _lasting(found)), innocent


def _marks(found: list[Hit]) -> list[Hit]:
    """An accident is one of this moment."""
    first = next((hit for hit in found if hit.label.endswith(_OUTRIGHT)), None) or next(iter(found), None)
    if first is None:
        return []
    labels = (MARK, _NOW) if first.label.endswith(_OUTRIGHT) else (MARK,)
    return [Hit(label, first.start, first.end, _ENTRY, f"e:{label}") for label in labels]


def _lasting(found: list[Hit]) -> list[Hit]:
    """A plight may last: it is short enough to be urgent by itself, and nothing is said of when."""
    return [Hit(PLIGHT, hit.start, hit.end, _ENTRY, f"e:{PLIGHT}") for hit in found[:1]]


def _commonness(part: frozenset[str]) -> tuple[bool, int]:
    return any(label.startswith(_KIN) for label in part), len(part)


def _holds(rule: Rule, signs: dict[str, list[Hit]]) -> bool:
    return rule.unless.isdisjoint(signs) and not any(part.isdisjoint(signs) for part in rule.parts)


def _told(rule: Rule, signs: dict[str, list[Hit]]) -> list[Hit]:
    """The signs that make the rule; the people in it are only its company."""
    labels = frozenset[str]().union(*rule.parts)
    return [hit for label in labels & signs.keys() if not label.startswith(_KIN) for hit in signs[label]]


def without_else(hits: list[Hit], innocent: list[Hit]) -> list[Hit]:
    """Drop what only looks like violence or a wish to die where an accident is told."""
    places = {at for hit in innocent for at in range(hit.start, hit.end)}
    if not places:
        return hits
    return [hit for hit in hits if not hit.label.startswith(_ELSE) or places.isdisjoint(range(hit.start, hit.end))]


def _rule(line: str, label: str, groups: dict[str, list[str]], longest: int) -> Rule:
    """A rule from its line: `signs + signs|signs - signs|signs`."""
    told, _, unless = line.partition(" - ")
    return Rule(label, tuple(_set(part, groups) for part in told.split("+")), _set(unless, groups), longest)


def _set(part: str, groups: dict[str, list[str]]) -> frozenset[str]:
    found: list[str] = []
    for name in part.strip().split("|"):
        found += groups[name[1:]] if name.startswith("*") else [name]
    return frozenset(filter(None, found))


@lru_cache(maxsize=1)
def plights() -> Accidents:
    """The rules of `lexicon/plights.yaml`, read once per process."""
    return Accidents(read("plights.yaml"))


@lru_cache(maxsize=1)
def accidents() -> Accidents:
    """The rules of `lexicon/accidents.yaml`, read once per process."""
    return Accidents(read("accidents.yaml"))
