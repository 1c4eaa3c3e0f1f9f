"""Whose an age is: what stands beside it, who was spoken of before, and who can be so old at all."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from nlp.ages import Age, ages_in
from nlp.mentions import (
    ADULT_RELATIONS,
    ANIMAL,
    CHILDREN,
    COMPANION,
    GRANDPARENTS,
    PARENTS,
    SIBLINGS,
    SMALL,
    WRITER,
    YOUNG_RELATIONS,
    Mention,
)

_SMALL_ONES = YOUNG_RELATIONS - SIBLINGS
# What may stand between a person and their age: 母は81, お母さま(83), 兄、もう49.
_BETWEEN = re.compile(
    r"(?:は|が|も|の|で|さん|様|,|、|\(|（|「|今年|ことし|もう|当年|満|本人|すでに|来年|じき|やっと|まだ|・|/|:)*"
)
# What may stand between an age and the person after it: 80過ぎの母, 3歳になる娘.
_AFTERWARDS = re.compile(
    r"(?:歳|半ば|前半|後半|半|過ぎ|すぎ|近い|近く|手前|くらい|ぐらい|の|になる|になった|で|を迎えた|生|年生|代|と|、|わたしの|私の|うちの|俺の|僕の|ぼくの|独身|無職|男の|女の|ぎりぎり|そこそこ)*"
)
_WRITER_AFTER = re.compile(
    r"(?:です|で、|だ(?:$|[。、よしもね])|だから|なの|やで|やねん|っす|だけど|だが|や|じゃ|歳|の女|の男|女|男|♂|♀|、|独身|無職|主婦|会社員|になりま|なんだ|なんですが|過ぎ|代)"
)
# Longest gap between a kin word and a number that is taken as its age.
_MAX_GAP = 6
# No sentence is looked for further back.
_FAR = 200
_NOW = (
    "今",
    "いま",
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
# Until this age a child is asked for as one.
SMALL_AT_MOST = 15
_ECHO = re.compile(
    r"(?:は|も|の年|の歳|のこと)?(?:ですか|か|でしょうか|いうても|って|なら|の年は)?[。?、…!]{1,3}[^。?!]{0,12}$"
)
# A person who is only what it is about: 妹のことだ。四十七で.
_TOPIC = re.compile(
    r"(?:の(?:こと|ごと|件|話)(?:です|だす|だ|や|じゃ|で|なんです)?|が(?:一人|ひとり)?(?:おる|おります|おりまして|います|いる))"
    r"(?:が|けど|ね)?[。、…]$"
)
# The age before is denied or granted, and then it is said whose it is: わしが五十二なわけなかろう。倅だ.
_NOT_MINE = re.compile(r"(?:歳|の者)?な?(?:わけ|はず|もんか|じゃな|ではな|やない|ちゃう|違)[^。!?\n]{0,8}[。!?\n]")
_GRANTED = re.compile(r"(?:いう|言う|言っ|いっ|ゆう)ても$")
_UNTIL_STOP = re.compile(r"[^。!?\n]{0,8}[。!?\n]")
_IS_IT = re.compile(r"(?:です|だ|や|じゃ|なん|のこと|の話)")
_OURS = re.compile("の")
# Who tells it is not whom it is told of: 娘さんが言うには、四十八で.
_SOURCE = re.compile(r"(?:さん)?(?:が言うに|の話で|によると|から聞|に聞|いわく|曰く)")
# Two children's ages side by side: 小3と年長.
_NEXT_AGE = re.compile("(?:年生?)?(?:の(?:子|娘|息子|男の子|女の子))?(?:と|、|・|,|や)")
# Whose parent is younger than this is hardly asked about the parent.
_PARENT_IN_NEED = 65
_LIST = re.compile(r"(?:歳|才)?(?:の[子娘])?(?:と|、|・|や|,)")
_ONE_OF_THEM = tuple(
    f"{which}{particle}{still}"
    for which in ("上", "下", "上の子", "下の子", "真ん中", "末っ子")
    for particle in "がはも"
    for still in ("", "まだ")
)
_YOUNG_PEOPLE, _SCHOOL_AGE = 25, 18
# Nobody younger is anybody's parent or spouse, and whose parent lives is seldom older.
_PARENT_AT_LEAST, _CHILD_AT_MOST = 15, 76
# おばちゃんの旦那, 「奥さん」って呼ばれる.
_ANOTHERS = frozenset("の「")
_MARRIED = frozenset({"husband", "wife", "mother_in_law", "father_in_law", "parents_in_law"})
_BODY = re.compile(r"の(?:足|脚|手|体|身|婆|爺|腰|ばあ|じい)")


@dataclass(frozen=True)
class Scene:
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

    @cached_property
    def silent(self) -> bool:
        """Whether nobody is spoken of but the writer as company, or whoever tells it."""
        return all(
            (m.relation == WRITER and self.text[m.end : m.end + 1] in COMPANION) or _SOURCE.match(self.text, m.end)
            for m in self.mentions
        )

    @cached_property
    def married(self) -> bool:
        """Whether somebody is mentioned whom no child has."""
        return any(m.relation in _MARRIED and self.text[m.start - 1 : m.start] not in _ANOTHERS for m in self.mentions)

    def elder(self, at: int) -> str | None:
        """The parent or grandparent of whom was spoken in a sentence before, or in the turn before."""
        place = bisect_right(self._ends, at)
        named = [m for m in self.mentions[max(0, place - 3) : place] if m.relation in PARENTS | GRANDPARENTS]
        if named:
            return named[-1].relation
        return self.focus if self.focus in PARENTS | GRANDPARENTS else None

    def sentence(self, at: int) -> int:
        """Where the sentence around an offset begins."""
        return max(self.text.rfind(end, max(0, at - _FAR), at) for end in "。!?\n") + 1

    def before(self, at: int) -> Mention | None:
        """The last person who is mentioned before an offset."""
        place = bisect_right(self._ends, at)
        return self.mentions[place - 1] if place else None

    def after(self, at: int) -> Mention | None:
        """The first person who is mentioned from an offset on."""
        starts, named = self._later
        place = bisect_left(starts, at)
        return named[place] if place < len(named) else None


def ages_of(scene: Scene) -> dict[str, int]:
    """Everybody's age; of several children the youngest, who needs most."""
    ages: dict[str, int] = {}
    last: tuple[int, str | None] = (0, None)
    found = ages_in(scene.text)
    siblings = _siblings(found, scene.text)
    for age in found:
        relation = scene.young or "child" if age in siblings else _whose(age, scene)
        begin, named = last
        listed = named in YOUNG_RELATIONS and _LIST.fullmatch(scene.text, begin, age.start) is not None
        if listed and relation in {None, WRITER} and age.years < _YOUNG_PEOPLE:
            relation = named
        elif age.counted and relation not in YOUNG_RELATIONS:
            relation = None
        if relation is not None:
            known = ages.setdefault(relation, age.years)
            if relation in _SMALL_ONES and age.years < known < _YOUNG_PEOPLE:
                ages[relation] = age.years
        last = (age.end, relation)
    return ages


