"""Which language a message is in, as far as letters and a few common words tell."""

from __future__ import annotations

import re
from functools import lru_cache

from nlp.lexicon import read

# Letters only: neither the long mark nor the dot between words tells.
_KANA = re.compile("[\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fd-\u30ff]")
_WORD = re.compile(r"[a-zà-ỹ]+")
_VIETNAMESE = re.compile(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")
_CHINESE = frozenset(
    "我你很吗呢吧把被没沒們們嗎妳這這哪怎什么它这么没为说话帮钱东车门问时会来儿过还对进远运边电头给让谁样应该爱吗呢吧你您她他们请"
)
# Words of Japanese that have such a letter in them: 来週, 会社, 我慢, 没収, 被害, 他人.
_JAPANESE_WORD = re.compile(
    "[来会][週月年店客場社議費計合員長期館話日春夏秋冬]|社会|都会|大会|機会|教会|協会|再会|面会|宴会|運動会|司会|"
    "未来|将来|本来|以来|由来|往来|出来|外来|我慢|我家|我々|没収|没頭|沈没|被害|被災|被保険|他人|他界|他社|他県|他市|様"
)
_SCRIPTS = (
    ("ko", "\uac00", "\ud7a3"),
    ("ne", "\u0900", "\u097f"),
    ("th", "\u0e00", "\u0e7f"),
    ("my", "\u1000", "\u109f"),
    ("ar", "\u0600", "\u06ff"),
    ("ru", "\u0400", "\u04ff"),
)


JAPANESE = "ja"


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, frozenset[str]]:
    return {language: frozenset(words.split()) for language, words in read("languages.yaml").items()}


def detect(text: str) -> str | None:
    """An ISO 639-1 code (tl for Tagalog), or None when there are no letters to tell from. `text` is lower case."""
    if _KANA.search(text) is not None:
        return JAPANESE
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return None
    counts = {name: sum(low <= char <= high for char in letters) for name, low, high in _SCRIPTS}
    name, most = max(counts.items(), key=lambda pair: pair[1])
    if most * 2 > len(letters):
        return name
    han = sum("\u4e00" <= char <= "\u9fff" for char in letters)
    if han * 2 >= len(letters):
        return "zh" if any(char in _CHINESE for char in _JAPANESE_WORD.sub("", text)) else JAPANESE
    return _latin(text)


def _latin(text: str) -> str | None:
    """By letters and marks of its own first, then by common words."""
    if len(_VIETNAMESE.findall(text)) >= 2:
        return "vi"
    if "¿" in text or "¡" in text:
        return "es"
    words = _WORD.findall(text)
    if len(words) < 2:
        return None
    scores = {name: sum(word in vocabulary for word in words) for name, vocabulary in _vocabulary().items()}
    name, most = max(scores.items(), key=lambda pair: pair[1])
    return name if most else None
