"""Dangers that show only when several signs stand together.

People who are in danger hint: a place, something bought, a cat given away, a thank-you. No sign is a danger by itself,
so rules say which of them are one together. A rule looks at the signs in the order of the text and remembers the last
place of each of its parts, so a message costs its hits times the few rules that wait for such a sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from nlp.lexicon import read
from nlp.sentences import Sentences
from nlp.spotter import SENTENCE_ENDS, Hit, entry_name

# How many characters a danger told in signs may stretch over.
REACH = 60
COMBO = "combo"
MUTED = "/muted"
_MUTES = frozenset(
    {
        "sign/calm/fiction",
        "sign/calm/taught",
        "sign/calm/joke",
        "sign/calm/sport",
        "sign/calm/leaving",
        "sign/calm/food_habit",
        "cue/fiction",
        "cue/joke",
    }
)
_SHORT = 45
_SIGN = "sign/"
_CLAUSE = 14
_label, _place = itemgetter(0), itemgetter(1, 2)
_DENIED = re.compile(
    r"[たるれ]{0,2}(?:こと|わけ|つもり|気|気持ち|の)(?:は|も|では|じゃ|なんて|とか|まで){0,2}(?:な[いくか]|あり(?:ない|ませ)|一度もな)"
    r"|(?:と|とか|なんて|とまで|とは|って)(?:は|も)?(?:思わな|思ってな|考えてな|言ってな)(?!い(?:日|時|夜|朝))"
)
_GROUPS = "groups"


class Rule(NamedTuple):
    """The parts (each a set of labels, one of which must be seen), how far they may be apart, what they make."""

    label: str
    parts: tuple[frozenset[str], ...]
    reach: int
    name: str


class Combos:
    """The rules, by the labels they wait for. Immutable once built."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        waiting: dict[str, list[int]] = {}
        for number, rule in enumerate(self.rules):
            # The part of the fewest labels is met least often.
            for label in min(rule.parts, key=len):
                waiting.setdefault(label, []).append(number)
        self._waiting = {label: tuple(rules) for label, rules in waiting.items()}
        self._awaited = frozenset(waiting)

    def find(self, hits: Iterable[Hit], text: str) -> list[Hit]:
        """What the signs among the hits make together; one hit per rule, the tightest one.

        What is denied, told of a screen, taught or joked about is labelled `muted` instead of its strength.
        """
        hits = list(hits)
        labels = set(map(_label, hits))
        possible = self._possible(labels)
        if not possible:
            return []
        places = self._places(possible, labels)
        signs = [hit for hit in hits if hit.label in places and _is_close(hit, text)]
        last: dict[tuple[int, int], Hit] = {}
        best: dict[int, tuple[int, int]] = {}
        for sign in sorted(signs, key=_place):
            for number, place in places[sign.label]:
                last[number, place] = sign
                span = self._span(number, place, last)
                if span is not None and (number not in best or span[1] - span[0] < best[number][1] - best[number][0]):
                    best[number] = span
        calm = _calm_spans(hits, text) if best else []
        found: list[Hit] = []
        for number, span in sorted(best.items()):
            rule = self.rules[number]
            muted = _DENIED.match(text, span[1]) is not None or any(a <= span[0] < b for a, b in calm)
            label = rule.label.rpartition("/")[0] + MUTED if muted else rule.label
            found.append(Hit(label, *span, -1 - number, f"{rule.name}:muted" if muted else rule.name))
        return found

    def _possible(self, labels: set[str]) -> set[int]:
        """The rules of which every part is somewhere among the labels."""
        begun = {number for label in self._awaited & labels for number in self._waiting[label]}
        return {number for number in begun if not any(map(labels.isdisjoint, self.rules[number].parts))}

    def _places(self, rules: Iterable[int], labels: set[str]) -> dict[str, list[tuple[int, int]]]:
        """Where each of the labels stands in the rules: the rule's number, the part's place."""
        found: dict[str, list[tuple[int, int]]] = {}
        for number in rules:
            for place, part in enumerate(self.rules[number].parts):
                for label in part & labels:
                    found.setdefault(label, []).append((number, place))
        return found

    def _span(self, number: int, newest: int, last: dict[tuple[int, int], Hit]) -> tuple[int, int] | None:
        """From the first to the last sign, if all parts of the rule were seen near enough and apart from each other."""
        rule = self.rules[number]
        new = last[number, newest]
        start, end = new.start, new.end
        for place in range(len(rule.parts)):
            if place == newest:
                continue
            other = last.get((number, place))
            if other is None or (other.start < new.end and new.start < other.end):
                return None
            start, end = min(start, other.start), max(end, other.end)
        return (start, end) if end - start <= rule.reach or len(rule.parts) == 1 else None


def _calm_spans(hits: list[Hit], text: str) -> list[tuple[int, int]]:
    """The sentences that are no report: from a screen, a lesson, a joke. A short message is one sentence."""
    calm = [hit for hit in hits if hit.label in _MUTES]
    if calm and len(text) <= _SHORT:
        return [(0, len(text))]
    spans: list[tuple[int, int]] = []
    sentences = Sentences(text)
    for hit in calm:
        if not spans or hit.start >= spans[-1][1]:
            spans.append((sentences.begin(hit.start), sentences.end(hit.end)))
    return spans


def _is_close(hit: Hit, text: str) -> bool:
    """Whether a sign in steps stands within one clause; further apart its steps have seldom to do with each other."""
    if not hit.label.startswith(_SIGN):
        return True
    return hit.end - hit.start <= _CLAUSE and not SENTENCE_ENDS.intersection(text[hit.start : hit.end])


def _labels(part: str, kind: str, groups: dict[str, list[str]]) -> frozenset[str]:
    found: list[str] = []
    for name in part.split("|"):
        if name.startswith("*"):
            found += groups[name[1:]]
        else:
            found.append(name if "/" in name else f"sign/{kind}/{name}")
    return frozenset(found)


def parse(line: str, label: str, kind: str, groups: dict[str, list[str]]) -> Rule:
    """A rule from its line: `signs + signs|signs 40`."""
    parts = [part.strip() for part in line.split("+")]
    reach = REACH
    words = parts[-1].split()
    if len(words) == 2:
        parts[-1], reach = words[0], int(words[1])
    return Rule(
        label, tuple(_labels(part, kind, groups) for part in parts), reach, entry_name(label, line.replace("|", "/"))
    )


@lru_cache(maxsize=1)
def combos() -> Combos:
    """The rules of `lexicon/combos.yaml`, read once per process."""
    data: dict[str, dict[str, Any]] = read("combos.yaml")
    groups = data.pop(_GROUPS)
    return Combos(
        parse(line, f"{COMBO}/{kind}/{strength}", kind, groups)
        for kind, strengths in data.items()
        for strength, lines in strengths.items()
        for line in lines
    )
