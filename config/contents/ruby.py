"""Words with their readings, written as in Aozora Bunko: `連絡《れんらく》してよい方法《ほうほう》`.

A reading belongs to the run of kanji before it, or to everything since a `｜`. One notation serves the private page
(`<ruby>`), the paper (small kana above) and plain text (readings left out).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_KANJI = r"[々〆〇ヶ㐀-䶿一-鿿豈-﫿𠀀-𲎯]"
_RUBY = re.compile(rf"(?:｜([^｜《》]+)|({_KANJI}+))《([^《》｜]+)》")
_READING = re.compile(r"[ぁ-ゖァ-ヺー・ ]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A piece of text; `reading` is empty where it needs none."""

    text: str
    reading: str = ""


@lru_cache(maxsize=4096)
def segments(words: str) -> tuple[Segment, ...]:
    """The pieces of `words` in order; joined they are the plain text."""
    found: list[Segment] = []
    end = 0
    for match in _RUBY.finditer(words):
        if match.start() > end:
            found.append(Segment(text=words[end : match.start()]))
        found.append(Segment(text=match[1] or match[2], reading=match[3]))
        end = match.end()
    if end < len(words):
        found.append(Segment(text=words[end:]))
    return tuple(found)


def plain(words: str) -> str:
    """`words` without readings."""
    return "".join(segment.text for segment in segments(words))


def problem(words: str, *, every_kanji: bool = False) -> str | None:
    """Why `words` cannot be shown, or None. With `every_kanji` each kanji needs a reading."""
    for segment in segments(words):
        if any(mark in segment.text for mark in "｜《》"):
            return f"ふりがなは 漢字《かんじ》 の形で書いてください(「{segment.text}」に、余った印があります)"
        if segment.reading and not _READING.fullmatch(segment.reading):
            return f"「{segment.text}」のふりがなは、かなで書いてください"
        if every_kanji and not segment.reading and re.search(_KANJI, segment.text):
            return f"「{segment.text}」に、ふりがながいります(住民が読むところです)"
    return None
