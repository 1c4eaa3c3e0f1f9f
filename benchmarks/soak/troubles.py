"""In which order what goes wrong, when: pure, by a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from enum import StrEnum

#: In this share of a run something goes wrong; the last part is quiet.
SHARE = 0.8


class Trouble(StrEnum):
    """One thing that goes wrong at a time: a process that starts finds the database there."""

    KILL = "kill"
    RESTART_FAST = "restart fast"
    RESTART_IMMEDIATE = "restart immediate"


def troubles(chance: random.Random, *, events: int, kills: int, restarts: int) -> Iterator[tuple[int, Trouble]]:
    """Each with the number of acknowledged events at which it comes, so that all come under load."""
    kinds = [Trouble.KILL] * kills
    kinds += [(Trouble.RESTART_FAST, Trouble.RESTART_IMMEDIATE)[number % 2] for number in range(restarts)]
    chance.shuffle(kinds)
    each = SHARE * events / (len(kinds) + 1)
    for number, kind in enumerate(kinds):
        yield int(each * (number + 0.5 + chance.random())), kind
