"""What somebody means when they say it in their own words: commands, rights, small talk, feelings.

The patterns are data (`intents.yaml`), and so are the wordings (`wordings.yaml`) to which a short sentence is likened
when no pattern knows it. Patterns are searched sentence by sentence in folded text, so that spelling,
width, script and punctuation do not matter, and a long letter that only mentions a word is not taken for a wish.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from config.contents.patterns import Intents
from config.contents.wordings import Wordings
from dialogue.likeness import Likeness, learned

SENTENCE = re.compile(r"([^。．.！!？?\n\r]+)([。．.！!？?\n\r]*)")
MAX_SENTENCES = 60
LONGEST_WISH = 40
LONGEST_QUESTION = 28
# 「え？」 and 「は？」 are no questions yet.
SHORTEST = 4
WHY = re.compile("なんで|なぜ|どうして|何で|why")
# Small talk and answers are short; a long sentence tells something.
LONGEST_TALK = 80
FEW = 3
# Only when nothing else is said: 「はい」 before a story is no short answer, a farewell after one no small talk.
ALONE = frozenset({"short", "apology", "greeting", "bye", "test"})
# Beside a mere question a sentence may still ask for a right; after other talk it is answered already.
ASKS = frozenset({"question"})
# Heard beside danger: never a wish by mere likeness.
DARK = frozenset({"means", "watched", "touched"})
# Only clear words erase, let others read or let check-ins rest: 「わたしを消して」 is like a wish to erase and is none,
# 「会社をお休みしたい」 none to be left alone, 「日本語を勉強したい」 none for another language, and who is called by a
# former husband tells of him.
CLEAR = frozenset({"allow", "erase", "pause", "language", "no_calls", "no_letters"})
# Feelings that a polite word beside them does not take back.
HEAVY = ("lonely", "hurting")
# No wish for a person by mere likeness: a no to one, and what is asked about them.
REFUSALS = frozenset({"back", "leaves_it", "refuses", "no", "annoyed"})
OF_STAFF = re.compile(
    "相談員(?:さん|の方|の人)?(?:って|とは|とか|という|の(?!人|方))|(?:(?<!つ)ないで|んといて)(?:ください|ほしい|よ|ね)*$"
)
KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Intent:
    """What was recognised, each at most once and in the order of the content.

    `retracts` means that the words say nothing but that all is well, or was not meant.
    """

    commands: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    consent: tuple[str, ...] = ()
    talk: tuple[str, ...] = ()
    feelings: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    #: After a danger: what is told, `yes` or `no` to the question asked last, and whether something was done.
    told: tuple[str, ...] = ()
    reply: str = ""
    acts: bool = False
    wordless: bool = False
    retracts: bool = False


#: Nothing was said: a button, or what comes by the clock.
WORDLESS = Intent(wordless=True)


def fold(text: str) -> str:
    """One spelling for all: NFKC, small letters, hiragana; only letters and digits are left."""
    spelled = unicodedata.normalize("NFKC", text).lower().translate(KATAKANA_TO_HIRAGANA)
    return "".join(filter(str.isalnum, spelled))


def sentences(texts: Iterable[str]) -> list[str]:
    """The folded sentences of a burst, without empty ones."""
    return [folded for folded, _ in _marked(texts)]


def _marked(texts: Iterable[str]) -> list[tuple[str, bool]]:
    """The folded sentences of a burst, and whether each ended in a question mark."""
    parts = (found for text in texts for found in SENTENCE.finditer(unicodedata.normalize("NFKC", text)))
    return [(folded, "?" in found[2]) for found in parts if (folded := fold(found[1]))][:MAX_SENTENCES]


def _near(said: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """What may be a wish: shortly said, or at the end of a letter."""
    return [sentence for sentence in (said if len(said) <= FEW else said[-2:]) if len(sentence[0]) <= LONGEST_WISH]


def _forms(near: Iterable[tuple[str, bool]]) -> list[str]:
    """How these sentences are read. A mark stands for the 「か」 that was left out, so 「けいさつ くる？」 is read both
    ways."""
    near = tuple(near)
    return [
        *(folded for folded, _ in near),
        *(f"{folded}か" for folded, asked in near if asked and not folded.endswith("か")),
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fixed:
    """What has a fixed answer of its own, and the sentences that ask for something else."""

    asked: tuple[str, ...]
    rest: tuple[tuple[str, bool], ...]


def _fixed(intents: Intents, near: Sequence[tuple[str, bool]]) -> _Fixed:
    """Words that are to be explained, and what is asked of the program itself: no right is looked for in these
    sentences, since 「相談員ってだれ」 wants nobody called and 「119はお金いる？」 is not about this desk."""
    asked: dict[str, None] = {}
    rest = []
    for sentence in near:
        forms = _forms([sentence])
        found = (*_explained(intents, forms), *_found(intents.asides, forms))
        asked |= dict.fromkeys(found[:1])
        if not found:
            rest.append(sentence)
    return _Fixed(asked=tuple(asked), rest=tuple(rest))


def _explained(intents: Intents, forms: Sequence[str]) -> tuple[str, ...]:
    short, glossary = [form for form in forms if len(form) <= LONGEST_QUESTION], intents.glossary
    if glossary is None or not short:
        return ()
    named = _compiled(glossary.mentioned).in_any(short)
    return _found(glossary.patterns if named else glossary.unnamed, short)


def recognise(intents: Intents, texts: Iterable[str], *, answers: bool = True, consent: bool = False) -> Intent:
    """What a burst asks for, beside what it tells.

    A wish is said shortly, or at the end of a letter; small talk is all there is of a message, not its first line.
    `answers` and `consent` say whether something was asked that words may answer; else they are not looked for.
    """
    marked, fine = _marked(texts), {"fine": intents.talk["fine"]}
    if not marked:
        return WORDLESS
    said, near = [folded for folded, _ in marked], _near(marked)
    fixed = _fixed(intents, near)
    short = [sentence for sentence in said if len(sentence) <= LONGEST_TALK]
    talk = _found(intents.talk, short) if len(said) <= FEW else ()
    if set(talk) & ALONE and any(not _found(intents.talk, [sentence]) for sentence in said):
        talk = tuple(name for name in talk if name not in ALONE)
    if "thanks" in talk and _heavy_beside(intents, said):
        talk = tuple(name for name in talk if name != "thanks")
    if "question" not in talk and (_found({"question": intents.talk["question"]}, short[-1:]) or _asks(marked)):
        talk = (*talk, "question")
    intent = Intent(
        commands=_found(intents.commands, _forms(near)),
        rights=_one_answer((*fixed.asked, *_rights(intents, _forms(fixed.rest), letter=len(said) > FEW))),
        answers=_found(intents.answers, short) if answers and len(said) <= FEW else (),
        consent=_found(intents.consent, short) if consent and len(said) <= FEW else (),
        talk=talk,
        feelings=_found(intents.feelings, said),
        styles=_found(intents.styles, short),
        retracts="fine" in talk and all(_found(fine, [sentence]) for sentence in said),
    )
    return intent if consent else _with_likeness(intents, intent, marked)


def _asks(marked: Sequence[tuple[str, bool]]) -> bool:
    """Whether a message ends in a short question by its mark alone. Why something is so is no question to a desk."""
    last, asked = marked[-1]
    return asked and len(marked) <= FEW and SHORTEST <= len(last) <= LONGEST_QUESTION and not WHY.search(last)


def _heavy_beside(intents: Intents, said: Sequence[str]) -> bool:
    """「ありがとう。さみしいです」: who thanks politely and tells of a heavy heart must be heard."""
    thanks, heavy = {"thanks": intents.talk["thanks"]}, {name: intents.feelings[name] for name in HEAVY}
    return any(_found(heavy, [sentence]) and not _found(thanks, [sentence]) for sentence in said)


def _with_likeness(intents: Intents, intent: Intent, marked: Sequence[tuple[str, bool]]) -> Intent:
    """`intent`, with what its one short sentence is like, where no pattern recognised anything.

    A sentence beside others tells something, and likeness must not hide a telling.
    """
    known = intent.commands or intent.rights or intent.answers or set(intent.talk) - ASKS or DARK & set(intent.styles)
    if intents.wordings is None or known or len(marked) != 1 or len(marked[0][0]) > LONGEST_QUESTION:
        return intent
    sentence, asked = marked[0]
    if not (asked or _compiled(intents.wordings.asking).in_any([sentence])):
        return intent
    name = _likeness(intents.wordings).meaning(sentence)
    if name is None or name in CLEAR or (name == "person" and _wants_nobody(intents, sentence)):
        return intent
    if name in intents.commands:
        return replace(intent, commands=(name,))
    return replace(intent, rights=_nearer(intents, (name,), [sentence]))


def _wants_nobody(intents: Intents, sentence: str) -> bool:
    """Whether a sentence with the words of a wish for a person says no to one, or only speaks of one."""
    refusals = {name: patterns for name, patterns in intents.standing.items() if name in REFUSALS}
    return bool(_found(refusals, [sentence]) or OF_STAFF.search(sentence))


def found_in(group: Mapping[Any, tuple[str, ...]], texts: Iterable[str]) -> tuple[str, ...]:
    """Which patterns of a group a few short sentences hold: for answers that only one question expects."""
    said = sentences(texts)
    return _found(group, [sentence for sentence in said if len(sentence) <= LONGEST_WISH]) if len(said) <= FEW else ()


def held(group: Mapping[Any, tuple[str, ...]], texts: Iterable[str], longest: int) -> tuple[str, ...]:
    """Which patterns of a group a message holds, read as one: what belongs together is often told in pieces."""
    said = fold("".join(texts))
    return _found(group, [said]) if 0 < len(said) <= longest else ()


def holds(patterns: tuple[str, ...], said: Sequence[str]) -> bool:
    """Whether one of these folded sentences is, or has in it, one of the patterns."""
    return bool(patterns) and _compiled(patterns).in_any(said)


def prepare(intents: Intents) -> None:
    """Learn what wishes are like (half a second): at the start, so that nobody's first question waits for it."""
    _likeness(intents.wordings)


