"""Open rooms hear of changes: their own, at once, until they are closed; and a few pages of one room at a time."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator

import pytest
from guest import Guest
from road import Bot

from handlers.room.live import LISTENERS, RoomLive, TooManyListeners
from storage import rooms
from storage.database import Connection


def heard(guest: Guest, wanted: int, told: threading.Event) -> list[int]:
    """The numbers that a stream brings, until there are so many."""
    numbers: list[int] = []
    with guest.http.stream("GET", "/room/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("data: "):
                numbers.append(json.loads(line[6:]))
                told.set()
            if len(numbers) >= wanted:
                break
    return numbers


def test_a_stream_tells_of_every_change_of_its_own_room(house: Bot) -> None:
    guest, other = Guest(house), Guest(house)
    told, numbers = threading.Event(), []
    listening = threading.Thread(target=lambda: numbers.extend(heard(guest, 2, told)))
    listening.start()
    assert told.wait(10)
    other.say("ほかの部屋です")
    guest.program_said("お返事です")
    listening.join(10)
    assert not listening.is_alive()
    assert numbers == [0, 1]


def test_a_long_question_is_answered_when_something_changes(house: Bot) -> None:
    guest = Guest(house)
    assert guest.http.get("/room/changes?known=-1").json() == {"changed": 0}
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(guest.http.get("/room/changes?known=0").json()["changed"]))
    asking.start()
    Guest(house, room=guest.room).program_said("お返事です")
    asking.join(10)
    assert answers == [1]
    assert guest.http.get("/room/changes?known=x").status_code == 404


def test_a_page_hears_of_a_room_that_is_closed_by_its_stream_ending(house: Bot) -> None:
    guest = Guest(house)
    told = threading.Event()
    numbers: list[int] = []
    listening = threading.Thread(target=lambda: numbers.extend(heard(guest, 99, told)))
    listening.start()
    assert told.wait(10)

    async def close(connection: Connection) -> None:
        await rooms.close(connection, guest.room.id, now=house.program.clock())

    house.within(close)
    listening.join(10)
    assert not listening.is_alive()
    assert guest.http.get("/room/lines").status_code == 401


def test_a_room_listens_in_few_pages_at_a_time(house: Bot) -> None:
    guest, other = Guest(house), Guest(house)

    async def crowd() -> list[int | None]:
        live = RoomLive(house.program.database)
        streams: list[AsyncIterator[int | None]] = [live.stream(guest.room.id) for _ in range(LISTENERS)]
        firsts = [await anext(stream) for stream in streams]
        assert live.is_open(guest.room.id)
        assert not live.is_open(other.room.id)
        with pytest.raises(TooManyListeners):
            await anext(live.stream(guest.room.id))
        firsts.append(await anext(live.stream(other.room.id)))
        live.stop()
        for stream in streams:
            assert [number async for number in stream] == []
        assert live.count(guest.room.id) == 0
        return firsts

    assert house.run(crowd) == [0] * (LISTENERS + 1)
