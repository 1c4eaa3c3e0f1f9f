"""やさしい日本語: what could be said more simply in an answer. Hints, never a refusal. Pure."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[^。！？!?\n]+")
_COMPOUND = re.compile(r"[一-鿿々]{4,}")
_KATAKANA = re.compile(r"[ァ-ヴー]{5,}")
_PASSIVE = re.compile(r"(?:せられ|させられ|いたし|ございま|賜|存じ|致し|頂け|おかれまし)")
_WHY = re.compile(r"なぜ|どうして|なんで")
_MORE_THAN_ONE = re.compile(r"(?:か[。\n]|か$|[？?])")


def hints(text: str, *, long_sentence: int) -> list[str]:
    """At most four things worth a second look, the most helpful first."""
    found = []
    longest = max((len(sentence) for sentence in _SENTENCE.findall(text)), default=0)
    if longest > long_sentence:
        found.append(f"一文が{longest}文字あります。{long_sentence}文字までに分けると読みやすくなります。")
    if _WHY.search(text):
        found.append("「なぜ」「どうして」は責められたと感じることがあります。「何がありましたか」などに。")
    if len(_MORE_THAN_ONE.findall(text)) > 1:
        found.append("質問が二つ以上あります。一度に聞くのは一つにすると答えやすくなります。")
    if words := dict.fromkeys([*_COMPOUND.findall(text), *_KATAKANA.findall(text)]):
        found.append(f"むずかしいかもしれない言葉: {'、'.join(list(words)[:4])}")
    if _PASSIVE.search(text):
        found.append("ていねいすぎる言い方があります。「です・ます」で十分です。")
    return found[:4]


def length_on_line(text: str) -> int:
    """The length as LINE counts it: in UTF-16 units, so that an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
