"""What the door stores, on both databases: rooms by name, what a guarded room hides, letters by place, old links."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from cast import NOW

from storage import conversations, knocks, outbox, residents, room_links, room_sessions, rooms, watchwords
from storage.conversations import NewMessage
from storage.database import Connection, Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.outbox import NewLetter
from storage.residents import ResidentRow, Sender
from storage.room_tables import RoomPurpose
from storage.rooms import RoomRow
from storage.tables import Channel, OutboxState
from storage.vault import SealingKey

pytestmark = pytest.mark.anyio
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def keyring(database: Database) -> Keyring:
    return await Keyring.open(database, [SealingKey.fresh()], now=NOW, new_id=new_id)


async def on_line(connection: Connection, keyring: Keyring) -> ResidentRow:
    sender = Sender(desk_id="default", channel=Channel.LINE, index=keyring.index.of("default", "line", str(new_id())))
    return await residents.create(connection, keyring, sender, address="U1", now=NOW, new_id=new_id)


async def letter(connection: Connection, resident: ResidentRow, kind: str, channel: Channel = Channel.LINE) -> UUID:
    new = NewLetter(
        id=new_id(),
        turn_id=None,
        kind=kind,
        priority=2,
        body=[{"type": "text", "text": "はい。"}],
        token=None,
        retry_key=new_id(),
        created_at=NOW,
        expires_at=NOW + timedelta(hours=8),
        channel=channel,
    )
    await outbox.add(connection, resident_id=resident.id, key=resident.key, letter=new, leased_by=None)
    return new.id


async def wrote(connection: Connection, resident: ResidentRow, minutes: int) -> None:
    at, turn_id = NOW + minutes * MINUTE, new_id()
    await conversations.add_turn(
        connection, resident, turn_id=turn_id, at=at, content_version="c", listener_version="l"
    )
    said = NewMessage(id=new_id(), kind="text", ref=None, text="…", sent_at=at)
    await conversations.add_messages(connection, resident, turn_id, [said])


async def guarded_room(connection: Connection, keyring: Keyring, resident: ResidentRow) -> RoomRow:
    room = await rooms.open_room(connection, keyring, resident, now=NOW, new_id=new_id)
    await watchwords.guard_of(connection, resident.id)
    found = await rooms.by_id(connection, room.id)
    assert found is not None
    return found


async def test_a_room_is_found_by_its_name_at_its_desk_until_it_is_closed(database: Database, keyring: Keyring) -> None:
    async with database.write() as connection:
        room = await rooms.open_anonymous(connection, keyring, "default", now=NOW, new_id=new_id)
        name = await watchwords.name_of(connection, room)
        assert await watchwords.named(connection, "default", name) == room
        assert await watchwords.named(connection, "other", name) is None
        await rooms.close(connection, room.id, now=NOW)
        assert await watchwords.named(connection, "default", name) is None


async def test_a_guarded_room_hides_what_was_there_before_and_shows_what_nobody_has_seen(
    database: Database, keyring: Keyring
) -> None:
    async with database.write() as connection:
        resident = await on_line(connection, keyring)
        room = await guarded_room(connection, keyring, resident)
        await wrote(connection, resident, 2)
        first = await room_sessions.begin(connection, room_id=room.id, token="a", now=NOW, new_id=new_id)
        await room_sessions.seen(connection, first, NOW + 3 * MINUTE)
        entered = NOW + 10 * MINUTE
        second = await room_sessions.begin(connection, room_id=room.id, token="b", now=entered, new_id=new_id)
        assert await watchwords.veil(connection, room, session_id=first, entered_at=NOW) is None
        until = await watchwords.veil(connection, room, session_id=second, entered_at=entered)
        assert until == NOW + 3 * MINUTE
        await rooms.set_watchword(connection, room.id, "hash")
        kept = await rooms.by_id(connection, room.id)
        assert kept is not None
        assert await watchwords.veil(connection, kept, session_id=second, entered_at=entered) is None


async def test_a_room_that_is_not_guarded_hides_nothing(database: Database, keyring: Keyring) -> None:
    async with database.write() as connection:
        resident = await on_line(connection, keyring)
        room = await rooms.open_room(connection, keyring, resident, now=NOW, new_id=new_id)
        await wrote(connection, resident, 2)
        session = await room_sessions.begin(connection, room_id=room.id, token="a", now=NOW, new_id=new_id)
        assert await watchwords.veil(connection, room, session_id=session, entered_at=NOW + 5 * MINUTE) is None
        assert not await watchwords.is_unkept(connection, room), "LINE leads back in"


async def test_a_room_of_the_leaflet_needs_a_watchword_to_be_found_again(database: Database, keyring: Keyring) -> None:
    async with database.write() as connection:
        room = await rooms.open_anonymous(connection, keyring, "default", now=NOW, new_id=new_id)
        assert await watchwords.is_unkept(connection, room)


async def test_letters_put_in_the_room_go_nowhere_else(database: Database, keyring: Keyring) -> None:
    async with database.write() as connection:
        resident = await on_line(connection, keyring)
        room = await rooms.open_room(connection, keyring, resident, now=NOW, new_id=new_id)
        one, other = await letter(connection, resident, "staff"), await letter(connection, resident, "knock")
        await knocks.put_in_room(connection, resident.id, [one], now=NOW)
        (left,) = await knocks.on_their_way(connection, resident.id)
        assert left.id == other
        assert (await rooms.counters(connection, [room.id]))[room.id] > 0, "open pages are told"
        assert await knocks.last_knock(connection, resident.id) is None
        await knocks.postpone(connection, other, NOW + MINUTE)
        (left,) = await knocks.on_their_way(connection, resident.id)
        assert left.next_try_at == NOW + MINUTE
        await knocks.drop(connection, other, knocks.SEEN)
        assert await knocks.on_their_way(connection, resident.id) == []


async def test_a_knock_that_line_took_counts(database: Database, keyring: Keyring) -> None:
    async with database.write() as connection:
        resident = await on_line(connection, keyring)
        knock = await letter(connection, resident, "knock")
        change = outbox.Change(state=OutboxState.SENT, tries=1, sent_at=NOW, sent_by="push")
        await outbox.record(connection, knock, change, leased_by=new_id())
        assert await knocks.last_knock(connection, resident.id) == NOW


async def test_only_rooms_that_nobody_used_are_found_empty(database: Database, keyring: Keyring) -> None:
    async with database.write() as connection:
        unused = await rooms.open_anonymous(connection, keyring, "default", now=NOW, new_id=new_id)
        named = await rooms.open_anonymous(connection, keyring, "default", now=NOW, new_id=new_id)
        await rooms.set_watchword(connection, named.id, "hash")
        resident = await on_line(connection, keyring)
        await rooms.open_room(connection, keyring, resident, now=NOW, new_id=new_id)
        assert await watchwords.left_empty(connection, before=NOW) == []
        assert await watchwords.left_empty(connection, before=NOW + MINUTE) == [unused.resident_id]


async def test_whose_a_link_was_is_known_also_when_it_is_too_old(database: Database, keyring: Keyring) -> None:
    async with database.write() as connection:
        resident = await on_line(connection, keyring)
        token = await room_links.issue(
            connection,
            keyring,
            desk_id="default",
            resident_id=resident.id,
            purpose=RoomPurpose.ROOM,
            now=NOW,
            valid_for=-MINUTE,
            new_id=new_id,
        )
        assert await room_links.peek(connection, keyring, token, purpose=RoomPurpose.ROOM, now=NOW) is None
        assert await room_links.owner_of(connection, token, purpose=RoomPurpose.ROOM) == ("default", resident.id)
        assert await room_links.owner_of(connection, token, purpose=RoomPurpose.PRIVATE_PAGE) is None
        assert await room_links.owner_of(connection, "guessed", purpose=RoomPurpose.ROOM) is None
