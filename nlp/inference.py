"""Three worries that nobody names: they follow from who is how old, who works, who cares for whom.

Each rule works on facts gathered over the whole conversation, so it fires with the turn that says the last of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from nlp.findings import Facts, Person, WriterRole
from nlp.mentions import CHILDREN, GRANDPARENTS, PARENTS, SIBLINGS, YOUNG_RELATIONS

OLD = 68
GROWN = 38
# The parents of children of that age are about 70 and more.
OLD_PARENTS_CHILD = 48
GENERATION = (16, 50)
ADULT = 18
STUDENT = 23
SMALL_CHILD = 15

EIGHTY_FIFTY = "eighty_fifty"
YOUNG_CARER = "young_carer"
DOUBLE_CARE = "double_care"
INFERRED = frozenset({EIGHTY_FIFTY, YOUNG_CARER, DOUBLE_CARE})

CARED = PARENTS | GRANDPARENTS | {"husband", "wife", "aunt", "uncle"}

_OLDER = PARENTS | GRANDPARENTS | SIBLINGS | {"client", "neighbour", "aunt", "uncle"}
_GROWN_CHILDREN = CHILDREN | SIBLINGS | {"cousin", "client", "uncle", "aunt", "nephew", "niece"}
# Each of them says that a grown child does not earn a living.
_NOT_EARNING = (
    "no_work", "withdrawn", "supported", "after_death", "disabled_child", "idle", "shut_in", "kept",
)  # fmt: skip

# Who lives with a child or student, and may need them.
AT_HOME = PARENTS | GRANDPARENTS | SIBLINGS

# The marks that inference looks at; only these are remembered between turns.
MARKS = frozenset(
    {
        "no_work", "at_home", "supported", "lives_with", "care_act", "housework", "sibling_care", "interpreting",
        "minor_voice", "student_voice", "adult_voice", "own_infant", "own_child", "relative_care", "old_sign",
        "middle_sign", "in_work", "long_ago", "withdrawn", "disabled_child", "after_death", "frail", "no_child",
        "idle", "shut_in", "kept", "in_house", "lives_apart", "ailing", "cared_for", "both_at_once", "nursery",
        "house_duty", "weighs", "youth_cares", "youth_serves", "trade",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What inference looks at: facts, and the names of the marks seen so far."""

    facts: Facts
    marks: frozenset[str]

    def has(self, *names: str) -> bool:
        """Whether any of these marks was seen."""
        return not self.marks.isdisjoint(names)


def inferred(seen: Circumstances) -> frozenset[str]:
    """The ids of the categories that follow."""
    rules = ((EIGHTY_FIFTY, _eighty_fifty), (YOUNG_CARER, _young_carer), (DOUBLE_CARE, _double_care))
    return frozenset(name for name, rule in rules if rule(seen))


def ruled_out(seen: Circumstances) -> frozenset[str]:
    """What cannot be, by the facts: a grown-up without young people around is no young carer, who has no child does not
    care for one, and an old parent beside a child who works, or is far from grown, is no 8050."""
    found: set[str] = set()
    age = seen.facts.writer_age
    grown = age is not None and age >= STUDENT
    if grown and (seen.has("long_ago") or not any(map(_young, seen.facts.people))):
        found.add(YOUNG_CARER)
    if seen.has("no_child") and not seen.has("own_infant") and not any(map(_small, seen.facts.people)):
        found.add(DOUBLE_CARE)
    if _stands_alone(seen) or not _old_parent(seen):
        found.add(EIGHTY_FIFTY)
    return frozenset(found)


def _old_parent(seen: Circumstances) -> bool:
    """Whether anything says that somebody old has this child: until then it is a withdrawn person, no 8050."""
    named = any(person.relation in PARENTS | GRANDPARENTS for person in seen.facts.people)
    grown_child = _parent_of_a_grown_child(seen.facts) and seen.has(*_NOT_EARNING)
    aged = bool(_generations(seen.facts)[0]) or grown_child
    return named or aged or seen.has("old_sign", "supported", "after_death")


def _stands_alone(seen: Circumstances) -> bool:
    """Whether every child that is spoken of earns a living, or is still a child."""
    if seen.has(*_NOT_EARNING):
        young = [p.age for p in seen.facts.people if p.relation in CHILDREN and p.age is not None]
        older, grown = _generations(seen.facts)
        return bool(young) and max(young) < STUDENT and not older and not grown
    return seen.has("in_work")


def _young(person: Person) -> bool:
    if person.age is not None:
        return person.age < STUDENT
    return person.relation in YOUNG_RELATIONS - SIBLINGS or person.relation in {"client", "neighbour", "friend"}


