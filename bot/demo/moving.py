"""Time and ids of the demo: both are given, so that the same town comes out of the same moment."""

from __future__ import annotations

import random
from datetime import datetime
from uuid import UUID

from storage.ids import uuid7

_RANDOM_BITS = 74
_STEP_BITS = 40


class MovedClock:
    """A clock that somebody moves; it never goes back."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def move(self, to: datetime) -> None:
        """From now on it is `to`, or later."""
        self._now = max(self._now, to)


class SeededIds:
    """Ids that rise with the moved clock, as those of the running program rise with theirs."""

    def __init__(self, clock: MovedClock, seed: int) -> None:
        self._clock = clock
        self._chance = random.Random(seed)  # noqa: S311 - ids of people who do not exist
        self._latest = 0

    def __call__(self) -> UUID:
        now = int(self._clock().timestamp() * 1000) << _RANDOM_BITS | self._chance.getrandbits(_RANDOM_BITS)
        self._latest = max(now, self._latest + 1 + self._chance.getrandbits(_STEP_BITS))
        return uuid7(self._latest >> _RANDOM_BITS, self._latest & (1 << _RANDOM_BITS) - 1)