@lru_cache(maxsize=64)
def _likeness(wordings: Wordings) -> Likeness:
    known = {name: tuple(map(fold, said)) for name, said in wordings.known.items()}
    return learned(known, tuple(map(fold, wordings.others)))


def _rights(intents: Intents, wishes: Sequence[str], *, letter: bool) -> tuple[str, ...]:
    """Rights asked for in a known wording; else, in a short sentence that asks something, by their words alone.

    A letter asks much, and most of it of life, not of this desk.
    """
    found = _nearer(intents, _found(intents.rights, wishes), wishes)
    asks = [wish for wish in wishes if len(wish) <= LONGEST_QUESTION and not (found or letter)]
    asks = [wish for wish in asks if _compiled(intents.asking).in_any([wish])]
    asks = [wish for wish in asks if not _compiled(intents.advice).in_any([wish])]
    return found or _nearer(intents, _found(intents.asked, asks)[:1], asks)


def _one_answer(rights: tuple[str, ...]) -> tuple[str, ...]:
    """Who asks for somebody who speaks a language asks for a person: that answer names where it is spoken."""
    return tuple(name for name in rights if name != "language" or "person" not in rights)


def _nearer(intents: Intents, names: Sequence[str], wishes: Sequence[str]) -> tuple[str, ...]:
    """`names`, each in the narrower sense that the words give it: whether home hears of it, or school, or what a
    hospital does, is asked in the same way and answered differently."""
    narrow = {name: _found(intents.nearer.get(name, {}), wishes)[:1] for name in names}
    return tuple(dict.fromkeys(found for name in names for found in (narrow[name] or (name,))))


def _found(group: Mapping[Any, tuple[str, ...]], said: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(key) for key, patterns in group.items() if said and _compiled(patterns).in_any(said))


class _Patterns:
    """All patterns of one meaning. Most hold for a whole sentence: they are tried at its beginning only."""

    def __init__(self, patterns: Iterable[str]) -> None:
        whole = [pattern for pattern in patterns if pattern.startswith("^")]
        inside = [pattern for pattern in patterns if not pattern.startswith("^")]
        self._tries = (*([_joined(whole).match] if whole else []), *([_joined(inside).search] if inside else []))

    def in_any(self, said: Sequence[str]) -> bool:
        for tries in self._tries:
            for sentence in said:
                if tries(sentence):
                    return True
        return False


def _joined(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


@lru_cache(maxsize=2048)
def _compiled(patterns: tuple[str, ...]) -> _Patterns:
    return _Patterns(patterns)