def _siblings(ages: list[Age], text: str) -> set[Age]:
    """Ages of children that stand side by side with nobody between: whoever writes has one age."""
    found: set[Age] = set()
    for age, other in pairwise(ages):
        young = age.explicit and other.explicit and max(age.years, other.years) < _YOUNG_PEOPLE
        if young and _NEXT_AGE.fullmatch(text, age.end, other.start) is not None:
            found |= {age, other}
    return found


def _whose(age: Age, scene: Scene) -> str | None:
    """Whose age it is, unless they cannot be so young."""
    relation = _claimed(age, scene)
    if relation in ADULT_RELATIONS and age.years < _PARENT_AT_LEAST:
        return None
    if relation != WRITER:
        return "child" if relation == SMALL else relation
    if age.years < YOUNGEST_WRITER:
        return (scene.young or "child") if age.explicit else None
    if age.years < _SCHOOL_AGE and scene.married:
        return scene.young or "child"
    return WRITER


def _claimed(age: Age, scene: Scene) -> str | None:
    text, before = scene.text, scene.before(age.start)
    named = _named_instead(age, scene)
    if named is not None:
        return named
    if before is not None and before.relation == WRITER and age.explicit and _OURS.match(text, before.end, age.start):
        # うちの小4, うちの81の母: somebody of the family.
        before = None
        if age.years < _SCHOOL_AGE and age.end < len(text) and text[age.end] in "がはもの":
            return scene.young or "child"
    if before is not None and (_joined(text, before.end, age.start) or _BODY.match(text, age.end) is not None):
        return before.relation
    after = scene.after(age.end)
    if after is not None and after.start - age.end <= _MAX_GAP:
        gap = _AFTERWARDS.match(text, age.end)
        if gap is not None and gap.end() >= after.start:
            return after.relation if after.relation != WRITER or age.explicit else None
    return _stated_alone(age, before, scene)


