"""Who is spoken of: kin and others, how old, living together or not, working or not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from nlp.ages import Age, ages_in
from nlp.findings import Person
from nlp.reading import Reading
from nlp.spotter import Hit

WRITER = "self"
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
    hits = [hit for hit in reading.hits if hit.label.startswith("kin/") or hit.label == "mark/I"]
    chosen: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start)):
        if not any(other.start < hit.end and hit.start < other.end for other in chosen):
            chosen.append(hit)
    names = {"mark/I": WRITER}
    found = [Mention(names.get(hit.label, hit.label.partition("/")[2]), hit.start, hit.end) for hit in chosen]
    return sorted(found, key=lambda mention: mention.start)


def cast_of(reading: Reading, focus: str | None) -> Cast:
    """The people of a message. `focus` is whom the turn before spoke of: 「四十六です」 is said of them."""
    mentions = mentions_in(reading)
    ages: dict[str, int] = {}
    for age in ages_in(reading.text):
        relation = _whose(age, mentions, reading.text, focus)
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


def _whose(age: Age, mentions: list[Mention], text: str, focus: str | None) -> str | None:
    before = max((m for m in mentions if m.end <= age.start), key=lambda m: m.end, default=None)
    if before is not None and _joined(text, before.end, age.start):
        return before.relation
    if before is not None and _BODY.match(text, age.end) is not None:
        return before.relation
    after = _next(age, mentions, text)
    if after is not None and after.start - age.end <= _MAX_GAP:
        gap = _AFTERWARDS.match(text, age.end)
        if gap is not None and gap.end() >= after.start:
            return after.relation if after.relation != WRITER or age.explicit else None
    return _stated_alone(age, before, mentions, text, focus)


def _next(age: Age, mentions: list[Mention], text: str) -> Mention | None:
    """The person after an age; in 「87歳、わたしの母」 not the writer."""
    later = (m for m in mentions if m.start >= age.end and not (m.relation == WRITER and text.startswith("の", m.end)))
    return min(later, key=lambda m: m.start, default=None)


def _joined(text: str, start: int, end: int) -> bool:
    gap = _BETWEEN.match(text, start)
    return end - start <= _MAX_GAP and gap is not None and gap.end() >= end


def _stated_alone(
    age: Age, before: Mention | None, mentions: list[Mention], text: str, focus: str | None
) -> str | None:
    if age.explicit and age.years < YOUNGEST_WRITER:
        return _small_one(mentions)
    ends = age.end == len(text) or text[age.end] in "。\n、!?" or _WRITER_AFTER.match(text, age.end) is not None
    begins = age.start == 0 or text[age.start - 1] in "。\n、!? " or text.endswith(_NOW, 0, age.start)
    if not ends or not (age.explicit or begins):
        return None
    if before is None:
        return focus if focus is not None and not mentions and not age.explicit else WRITER
    if _echoed(text, before, age):
        return before.relation
    young_named = next((m.relation for m in mentions if m.relation in YOUNG_RELATIONS), None)
    pronoun = any(m.relation == WRITER for m in mentions)
    if age.years < 25 and young_named in CHILDREN | {"grandchild", "nephew", "niece"} and not pronoun:
        return young_named
    return WRITER if age.explicit or begins else None


def _small_one(mentions: list[Mention]) -> str:
    """Nobody of that age writes: it is the child spoken of, or just a child."""
    return next((m.relation for m in mentions if m.relation in YOUNG_RELATIONS), "child")


def _echoed(text: str, before: Mention, age: Age) -> bool:
    """Whether the person is only repeated from a question: 伯父ですか。今度の三月で五十三です."""
    return _ECHO.match(text, before.end, age.start) is not None


def _states_in(reading: Reading) -> bool:
    return any(label in reading.by_label for label, _, _ in _STATES)


def _add_states(people: dict[str, Person], mentions: list[Mention], reading: Reading, focus: str | None) -> None:
    for label, name, value in _STATES:
        for hit in reading.by_label.get(label, ()):
            for relation in _subjects(hit, mentions, reading) or [focus or WRITER]:
                if relation in people and getattr(people[relation], name) is None:
                    people[relation] = _with_state(people[relation], name, value)


def _with_state(person: Person, name: str, value: bool) -> Person:
    return replace(person, works=value) if name == "works" else replace(person, lives_with=value)


def _subjects(hit: Hit, mentions: Iterable[Mention], reading: Reading) -> list[str]:
    """The nearest person before the words in the same sentence."""
    start, _ = reading.sentence(hit.start)
    near = [m for m in mentions if start <= m.start and m.end <= hit.start + 3]
    return [near[-1].relation] if near else []
