"""What the words say about the writer and the people around them, added up over the turns."""

from __future__ import annotations

import re
from dataclasses import replace

from nlp.findings import Facts, Person, WriterRole
from nlp.foreign_people import PUPIL, scene_of
from nlp.foreign_safety import writer_in
from nlp.mentions import CHILDREN, GRANDPARENTS, PARENTS, WRITER
from nlp.people import MOST_PEOPLE, Cast, subject_of
from nlp.reading import Reading
from nlp.sentences import Spans

MINOR = 18
# Most in the last year of school are seventeen.
_LAST_YEAR = re.compile("高(?:校|校の)?(?:3|三)(?:年|$|[^0-9年歳才])")
# How a small child writes: hardly a character that is not kana, of people a child calls by these names, and nothing
# that belongs to grown-ups' lives. Old people and foreigners write kana, too, but not of their ママ.
_NOT_KANA = re.compile(r"[\u4e00-\u9fff々]")
_CHILDS_KIN = re.compile(
    "まま|ぱぱ|とうさん|とうちゃん|かあさん|かあちゃん|じいじ|ばあば|じいちゃん|ばあちゃん|せんせい|いもうと|おとうと"
)
# A parent's work is no work of the writer's: おかあさんはよるのしごと.
_PARENTS_WORK = re.compile(r"(?:まま|ぱぱ|かあさん|とうさん|かあちゃん|とうちゃん)[はがも][^。!?\n]{0,6}しごと")
_QUOTED = re.compile("「[^」]{0,60}」")
# Whoever has so small a child is no child.
_TODDLER = 5
_GROWN_LIFE = re.compile(
    "むすこ|むすめ|まご|しゅじん|つま|かない|ねんきん|しごと|かいしゃ|おっと|ろうじん|こども"
    "|うちのこ|わし|わたくし|だんな|あかちゃん|となり|へるぱー|けあまね"
)
_CHILD_WRITES_AT_LEAST, _KANJI_SHARE = 6, 0.1
_FOREIGN = ("concern/language/", "scene/outside/foreign", "scene/outside/broken")
_NO_KIN = frozenset({WRITER, "neighbour", "friend", "coworker", "client"})
_BYSTANDER = ("concern/neighbor/hint", "kin/neighbour")


def facts_of(reading: Reading, cast: Cast, before: Facts) -> Facts:
    """The facts known after this message; what it says anew replaces what was known."""
    age = cast.writer_age if cast.writer_age is not None else before.writer_age
    return Facts(
        writer_age=age,
        writer_role=_role(reading, cast, before),
        writer_minor=_minor(reading, cast, age, before),
        writer_works=_works(reading, cast, before),
        detected_language=reading.language or before.detected_language,
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
        return age < MINOR or (age == MINOR and _LAST_YEAR.search(reading.text) is not None) or _still(before, age)
    if (scene := scene_of(reading)) is not None:
        return True if scene.says(PUPIL) else before.writer_minor
    marks = reading.by_label
    if "mark/adult_voice" in marks or "mark/professional" in marks or "mark/student_voice" in marks:
        return before.writer_minor
    toddlers = {p.relation for p in (*before.people, *cast.people) if p.age is not None and p.age <= _TODDLER}
    if toddlers & CHILDREN:
        return None if toddlers & {"son", "daughter"} else before.writer_minor
    at_home = {m.relation for m in cast.mentions} & (PARENTS | GRANDPARENTS)
    if _speaks_of_school(reading) and (at_home or "mark/I" in marks):
        return True
    return True if _writes_like_a_child(reading) else before.writer_minor


def _still(before: Facts, age: int) -> bool:
    """Whether the last year of school was spoken of before: most in it are seventeen."""
    return age == MINOR and before.writer_age == age and bool(before.writer_minor)


def _speaks_of_school(reading: Reading) -> bool:
    """Whether the writer does, and not somebody whom they quote."""
    hits = reading.by_label.get("mark/minor_voice", ())
    quotes = Spans(match.span() for match in _QUOTED.finditer(reading.text)) if hits else None
    return quotes is not None and any(not quotes.hold(hit.start, hit.end) for hit in hits)


def _writes_like_a_child(reading: Reading) -> bool:
    text = reading.text
    if len(text) < _CHILD_WRITES_AT_LEAST or len(_NOT_KANA.findall(text)) > _KANJI_SHARE * len(text):
        return False
    if _CHILDS_KIN.search(text) is None or _GROWN_LIFE.search(_PARENTS_WORK.sub("", text)) is not None:
        return False
    return not any(label.startswith(_FOREIGN) or label == "mark/old_sign" for label in reading.by_label)


def _works(reading: Reading, cast: Cast, before: Facts) -> bool | None:
    for hit in reading.by_label.get("mark/no_work", ()):
        near = subject_of(hit, cast.mentions, reading)
        if near == WRITER or (near is None and not cast.people):
            return False
    return before.writer_works


def _role(reading: Reading, cast: Cast, before: Facts) -> WriterRole | None:
    if "mark/professional" in reading.by_label or before.writer_role is WriterRole.PROFESSIONAL:
        return WriterRole.PROFESSIONAL
    if (scene := scene_of(reading)) is not None:
        return writer_in(scene, reading) or before.writer_role or WriterRole.SELF
    relations = [m.relation for m in cast.mentions]
    kin = [relation for relation in relations if relation not in _NO_KIN]
    if WRITER not in relations and _is_neighbour(reading, set(relations), set(kin), before):
        return WriterRole.NEIGHBOUR
    if kin and (WRITER not in relations or len(kin) > 2 * relations.count(WRITER)):
        return WriterRole.FAMILY
    if before.writer_role is not None and not relations:
        return before.writer_role
    return WriterRole.SELF if relations or reading.tokens else before.writer_role


def _is_neighbour(reading: Reading, relations: set[str], kin: set[str], before: Facts) -> bool:
    """Whether somebody outside of the family writes: by trade, of people next door, or still of the old ones there."""
    marks = reading.by_label
    if "mark/trade" in marks:
        return True
    if kin:
        return before.writer_role is WriterRole.NEIGHBOUR and kin <= GRANDPARENTS
    return "neighbour" in relations or any(label in marks for label in _BYSTANDER)
