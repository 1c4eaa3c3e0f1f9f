"""Who is spoken of in another language, what they are to the writer, and how old they are.

The words stand under `whose` in the files of `lexicon/foreign`: a key is a relation, or says what a word does:

- `mine`, `mine_after`: what belongs to a word for a person (my, tôi); `particles`: what may follow one with `+`;
  `!` ends a word that particles could follow
- `i`, `me`, `they`: the writer who does, the writer to whom it is done, somebody spoken of
- `aside`: where the writer speaks only of hearing, knowing and asking for help
- `away`: whoever is followed by this is not there (at work, has left)
- `years`, `i_am`, `i_after`, `beside`, `goes_on`, `not_age`: ages, whose they are, and what is no age
- `professional`, `pupil`: what says that the writer works with people, or goes to school
- the others tell whose a danger is (`nlp.foreign_safety`)

Korean and Nepali are looked up like Latin letters, from where a word begins, so that particles may follow; Chinese has
no blanks.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from string import digits

from nlp.ages import number
from nlp.foreign_phrases import FOREIGN, LATIN_FILE, phrases
from nlp.language import JAPANESE
from nlp.latin import GAP, PAUSE, VIETNAMESE, folded, phrase
from nlp.mentions import WRITER, Mention
from nlp.reading import Reading
from nlp.spotter import ALTERNATIVE
from nlp.text import Prepared, fold
from nlp.whose import YOUNGEST_WRITER

NEIGHBOUR, CLIENT, PUPIL = "neighbour", "client", "pupil"
_VIETNAMESE, _CHINESE = "vi", "zh"
# Written with blanks between words, but not in Latin letters.
_SPACED = frozenset({"ko", "ne"})
_STEM, _PARTICLE, _WHOLE = "-", "+", "!"
_PIECE = re.compile(r"[^\s.,;:!?。、…~]+|[.,;:!?。、…\n]")
_OTHER_LETTERS = re.compile("[\u0900-\u0fff\u3041-\u9fff\uac00-\ud7a3]")
_PARTS = frozenset(".,;:!?。、…\n")
_WRITERS = ("aside", "me", "i", "they")
NOT_RELATIONS = frozenset({
    *_WRITERS, "mine", "mine_after", "particles", "away", "by", "by_after", "object", "subject_after", "object_after",
    "suffers",
    "them", "says", "after", "theirs", "unseen", "now", "professional", "pupil", "years", "i_am", "i_after",
    "beside", "goes_on", "not_age",
})  # fmt: skip
_NUMBER = r"(?<!\d)(\d{1,3}|[一二三四五六七八九十]{1,3})"
# How far from an age its person may stand, and how long a message may be that is nothing but the writer's age.
_NEAR, _ONLY_AN_AGE = 14, 30
_OLDEST = 110
_NEVER = re.compile("(?!)")


@dataclass(frozen=True, slots=True)
class Told:
    """A message as the words are looked up in it; `at` is the place of each of its characters in dense text."""

    text: str
    at: list[int]

    def place(self, dense: int) -> int:
        """Where a place of dense text stands."""
        return bisect_left(self.at, dense)

    def dense(self, start: int, end: int) -> tuple[int, int]:
        """Where a span stands in dense text."""
        return self.at[start], self.at[end - 1] + 1


@dataclass(frozen=True, slots=True)
class Word:
    """A word for a person (`name` is the relation) or for the writer (`i`, `me`), and where it stands."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Rules:
    """A language's words, ready to be looked up."""

    people: re.Pattern[str]
    writers: re.Pattern[str]
    ages: re.Pattern[str]
    said: dict[str, re.Pattern[str]]

    def pattern(self, name: str) -> re.Pattern[str]:
        """The words of a key; one that never matches where the language has none."""
        return self.said.get(name, _NEVER)


@dataclass(frozen=True)
class Scene:
    """A message in another language: its people in order, and the writer's own words (without those aside)."""

    told: Told
    rules: Rules
    people: list[Word]
    writers: list[Word]

    @property
    def speaks_of_self(self) -> bool:
        """Whether the writer is spoken of."""
        return any(word.name in {"i", "me"} for word in self.writers)

    def says(self, name: str) -> bool:
        """Whether one of the words of a key stands anywhere."""
        return self.rules.pattern(name).search(self.told.text) is not None


def scene_of(reading: Reading) -> Scene | None:
    """The people of a message in a language that has words for them; None for any other."""
    prepared = reading.prepared
    file = _file(reading)
    if file is None:
        file = _file_of_phrases(reading)
    if file is None or file not in phrases().whose:
        return None
    marked = file == _VIETNAMESE and VIETNAMESE.search(prepared.plain) is not None
    rules, told = _rules(file, marked), _told(prepared, file, marked=marked)
    people = [_word(match) for match in rules.people.finditer(told.text)]
    return Scene(told, rules, people, _writers(told, rules, people))


