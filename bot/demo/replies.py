"""How residents of the town answer the words that come by themselves: each has answers ready, one for every word.

When a word comes depends on the days of the calendar; so an answer has no time of its own. It follows the word.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

#: How long people take to look.
_LATER = timedelta(minutes=50)
#: Somebody who lets a word pass.
NOTHING = "-"


class Replies:
    """The answers that people have ready by their numbers, and those that are on their way."""

    def __init__(self, ready: Mapping[int, Sequence[str]]) -> None:
        self._ready = {person: deque(answers) for person, answers in ready.items()}
        self._coming: list[tuple[datetime, int, str]] = []

    def word_came(self, person: int, at: datetime) -> None:
        """A word stands on somebody's screen: they will answer it, or not."""
        answers = self._ready.get(person)
        answer = answers.popleft() if answers else NOTHING
        if answer != NOTHING:
            heapq.heappush(self._coming, (at + _LATER, person, answer))

    def next_at(self) -> datetime | None:
        """When somebody answers next."""
        return self._coming[0][0] if self._coming else None

    def take(self) -> tuple[int, str]:
        """Who answers next, and the button they press."""
        _, person, answer = heapq.heappop(self._coming)
        return person, answer
