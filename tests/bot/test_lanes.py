"""Lanes: one after another for a key, side by side for different keys, timers for later, an orderly end."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engines.lanes import Lanes

pytestmark = pytest.mark.anyio


class Track:
    """Notes begin and end of every run; a run of a key that is held waits for its gate."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.again: dict[str, list[float | None]] = {}

    async def run(self, key: str) -> float | None:
        self.notes.append(f"+{key}")
        if key in self.gates:
            await self.gates[key].wait()
        await asyncio.sleep(0)
        self.notes.append(f"-{key}")
        return self.again[key].pop(0) if self.again.get(key) else None


def lanes(track: Track, at_once: int = 9) -> Lanes[str]:
    return Lanes(track.run, at_once=at_once)


async def test_nothing_kicked_nothing_done() -> None:
    track = Track()
    made = lanes(track)
    await made.rest(planned=True)
    assert (track.notes, made.busy) == ([], 0)
    assert await made.close(within=1) == 0


async def test_kicks_before_the_first_run_are_one() -> None:
    track = Track()
    made = lanes(track)
    for _ in range(5):
        made.kick("a")
    await made.rest()
    assert track.notes == ["+a", "-a"]


async def test_kicks_during_a_run_are_one_more() -> None:
    track = Track()
    track.gates["a"] = asyncio.Event()
    made = lanes(track)
    made.kick("a")
    await asyncio.sleep(0)
    for _ in range(5):
        made.kick("a")
    track.gates["a"].set()
    await made.rest()
    assert track.notes == ["+a", "-a", "+a", "-a"]


async def test_a_full_house_lets_the_next_in_when_one_leaves() -> None:
    track = Track()
    for key in "abc":
        track.gates[key] = asyncio.Event()
    made = lanes(track, at_once=2)
    for key in "abc":
        made.kick(key)
    await asyncio.sleep(0)
    assert (track.notes, made.busy) == (["+a", "+b"], 3)
    track.gates["b"].set()
    track.gates["c"].set()
    while "-c" not in track.notes:
        await asyncio.sleep(0)
    assert track.notes == ["+a", "+b", "-b", "+c", "-c"]
    track.gates["a"].set()
    await made.rest()


async def test_a_run_says_in_how_many_seconds_to_come_back() -> None:
    track = Track()
    track.again["a"] = [0.0, -5.0, 0.01, None]
    made = lanes(track)
    made.kick("a")
    await made.rest(planned=True)
    assert track.notes == ["+a", "-a"] * 4


async def test_a_kick_for_now_takes_the_place_of_one_for_later() -> None:
    track = Track()
    made = lanes(track)
    made.kick("a", after=3600)
    made.kick("a")
    await made.rest(planned=True)
    assert track.notes == ["+a", "-a"]


async def test_the_end_forgets_the_timers_and_takes_nothing_new() -> None:
    track = Track()
    made = lanes(track)
    made.kick("a", after=0.001)
    assert await made.close(within=1) == 0
    made.kick("a")
    made.kick("a", after=0.001)
    # Another's timer shows that time goes on.
    other = lanes(track)
    other.kick("b", after=0.01)
    await other.rest(planned=True)
    assert track.notes == ["+b", "-b"]


async def test_the_end_waits_for_what_was_kicked() -> None:
    track = Track()
    made = lanes(track, at_once=1)
    made.kick("a")
    made.kick("b")
    assert await made.close(within=5) == 0
    assert track.notes == ["+a", "-a", "+b", "-b"]


async def test_the_end_gives_up_what_takes_too_long_and_says_how_many() -> None:
    track = Track()
    for key in "ab":
        track.gates[key] = asyncio.Event()
    made = lanes(track)
    for key in "abc":
        made.kick(key)
    await asyncio.sleep(0)
    assert await made.close(within=0.02) == 2
    assert (made.busy, track.notes) == (0, ["+a", "+b", "+c", "-c"])


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=30), st.integers(1, 4))
@settings(max_examples=60)
def test_whatever_is_kicked_whenever_no_key_overlaps_and_none_is_forgotten(
    kicks: list[tuple[str, int]], at_once: int
) -> None:
    """After its last kick every key begins at least once more."""
    track = Track()

    async def play() -> None:
        made = lanes(track, at_once)
        for key, pauses in kicks:
            made.kick(key)
            track.notes.append(f"!{key}")
            for _ in range(pauses):
                await asyncio.sleep(0)
        await made.rest()

    asyncio.run(play())
    for key in {key for key, _ in kicks}:
        own = [note[0] for note in track.notes if note[1] == key]
        assert "+" in own[len(own) - own[::-1].index("!") :]
        runs = [mark for mark in own if mark != "!"]
        assert runs == ["+", "-"] * (len(runs) // 2)
