"""Who is spoken of: kin and others, how old, living together or not, working or not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from nlp.findings import Person
from nlp.foreign_people import people_in, scene_of
from nlp.mentions import ANIMAL, COMPANION, SMALL, WRITER, Mention, mentions_in
from nlp.reading import Reading
from nlp.spotter import Hit
from nlp.whose import Scene, ages_of

_ASKS_FOR_A_CHILD = ("mark/own_child", "mark/own_infant", "mark/nursery")
MOST_PEOPLE = 12
_STATES = (
    ("mark/lives_with", "lives_with", True),
    ("mark/lives_apart", "lives_with", False),
    ("mark/no_work", "works", False),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of one message: the writer's age, the others, and who was spoken of last."""

    writer_age: int | None
    people: tuple[Person, ...]
    focus: str | None
    mentions: tuple[Mention, ...]


def cast_of(reading: Reading, focus: str | None) -> Cast:
    """The people of a message. `focus` is whom the turn before spoke of: 「四十六です」 is said of them."""
    scene = scene_of(reading)
    if scene is None:
        spoken_of = mentions_in(reading)
        ages = ages_of(Scene(reading.text, spoken_of, focus))
    else:
        spoken_of, ages = people_in(scene)
    writer_age = ages.pop(WRITER, None)
    ages.pop(ANIMAL, None)
    mentions = [m for m in spoken_of if m.relation != ANIMAL]
    next_focus = _next_focus(spoken_of, reading, focus)
    focus = None if focus in {ANIMAL, SMALL} else focus
    order = dict.fromkeys(m.relation for m in mentions if m.relation != WRITER)
    people = {relation: Person(relation=relation) for relation in [*order, *ages]}
    for relation, years in ages.items():
        people[relation] = replace(people[relation], age=years)
    if focus is not None and focus != WRITER and not mentions and _states_in(reading):
        people.setdefault(focus, Person(relation=focus))
    _add_states(people, mentions, reading, None if mentions else focus)
    return Cast(writer_age, tuple(people.values())[:MOST_PEOPLE], next_focus, tuple(mentions))


def _next_focus(mentions: list[Mention], reading: Reading, focus: str | None) -> str | None:
    """Who was spoken of last, but not the writer as somebody's company (家で私と畑をしてます)."""
    for mention in reversed(mentions):
        if mention.relation != WRITER or reading.text[mention.end : mention.end + 1] not in COMPANION:
            return mention.relation
    if focus is None and not mentions and any(label in reading.by_label for label in _ASKS_FOR_A_CHILD):
        return SMALL
    return focus


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
