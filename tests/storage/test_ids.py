"""Ids: UUIDv7, and in the order in which they were made."""

from __future__ import annotations

import threading
import time
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from storage.ids import new_id, uuid7

moments, bits = st.integers(0, (1 << 48) - 1), st.integers(0, (1 << 74) - 1)


@given(moments, bits)
def test_an_id_is_a_uuid_of_version_seven_with_its_moment_in_front(unix_ms: int, random_bits: int) -> None:
    made = uuid7(unix_ms, random_bits)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == unix_ms


@given(moments, bits, moments, bits)
def test_ids_sort_by_moment_and_then_by_their_bits(one_ms: int, one: int, two_ms: int, two: int) -> None:
    assert (uuid7(one_ms, one) < uuid7(two_ms, two)) == ((one_ms, one) < (two_ms, two))


def test_ids_rise_even_within_one_millisecond() -> None:
    made = [new_id() for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_made_on_several_threads_are_all_different() -> None:
    made: list[UUID] = []

    def make() -> None:
        made.extend([new_id() for _ in range(1000)])

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 4000


def test_an_id_tells_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id().int >> 80
    # Ids made in a rush may run a little ahead of the clock.
    assert before <= made <= time.time_ns() // 1_000_000 + 1000
