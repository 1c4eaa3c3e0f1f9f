"""What is not asked for in the talk and must not be kept from an answer: numbers, addresses, whole names.

Only what shows by its shape is found; a person reads the rest.
"""

from __future__ import annotations

import re
import unicodedata

_PHONE = re.compile(r"(?<!\d)0\d{9,10}(?!\d)")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[-‐‑–—―−ー(). 　]{1,2}(?=\d)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_ADDRESS = re.compile(
    r"〒|\d+丁目|\d+番|\d+号|[一二三四五六七八九十]+丁目|(?<=[一-鿿ぁ-ん])\d{1,4}[-‐‑–—―−ー]\d{1,4}|番地\d"
)
_NAME = re.compile(
    r"(?:名前|氏名|本名|実名)(?:は|:|,).+|[一-鿿]{1,4}[ 　][一-鿿]{1,4}(?:です|と申します|といいます)?[。]?"
    r"|[一-鿿]{4,6}(?:です|と申します|といいます)?[。]?|.{2,12}と申します[。]?"
)
_TOWN_ENDS = re.compile(r"[0-9〒]|[一二三四五六七八九十]+丁目|番地")


def tells_too_much(text: str, *, name: bool) -> bool:
    """Whether an answer holds a number, an address or, where `name` is asked about, what looks like a whole name."""
    said = unicodedata.normalize("NFKC", text).strip()
    number = _PHONE.search(_BETWEEN_DIGITS.sub("", said))
    return bool(number or _MAIL.search(said) or _ADDRESS.search(said) or (name and _NAME.fullmatch(said)))


def town_of(text: str) -> str:
    """The part of an address up to the name of the town; empty when there is none."""
    said = unicodedata.normalize("NFKC", text).strip()
    return _TOWN_ENDS.split(said, maxsplit=1)[0].strip(" 、,の")
