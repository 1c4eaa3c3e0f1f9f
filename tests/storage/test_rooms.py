"""Rooms, who is in them, and the links that open them, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from cast import NOW, event, keyring_of, resident_of
from sqlalchemy import select, text, update

from storage import erasure, inbox, outbox, residents, room_links, room_sessions, rooms, tables
from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.outbox import NewLetter
from storage.residents import ResidentRow
from storage.room_links import Link
from storage.room_sessions import Entered, RoomLimits
from storage.room_tables import Room, RoomLink, RoomPurpose, RoomSession
from storage.rooms import RoomRow
from storage.tables import Channel, OutboxMessage, Resident

pytestmark = pytest.mark.anyio

LIMITS = RoomLimits()
HOUR = timedelta(hours=1)


async def opened(database: Database, keyring: Keyring, resident: ResidentRow) -> RoomRow:
    async with database.write() as connection:
        return await rooms.open_room(connection, keyring, resident, now=NOW, new_id=new_id)


async def entered(database: Database, token: str, after: timedelta = timedelta(0)) -> Entered | None:
    async with database.read() as connection:
        return await room_sessions.load(connection, token, now=NOW + after, limits=LIMITS)


async def let_in(database: Database, room: RoomRow, token: str) -> UUID:
    async with database.write() as connection:
        return await room_sessions.begin(connection, room_id=room.id, token=token, now=NOW, new_id=new_id)


async def linked(
    database: Database, keyring: Keyring, resident: ResidentRow, purpose: RoomPurpose = RoomPurpose.ROOM
) -> str:
    async with database.write() as connection:
        return await room_links.issue(
            connection,
            keyring,
            desk_id=resident.desk_id,
            resident_id=resident.id,
            purpose=purpose,
            now=NOW,
            valid_for=HOUR,
            new_id=new_id,
            argument={"what": "こと"},
        )


async def used(
    database: Database,
    keyring: Keyring,
    token: str,
    *,
    purpose: RoomPurpose = RoomPurpose.ROOM,
    after: timedelta = HOUR / 2,
) -> Link | None:
    async with database.write() as connection:
        return await room_links.use(connection, keyring, token, purpose=purpose, now=NOW + after)


async def test_a_resident_of_line_has_one_room_and_is_found_by_both(database: Database) -> None:
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring)
    room = await opened(database, keyring, resident)
    assert (await opened(database, keyring, resident)).id == room.id
    async with database.read() as connection:
        by_room = await residents.find(connection, keyring, rooms.sender_of(keyring, "default", room.id))
        reach = await residents.reach(connection, keyring, resident.id, Channel.ROOM)
        line = await residents.reach(connection, keyring, resident.id, Channel.LINE)
    assert by_room is not None
    assert (by_room.id, by_room.place) == (resident.id, tables.Place.ROOM)
    assert (reach.address, line.address) == (str(room.id), "U1")


async def test_two_who_open_the_same_room_at_once_get_one(database: Database) -> None:
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring)

    async def open_locked() -> UUID:
        async with database.write() as connection:
            locked = await residents.by_id(connection, keyring, resident.id, lock=True)
            assert locked is not None
            return (await rooms.open_room(connection, keyring, locked, now=NOW, new_id=new_id)).id

    assert len(set(await asyncio.gather(*(open_locked() for _ in range(6))))) == 1


async def test_an_anonymous_room_is_a_new_resident_whom_only_the_room_reaches(database: Database) -> None:
    keyring = await keyring_of(database)
    async with database.write() as connection:
        room = await rooms.open_anonymous(connection, keyring, "default", now=NOW, new_id=new_id)
        resident = await residents.by_id(connection, keyring, room.resident_id)
        identities = (await connection.execute(select(tables.Identity.channel))).scalars().all()
    assert resident is not None
    assert resident.place is tables.Place.ROOM
    assert identities == [Channel.ROOM]


async def test_a_browser_is_in_by_its_token_alone(database: Database) -> None:
    keyring = await keyring_of(database)
    room = await opened(database, keyring, await resident_of(database, keyring))
    session_id = await let_in(database, room, "token")
    found = await entered(database, "token")
    assert found is not None
    assert (found.id, found.room) == (session_id, room)
    for wrong in ("", "Token", "token ", "token\x00", "\ud800"):
        assert await entered(database, wrong) is None
    async with database.read() as connection:
        (stored,) = (await connection.execute(select(RoomSession.token_hash))).scalars()
    assert b"token" not in stored


@pytest.mark.parametrize(
    ("guarded", "watchword", "quiet_for", "is_in"),
    [
        (False, None, timedelta(hours=23), True),
        (False, None, timedelta(hours=24), False),
        (True, "hash", timedelta(minutes=29), True),
        (True, "hash", timedelta(minutes=30), False),
        (True, None, timedelta(hours=23), True),
        (False, "hash", timedelta(hours=23), True),
    ],
)
async def test_how_long_a_browser_stays_in(
    database: Database, guarded: bool, watchword: str | None, quiet_for: timedelta, is_in: bool
) -> None:
    keyring = await keyring_of(database)
    room = await opened(database, keyring, await resident_of(database, keyring))
    session_id = await let_in(database, room, "token")
    async with database.write() as connection:
        await rooms.set_watchword(connection, room.id, watchword)
        await rooms.guard(connection, room.id, guarded=guarded)
        await room_sessions.seen(connection, session_id, NOW + HOUR)
    assert (await entered(database, "token", HOUR + quiet_for) is not None) is is_in


async def test_nobody_stays_in_for_ever(database: Database) -> None:
    keyring = await keyring_of(database)
    room = await opened(database, keyring, await resident_of(database, keyring))
    session_id = await let_in(database, room, "token")
    async with database.write() as connection:
        await room_sessions.seen(connection, session_id, NOW + LIMITS.absolute)
    assert await entered(database, "token", LIMITS.absolute) is None


async def test_who_is_out_is_out_and_the_others_stay(database: Database) -> None:
    keyring = await keyring_of(database)
    room = await opened(database, keyring, await resident_of(database, keyring))
    one, _, _ = [await let_in(database, room, token) for token in ("one", "two", "three")]
    async with database.write() as connection:
        await room_sessions.end(connection, one, now=NOW)
    assert [await entered(database, token) is not None for token in ("one", "two", "three")] == [False, True, True]
    two = await entered(database, "two")
    assert two is not None
    async with database.write() as connection:
        await room_sessions.end_all(connection, room.id, now=NOW, but=two.id)
    assert [await entered(database, token) is not None for token in ("two", "three")] == [True, False]
    async with database.write() as connection:
        await rooms.close(connection, room.id, now=NOW)
        assert await rooms.by_id(connection, room.id) is None
        assert await rooms.room_of(connection, room.resident_id) is None
    assert await entered(database, "two") is None


async def test_a_closed_room_makes_place_for_a_new_one(database: Database) -> None:
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring)
    first = await opened(database, keyring, resident)
    async with database.write() as connection:
        await rooms.close(connection, first.id, now=NOW)
    second = await opened(database, keyring, resident)
    assert second.id != first.id


async def test_pages_are_told_of_changes_in_their_own_room(database: Database) -> None:
    keyring = await keyring_of(database)
    one = await opened(database, keyring, await resident_of(database, keyring))
    other = await opened(database, keyring, await resident_of(database, keyring, name=b"t", address="U2"))
    async with database.write() as connection:
        await rooms.bump(connection, one.resident_id)
        assert await rooms.counters(connection, [one.id, other.id]) == {one.id: 1, other.id: 0}
        await rooms.close(connection, other.id, now=NOW)
        assert await rooms.counters(connection, [one.id, other.id]) == {one.id: 1}


async def test_pages_that_show_a_room_are_told_when_somebody_is_put_out_of_it(database: Database) -> None:
    keyring = await keyring_of(database)
    room = await opened(database, keyring, await resident_of(database, keyring))
    session_id = await let_in(database, room, "one")
    async with database.write() as connection:
        await room_sessions.end(connection, session_id, now=NOW)
        assert await rooms.counters(connection, [room.id]) == {room.id: 1}
        await room_sessions.end_all(connection, room.id, now=NOW)
        assert await rooms.counters(connection, [room.id]) == {room.id: 2}


async def test_a_link_is_looked_at_often_and_used_once(database: Database) -> None:
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring)
    token = await linked(database, keyring, resident)
    async with database.read() as connection:
        for _ in range(3):
            seen = await room_links.peek(connection, keyring, token, purpose=RoomPurpose.ROOM, now=NOW)
            assert seen is not None
            assert (seen.resident_id, seen.argument) == (resident.id, {"what": "こと"})
    found = await asyncio.gather(*(used(database, keyring, token) for _ in range(8)))
    assert sum(link is not None for link in found) == 1
    assert await used(database, keyring, token) is None


async def test_a_link_of_one_purpose_opens_nothing_else_and_none_after_its_time(database: Database) -> None:
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring)
    token = await linked(database, keyring, resident, RoomPurpose.PRIVATE_PAGE)
    assert await used(database, keyring, token) is None
    assert await used(database, keyring, token, purpose=RoomPurpose.PRIVATE_PAGE, after=HOUR) is None
    for wrong in ("", token[:-1], token + "=", token.swapcase(), "\ud800"):
        assert await used(database, keyring, wrong, purpose=RoomPurpose.PRIVATE_PAGE) is None
    assert await used(database, keyring, token, purpose=RoomPurpose.PRIVATE_PAGE) is not None


async def test_older_links_end_with_a_newer_one_or_with_the_resident(database: Database) -> None:
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring)
    first, other = await linked(database, keyring, resident), await linked(database, keyring, resident)
    page = await linked(database, keyring, resident, RoomPurpose.PRIVATE_PAGE)
    async with database.write() as connection:
        await room_links.end_all(connection, resident.id, purpose=RoomPurpose.ROOM, now=NOW)
    assert [await used(database, keyring, token) for token in (first, other)] == [None, None]
    async with database.write() as connection:
        await connection.execute(update(Resident).values(erased_at=NOW))
    assert await used(database, keyring, page, purpose=RoomPurpose.PRIVATE_PAGE) is None


async def test_nothing_of_a_link_stands_in_the_clear(database: Database) -> None:
    keyring = await keyring_of(database)
    token = await linked(database, keyring, await resident_of(database, keyring))
    async with database.read() as connection:
        (row,) = (await connection.execute(select(RoomLink.token_hash, RoomLink.argument_sealed))).all()
    assert token.encode() not in row.token_hash
    assert "こと".encode() not in row.argument_sealed


async def test_an_erased_resident_leaves_no_room(database: Database) -> None:
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring)
    room = await opened(database, keyring, resident)
    await let_in(database, room, "token")
    await linked(database, keyring, resident)
    async with database.write() as connection:
        await residents.plan_erasure(connection, resident.id, NOW)
        assert await erasure.erase(connection, keyring, resident.id, now=NOW)
        for table in (Room, RoomSession, RoomLink):
            assert (await connection.execute(select(table.id))).all() == []


async def test_old_sessions_and_links_are_forgotten(database: Database) -> None:
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring)
    room = await opened(database, keyring, resident)
    await let_in(database, room, "token")
    await linked(database, keyring, resident)
    for after, left in ((timedelta(days=7), 1), (timedelta(days=30), 0)):
        async with database.write() as connection:
            await room_sessions.tidy(connection, NOW + after)
            await room_links.tidy(connection, NOW + after - HOUR)
            assert len((await connection.execute(select(RoomSession.id))).all()) == left
            assert len((await connection.execute(select(RoomLink.id))).all()) == left


async def test_letters_and_residents_are_of_line_unless_something_else_is_said(database: Database) -> None:
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring)
    for channel in (Channel.LINE, Channel.ROOM):
        letter = NewLetter(
            id=new_id(),
            turn_id=None,
            kind="answer",
            priority=2,
            body=[],
            token=None,
            retry_key=new_id(),
            created_at=NOW,
            expires_at=NOW + HOUR,
            channel=channel,
        )
        async with database.write() as connection:
            await outbox.add(connection, resident_id=resident.id, key=resident.key, letter=letter, leased_by=new_id())
    async with database.read() as connection:
        waiting = await outbox.waiting(connection, resident.id, resident.key)
        (place,) = (await connection.execute(text("SELECT place FROM residents"))).scalars()
        stored = (await connection.execute(select(OutboxMessage.channel).order_by(OutboxMessage.id))).scalars().all()
    assert [letter.channel for letter in waiting] == stored == [Channel.LINE, Channel.ROOM]
    assert place == "line"
    assert resident.place is tables.Place.LINE


async def test_what_waits_keeps_the_channel_it_came_by(database: Database) -> None:
    keyring = await keyring_of(database)
    async with database.write() as connection:
        await inbox.add(connection, [event(keyring, "e1")])
        (conversation,) = await inbox.conversations_waiting(connection, now=NOW)
        (waiting,) = await inbox.waiting(connection, keyring.data, conversation, now=NOW)
    assert waiting.channel is Channel.LINE
