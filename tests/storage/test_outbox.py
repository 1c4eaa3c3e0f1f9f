"""The outbox: what waits, in which order, what became of it, and what a dead process leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cast import NOW, keyring_of, resident_of
from sqlalchemy import select, update

from storage import outbox
from storage.database import Database
from storage.ids import new_id
from storage.outbox import Change, Letter, NewLetter, ReplyToken
from storage.residents import ResidentRow
from storage.tables import OutboxMessage, OutboxState
from storage.vault import UnsealError

pytestmark = pytest.mark.anyio

PROCESS, OTHER = new_id(), new_id()
WORDS = "きのうから何も食べていないのですね。"
TOKEN = "reply-token-of-line"


def new(words: str = WORDS, *, priority: int = 2, token: str | None = TOKEN, after: float = 0) -> NewLetter:
    at = NOW + timedelta(seconds=after)
    return NewLetter(
        id=new_id(),
        turn_id=None,
        kind="answer",
        priority=priority,
        body=[{"type": "text", "text": words}],
        token=None if token is None else ReplyToken(token=token, at=at),
        retry_key=new_id(),
        created_at=at,
        expires_at=at + timedelta(hours=2),
    )


async def add(database: Database, to: ResidentRow, *letters: NewLetter) -> None:
    async with database.write() as connection:
        for letter in letters:
            await outbox.add(connection, resident_id=to.id, key=to.key, letter=letter, leased_by=PROCESS)


async def waiting(database: Database, of: ResidentRow) -> list[Letter]:
    async with database.read() as connection:
        return await outbox.waiting(connection, of.id, of.key)


async def record(database: Database, letter: NewLetter, change: Change) -> None:
    async with database.write() as connection:
        await outbox.record(connection, letter.id, change, leased_by=PROCESS)


async def claim(database: Database, process: UUID, *letters: NewLetter) -> None:
    async with database.write() as connection:
        await outbox.claim(connection, [letter.id for letter in letters], process=process)


async def row(database: Database, letter: NewLetter) -> Any:
    async with database.read() as connection:
        query = select(OutboxMessage.__table__).where(OutboxMessage.id == letter.id)
        return (await connection.execute(query)).one()


@pytest.fixture
async def resident(database: Database) -> ResidentRow:
    return await resident_of(database, await keyring_of(database))


async def test_a_letter_comes_back_as_it_was_written(database: Database, resident: ResidentRow) -> None:
    letter = new()
    await add(database, resident, letter)
    (found,) = await waiting(database, resident)
    assert found.body == letter.body
    assert found.token == letter.token
    assert (found.retry_key, found.expires_at, found.next_try_at) == (letter.retry_key, letter.expires_at, NOW)
    assert (found.tries, found.pushed_at, found.unsure, found.maybe_doubled) == (0, None, False, False)


async def test_neither_words_nor_token_can_be_read_in_the_database(database: Database, resident: ResidentRow) -> None:
    letter = new()
    await add(database, resident, letter)
    cells = b"".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in await row(database, letter))
    assert WORDS.encode() not in cells
    assert TOKEN.encode() not in cells


async def test_crisis_goes_first_and_then_what_was_decided_first(database: Database, resident: ResidentRow) -> None:
    first, second, crisis = new("一"), new("二"), new("命", priority=0)
    await add(database, resident, first, second, crisis)
    assert [letter.id for letter in await waiting(database, resident)] == [crisis.id, first.id, second.id]


async def test_everybody_waits_for_their_own_only(database: Database, resident: ResidentRow) -> None:
    other = await resident_of(database, await keyring_of(database), name=b"o")
    await add(database, other, new())
    assert await waiting(database, resident) == []


@pytest.mark.parametrize("state", [s for s in OutboxState if s is not OutboxState.WAITING])
async def test_what_is_closed_waits_no_more_and_gives_up_lease_and_token(
    database: Database, resident: ResidentRow, state: OutboxState
) -> None:
    letter = new()
    await add(database, resident, letter)
    await record(database, letter, Change(state=state, tries=1, reason="why"))
    assert await waiting(database, resident) == []
    found = await row(database, letter)
    assert (found.state, found.leased_by, found.token_sealed, found.token_at) == (state, None, None, None)
    assert found.reason == "why"


async def test_what_is_to_be_tried_again_keeps_what_is_known(database: Database, resident: ResidentRow) -> None:
    letter = new()
    await add(database, resident, letter)
    later = NOW + timedelta(seconds=4)
    await record(database, letter, Change(tries=1, next_try_at=later, pushed_at=NOW, unsure=True))
    (found,) = await waiting(database, resident)
    assert (found.tries, found.next_try_at, found.pushed_at, found.unsure) == (1, later, NOW, True)
    assert found.token is not None
    assert found.leased_by is None
    await claim(database, PROCESS, letter)
    await record(database, letter, Change(tries=2, drop_token=True))
    (found,) = await waiting(database, resident)
    assert (found.tries, found.next_try_at, found.pushed_at, found.token) == (2, later, NOW, None)


async def test_what_was_sent_stays_sent(database: Database, resident: ResidentRow) -> None:
    letter = new()
    await add(database, resident, letter)
    await record(database, letter, Change(state=OutboxState.SENT, tries=1, sent_at=NOW, sent_by="reply"))
    await record(database, letter, Change(state=OutboxState.FAILED, tries=2, reason="late"))
    found = await row(database, letter)
    assert (found.state, found.tries, found.sent_by, found.reason) == (OutboxState.SENT, 1, "reply", None)


async def test_an_older_letter_goes_along_with_a_newer_one_as_its_first_bubbles(
    database: Database, resident: ResidentRow
) -> None:
    old, fresh = new("まえ"), new("いま")
    await add(database, resident, old, fresh)
    older, newer = await waiting(database, resident)
    async with database.write() as connection:
        await outbox.merge(connection, older=older, newer=newer, key=resident.key)
    (found,) = await waiting(database, resident)
    assert (found.id, [bubble["text"] for bubble in found.body]) == (fresh.id, ["まえ", "いま"])
    gone = await row(database, old)
    assert (gone.state, gone.merged_into, gone.leased_by, gone.token_sealed) == (
        OutboxState.MERGED,
        fresh.id,
        None,
        None,
    )


async def test_what_a_dead_process_had_in_hand_may_have_been_said(database: Database, resident: ResidentRow) -> None:
    left, done = new(), new()
    await add(database, resident, left, done)
    await record(database, done, Change(state=OutboxState.SENT, tries=1))
    async with database.write() as connection:
        assert await outbox.inherit(connection, alone=True) == 1
        assert await outbox.inherit(connection, alone=True) == 0
    (found,) = await waiting(database, resident)
    assert (found.id, found.unsure) == (left.id, True)
    assert (await row(database, left)).leased_by is None
    assert not (await row(database, done)).unsure


async def test_the_sweep_finds_who_has_something_due_crisis_first_then_the_longest_waiting(
    database: Database, resident: ResidentRow
) -> None:
    keyring = await keyring_of(database)
    ben, cat, dan = [await resident_of(database, keyring, name=name) for name in (b"b", b"c", b"d")]
    await add(database, resident, new(after=5), new(after=6))
    await add(database, ben, new(after=2))
    await add(database, cat, new(priority=0, after=9))
    await add(database, dan, new(after=60))
    async with database.read() as connection:
        now, hands = NOW + timedelta(seconds=10), [PROCESS]
        found = await outbox.residents_waiting(connection, now=now, hands=hands)
        one = await outbox.residents_waiting(connection, now=now, hands=hands, limit=1)
    assert found == [cat.id, ben.id, resident.id]
    assert one == [cat.id]


async def test_the_sweep_asks_for_letters_in_its_own_hands_or_in_nobodys(
    database: Database, resident: ResidentRow
) -> None:
    ben = await resident_of(database, await keyring_of(database), name=b"b")
    await add(database, resident, new())
    free = new(after=1)
    await add(database, ben, free)
    async with database.write() as connection:
        await connection.execute(update(OutboxMessage).where(OutboxMessage.id == free.id).values(leased_by=None))
    async with database.read() as connection:
        asked = {}
        for hands in ((PROCESS,), (None,), (PROCESS, None), (OTHER,)):
            asked[hands] = await outbox.residents_waiting(connection, now=NOW + timedelta(seconds=5), hands=hands)
    assert asked == {
        (PROCESS,): [resident.id],
        (None,): [ben.id],
        (PROCESS, None): [resident.id, ben.id],
        (OTHER,): [],
    }


async def test_what_is_in_hand_nobody_else_takes(database: Database, resident: ResidentRow) -> None:
    one, two = new("一"), new("二")
    await add(database, resident, one, two)
    await claim(database, PROCESS, one, two)
    with pytest.raises(outbox.Taken):
        await claim(database, OTHER, one)
    await record(database, two, Change(tries=1, next_try_at=NOW))
    # All or none: the first is still in the other's hands.
    with pytest.raises(outbox.Taken):
        await claim(database, OTHER, one, two)
    assert [letter.leased_by for letter in await waiting(database, resident)] == [PROCESS, None]
    await claim(database, OTHER, two)
    assert [letter.leased_by for letter in await waiting(database, resident)] == [PROCESS, OTHER]


async def test_whoever_lost_a_letter_can_only_say_that_it_was_sent(database: Database, resident: ResidentRow) -> None:
    letter = new()
    await add(database, resident, letter)
    async with database.write() as connection:
        await outbox.inherit(connection, alone=True)
    await claim(database, OTHER, letter)
    await record(database, letter, Change(state=OutboxState.FAILED, tries=1))
    await record(database, letter, Change(tries=1, drop_token=True))
    (found,) = await waiting(database, resident)
    assert (found.tries, found.leased_by, found.unsure) == (0, OTHER, True)
    await record(database, letter, Change(state=OutboxState.SENT, tries=1, sent_by="push"))
    assert (await row(database, letter)).state is OutboxState.SENT


async def test_who_ends_lets_go_of_what_was_not_tried(database: Database, resident: ResidentRow) -> None:
    letter = new()
    await add(database, resident, letter)
    async with database.write() as connection:
        assert await outbox.release(connection, process=OTHER) == 0
        assert await outbox.release(connection, process=PROCESS) == 1
    (found,) = await waiting(database, resident)
    assert (found.leased_by, found.unsure) == (None, False)


async def test_a_body_put_into_another_row_does_not_open(database: Database, resident: ResidentRow) -> None:
    one, two = new("一"), new("二")
    await add(database, resident, one, two)
    sealed = (await row(database, one)).body_sealed
    async with database.write() as connection:
        table = OutboxMessage.__table__
        await connection.execute(table.update().where(table.c.id == two.id).values(body_sealed=sealed))
    with pytest.raises(UnsealError):
        await waiting(database, resident)
