"""How LINE counts characters: text in UTF-16 units, labels in what a reader sees as one character.

https://developers.line.biz/en/docs/messaging-api/text-character-count/
"""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"
_REGIONAL = range(0x1F1E6, 0x1F200)
_SKIN = range(0x1F3FB, 0x1F400)


def utf16_units(text: str) -> int:
    return sum(2 if ord(character) > 0xFFFF else 1 for character in text)


def graphemes(text: str) -> int:
    """Seen characters: marks, skin tones and joined emoji belong to what stands before them, flags come in pairs."""
    count = 0
    before = ""
    flag_open = False
    for character in text:
        is_flag = ord(character) in _REGIONAL
        if is_flag and flag_open:
            flag_open = False
        else:
            count += 0 if before and _extends(character, before) else 1
            flag_open = is_flag
        before = character
    return count


def _extends(character: str, before: str) -> bool:
    if _JOINER in (character, before) or ord(character) in _SKIN:
        return True
    return unicodedata.category(character) in ("Mn", "Me", "Mc")
