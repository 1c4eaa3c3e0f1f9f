"""Which language a message is in, as far as letters and a few common words tell."""

from __future__ import annotations

import re
from functools import lru_cache

from nlp.latin import VIETNAMESE, words
from nlp.lexicon import read

# Letters only: neither the long mark nor the dot between words tells.
_KANA = re.compile("[\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fd-\u30ff]")
# Addresses and what is written to a machine are nobody's words.
_LINK = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|#\w+|@\w+")
_CODE = re.compile(r"[{}<>=;\[\]\\_|]|\(\)|\w\(")
_MUCH_CODE = 3
# Chinese that the Japanese character set holds, too: letters that Japanese of today hardly writes, and words.
_CHINESE = re.compile(
    "[我很没沒把被呢啊吃哭跟們這麼說為對會學還來錢讓從發關氣裡嗎哪怎]|(?<![終完修満魅校読])了(?![解承見])|請問|謝謝|幾點|好的|推荐|牙医|找不到|周末|收到|恭喜|工厂|晚安|加油|早安|早上好|晚上好|"
    "明天|昨天|今天|天天|不想|想[死跳去要吃买看睡喝你]|可以|一起|再見|不[是能敢知]|大家好|上班|多少|老公|老婆|家暴|怕他|先生打|朋友想|好多|生日快|新年快"
)
# Words of Japanese that have such a letter in them: 我慢, 没収, 被害.
_JAPANESE_WORD = re.compile("我[慢家々流]|没[収頭後]|[沈日戦出埋陥]没|被[害災保疑告服爆験写曝介]|跟跡")
_SCRIPTS = (
    ("ko", "\uac00", "\ud7a3"),
    ("ko", "\u1100", "\u11ff"),
    ("ko", "\u3131", "\u318e"),
    ("ne", "\u0900", "\u097f"),
    ("th", "\u0e00", "\u0e7f"),
    ("my", "\u1000", "\u109f"),
    ("ar", "\u0600", "\u06ff"),
    ("ru", "\u0400", "\u04ff"),
)
_ENGLISH, _INDONESIAN = "en", "id"
_LATIN_FILE = {"ne": "ne_latin"}
# Words for kin are much the same in many languages, and what is shortened is no word.
_NO_PHRASES = frozenset({"short", "whose"})
# A word that only one language has weighs more than one that several have; and English words stand in all of them.
_OWN, _SHARED, _NAMED, _LENT = 2.0, 1.0, 0.75, 0.75
# Letters and laughs that speak for a language.
_MARKS = (
    ("pt", re.compile("[ãõçâêô]|kkk|rsrs")),
    ("pt", re.compile(r"\b(?:é|já|até|você|também|lá|só|daí|aí)\b")),
    ("es", re.compile("jaja|jeje")),
    ("es", re.compile(r"\b(?:qué|más|días?|él|sí|cómo|dónde|cuándo|también|así|aquí|ahí|mamá|papá|mañana)\b")),
)
# A single word has to weigh so much: names are made of the words of phrases, too.
_ALONE = 1.0


JAPANESE = "ja"


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, dict[str, float]]:
    """For each word, the languages that have it and what it weighs for them."""
    listed = {language: set(words(text.lower())) for language, text in read("languages.yaml").items()}
    found: dict[str, set[str]] = {}
    for language, common in listed.items():
        for word in common:
            found.setdefault(word, set()).add(language)
    weights = {word: {name: _weight(name, len(names)) for name in names} for word, names in found.items()}
    # The words of the phrases that are looked for tell a little, too.
    named: dict[str, set[str]] = {}
    for language in listed.keys() - {_INDONESIAN}:
        for word in words(_phrases_of(language)):
            named.setdefault(word, set()).add(language)
    for word, names in named.items():
        if word not in weights and len(names) == 1:
            weights[word] = dict.fromkeys(names, _NAMED)
    return weights


def _phrases_of(language: str) -> str:
    found = read(f"foreign/{_LATIN_FILE.get(language, language)}.yaml")
    return " ".join(str(entry) for key, entries in found.items() if key not in _NO_PHRASES for entry in entries).lower()


def _weight(language: str, shared_by: int) -> float:
    weight = _OWN if shared_by == 1 else _SHARED / (shared_by - 1)
    return weight * _LENT if language == _ENGLISH else weight


def detect(text: str) -> str | None:
    """An ISO 639-1 code (tl for Tagalog), or None when there are no letters to tell from. `text` is lower case."""
    if _KANA.search(text) is not None:
        return JAPANESE
    return _detect(text)


def _detect(text: str) -> str | None:
    said = _LINK.sub(" ", text)
    letters = [char for char in said if char.isalpha()]
    if not letters:
        return None
    counts: dict[str, int] = {}
    for name, low, high in _SCRIPTS:
        counts[name] = counts.get(name, 0) + sum(low <= char <= high for char in letters)
    name, most = max(counts.items(), key=lambda pair: pair[1])
    if most * 2 > len(letters):
        return name
    han = [char for char in letters if "\u4e00" <= char <= "\u9fff"]
    if len(han) * 2 >= len(letters):
        return "zh" if _is_chinese(said, han) else JAPANESE
    # An organisation, a brand: letters beside characters are Japanese.
    return detect_latin(said) or (JAPANESE if han else None)


def _is_chinese(text: str, han: list[str]) -> bool:
    return not all(map(_in_japanese, han)) or _CHINESE.search(_JAPANESE_WORD.sub("\n", text)) is not None


@lru_cache(maxsize=8192)
def _in_japanese(char: str) -> bool:
    """Whether the Japanese character set, with the names' variants that computers added, has a character."""
    try:
        char.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def detect_latin(text: str) -> str | None:
    """The language of what is in Latin letters: by marks of its own first, then by common words."""
    said = _LINK.sub(" ", text)
    if len(_CODE.findall(said)) >= _MUCH_CODE:
        return None
    if VIETNAMESE.search(said) is not None:
        return "vi"
    if "¿" in said or "¡" in said or "ñ" in said:
        return "es"
    known = _vocabulary()
    found = words(said)
    scores: dict[str, float] = {}
    for word in found:
        for name, weight in known.get(word, {}).items():
            scores[name] = scores.get(name, 0.0) + weight
    for name, mark in _MARKS:
        if mark.search(said) is not None:
            scores[name] = scores.get(name, 0.0) + _OWN
    if not scores:
        return None
    (name, most), *others = sorted(scores.items(), key=lambda pair: -pair[1])
    alone = len(found) == 1
    if alone and (others and others[0][1] == most):
        return None
    return name if most >= (_ALONE if alone else _SHARED / 2) else None
