"""The number of a case, as people type it."""

from __future__ import annotations

import re
import unicodedata

_NUMBER = re.compile(r"\d[\d-]*", re.ASCII)
#: What a Japanese keyboard writes where a number has its hyphen, after NFKC.
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−ー", "-"))


def number_typed(text: str) -> str:
    """A number as it is kept, however it was typed: in full width, with any hyphen, with spaces. Other words stay."""
    plain = "".join(unicodedata.normalize("NFKC", text).translate(_HYPHENS).split())
    return plain if _NUMBER.fullmatch(plain) else text