def _named_instead(age: Age, scene: Scene) -> str | None:
    """Who is named as soon as the age was denied for the writer, or granted: 若い言うても四十四やけど。旦那です."""
    after = scene.after(age.end)
    if after is None or after.relation == WRITER or _IS_IT.match(scene.text, after.end) is None:
        return None
    granted = _GRANTED.search(scene.text, max(0, age.start - _MAX_GAP), age.start) is not None
    gap = (_UNTIL_STOP if granted else _NOT_MINE).match(scene.text, age.end)
    return after.relation if gap is not None and gap.end() == after.start else None


def _joined(text: str, start: int, end: int) -> bool:
    if end - start > _MAX_GAP:
        return False
    gap = _BETWEEN.match(text, start)
    return gap is not None and gap.end() >= end


def _stated_alone(age: Age, before: Mention | None, scene: Scene) -> str | None:
    text = scene.text
    listed = age.years < _YOUNG_PEOPLE and text.endswith(_ONE_OF_THEM, 0, age.start)
    if listed or (age.explicit and age.years < YOUNGEST_WRITER):
        # Nobody of that age writes: it is the child spoken of, or just a child.
        return scene.young or "child"
    if not _stands_alone(age, text):
        return None
    if before is None or scene.silent:
        return _of_the_turn_before(age, scene)
    if _echoed(text, before, age):
        return before.relation
    if age.years < _YOUNG_PEOPLE and scene.young in _SMALL_ONES and not scene.pronoun:
        return scene.young
    aged = age.years >= _CHILD_AT_MOST and before.end < scene.sentence(age.start)
    return (scene.elder(age.start) if aged else None) or WRITER


def _stands_alone(age: Age, text: str) -> bool:
    """Whether the age is said as a sentence of its own, or nearly."""
    at_end = age.end == len(text) or text[age.end] in "。\n、!?"
    if not (age.counted or at_end or _WRITER_AFTER.match(text, age.end) is not None):
        return False
    return age.explicit or age.start == 0 or text[age.start - 1] in "。\n、!? " or text.endswith(_NOW, 0, age.start)


def _of_the_turn_before(age: Age, scene: Scene) -> str:
    """Nobody is named beside the age: it belongs to whom the turn before spoke of, or to the writer."""
    if scene.focus == ANIMAL and age.years < _YOUNG_PEOPLE:
        return ANIMAL
    if age.explicit or not scene.silent or (scene.focus == SMALL and age.years > SMALL_AT_MOST):
        return WRITER
    if scene.focus in _MARRIED or (scene.focus in PARENTS and age.years < _PARENT_IN_NEED):
        # 「妻と二人暮らし」, 「58です」: people say their own age.
        return WRITER
    return scene.focus or WRITER


def _echoed(text: str, before: Mention, age: Age) -> bool:
    """Whether the person is only repeated from a question: 伯父ですか。今度の三月で五十三です."""
    if _ECHO.match(text, before.end, age.start) is not None:
        return True
    about = before.relation != WRITER and (not age.explicit or before.relation in CHILDREN)
    return about and _TOPIC.match(text[before.end : age.start]) is not None
