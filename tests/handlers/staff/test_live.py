"""Every stream of every process hears of a change, from one poll a process, and ends when the server is to stop."""

from __future__ import annotations

import asyncio

import pytest

from handlers.staff.live import Live, counters_now
from storage import changes
from storage.changes import Counters
from storage.database import Database

pytestmark = pytest.mark.anyio


async def next_of(stream: object) -> Counters:
    async for counters in stream:  # type: ignore[attr-defined]
        if counters is not None:
            assert isinstance(counters, Counters)
            return counters
    raise AssertionError("the stream ended")


async def bump(database: Database, *, queue: bool = True) -> None:
    async with database.write() as connection:
        await changes.bump(connection, "default", queue=queue)


async def test_two_processes_hear_of_one_change_within_two_seconds(database: Database) -> None:
    await bump(database)
    processes = [Live(database), Live(database)]
    streams = [live.stream("default") for live in processes for _ in range(3)]
    async with asyncio.timeout(10):
        assert [await next_of(stream) for stream in streams] == [Counters(queue=1, talk=1)] * 6
        waiting = [asyncio.ensure_future(next_of(stream)) for stream in streams]
        await bump(database, queue=False)
        async with asyncio.timeout(2):
            assert await asyncio.gather(*waiting) == [Counters(queue=1, talk=2)] * 6
    assert await counters_now(database, "default") == Counters(queue=1, talk=2)
    for live in processes:
        live.stop()
    for stream in streams:
        await stream.aclose()


async def test_streams_end_when_the_server_is_asked_to_stop(database: Database) -> None:
    await bump(database)
    live = Live(database)
    stream = live.stream("default")
    async with asyncio.timeout(10):
        await next_of(stream)
        rest = asyncio.ensure_future(_rest(stream))
        await asyncio.sleep(0)
        live.stop()
        assert await rest == []


async def _rest(stream: object) -> list[object]:
    return [one async for one in stream]  # type: ignore[attr-defined]


async def test_what_is_undone_is_not_told(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.write() as connection:
            await changes.bump(connection, "default")
            raise RuntimeError
    assert await counters_now(database, "default") == Counters(queue=0, talk=0)
