"""The people a resident speaks of, in words: whom, how old, and whether they live together, as it was understood."""

from __future__ import annotations

from collections.abc import Mapping

from nlp.findings import Person

#: By the listener's own names of relations, seen from the writer.
RELATIONS: Mapping[str, str] = {
    "mother": "母",
    "father": "父",
    "parents": "親",
    "mother_in_law": "義理の母",
    "father_in_law": "義理の父",
    "parents_in_law": "義理の親",
    "grandmother": "祖母",
    "grandfather": "祖父",
    "husband": "夫",
    "wife": "妻",
    "partner": "交際相手・パートナー",
    "son": "息子",
    "daughter": "娘",
    "child": "子ども",
    "grandchild": "孫",
    "older_brother": "兄",
    "older_sister": "姉",
    "younger_brother": "弟",
    "younger_sister": "妹",
    "sibling": "きょうだい",
    "aunt": "おば",
    "uncle": "おじ",
    "cousin": "いとこ",
    "nephew": "おい",
    "niece": "めい",
    "neighbour": "近所の人",
    "friend": "友人",
    "coworker": "職場の人",
    "client": "担当している方",
}
_LIVING = {True: "同居", False: "別居"}


def kin_shown(person: Person) -> str:
    """「母(80歳・同居)」."""
    age = None if person.age is None else f"{person.age}歳"
    living = None if person.lives_with is None else _LIVING[person.lives_with]
    known = "・".join(part for part in (age, living) if part is not None)
    name = RELATIONS.get(person.relation, "ほかの人")
    return f"{name}({known})" if known else name
