"""Who is spoken of: kin and others, how old, living together or not, working or not."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter

from nlp.ages import Age, ages_in
from nlp.findings import Person
from nlp.reading import Reading
from nlp.spotter import Hit

WRITER = "self"
_KIN, _PRONOUN = "kin/", "mark/I"
PARENTS = frozenset({"mother", "father", "parents", "mother_in_law", "father_in_law", "parents_in_law"})
GRANDPARENTS = frozenset({"grandmother", "grandfather"})
CHILDREN = frozenset({"son", "daughter", "child"})
SIBLINGS = frozenset({"older_brother", "older_sister", "younger_brother", "younger_sister", "sibling"})
YOUNG_RELATIONS = CHILDREN | {"grandchild", "nephew", "niece", "younger_brother", "younger_sister"}
ADULT_RELATIONS = PARENTS | GRANDPARENTS | {"husband", "wife"}
# What may stand between a person and their age: 母は81, お母さま(83), 兄、もう49.
_BETWEEN = re.compile(
    r"(?:は|が|も|の|で|さん|様|,|、|\(|（|「|今年|ことし|もう|当年|満|本人|すでに|来年|じき|やっと|まだ|・|/|:)*"
)
# What may stand between an age and the person after it: 80過ぎの母, 3歳になる娘.
_AFTERWARDS = re.compile(
    r"(?:歳|半ば|前半|後半|半|過ぎ|すぎ|近い|近く|手前|くらい|ぐらい|の|になる|になった|で|を迎えた|生|年生|代|と|、|わたしの|私の|うちの|俺の|僕の|ぼくの|独身|無職|男の|女の|ぎりぎり|そこそこ)*"
)
_WRITER_AFTER = re.compile(
    r"(?:です|だけど|だが|や|じゃ|歳|の女|の男|女|男|♂|♀|、|独身|無職|主婦|会社員|になりま|なんだ|なんですが|過ぎ|代)"
)
# Longest gap between a kin word and a number that is taken as its age.
_MAX_GAP = 6
MOST_PEOPLE = 12
_NOW = (
    "今は",
    "もう",
    "現在",
    "月で",
    "来年で",
    "今年で",
    "今度で",
    "早いもんで",
    "今年",
    "来月",
    "ついに",
    "とうとう",
)
# Below this age nobody writes messages.
YOUNGEST_WRITER = 6
_ECHO = re.compile(
    r"(?:は|も|の年|の歳|のこと)?(?:ですか|か|でしょうか|いうても|って|なら|の年は)?[。?、…!]{1,3}[^。?!]{0,12}$"
)
_BODY = re.compile(r"の(?:足|脚|手|体|身|婆|爺|腰|ばあ|じい)")


_STATES = (
    ("mark/lives_with", "lives_with", True),
    ("mark/lives_apart", "lives_with", False),
    ("mark/no_work", "works", False),
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A person word and its place in dense text; the writer's own pronouns are `self`."""

    relation: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of one message: the writer's age, the others, and who was spoken of last."""

    writer_age: int | None
    people: tuple[Person, ...]
    focus: str | None
    mentions: tuple[Mention, ...]


def mentions_in(reading: Reading) -> list[Mention]:
    """Person words, the longest at each place (義母 is no 母)."""
    labels = {label: label.removeprefix(_KIN) for label in reading.by_label if label.startswith(_KIN)}
    if _PRONOUN in reading.by_label:
        labels[_PRONOUN] = WRITER
    if not labels:
        return []
    found: list[Mention] = []
    taken: set[int] = set()
    hits = [hit for hit in reading.hits if hit.label in labels]
    for label, start, end, _, _ in sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start)):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            found.append(Mention(labels[label], start, end))
    return sorted(found, key=attrgetter("start"))


def cast_of(reading: Reading, focus: str | None) -> Cast:
    """The people of a message. `focus` is whom the turn before spoke of: 「四十六です」 is said of them."""
    mentions = mentions_in(reading)
    ages: dict[str, int] = {}
    scene = _Scene(reading.text, mentions, focus)
    for age in ages_in(reading.text):
        relation = _whose(age, scene)
        if relation is not None:
            ages.setdefault(relation, age.years)
    writer_age = ages.pop(WRITER, None)
    order = dict.fromkeys(m.relation for m in mentions if m.relation != WRITER)
    people = {relation: Person(relation=relation) for relation in [*order, *ages]}
    for relation, years in ages.items():
        people[relation] = replace(people[relation], age=years)
    if focus is not None and focus != WRITER and not mentions and _states_in(reading):
        people.setdefault(focus, Person(relation=focus))
    _add_states(people, mentions, reading, None if mentions else focus)
    last = mentions[-1].relation if mentions else focus
    return Cast(writer_age, tuple(people.values())[:MOST_PEOPLE], last, tuple(mentions))


