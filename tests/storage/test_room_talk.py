"""A talk as its resident sees it: everything that was said, once, in order, and nothing that is not theirs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cast import NOW, keyring_of, resident_of
from sqlalchemy import select, update

from dialogue import codec
from dialogue.words import Text
from storage import conversations, inbox, outbox, presses, residents, room_talk, rooms
from storage.conversations import NewMessage
from storage.database import Database
from storage.ids import new_id
from storage.inbox import seal_event
from storage.keyring import Keyring
from storage.outbox import NewLetter
from storage.residents import ResidentRow
from storage.room_tables import RoomPress
from storage.room_talk import By, Line, Talk
from storage.tables import Channel, InboxEvent, InboxState, OutboxMessage, OutboxState

pytestmark = pytest.mark.anyio


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


class Room:
    """A resident's room with a talk in it."""

    def __init__(self, database: Database, keyring: Keyring, resident: ResidentRow, room_id: UUID) -> None:
        self.database, self.keyring, self.resident, self.id = database, keyring, resident, room_id

    @classmethod
    async def opened(cls, database: Database, name: bytes = b"s") -> Room:
        keyring = await keyring_of(database)
        resident = await resident_of(database, keyring, name=name)
        async with database.write() as connection:
            room = await rooms.open_room(connection, keyring, resident, now=NOW, new_id=new_id)
        return cls(database, keyring, resident, room.id)

    async def said(self, text: str, at: float, ref: bytes | None = None, unsent: bool = False) -> None:
        message = NewMessage(
            id=new_id(),
            kind="text",
            ref=ref or new_id().bytes * 2,
            text=None if unsent else text,
            sent_at=later(at),
            unsent_at=later(at) if unsent else None,
        )
        async with self.database.write() as connection:
            row = await residents.by_id(connection, self.keyring, self.resident.id, lock=True)
            assert row is not None
            turn_id = new_id()
            await conversations.add_turn(
                connection, row, turn_id=turn_id, at=later(at), content_version="c", listener_version="l"
            )
            await conversations.add_messages(connection, row, turn_id, [message])
            await residents.decided(connection, row, state={}, known={}, messages=1, heard_at=NOW, blocked_at=None)

    async def answered(
        self,
        text: str,
        at: float,
        kind: str = "answer",
        channel: Channel = Channel.ROOM,
        state: OutboxState = OutboxState.SENT,
    ) -> None:
        letter = NewLetter(
            id=new_id(),
            turn_id=None,
            kind=kind,
            priority=2,
            body=codec.to_json([Text(text=text)]),
            token=None,
            retry_key=new_id(),
            created_at=later(at),
            expires_at=later(at + 3600),
            channel=channel,
        )
        async with self.database.write() as connection:
            await outbox.add(
                connection, resident_id=self.resident.id, key=self.resident.key, letter=letter, leased_by=new_id()
            )
            await connection.execute(update(OutboxMessage).where(OutboxMessage.id == letter.id).values(state=state))

    async def waiting(self, body: Any, at: float, state: InboxState = InboxState.WAITING) -> None:
        event = seal_event(
            self.keyring.data,
            id=new_id(),
            desk_id="default",
            channel=Channel.ROOM,
            event_id=f"room-{new_id()}",
            sender=rooms.sender_of(self.keyring, "default", self.id).index,
            event_at=int(later(at).timestamp() * 1000),
            received_at=later(at),
            body=body,
        )
        async with self.database.write() as connection:
            await inbox.add(connection, [event])
            await connection.execute(update(InboxEvent).where(InboxEvent.id == event.id).values(state=state))

    async def pressed(self, shown: str, at: float, ref: bytes) -> None:
        async with self.database.write() as connection:
            await presses.add(connection, self.resident, turn_id=new_id(), ref=ref, shown=shown, at=later(at))

    async def talk(self, *, before: datetime | None = None, limit: int = 40) -> Talk:
        sender = rooms.sender_of(self.keyring, "default", self.id)
        async with self.database.read() as connection:
            return await room_talk.talk(
                connection, self.resident, sender=sender, data=self.keyring.data, before=before, limit=limit
            )


def words(lines: tuple[Line, ...]) -> list[str]:
    return [
        line.text or "".join(message.text for message in line.messages if isinstance(message, Text)) for line in lines
    ]


async def test_a_talk_is_in_the_order_in_which_it_was_said(database: Database) -> None:
    room = await Room.opened(database)
    await room.answered("二", 2)
    await room.said("一", 1)
    await room.pressed("三", 3, b"r" * 32)
    await room.answered("四", 4, kind="staff")
    await room.waiting({"type": "say", "text": "五", "ref": "#" + "ab" * 32}, 5)
    talk = await room.talk()
    assert words(talk.lines) == ["一", "二", "三", "四", "五"]
    assert [line.by for line in talk.lines] == [By.RESIDENT, By.PROGRAM, By.RESIDENT, By.STAFF, By.RESIDENT]
    assert [line.waits for line in talk.lines] == [False] * 4 + [True]
    assert talk.waits
    assert talk.lines[-1].key == "ab" * 32


