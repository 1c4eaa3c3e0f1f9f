"""What the words say about the writer and the people around them, added up over the turns."""

from __future__ import annotations

from dataclasses import replace

from nlp.findings import Facts, Person, WriterRole
from nlp.language import detect
from nlp.people import GRANDPARENTS, MOST_PEOPLE, PARENTS, WRITER, Cast, subject_of
from nlp.reading import Reading

MINOR = 18
_BYSTANDER = ("concern/neighbor/hint", "kin/neighbour")


def facts_of(reading: Reading, cast: Cast, before: Facts) -> Facts:
    """The facts known after this message; what it says anew replaces what was known."""
    age = cast.writer_age if cast.writer_age is not None else before.writer_age
    return Facts(
        writer_age=age,
        writer_role=_role(reading, cast, before),
        writer_minor=_minor(reading, cast, age, before),
        writer_works=_works(reading, cast, before),
        detected_language=detect(reading.prepared.plain) or before.detected_language,
        people=_together(before.people, cast.people),
        safety=before.safety,
    )


def _together(before: tuple[Person, ...], new: tuple[Person, ...]) -> tuple[Person, ...]:
    if not before:
        return new
    people = {person.relation: person for person in before}
    for person in new:
        old = people.get(person.relation, person)
        people[person.relation] = replace(
            old,
            age=old.age if person.age is None else person.age,
            lives_with=old.lives_with if person.lives_with is None else person.lives_with,
            works=old.works if person.works is None else person.works,
        )
    return tuple(people.values())[:MOST_PEOPLE]


def _minor(reading: Reading, cast: Cast, age: int | None, before: Facts) -> bool | None:
    if age is not None:
        return age < MINOR
    marks = reading.by_label
    if "mark/adult_voice" in marks or "mark/professional" in marks or "mark/student_voice" in marks:
        return before.writer_minor
    at_home = {m.relation for m in cast.mentions} & (PARENTS | GRANDPARENTS)
    if "mark/minor_voice" in marks and (at_home or "mark/I" in marks):
        return True
    return before.writer_minor


def _works(reading: Reading, cast: Cast, before: Facts) -> bool | None:
    for hit in reading.by_label.get("mark/no_work", ()):
        near = subject_of(hit, cast.mentions, reading)
        if near == WRITER or (near is None and not cast.people):
            return False
    return before.writer_works


def _role(reading: Reading, cast: Cast, before: Facts) -> WriterRole | None:
    marks = reading.by_label
    if "mark/professional" in marks or before.writer_role is WriterRole.PROFESSIONAL:
        return WriterRole.PROFESSIONAL
    relations = [m.relation for m in cast.mentions]
    kin = [relation for relation in relations if relation not in {WRITER, "neighbour", "friend", "coworker", "client"}]
    if not kin and WRITER not in relations and any(label in marks for label in _BYSTANDER):
        return WriterRole.NEIGHBOUR
    if kin and (WRITER not in relations or len(kin) > 2 * relations.count(WRITER)):
        return WriterRole.FAMILY
    if before.writer_role is not None and not relations:
        return before.writer_role
    return WriterRole.SELF if relations or reading.tokens else before.writer_role
