"""Aliases for residents: two friendly words, and a number once the words run out."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_SHAPE = re.compile(r"(.*?)([0-9]*)")
_FILE = Path(__file__).parent / "content" / "aliases.yaml"


@cache
def _words() -> tuple[tuple[str, ...], tuple[str, ...]]:
    lists = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(lists["first"]), tuple(lists["second"])


def candidates(seed: int) -> Iterator[str]:
    """Aliases to try, in an order given by the seed; never ends: after a few pairs numbers are added."""
    chance = random.Random(seed)  # noqa: S311 - a name to be friendly with, not a secret
    first, second = _words()
    for _ in range(8):
        yield f"{chance.choice(first)} {chance.choice(second)}"
    while True:
        yield f"{chance.choice(first)} {chance.choice(second)} {chance.randrange(2, 10_000)}"


def spelled(typed: str) -> str:
    """An alias as it is kept, from how somebody writes it: with or without the space, in katakana, in full width."""
    plain = "".join(unicodedata.normalize("NFKC", typed).split()).translate(_TO_HIRAGANA)
    parts = _SHAPE.fullmatch(plain)
    words, number = (parts[1], parts[2]) if parts else (plain, "")
    first = next((word for word in _words()[0] if words.startswith(word) and words[len(word) :] in _words()[1]), None)
    if first is None:
        return plain
    return f"{first} {words[len(first) :]}" + (f" {number}" if number else "")
