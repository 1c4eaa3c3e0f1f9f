"""When and in which order a soak has something go wrong."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

from benchmarks.soak.troubles import SHARE, Trouble, troubles


def planned(*, kills: int, restarts: int) -> list[tuple[int, Trouble]]:
    return list(troubles(random.Random(1), events=1000, kills=kills, restarts=restarts))


def test_each_trouble_comes_as_often_as_wanted_and_restarts_take_turns() -> None:
    count = Counter(trouble for _, trouble in planned(kills=10, restarts=5))
    assert count == {Trouble.KILL: 10, Trouble.RESTART_FAST: 3, Trouble.RESTART_IMMEDIATE: 2}


def test_they_are_mixed_spread_over_the_run_and_leave_its_end_quiet() -> None:
    plan = planned(kills=20, restarts=20)
    kinds = [trouble is Trouble.KILL for _, trouble in plan]
    assert kinds not in (sorted(kinds), sorted(kinds, reverse=True))
    goals = [goal for goal, _ in plan]
    assert all(later - earlier < 2 * SHARE * 1000 / 41 + 1 for earlier, later in pairwise(goals))
    assert max(goals) <= SHARE * 1000


def test_the_same_chance_gives_the_same_run() -> None:
    assert planned(kills=5, restarts=2) == planned(kills=5, restarts=2)


def test_without_any_nothing_goes_wrong() -> None:
    assert planned(kills=0, restarts=0) == []
