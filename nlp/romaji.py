"""Japanese in Latin letters, as many foreign residents type it: 「okane ga nai」 is read as おかねがない.

A message is romaji only if all but a few of its words are made of Japanese syllables and one of them is a word or an
ending that tells (`lexicon/romaji.yaml`): Spanish and Tagalog are made of much the same syllables.
"""

from __future__ import annotations

import re
from functools import lru_cache

from nlp.lexicon import read
from nlp.text import Prepared, from_plain, prepare

_ASIAN = re.compile("[\u0900-\u097f\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")
_WORD = re.compile("[a-zâêîôûāēīōū'’-]+")
_VOWELS = "aiueo"
_LONG = {"ā": "aa", "ī": "ii", "ū": "uu", "ē": "ee", "ō": "ou", "â": "aa", "î": "ii", "û": "uu", "ê": "ee", "ô": "ou"}
_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの", "h": "はひふへほ",
    "m": "まみむめも", "y": "や ゆ よ", "r": "らりるれろ", "w": "わ   を", "g": "がぎぐげご", "z": "ざじずぜぞ",
    "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ", "j": ["じゃ", "じ", "じゅ", "じぇ", "じょ"],
    "f": ["ふぁ", "ふぃ", "ふ", "ふぇ", "ふぉ"], "sh": ["しゃ", "し", "しゅ", "しぇ", "しょ"],
    "ch": ["ちゃ", "ち", "ちゅ", "ちぇ", "ちょ"], "ts": ["つぁ", "つぃ", "つ", "つぇ", "つぉ"],
    "v": ["ば", "び", "ぶ", "べ", "ぼ"],
}  # fmt: skip
_I_ROW = {
    "k": "き",
    "g": "ぎ",
    "n": "に",
    "h": "ひ",
    "b": "び",
    "p": "ぴ",
    "m": "み",
    "r": "り",
    "s": "し",
    "t": "ち",
    "z": "じ",
}
_SMALL = {"a": "ゃ", "u": "ゅ", "o": "ょ"}
_PARTICLES = {"wa": "は", "o": "を", "wo": "を", "e": "へ"}
# Of so many words one may be something else: a name, a brand, an English word.
_OTHERS = 4
_LEAST_ENDING = 4


@lru_cache(maxsize=1)
def _syllables() -> dict[str, str]:
    found = {row + vowel: kana for row, line in _ROWS.items() for vowel, kana in zip(_VOWELS, line, strict=True)}
    found |= {row + "y" + vowel: kana + small for row, kana in _I_ROW.items() for vowel, small in _SMALL.items()}
    return {latin: kana for latin, kana in found.items() if kana.strip()}


@lru_cache(maxsize=1)
def _telling() -> tuple[frozenset[str], tuple[str, ...]]:
    words = read("romaji.yaml")
    return frozenset(words["words"].split()), tuple(words["endings"].split())


def in_kana(prepared: Prepared) -> Prepared:
    """The message with romaji read as kana; any other as it is."""
    plain = prepared.plain
    if _ASIAN.search(plain) is not None:
        return prepared
    found = [(match, _read(match[0])) for match in _WORD.finditer(plain)]
    read_ = [(match, kana) for match, kana in found if kana]
    if not read_ or (len(found) - len(read_)) * _OTHERS > len(found) or not any(_tells(match[0]) for match, _ in read_):
        return prepared
    text: list[str] = []
    at: list[int] = []
    done = 0
    for match, kana in read_:
        text += plain[done : match.start()]
        at += prepared.plain_at[done : match.start()]
        for letter, offset in kana:
            text.append(letter)
            at.append(prepared.plain_at[match.start() + offset])
        done = match.end()
    text += plain[done:]
    at += prepared.plain_at[done:]
    return from_plain(prepared.original, "".join(text), at)


def is_romaji(text: str) -> bool:
    """Whether a message is Japanese in Latin letters."""
    prepared = prepare(text)
    return in_kana(prepared) is not prepared


def _tells(word: str) -> bool:
    words, endings = _telling()
    word = _spelled(word)
    return word in words or (len(word) >= _LEAST_ENDING and word.endswith(endings))


def _spelled(word: str) -> str:
    return "".join(_LONG.get(char, char) for char in word)


def _read(word: str) -> tuple[tuple[str, int], ...]:
    """The kana of a word, each with the offset of its syllable; nothing if it has other syllables."""
    if word in _PARTICLES:
        return ((_PARTICLES[word], 0),)
    kana: list[tuple[str, int]] = []
    at = 0
    for found, size in _parts(_spelled(word)):
        if not found:
            return ()
        kana += [(letter, min(at, len(word) - 1)) for letter in found if letter != "-"]
        at += size
    return tuple(kana)


def _parts(word: str) -> list[tuple[str, int]]:
    """A word's syllables and how many letters each takes; an empty one where there is no syllable."""
    syllables = _syllables()
    parts: list[tuple[str, int]] = []
    at = 0
    while at < len(word):
        kana, size = next(
            ((syllables[word[at : at + n]], n) for n in (3, 2, 1) if word[at : at + n] in syllables), ("", 0)
        )
        char, after = word[at], word[at + 1 : at + 2]
        if not kana and char in "'’-":
            kana, size = "-", 1
        elif not kana and char in "nm" and after not in {*_VOWELS, "y"}:
            # nn before a vowel is ん and な; nn at the end only ん.
            kana, size = ("ん", 1) if char == "n" or after in {"b", "p", "m"} else ("", 0)
        elif not kana and (char == after or word.startswith("tch", at)):
            kana, size = "っ", 1
        if not kana:
            return [("", 0)]
        parts.append((kana, size))
        at += size
    return parts