async def test_what_somebody_set_aside_for_staff_stays_and_waits_for_nothing(database: Database) -> None:
    room = await Room.opened(database)
    await room.waiting({"type": "say", "text": "読めなかった", "ref": "#ab"}, 1, InboxState.ASIDE)
    await room.waiting({"type": "unsend", "ref": "#cd"}, 2)
    await room.waiting({"type": "press", "shown": "", "ref": "#ef"}, 3)
    talk = await room.talk()
    assert words(talk.lines) == ["読めなかった"]
    assert not talk.waits


async def test_only_what_reached_somebody_is_shown_and_no_knock(database: Database) -> None:
    room = await Room.opened(database)
    await room.answered("部屋で届いた", 1)
    await room.answered("部屋で待つ", 2, state=OutboxState.WAITING)
    await room.answered("部屋で消えた", 3, state=OutboxState.EXPIRED)
    await room.answered("LINEで届いた", 4, channel=Channel.LINE)
    await room.answered("LINEで届かない", 5, channel=Channel.LINE, state=OutboxState.FAILED)
    await room.answered("LINEで待つ", 6, channel=Channel.LINE, state=OutboxState.WAITING)
    for kind in room_talk.ONLY_LINE:
        await room.answered("おたよりがあります", 7, kind=kind, channel=Channel.LINE)
    assert words((await room.talk()).lines) == ["部屋で届いた", "部屋で待つ", "LINEで届いた"]


async def test_a_message_and_its_event_are_one_line(database: Database) -> None:
    room = await Room.opened(database)
    await room.said("同じ", 1, ref=bytes.fromhex("ab" * 32))
    await room.waiting({"type": "say", "text": "同じ", "ref": "#" + "ab" * 32}, 1)
    assert words((await room.talk()).lines) == ["同じ"]


async def test_unsent_words_are_a_line_without_words(database: Database) -> None:
    room = await Room.opened(database)
    await room.said("消した", 1, unsent=True)
    (line,) = (await room.talk()).lines
    assert (line.text, line.unsent) == (None, True)


async def test_words_are_gone_from_the_page_as_soon_as_they_are_taken_back(database: Database) -> None:
    room = await Room.opened(database)
    key = "ab" * 32
    await room.said("消したい", 1, ref=bytes.fromhex(key))
    await room.said("残る", 2)
    await room.waiting({"type": "unsend", "key": key, "ref": "#" + "cd" * 32}, 3)
    first, second = (await room.talk()).lines
    assert (first.text, first.unsent) == (None, True)
    assert (second.text, second.unsent) == ("残る", False)


async def test_long_talks_come_in_parts_without_a_gap(database: Database) -> None:
    room = await Room.opened(database)
    for number in range(7):
        await room.said(f"言{number}", number)
        await room.answered(f"答{number}", number + 0.5)
    found: list[str] = []
    before, pages = None, 0
    while True:
        talk = await room.talk(before=before, limit=4)
        found, pages, before = [*words(talk.lines), *found], pages + 1, talk.earlier
        if before is None:
            break
    assert found == [f"{kind}{number}" for number in range(7) for kind in ("言", "答")]
    assert pages == 4


async def test_what_was_said_in_one_moment_is_on_one_part(database: Database) -> None:
    room = await Room.opened(database)
    for number in range(4):
        await room.said(f"言{number}", 1)
        await room.answered(f"答{number}", 1)
    newest = await room.talk(limit=4)
    assert sorted(words(newest.lines)) == sorted(f"{kind}{number}" for number in range(4) for kind in ("言", "答"))
    assert newest.earlier is None


async def test_a_press_is_kept_once_and_sealed(database: Database) -> None:
    room = await Room.opened(database)
    for _ in range(3):
        await room.pressed("はい、話したい", 1, b"p" * 32)
    async with database.read() as connection:
        (sealed,) = (await connection.execute(select(RoomPress.shown_sealed))).scalars()
    assert "はい".encode() not in sealed
    assert words((await room.talk()).lines) == ["はい、話したい"]


async def test_nobody_sees_another_room(database: Database) -> None:
    one, other = await Room.opened(database), await Room.opened(database, name=b"t")
    await one.said("一", 1)
    await one.answered("二", 2)
    await one.pressed("三", 3, b"r" * 32)
    await one.waiting({"type": "say", "text": "四", "ref": "#ab"}, 4)
    assert (await other.talk()).lines == ()
