"""Who is spoken of: kin and others, how old, living together or not, working or not."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from operator import attrgetter

from nlp.ages import Age, ages_in
from nlp.findings import Person
from nlp.reading import Reading
from nlp.spotter import Hit

WRITER = "self"
#: Spoken of like people, and told of with an age, but no people: a pet, and the child of whoever asks for a nursery.
ANIMAL, SMALL = "animal", "small_child"
_KIN, _PRONOUN, _ANIMAL = "kin/", "mark/I", "mark/animal"
_ASKS_FOR_A_CHILD = ("mark/own_child", "mark/own_infant", "mark/nursery")
PARENTS = frozenset({"mother", "father", "parents", "mother_in_law", "father_in_law", "parents_in_law"})
GRANDPARENTS = frozenset({"grandmother", "grandfather"})
CHILDREN = frozenset({"son", "daughter", "child"})
SIBLINGS = frozenset({"older_brother", "older_sister", "younger_brother", "younger_sister", "sibling"})
YOUNG_RELATIONS = CHILDREN | {"grandchild", "nephew", "niece", "younger_brother", "younger_sister"}
_SMALL_ONES = YOUNG_RELATIONS - SIBLINGS
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
    r"(?:です|で、|だ(?:$|[。、よしもね])|だから|なの|やで|やねん|っす|だけど|だが|や|じゃ|歳|の女|の男|女|男|♂|♀|、|独身|無職|主婦|会社員|になりま|なんだ|なんですが|過ぎ|代)"
)
# Longest gap between a kin word and a number that is taken as its age.
_MAX_GAP = 6
MOST_PEOPLE = 12
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
# 丈夫, 工夫, 農夫; 夫婦, 夫妻, 夫人.
_BEFORE_SPOUSE, _AFTER_SPOUSE = frozenset("丈工農漁坑"), frozenset("婦妻人")
_OURS = re.compile("の")
# Who tells it is not whom it is told of: 娘さんが言うには、四十八で.
_SOURCE = re.compile(r"(?:さん)?(?:が言うに|の話で|によると|から聞|に聞|いわく|曰く)")
_NO_KIN = ((_PRONOUN, WRITER), (_ANIMAL, ANIMAL))
# 様子, 調子, 椅子; このまま, したまま.
_BEFORE_CHILD = frozenset("様調椅帽菓扇冊拍餃障銚利原分格辛獅梯拗骨種")
_BEFORE_SO = ("この", "その", "あの", "どの", "わが", "た", "だ", "い", "る", "な", "気", "思う")
_NEXT_DOOR = re.compile(
    "(?:隣|となり|近所|きんじょ|向かい|むかい|裏|階|号室|常連|お客|客|住人|いつも会う|いつも来る|三軒先|前の家|斜め前|顔なじみ|得意先|"
    "あぱーと|団地)(?:の|に(?:いる|住む|住んでる))?[^。!?\n]{0,3}$"
)
_NEAR = 14
# Two children's ages side by side: 小3と年長.
_NEXT_AGE = re.compile("(?:年生?)?(?:の(?:子|娘|息子|男の子|女の子))?(?:と|、|・|,|や)")
# Whose parent is younger than this is hardly asked about the parent.
_PARENT_IN_NEED = 65
_COMPANION = frozenset("とのにを")
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


def cast_of(reading: Reading, focus: str | None) -> Cast:
    """The people of a message. `focus` is whom the turn before spoke of: 「四十六です」 is said of them."""
    spoken_of = mentions_in(reading)
    ages = _ages_of(_Scene(reading.text, spoken_of, focus))
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
        if mention.relation != WRITER or reading.text[mention.end : mention.end + 1] not in _COMPANION:
            return mention.relation
    if focus is None and not mentions and any(label in reading.by_label for label in _ASKS_FOR_A_CHILD):
        return SMALL
    return focus


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

    @cached_property
    def silent(self) -> bool:
        """Whether nobody is spoken of but the writer as company, or whoever tells it."""
        return all(
            (m.relation == WRITER and self.text[m.end : m.end + 1] in _COMPANION) or _SOURCE.match(self.text, m.end)
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


def _ages_of(scene: _Scene) -> dict[str, int]:
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


def _whose(age: Age, scene: _Scene) -> str | None:
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


def _claimed(age: Age, scene: _Scene) -> str | None:
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


def _named_instead(age: Age, scene: _Scene) -> str | None:
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


def _stated_alone(age: Age, before: Mention | None, scene: _Scene) -> str | None:
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


def _of_the_turn_before(age: Age, scene: _Scene) -> str:
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