def _file(reading: Reading) -> str | None:
    """The file of the language that a message is in; an empty name for Japanese, None where it cannot be told."""
    language, plain = reading.language, reading.prepared.plain
    if language is None:
        return None
    if language == JAPANESE:
        return ""
    return LATIN_FILE.get(language, language) if _OTHER_LETTERS.search(plain) is None else language


def _file_of_phrases(reading: Reading) -> str | None:
    """The file of the phrases found, where the words are too few to tell the language by."""
    names = {label.split("/")[1] for label in reading.by_label if label.startswith(f"{FOREIGN}/")}
    return names.pop() if len(names) == 1 else None


def _writers(told: Told, rules: Rules, people: list[Word]) -> list[Word]:
    """The words for the writer and for somebody spoken of, where no word for a person stands (打我 | 我儿子)."""
    taken = {at for word in people for at in range(word.start, word.end)}
    found = [_word(match) for match in rules.writers.finditer(told.text)]
    return [word for word in found if word.name != "aside" and taken.isdisjoint(range(word.start, word.end))]


def _word(match: re.Match[str]) -> Word:
    return Word((match.lastgroup or "").rstrip(digits), *match.span())


def _told(prepared: Prepared, file: str, *, marked: bool) -> Told:
    """The message in the form in which its language is looked up."""
    if file in _SPACED or file == _CHINESE:
        return _spaced(prepared, chinese=file == _CHINESE)
    plain = folded(prepared.plain, phrases().short.get(file, {}), marked=marked)
    at: list[int] = []
    for number_, start in enumerate(plain.starts):
        begin, end = plain.spans[number_]
        size = (plain.starts[number_ + 1] if number_ + 1 < len(plain.starts) else len(plain.text)) - start
        at += [bisect_left(prepared.dense_at, min(begin + max(0, step - 1), end - 1)) for step in range(size)]
    return Told(plain.text, at or [0] * len(plain.text))


def _spaced(prepared: Prepared, *, chinese: bool) -> Told:
    parts: list[str] = []
    at: list[int] = []
    text = prepared.plain.translate(phrases().simplified) if chinese else prepared.plain
    for piece in _PIECE.finditer(text):
        word = PAUSE if piece[0] in _PARTS else piece[0]
        start = bisect_left(prepared.dense_at, piece.start())
        parts.append(GAP + word)
        at += [start, *(start + step for step in range(len(word)))]
    return Told("".join(parts) + GAP, [*at, at[-1] + 1 if at else 0])


@lru_cache(maxsize=16)
def _rules(file: str, marked: bool) -> Rules:
    spell = _Spelling(file, marked, phrases().whose[file])
    given = spell.given
    relations = [name for name in given if name not in NOT_RELATIONS]
    return Rules(
        people=re.compile(
            ALTERNATIVE.join(f"(?P<{name}>{spell.person(given[name])})" for name in spell.order(relations))
        ),
        writers=re.compile(spell.writers()),
        ages=spell.ages(),
        said={name: re.compile(spell.pattern(name)) for name in given if name in NOT_RELATIONS},
    )