def _eighty_fifty(seen: Circumstances) -> bool:
    if not _old_and_grown(seen):
        return False
    idle = any(person.works is False for person in seen.facts.people) or seen.facts.writer_works is False
    return idle or seen.has(*_NOT_EARNING)


def _parent_of_a_grown_child(facts: Facts) -> bool:
    """Whether a child is so old that the parent is old, whatever their age."""
    return any(p.relation in CHILDREN and p.age is not None and OLD_PARENTS_CHILD <= p.age < OLD for p in facts.people)


def _old_and_grown(seen: Circumstances) -> bool:
    """An old parent and a grown child, by their ages or by one age and a sign of the other's."""
    facts = seen.facts
    if not facts.people:
        return False
    older, grown = _generations(facts)
    if any(GENERATION[0] <= old - young <= GENERATION[1] for old in older for young in grown):
        return True
    if _parent_of_a_grown_child(facts) and seen.has(
        "at_home", "lives_with", "in_house", "shut_in", "kept", "supported"
    ):
        return not seen.has("lives_apart")
    named_parent = any(person.relation in PARENTS for person in facts.people)
    named_child = any(person.relation in CHILDREN for person in facts.people)
    if grown and (named_parent or named_child) and seen.has("old_sign"):
        return True
    return (
        bool(older) and (named_child or named_parent) and seen.has("middle_sign") and seen.has("at_home", "supported")
    )


def _generations(facts: Facts) -> tuple[list[int], list[int]]:
    """Ages of old people who are somebody's parent here, and ages of grown people who are somebody's child."""
    older: list[int] = []
    grown: list[int] = []
    writer = facts.writer_age
    if writer is not None and writer >= OLD and any(p.relation in CHILDREN for p in facts.people):
        older.append(writer)
    if writer is not None and GROWN <= writer < OLD and any(p.relation in PARENTS for p in facts.people):
        grown.append(writer)
    for person in facts.people:
        if person.age is None:
            continue
        if person.age >= OLD and person.relation in _OLDER:
            older.append(person.age)
        if GROWN <= person.age < OLD and person.relation in _GROWN_CHILDREN:
            grown.append(person.age)
    return older, grown


def _young_carer(seen: Circumstances) -> bool:
    """A minor or student who does the work, as they say themselves or as somebody tells of them."""
    if seen.has("long_ago"):
        return False
    facts = seen.facts
    if facts.writer_minor or (facts.writer_age is not None and facts.writer_age < STUDENT):
        return seen.has("care_act", "housework", "sibling_care", "interpreting", "cared_for", "house_duty")
    unsaid = facts.writer_age is None and not seen.has("adult_voice") and not any(map(_small, facts.people))
    return (unsaid and _sounds_young(seen)) or _is_told_of_a_youth(seen)


def _is_told_of_a_youth(seen: Circumstances) -> bool:
    """Whether somebody tells of a child who cares, and not of help now and then."""
    told = seen.has("youth_serves") or (seen.has("youth_cares") and seen.has("weighs"))
    return told and any(map(_young, seen.facts.people))


def _sounds_young(seen: Circumstances) -> bool:
    """Whether somebody of unknown age speaks of school or university, of those at home, and of work for them."""
    at_home = any(person.relation in AT_HOME for person in seen.facts.people)
    work = seen.has("sibling_care", "interpreting", "house_duty", "cared_for")
    if seen.has("minor_voice"):
        return at_home and (work or seen.has("housework"))
    return at_home and work and seen.has("student_voice")


def _double_care(seen: Circumstances) -> bool:
    facts = seen.facts
    if facts.writer_minor or (facts.writer_age is not None and facts.writer_age < ADULT):
        return False
    if _tells_of_others(facts) and not seen.has("own_child", "own_infant"):
        return False
    frail = seen.has("frail", "both_at_once") and any(p.relation in CARED for p in facts.people)
    if not frail and not seen.has("relative_care", "ailing", "cared_for"):
        return False
    if DOUBLE_CARE in ruled_out(seen):
        return False
    return seen.has("own_infant", "own_child") or any(map(_small, facts.people))


def _tells_of_others(facts: Facts) -> bool:
    """Whether the writer speaks of a household that is not theirs: the child in it may be the one who cares."""
    return facts.writer_role is WriterRole.PROFESSIONAL or any(p.relation == "client" for p in facts.people)


def _small(person: Person) -> bool:
    young = person.relation in CHILDREN | {"grandchild", "nephew", "niece"}
    return young and person.age is not None and person.age <= SMALL_CHILD
