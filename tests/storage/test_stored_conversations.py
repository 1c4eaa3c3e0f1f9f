"""What residents said: sealed, in its order, and gone with everything found in it when it is taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cast import NOW, keyring_of, resident_of
from sqlalchemy import func, select

from storage import conversations
from storage.conversations import Findings, FoundTag, NewMessage
from storage.database import Database
from storage.ids import new_id
from storage.residents import ResidentRow
from storage.tables import Alert, Finding, ResidentMessage, Tag, Tombstone, Turn

pytestmark = pytest.mark.anyio

WORDS = "家賃が払えなくて、きのうから何も食べてない"


def findings() -> Findings:
    evidence = [{"start": 0, "end": 7, "text": WORDS[:7]}]
    tags = tuple(FoundTag(id=new_id(), category=name, score=0.9, evidence=evidence) for name in ("poverty", "housing"))
    return Findings(tags=tags, risk_level="urgent", risk_kinds=("lifeline",), detail={"risk": evidence})


def message(text: str | None = WORDS, *, ref: bytes | None = b"m1", **given: Any) -> NewMessage:
    found = None if text is None else findings()
    return NewMessage(id=new_id(), kind="text", ref=ref, text=text, sent_at=NOW, **{"findings": found, **given})


async def say(database: Database, resident: ResidentRow, *messages: NewMessage) -> UUID:
    """A turn in which these messages came."""
    turn_id = new_id()
    async with database.write() as connection:
        await conversations.add_turn(
            connection, resident, turn_id=turn_id, at=NOW, content_version="c", listener_version="l"
        )
        await conversations.add_messages(connection, resident, turn_id, messages)
    return turn_id


async def unsend(database: Database, resident: ResidentRow, ref: bytes = b"m1") -> bool:
    async with database.write() as connection:
        return await conversations.unsend(connection, resident.id, ref, at=NOW + timedelta(minutes=1))


async def texts(database: Database, of: ResidentRow) -> list[str]:
    async with database.read() as connection:
        return await conversations.texts(connection, of.id, of.key)


async def rows(database: Database, *columns: Any) -> list[tuple[Any, ...]]:
    async with database.read() as connection:
        return [tuple(row) for row in await connection.execute(select(*columns))]


@pytest.fixture
async def resident(database: Database) -> ResidentRow:
    return await resident_of(database, await keyring_of(database))


async def test_a_tag_called_wrong_is_marked_and_told_anew_it_is_not(database: Database, resident: ResidentRow) -> None:
    await say(database, resident, message())
    for at in (NOW, NOW + timedelta(minutes=5)):
        async with database.write() as connection:
            await conversations.contest(connection, resident.id, "housing", at=at)
    await say(database, resident, message(ref=b"m2"))
    marked = await rows(database, Tag.category, Tag.contested_at)
    assert sorted(marked, key=str) == sorted(
        [("poverty", None), ("housing", NOW), ("poverty", None), ("housing", None)], key=str
    )
    assert await rows(database, Finding.risk_level) == [("urgent",), ("urgent",)]


async def test_words_come_back_in_the_order_in_which_they_were_said(database: Database, resident: ResidentRow) -> None:
    await say(database, resident, message("一"), message(None, ref=b"m2"), message("二", ref=b"m3"))
    assert await texts(database, resident) == ["一", "二"]
    assert await rows(database, ResidentMessage.number) == [(1,), (2,), (3,)]


@pytest.mark.parametrize("words", ["", "\ud83d", "x\x00y", "\u202eabc\u202c", "あ" * 5000, "𠮷野家", "<script>"])
async def test_any_words_come_back_as_they_were(database: Database, resident: ResidentRow, words: str) -> None:
    await say(database, resident, message(words))
    assert await texts(database, resident) == [words]


async def test_nothing_that_was_said_or_found_can_be_read_in_the_database(
    database: Database, resident: ResidentRow
) -> None:
    await say(database, resident, message())
    cells: list[bytes] = []
    for model in (ResidentMessage, Tag, Finding, Turn):
        for row in await rows(database, model.__table__):
            cells += [cell if isinstance(cell, bytes) else str(cell).encode() for cell in row]
    shown = b"\n".join(cells)
    assert WORDS.encode() not in shown
    assert WORDS[:7].encode() not in shown
    assert b"\\u5bb6" not in shown


async def test_a_turn_without_messages_is_recorded_all_the_same(database: Database, resident: ResidentRow) -> None:
    turn_id = await say(database, resident)
    columns = (Turn.id, Turn.number, Turn.content_version, Turn.listener_version)
    assert await rows(database, *columns) == [(turn_id, 1, "c", "l")]


async def test_taking_a_message_back_takes_its_words_tags_and_findings(
    database: Database, resident: ResidentRow
) -> None:
    kept = message("仕事をさがしています", ref=b"m2")
    await say(database, resident, message(), kept)
    assert await unsend(database, resident)
    assert await texts(database, resident) == ["仕事をさがしています"]
    assert {row[0] for row in await rows(database, Tag.message_id)} == {kept.id}
    assert {row[0] for row in await rows(database, Finding.message_id)} == {kept.id}
    unsent = await rows(database, ResidentMessage.text_sealed.is_(None), ResidentMessage.unsent_at)
    assert sorted(unsent, key=str) == [(False, None), (True, NOW + timedelta(minutes=1))]
    assert await rows(database, Tombstone.ref) == []


async def test_taking_a_message_back_twice_is_harmless(database: Database, resident: ResidentRow) -> None:
    await say(database, resident, message())
    assert await unsend(database, resident)
    assert await unsend(database, resident)
    assert await texts(database, resident) == []


async def test_a_message_taken_back_before_it_comes_leaves_a_tombstone(
    database: Database, resident: ResidentRow
) -> None:
    assert not await unsend(database, resident)
    assert not await unsend(database, resident)
    assert await rows(database, Tombstone.ref) == [(b"m1",)]
    async with database.read() as connection:
        assert await conversations.tombstones(connection, [b"m1", b"m2"]) == {b"m1"}
        assert await conversations.tombstones(connection, []) == frozenset()
    await say(database, resident, message(None, unsent_at=NOW))
    assert await texts(database, resident) == []


async def test_nobody_takes_back_what_another_said(database: Database, resident: ResidentRow) -> None:
    other = await resident_of(database, await keyring_of(database), name=b"o")
    await say(database, resident, message())
    assert not await unsend(database, other)
    assert await texts(database, resident) == [WORDS]
    assert await texts(database, other) == []


async def test_an_alert_holds_level_and_rule_and_no_words(database: Database, resident: ResidentRow) -> None:
    turn_id = await say(database, resident, message())
    async with database.write() as connection:
        await conversations.add_alert(
            connection,
            alert_id=new_id(),
            resident_id=resident.id,
            turn_id=turn_id,
            level="urgent",
            kinds=("lifeline",),
            rule="risk.urgent",
            at=NOW,
        )
    columns = (Alert.level, Alert.kinds, Alert.rule, Alert.turn_id, Alert.at)
    assert await rows(database, *columns) == [("urgent", ["lifeline"], "risk.urgent", turn_id, NOW)]


async def test_a_turn_that_fails_in_the_middle_leaves_nothing_behind(database: Database, resident: ResidentRow) -> None:
    turn_id = new_id()
    with pytest.raises(RuntimeError):
        async with database.write() as connection:
            await conversations.add_turn(
                connection, resident, turn_id=turn_id, at=NOW, content_version="c", listener_version="l"
            )
            await conversations.add_messages(connection, resident, turn_id, [message()])
            raise RuntimeError
    for model in (Turn, ResidentMessage, Tag, Finding):
        assert await rows(database, func.count(next(iter(model.__table__.c)))) == [(0,)]