@dataclass(frozen=True)
class _Spelling:
    """How the words of a file are spelled in what is looked up."""

    file: str
    marked: bool
    given: dict[str, str]

    @property
    def _is_latin(self) -> bool:
        return self.file not in _SPACED and self.file != _CHINESE

    def word(self, text: str) -> str:
        """One word or phrase, as a pattern."""
        if self._is_latin:
            spelled = re.escape(phrase(text.rstrip(_STEM), marked=self.marked))
            return spelled if text.endswith(_STEM) else f"{spelled}(?={GAP})"
        if self.file == _CHINESE:
            return re.escape(fold(text))
        spelled = GAP + re.escape(GAP.join(map(fold, text.rstrip(_PARTICLE + _WHOLE).split(" "))))
        if text.endswith(_WHOLE):
            return f"{spelled}(?={GAP})"
        return (
            f"{spelled}(?={self.words(self.given['particles'], after=True)})" if text.endswith(_PARTICLE) else spelled
        )

    def words(self, text: str, *, after: bool = False) -> str:
        """Any of the words, the longest first; `after` another word they may follow it without a blank."""
        listed = sorted(text.split(ALTERNATIVE), key=len, reverse=True)
        spelled = [self.word(one) for one in listed if one]
        if after and self.file in _SPACED:
            spelled = [f"{GAP}?{one.removeprefix(GAP)}" for one in spelled]
        return f"(?:{ALTERNATIVE.join(spelled)})"

    def writers(self) -> str:
        """The words for the writer and for somebody spoken of, the longest first: each is a group of its own."""
        listed = [(one, name) for name in _WRITERS for one in self.given.get(name, "").split(ALTERNATIVE) if one]
        listed.sort(key=lambda pair: -len(pair[0]))
        return ALTERNATIVE.join(f"(?P<{name}{at}>{self.word(one)})" for at, (one, name) in enumerate(listed))

    def person(self, text: str) -> str:
        """A word for a person with what belongs to it."""
        words = self.words(text, after=self.file in _SPACED)
        mine = f"{self.words(self.given['mine'])}{{0,2}}" if "mine" in self.given else ""
        later = f"{self.words(self.given['mine_after'])}{{0,2}}" if "mine_after" in self.given else ""
        begins = GAP if self.file in _SPACED else ""
        return f"(?={begins}){mine}{words}{later}"

    def order(self, names: list[str]) -> list[str]:
        """The relations, those with the longest words first: a mother in law is no mother."""
        return sorted(names, key=lambda name: -max(map(len, self.given[name].split(ALTERNATIVE))))

    def pattern(self, name: str) -> str:
        """The words of a key."""
        return self.words(self.given[name], after=name.endswith("after") or name in {"says", "beside"})

    def ages(self) -> re.Pattern[str]:
        """A number with the word for years, or after the words for "I am" with nothing after it."""
        years = self.words(self.given["years"], after=True)
        if not self._is_latin:
            return re.compile(f"{GAP}?{_NUMBER}{GAP}?(?P<years>{years})")
        joined = ALTERNATIVE.join(
            f"{GAP}?{self.word(one).removeprefix(GAP)}" for one in self.given["years"].split(ALTERNATIVE)
        )
        goes_on = f"|{self.words(self.given['goes_on'])}" if "goes_on" in self.given else ""
        bare = f"{GAP}(?P<bare>\\d{{1,2}})(?={GAP}(?:$|{PAUSE}{GAP}){goes_on})"
        not_age = f"(?!{self.words(self.given['not_age'])})" if "not_age" in self.given else ""
        return re.compile(f"{GAP}{_NUMBER}(?P<years>{joined}){not_age}|{bare}")


def people_in(scene: Scene) -> tuple[list[Mention], dict[str, int]]:
    """Whoever is mentioned, with the places in dense text, and everybody's age; the writer's is under `self`."""
    spoken = [*scene.people, *(Word(WRITER, w.start, w.end) for w in scene.writers if w.name in {"i", "me"})]
    mentions = [Mention(word.name, *scene.told.dense(word.start, word.end)) for word in spoken]
    ages: dict[str, int] = {}
    for match in scene.rules.ages.finditer(scene.told.text):
        years = number(match[1] or match.groupdict().get("bare") or "")
        whose = _whose(match, scene, years)
        if years is not None and whose is not None and years <= _OLDEST:
            ages[whose] = min(years, ages.get(whose, years))
    return sorted(mentions, key=lambda mention: mention.start), ages


def _whose(match: re.Match[str], scene: Scene, years: int | None) -> str | None:
    """Whose an age is: the writer's who says so, else that of the person beside it."""
    text, writes = scene.told.text, years is not None and years >= YOUNGEST_WRITER
    before = _last(scene.people, match.start())
    own = _ends_with(scene.rules.pattern("i_am"), text, match.start())
    says_it = match.start() - len(own)
    if own and writes and (before is None or before.end < says_it or before.start >= says_it):
        return WRITER
    if before is not None and _is_beside(scene, before.end, match.start()):
        return before.name
    return None if match["years"] is None else _of_what_follows(match, scene, writes=writes)


def _of_what_follows(match: re.Match[str], scene: Scene, *, writes: bool) -> str | None:
    """Whose an age is by the words after it, or by there being nobody else."""
    text = scene.told.text
    if scene.rules.pattern("i_after").match(text, match.end()) is not None:
        return WRITER
    after = next((word for word in scene.people if word.start > match.start()), None)
    if after is not None and _is_beside(scene, match.end(), after.start):
        return after.name
    if _ends_with(scene.rules.pattern("mine"), text, match.start()):
        # My five year old.
        return "child"
    return WRITER if writes and not scene.people and len(text) <= _ONLY_AN_AGE else None


def _is_beside(scene: Scene, start: int, end: int) -> bool:
    """Whether nothing stands between a person and an age but what joins them."""
    text = scene.told.text
    while start < end and end - start <= _NEAR:
        step = scene.rules.pattern("beside").match(text, start, end + 1)
        if step is None or step.end() == start:
            break
        start = step.end()
    return start >= end


def _ends_with(pattern: re.Pattern[str], text: str, end: int) -> str:
    """The words of a pattern that end where another begins, else nothing."""
    for match in pattern.finditer(text, max(0, end - 2 * _NEAR), end + 1):
        if match.end() in {end, end + 1}:
            return match[0]
    return ""


def _last(words: list[Word], end: int) -> Word | None:
    return next((word for word in reversed(words) if word.end <= end + 1), None)
