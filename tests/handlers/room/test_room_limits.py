"""Buckets: so many at once, then at a pace, and never one for another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from handlers.room import limits
from handlers.room.limits import Buckets, Limit, Rate

START = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
RATES = {limit: Rate(burst=3, every=timedelta(seconds=2)) for limit in Limit}


class Watch:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def test_a_burst_goes_through_and_then_one_at_a_time() -> None:
    watch = Watch()
    buckets = Buckets(watch, RATES)
    assert [buckets.take(Limit.ROOM, "a") for _ in range(3)] == [timedelta(0)] * 3
    assert buckets.take(Limit.ROOM, "a") == timedelta(seconds=2)
    watch.now += timedelta(seconds=1)
    assert buckets.take(Limit.ROOM, "a") == timedelta(seconds=1)
    watch.now += timedelta(seconds=1)
    assert not buckets.take(Limit.ROOM, "a")
    assert buckets.take(Limit.ROOM, "a")


def test_who_waits_does_not_wait_longer_for_trying() -> None:
    watch = Watch()
    buckets = Buckets(watch, RATES)
    for _ in range(3):
        buckets.take(Limit.ROOM, "a")
    for _ in range(50):
        assert buckets.take(Limit.ROOM, "a") == timedelta(seconds=2)


def test_a_long_rest_fills_no_more_than_the_bucket() -> None:
    watch = Watch()
    buckets = Buckets(watch, RATES)
    watch.now += timedelta(days=1)
    assert [bool(buckets.take(Limit.ROOM, "a")) for _ in range(4)] == [False, False, False, True]


def test_nobody_pays_for_another_nor_one_limit_for_another() -> None:
    buckets = Buckets(Watch(), RATES)
    for _ in range(10):
        buckets.take(Limit.ROOM, "a")
    assert not buckets.take(Limit.ROOM, "b")
    assert not buckets.take(Limit.ADDRESS, "a")


def test_a_crowd_of_keys_does_not_grow_for_ever() -> None:
    buckets = Buckets(Watch(), RATES)
    for number in range(limits.KEPT + 50):
        buckets.take(Limit.ADDRESS, str(number))
    assert len(buckets._full_at) == limits.KEPT


def test_every_limit_has_a_rate() -> None:
    assert set(limits.RATES) == set(Limit)
