"""The talk of a case with the buttons that were pressed in it: in order, and no more of them than may be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from cast import NOW, keyring_of, resident_of

from dialogue import codec
from dialogue.words import Text
from storage import case_talk, conversations, outbox, presses, residents
from storage.case_talk import Talk
from storage.conversations import NewMessage
from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.outbox import NewLetter
from storage.tables import Channel

pytestmark = pytest.mark.anyio


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def everything(_at: datetime, _turn: int | None) -> bool:
    return True


@dataclass
class Told:
    """A talk of one resident, turn by turn."""

    database: Database
    keyring: Keyring
    resident_id: Any

    @classmethod
    async def begun(cls, database: Database) -> Told:
        keyring = await keyring_of(database)
        return cls(database, keyring, (await resident_of(database, keyring)).id)

    async def turn(self, at: float, *, says: str = "", presses_: str = "", answer: str = "") -> None:
        async with self.database.write() as connection:
            resident = await residents.by_id(connection, self.keyring, self.resident_id, lock=True)
            assert resident is not None
            turn_id, when = new_id(), later(at)
            made = {"content_version": "c", "listener_version": "l"}
            await conversations.add_turn(connection, resident, turn_id=turn_id, at=when, **made)
            if says:
                said = NewMessage(id=new_id(), kind="text", ref=new_id().bytes, text=says, sent_at=when)
                await conversations.add_messages(connection, resident, turn_id, [said])
            if presses_:
                await presses.add(connection, resident, turn_id=turn_id, ref=new_id().bytes, shown=presses_, at=when)
            if answer:
                letter = NewLetter(
                    id=new_id(),
                    turn_id=turn_id,
                    kind="answer",
                    priority=2,
                    body=codec.to_json([Text(text=answer)]),
                    token=None,
                    retry_key=new_id(),
                    created_at=when,
                    expires_at=when + timedelta(hours=1),
                    channel=Channel.LINE,
                )
                await outbox.add(
                    connection, resident_id=resident.id, key=resident.key, letter=letter, leased_by=new_id()
                )
            await residents.decided(
                connection, resident, state={}, known={}, messages=int(bool(says)), heard_at=when, blocked_at=None
            )

    async def talk(self, readable: case_talk.Readable = everything, before: int | None = None) -> Talk:
        async with self.database.read() as connection:
            resident = await residents.by_id(connection, self.keyring, self.resident_id)
            assert resident is not None
            return await case_talk.talk(connection, resident.key, resident.id, readable, before=before)


async def test_a_button_stands_in_the_talk_with_its_words_and_its_turn(database: Database) -> None:
    told = await Told.begun(database)
    await told.turn(1, says="家賃が払えません", answer="話してみますか")
    await told.turn(2, presses_="話してみたい", answer="はい")
    (press,) = (await told.talk()).pressed
    assert (press.text, press.turn, press.at, press.hidden) == ("話してみたい", 2, later(2), False)


async def test_a_button_that_may_not_be_read_is_not_unsealed(database: Database) -> None:
    told = await Told.begun(database)
    await told.turn(1, presses_="話してみたい")
    await told.turn(2, presses_="読んでいい")
    asked: list[tuple[datetime, int | None]] = []

    def only_the_second(at: datetime, turn: int | None) -> bool:
        asked.append((at, turn))
        return turn == 2

    talk = await told.talk(only_the_second)
    assert [(press.text, press.hidden) for press in talk.pressed] == [(None, True), ("読んでいい", False)]
    assert set(asked) == {(later(1), 1), (later(2), 2)}


async def test_nothing_between_two_pages_of_a_long_talk_is_lost(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_talk, "LINES", 2)
    told = await Told.begun(database)
    await told.turn(1, says="一", answer="はい一")
    await told.turn(2, presses_="ボタン一", answer="はいボタン一")
    await told.turn(3, says="二")
    await told.turn(4, presses_="ボタン二", answer="はいボタン二")
    await told.turn(5, says="三")
    await told.turn(6, says="四")
    await told.turn(7, presses_="ボタン三", answer="はいボタン三")
    newest = await told.talk()
    assert newest.earlier == 3
    assert [press.text for press in newest.pressed] == ["ボタン三"]
    assert [line for one in newest.answered for line in one.lines] == ["はいボタン三"]
    older = await told.talk(before=newest.earlier)
    assert [press.text for press in older.pressed] == ["ボタン一", "ボタン二"]
    assert [line for one in older.answered for line in one.lines] == ["はい一", "はいボタン一", "はいボタン二"]
