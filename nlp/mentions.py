"""The words for people, and where they stand: kin, others, the writer, and animals that are spoken of like people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import attrgetter

from nlp.reading import Reading

WRITER = "self"
#: Spoken of like people, and told of with an age, but no people: a pet, and the child of whoever asks for a nursery.
ANIMAL, SMALL = "animal", "small_child"
_KIN, _PRONOUN, _ANIMAL = "kin/", "mark/I", "mark/animal"
PARENTS = frozenset({"mother", "father", "parents", "mother_in_law", "father_in_law", "parents_in_law"})
GRANDPARENTS = frozenset({"grandmother", "grandfather"})
CHILDREN = frozenset({"son", "daughter", "child"})
PARTNERS = frozenset({"husband", "wife", "partner"})
SIBLINGS = frozenset({"older_brother", "older_sister", "younger_brother", "younger_sister", "sibling"})
YOUNG_RELATIONS = CHILDREN | {"grandchild", "nephew", "niece", "younger_brother", "younger_sister"}
SMALL_ONES = CHILDREN | {"grandchild", "nephew", "niece"}
ELDERS = PARENTS | GRANDPARENTS
ADULT_RELATIONS = PARENTS | GRANDPARENTS | {"husband", "wife"}
# After the writer these say that they are only company: 家で私と.
COMPANION = frozenset("とのにを")
# 丈夫, 工夫, 農夫; 夫婦, 夫妻, 夫人.
_BEFORE_SPOUSE, _AFTER_SPOUSE = frozenset("丈工農漁坑"), frozenset("婦妻人")
_NO_KIN = ((_PRONOUN, WRITER), (_ANIMAL, ANIMAL))
# 様子, 調子, 椅子; このまま, したまま.
_BEFORE_CHILD = frozenset("様調椅帽菓扇冊拍餃障銚利原分格辛獅梯拗骨種")
_BEFORE_SO = ("この", "その", "あの", "どの", "わが", "た", "だ", "い", "る", "な", "気", "思う")
_NEXT_DOOR = re.compile(
    "(?:隣|となり|近所|きんじょ|向かい|むかい|裏|階|号室|常連|お客|客|住人|いつも会う|いつも来る|三軒先|前の家|斜め前|顔なじみ|得意先|"
    "あぱーと|団地)(?:の|に(?:いる|住む|住んでる))?[^。!?\n]{0,3}$"
)
_NEAR = 14


@dataclass(frozen=True, slots=True)
class Mention:
    """A person word and its place in dense text; the writer's own pronouns are `self`."""

    relation: str
    start: int
    end: int


def mentions_in(reading: Reading) -> list[Mention]:
    """Person words, the longest at each place (義母 is no 母)."""
    others = {label: relation for label, relation in _NO_KIN if label in reading.by_label}
    labels = {label for label in reading.by_label if label.startswith(_KIN)} | others.keys()
    if not labels:
        return []
    found: list[Mention] = []
    taken: set[int] = set()
    hits = [hit for hit in reading.hits if hit.label in labels]
    for label, start, end, _, _ in sorted(hits, key=lambda hit: (hit.start - hit.end, hit.start)):
        if taken.isdisjoint(range(start, end)) and not _within_a_word(reading.text, start, end):
            taken.update(range(start, end))
            relation = others.get(label) or _relation(label, reading.text, start)
            found.append(Mention(relation, start, end))
    return sorted(found, key=attrgetter("start"))


def _within_a_word(text: str, start: int, end: int) -> bool:
    """Whether what looks like 夫, 子 or まま is part of 大丈夫, 様子, このまま or the like."""
    word = text[start:end]
    if word == "夫":
        return text[start - 1 : start] in _BEFORE_SPOUSE or text[end : end + 1] in _AFTER_SPOUSE
    if word == "子":
        return text[start - 1 : start] in _BEFORE_CHILD
    return word == "まま" and text.endswith(_BEFORE_SO, 0, start)


def _relation(label: str, text: str, start: int) -> str:
    """Old people next door and old customers are called like one's own grandparents."""
    relation = label.removeprefix(_KIN)
    if relation in GRANDPARENTS and _NEXT_DOOR.search(text, max(0, start - _NEAR), start) is not None:
        return "neighbour"
    return relation
