"""Aliases for residents: two friendly words, and a number once the words run out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

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