@dataclass(frozen=True)
class _Scene:
    """What tells whose an age is: the text, who is mentioned in it (in order), and of whom was spoken before."""

    text: str
    mentions: list[Mention]
    focus: str | None

    @cached_property
    def _ends(self) -> list[int]:
        return [m.end for m in self.mentions]

    @cached_property
    def _later(self) -> tuple[list[int], list[Mention]]:
        """Who may follow an age; in 「87歳、わたしの母」 not the writer."""
        named = [m for m in self.mentions if not (m.relation == WRITER and self.text.startswith("の", m.end))]
        return [m.start for m in named], named

    @cached_property
    def young(self) -> str | None:
        """The first young relation that is mentioned."""
        return next((m.relation for m in self.mentions if m.relation in YOUNG_RELATIONS), None)

    @cached_property
    def pronoun(self) -> bool:
        """Whether the writer speaks of themselves."""
        return any(m.relation == WRITER for m in self.mentions)

    def before(self, at: int) -> Mention | None:
        """The last person who is mentioned before an offset."""
        place = bisect_right(self._ends, at)
        return self.mentions[place - 1] if place else None

    def after(self, at: int) -> Mention | None:
        """The first person who is mentioned from an offset on."""
        starts, named = self._later
        place = bisect_left(starts, at)
        return named[place] if place < len(named) else None


def _whose(age: Age, scene: _Scene) -> str | None:
    text, before = scene.text, scene.before(age.start)
    if before is not None and (_joined(text, before.end, age.start) or _BODY.match(text, age.end) is not None):
        return before.relation
    after = scene.after(age.end)
    if after is not None and after.start - age.end <= _MAX_GAP:
        gap = _AFTERWARDS.match(text, age.end)
        if gap is not None and gap.end() >= after.start:
            return after.relation if after.relation != WRITER or age.explicit else None
    return _stated_alone(age, before, scene)


def _joined(text: str, start: int, end: int) -> bool:
    if end - start > _MAX_GAP:
        return False
    gap = _BETWEEN.match(text, start)
    return gap is not None and gap.end() >= end


def _stated_alone(age: Age, before: Mention | None, scene: _Scene) -> str | None:
    text, focus = scene.text, scene.focus
    if age.explicit and age.years < YOUNGEST_WRITER:
        # Nobody of that age writes: it is the child spoken of, or just a child.
        return scene.young or "child"
    ends = age.end == len(text) or text[age.end] in "。\n、!?" or _WRITER_AFTER.match(text, age.end) is not None
    begins = age.start == 0 or text[age.start - 1] in "。\n、!? " or text.endswith(_NOW, 0, age.start)
    if not ends or not (age.explicit or begins):
        return None
    if before is None:
        return focus if focus is not None and not scene.mentions and not age.explicit else WRITER
    if _echoed(text, before, age):
        return before.relation
    if age.years < 25 and scene.young in CHILDREN | {"grandchild", "nephew", "niece"} and not scene.pronoun:
        return scene.young
    return WRITER if age.explicit or begins else None


def _echoed(text: str, before: Mention, age: Age) -> bool:
    """Whether the person is only repeated from a question: 伯父ですか。今度の三月で五十三です."""
    return _ECHO.match(text, before.end, age.start) is not None


def _states_in(reading: Reading) -> bool:
    return any(label in reading.by_label for label, _, _ in _STATES)


def _add_states(people: dict[str, Person], mentions: list[Mention], reading: Reading, focus: str | None) -> None:
    for label, name, value in _STATES:
        for hit in reading.by_label.get(label, ()):
            relation = subject_of(hit, mentions, reading) or focus or WRITER
            if relation in people and getattr(people[relation], name) is None:
                people[relation] = _with_state(people[relation], name, value)


def _with_state(person: Person, name: str, value: bool) -> Person:
    return replace(person, works=value) if name == "works" else replace(person, lives_with=value)


def subject_of(hit: Hit, mentions: Sequence[Mention], reading: Reading) -> str | None:
    """The nearest person before the words in the same sentence; `mentions` are in order."""
    place = bisect_right(mentions, hit.start + 3, key=attrgetter("end"))
    if place and mentions[place - 1].start >= reading.sentences.begin(hit.start):
        return mentions[place - 1].relation
    return None
