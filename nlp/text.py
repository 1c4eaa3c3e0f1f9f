"""Normalisation that keeps the way back to the resident's own words.

Two readings are made of every message. `plain` is what the morphological analyser reads: NFKC, lower case,
one elongation mark where the writer held the key. `dense` is what phrases are looked up in: the same without
blanks and with katakana folded to hiragana, because ゴミ and ごみ, ムリ and むり are the same worry.
Offsets are code points throughout.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_HALF_MARKS = {"ﾞ": "\u3099", "ﾟ": "\u309a"}
_DROPPED_CATEGORIES = frozenset({"Cf", "Mn", "Cc", "Cs"})
_KEPT_CONTROLS = frozenset("\n\t\r")
_COMBINING_KANA = frozenset("\u3099\u309a")
_LONG = "ー"
_WAVES = frozenset("〜～~")
_REPLACEMENT = "\ufffd"
# い that falls away after て in speech (but 徘徊でいなくなった is that of being there), and the polite negation.
_SPOKEN = re.compile(r"(?<=[てで])い(?!なくな)(?=[るなまたらとて])|ません")
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLANK = frozenset(" \t\r\u3000")
_BLANKS = re.compile("[ \t\r\u3000]")


class _Folding(dict[str, str]):
    """Memo of one character's NFKC form in lower case; '' means the character carries nothing."""

    def __missing__(self, char: str) -> str:
        category = unicodedata.category(char)
        if char in _COMBINING_KANA:
            folded = char
        elif category == "Cs":
            folded = _REPLACEMENT
        elif category in _DROPPED_CATEGORIES and char not in _KEPT_CONTROLS:
            folded = ""
        else:
            folded = unicodedata.normalize("NFKC", char).lower()
        # A bounded memo: hostile text with a million different characters must not fill the memory.
        if len(self) < 30_000:
            self[char] = folded
        return folded


_FOLD = _Folding()
# Full-width signs and the wide blank stand for one character each: the usual message needs no more than this.
_WIDE = {code: chr(code - 0xFEE0).lower() for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_WIDE_RUN = re.compile("[\uff01-\uff5e\u3000]+")
# Whatever may need more: controls, joiners, combining marks, half-width kana, surrogates, repetitions.
_UNUSUAL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\xad\u0300-\u036f\u0483-\u0f00\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3099\u309a"
    r"\ud800-\udfff\ufe00-\ufe0f\ufeff\uff61-\uff9f\U000e0000-\U000effff]"
    r"|([!?w…。、〜～~ー])\1|([\u3041-\u30ff])\2\2|[\u3041-\u3096]ー"
)
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") - 1)}
_KATAKANA_RUN = re.compile("[ァ-ヴ]+")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message in its two readings.

    `plain_at[i]` is the offset in the original of `plain[i]`, `dense_at[i]` the offset in `plain` of `dense[i]`;
    both carry one entry more, the end.
    """

    original: str
    plain: str
    plain_at: Sequence[int]
    dense: str
    dense_at: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original offsets of `dense[start:end]`, without blanks at the ends."""
        first = self.plain_at[self.dense_at[start]]
        place = self.dense_at[end - 1]
        after = self.plain_at[place] + 1
        limit = self.plain_at[-1]
        # A syllable in Latin letters is one letter of the reading.
        while after < self.plain_at[place + 1] and self.original[after].isascii() and self.original[after].isalpha():
            after += 1
        # Half-width marks and joiners belong to the character before them.
        while after < limit and self.original[after] in _HALF_MARKS:
            after += 1
        return first, after


def is_kana(char: str) -> bool:
    """Whether it is hiragana, katakana or the long mark."""
    return "\u3041" <= char <= "\u30ff"


def _is_hiragana(char: str) -> bool:
    return "\u3041" <= char <= "\u3096"


def _repeats(out: list[str], char: str) -> bool:
    """Whether this character only prolongs what stands before it."""
    if not out:
        return False
    before = out[-1]
    if char == before:
        if char in "!?w…。、" or char in _WAVES or char == _LONG:
            return True
        return is_kana(char) and len(out) > 1 and out[-2] == char
    return char == _LONG and _is_hiragana(before)


def fold(text: str) -> str:
    """The dense reading of a text: for lexicon entries, which are looked up in dense text."""
    dense = prepare(text).dense
    # An entry may stop in the middle of the polite negation, which dense text does not have.
    return dense[:-2] + "な" if dense.endswith("ませ") else dense


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """The plain reading, and for each of its characters and its end the offset in the text."""
    usual = _translated(text, _WIDE_RUN, _WIDE).lower()
    if len(usual) == len(text) and _UNUSUAL.search(usual) is None and unicodedata.is_normalized("NFKC", usual):
        return usual, range(len(text) + 1)
    out: list[str] = []
    at: list[int] = []
    for index, char in enumerate(text):
        folded = _FOLD[char]
        if not folded:
            continue
        if folded in _COMBINING_KANA:
            if out:
                joined = unicodedata.normalize("NFC", out[-1] + folded)
                if len(joined) == 1:
                    out[-1] = joined
            continue
        for part in folded:
            if _repeats(out, part):
                continue
            out.append(part)
            at.append(index)
    at.append(len(text))
    return "".join(out), at


def prepare(text: str) -> Prepared:
    """Read a message; any str is valid (lone surrogates become U+FFFD, controls carry nothing)."""
    plain, at = _plain(text)
    return from_plain(_SURROGATES.sub(_REPLACEMENT, text), plain, at)


def from_plain(original: str, plain: str, at: Sequence[int]) -> Prepared:
    """The two readings of a message whose plain one is made; `at` are the offsets of its letters in the original."""
    dense = _translated(plain, _KATAKANA_RUN, _TO_HIRAGANA)
    dense_at: Sequence[int] = range(len(plain) + 1)
    if _BLANKS.search(dense) is not None:
        dense_at = [i for i, char in enumerate(plain) if char not in _BLANK] + [len(plain)]
        dense = _BLANKS.sub("", dense)
    if _SPOKEN.search(dense) is not None:
        dense, dense_at = _spoken(dense, dense_at)
    return Prepared(original, plain, at, dense, dense_at)


def _translated(text: str, run: re.Pattern[str], table: dict[int, str] | dict[int, int]) -> str:
    """Translate the runs that need it: `str.translate` is slow for every character that its table lacks."""
    return run.sub(lambda match: match[0].translate(table), text)


def _spoken(dense: str, dense_at: Sequence[int]) -> tuple[str, list[int]]:
    """Bring written forms to the spoken ones that the lexicon uses: 払えません → 払えない, 寝ています → 寝てます."""
    parts: list[str] = []
    at: list[int] = []
    done = 0
    for match in _SPOKEN.finditer(dense):
        start, end = match.span()
        parts.append(dense[done:start])
        at += dense_at[done:start]
        if match[0] == "ません":
            parts.append("ない")
            at += [dense_at[start], dense_at[end - 1]]
        done = end
    parts.append(dense[done:])
    at += dense_at[done:]
    return "".join(parts), at
