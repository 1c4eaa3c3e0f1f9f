"""What somebody means when they say it in their own words: commands, rights, small talk, feelings.

The patterns are data (`intents.yaml`). They are searched sentence by sentence in folded text, so that spelling,
width, script and punctuation do not matter, and a long letter that only mentions a word is not taken for a wish.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from config.contents.models import Intents

SENTENCE_ENDS = re.compile(r"[。．.！!？?\n\r]+")
MAX_SENTENCES = 60
LONGEST_WISH = 40
# Small talk and answers are short; a long sentence tells something.
LONGEST_TALK = 80
FEW = 3
# Only when nothing else is said: 「はい」 before a story is no short answer, a farewell after one no small talk.
ALONE = frozenset({"short", "apology", "greeting", "bye", "test"})
KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Intent:
    """What was recognised, each at most once and in the order of the content."""

    commands: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    talk: tuple[str, ...] = ()
    feelings: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    wordless: bool = False


def fold(text: str) -> str:
    """One spelling for all: NFKC, small letters, hiragana; only letters and digits are left."""
    spelled = unicodedata.normalize("NFKC", text).lower().translate(KATAKANA_TO_HIRAGANA)
    return "".join(filter(str.isalnum, spelled))


def sentences(texts: Iterable[str]) -> list[str]:
    """The folded sentences of a burst, without empty ones."""
    parts = (part for text in texts for part in SENTENCE_ENDS.split(unicodedata.normalize("NFKC", text)))
    return [folded for part in parts if (folded := fold(part))][:MAX_SENTENCES]


def recognise(intents: Intents, texts: Iterable[str]) -> Intent:
    """What a burst asks for, beside what it tells.

    A wish is said shortly, or at the end of a letter; small talk is all there is of a message, not its first line.
    """
    said = sentences(texts)
    wishes = [sentence for sentence in (said if len(said) <= FEW else said[-2:]) if len(sentence) <= LONGEST_WISH]
    short = [sentence for sentence in said if len(sentence) <= LONGEST_TALK]
    talk = _found(intents.talk, short) if len(said) <= FEW else ()
    if any(not _found(intents.talk, [sentence]) for sentence in said):
        talk = tuple(name for name in talk if name not in ALONE)
    if "question" not in talk and _found({"question": intents.talk["question"]}, short[-1:]):
        talk = (*talk, "question")
    return Intent(
        commands=_found(intents.commands, wishes),
        rights=_found(intents.rights, wishes),
        answers=_found(intents.answers, short) if len(said) <= FEW else (),
        talk=talk,
        feelings=_found(intents.feelings, said),
        styles=_found(intents.styles, short),
        wordless=not said,
    )


def _found(group: Mapping[Any, tuple[str, ...]], said: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(key) for key, patterns in group.items() if any(_compiled(patterns).search(s) for s in said))


@lru_cache(maxsize=256)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
