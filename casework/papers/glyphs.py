"""Which characters the paper's font has. What it lacks is printed as 〓 (下駄), as printers have always done.

Emoji and some scripts (ネパール語 …) are in no font at hand; without this they would print as empty boxes.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any, BinaryIO

FONT = "NotoSansCJK-VF.otf.ttc"
GETA = "〓"
#: Latin letters, kana and the kanji everybody uses need no look into the font.
_SURE = re.compile(r"[\s!-~\u3000-\u30ff\u4e00-\u9fa5]*")
#: Joiners, marks of emoji and tones of skin belong to the character before them.
_JOINED = re.compile("[\u200b-\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_VARIANTS = range(0xE0100, 0xE01F0)


def printable(text: str) -> str:
    """`text` with 〓 for each character that the font has no glyph for; runs of them become one."""
    if _SURE.fullmatch(text):
        return text
    shown = "".join(one if ord(one) in _VARIANTS or one.isspace() or _has(ord(one)) else GETA for one in _bare(text))
    return re.sub(f"{GETA}+", GETA, shown)


def _bare(text: str) -> str:
    return _JOINED.sub("", text)


def _has(code: int) -> bool:
    starts, ends = _ranges()
    found = bisect_right(starts, code) - 1
    return found >= 0 and code <= ends[found]


@lru_cache(maxsize=1)
def _ranges() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """First and last code points of the runs of characters in the font's `cmap` (OpenType, format 12)."""
    with as_file(files("manimgx_fonts_cjk") / FONT) as path, path.open("rb") as font:
        groups = _groups(font)
    return tuple(start for start, _ in groups), tuple(end for _, end in groups)


def _groups(font: BinaryIO) -> list[tuple[int, int]]:
    (first,) = _read(font, 12, ">I")
    (tables,) = _read(font, first + 4, ">H")
    places = {tag: place for tag, _, place, _ in (_read(font, first + 12 + 16 * n, ">4sIII") for n in range(tables))}
    cmap = places[b"cmap"]
    (count,) = _read(font, cmap + 2, ">H")
    subtables = [_read(font, cmap + 4 + 8 * n, ">HHI") for n in range(count)]
    table = next(cmap + place for platform, encoding, place in subtables if (platform, encoding) == (3, 10))
    (runs,) = _read(font, table + 12, ">I")
    return sorted((start, end) for start, end, _ in (_read(font, table + 16 + 12 * n, ">III") for n in range(runs)))


def _read(font: BinaryIO, place: int, shape: str) -> tuple[Any, ...]:
    font.seek(place)
    return struct.unpack(shape, font.read(struct.calcsize(shape)))
