"""The marks of a message that count for what is inferred: as they are meant, and of whom they are said.

The lexicon's `mark/<name>` are short signs; `void/<name>` are longer words in which such a sign means something else
(トイレで泣く is no care). A sign of frailty or of care by hand says something only of a person who is old or a spouse:
`ailing` and `cared_for` are made of them here.
"""

from __future__ import annotations

from nlp.inference import CARED, MARKS
from nlp.mentions import GRANDPARENTS, PARENTS, WRITER
from nlp.people import Cast
from nlp.reading import Reading
from nlp.spotter import Hit

_MARK, _VOID = "mark/", "void/"
# What a sign comes to when it is said of somebody old or of a spouse.
_OF_SOMEBODY = {
    "mark/confused": ("ailing", CARED),
    "mark/unwell": ("ailing", CARED),
    "mark/by_hand": ("cared_for", PARENTS | GRANDPARENTS),
}
# Of whom a sign is said is named at most so many sentences before it.
_SENTENCES_BACK = 2


def marks_in(reading: Reading, cast: Cast, focus: str | None) -> frozenset[str]:
    """The names of the marks that count. `focus` is whom the turn before spoke of."""
    found: set[str] = set()
    for label, hits in reading.by_label.items():
        name = label.removeprefix(_MARK)
        if label.startswith(_MARK) and name in MARKS and _meant(hits, reading.by_label.get(_VOID + name, ())):
            found.add(name)
        made, whose = _OF_SOMEBODY.get(label, ("", frozenset[str]()))
        if made and any(_subject(hit, reading, cast, focus) in whose for hit in hits):
            found.add(made)
    return frozenset(found)


def _meant(hits: list[Hit], voids: list[Hit] | tuple[()]) -> bool:
    """Whether one of the hits begins and ends outside of words that mean something else."""
    if not voids:
        return True
    places = {at for void in voids for at in range(void.start, void.end)}
    return any(hit.start not in places and hit.end - 1 not in places for hit in hits)


def _subject(hit: Hit, reading: Reading, cast: Cast, focus: str | None) -> str | None:
    """Of whom it is said: whoever is named last before it, in the sentence, shortly before, or in the turn before."""
    begin = reading.sentences.begin(hit.start)
    for _ in range(_SENTENCES_BACK):
        begin = reading.sentences.begin(max(0, begin - 1))
    named = [m.relation for m in cast.mentions if m.relation != WRITER and begin <= m.start < hit.end]
    if named:
        return named[-1]
    return focus if begin == 0 else None
