"""The audit: a chain for each desk, in which every change, gap and cut tail shows."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from cast import NOW, keyring_of
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from storage import audit
from storage.audit import Act, Flaw, Found, Head
from storage.audit_tables import AuditEntry, AuditHead
from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.tables import table_of
from storage.vault import SealingKey

pytestmark = pytest.mark.anyio

ROWS = table_of(AuditEntry)


def act(action: str = "case.seen", **given: Any) -> Act:
    return Act(action=action, object_kind="case", object_id=new_id(), actor=new_id(), desk_id="default", **given)


async def did(database: Database, keyring: Keyring, *acts: Act) -> None:
    for number, done in enumerate(acts):
        async with database.write() as connection:
            await audit.record(connection, keyring, done, at=NOW + timedelta(microseconds=number), new_id=new_id)


async def flaws(database: Database, keyring: Keyring, exported: list[Head] | None = None) -> list[Found]:
    async with database.read() as connection:
        return await audit.verify(connection, keyring, exported or [])


async def heads(database: Database) -> list[Head]:
    async with database.read() as connection:
        return await audit.heads(connection)


async def unguarded(database: Database, *statements: Any) -> None:
    """What somebody does who owns the database and cares for no trigger."""
    async with database.write() as connection:
        if database.is_sqlite:
            await connection.execute(text("DROP TRIGGER audit_stays"))
            await connection.execute(text("DROP TRIGGER audit_keeps"))
        else:
            await connection.execute(text("DROP TRIGGER audit_stays ON audit"))
        for statement in statements:
            await connection.execute(statement)


@pytest.fixture
async def keyring(database: Database) -> Keyring:
    return await keyring_of(database)


async def test_acts_are_numbered_without_gaps_for_each_desk(database: Database, keyring: Keyring) -> None:
    other = Act(action="signed_in", object_kind="session")
    await did(database, keyring, act(), other, act(address="2001:db8::1", detail={"from": "waiting", "count": 2}))
    async with database.read() as connection:
        numbers = await connection.execute(select(ROWS.c.desk_id, ROWS.c.number).order_by(ROWS.c.id))
        assert [tuple(row) for row in numbers] == [("default", 1), ("-", 1), ("default", 2)]
    assert await flaws(database, keyring) == []


async def test_an_act_that_fails_leaves_no_entry(database: Database, keyring: Keyring) -> None:
    await did(database, keyring, act())
    with pytest.raises(RuntimeError):
        async with database.write() as connection:
            await audit.record(connection, keyring, act(), at=NOW, new_id=new_id)
            raise RuntimeError
    await did(database, keyring, act())
    assert [head.number for head in await heads(database)] == [2]
    assert await flaws(database, keyring) == []


async def test_acts_at_the_same_time_stand_in_one_line(database: Database, keyring: Keyring) -> None:
    await asyncio.gather(*(did(database, keyring, act(), act()) for _ in range(6)))
    assert [head.number for head in await heads(database)] == [12]
    assert await flaws(database, keyring) == []


async def test_the_database_itself_refuses_to_change_an_entry(database: Database, keyring: Keyring) -> None:
    await did(database, keyring, act())
    for statement in (update(ROWS).values(actor="somebody"), delete(ROWS)):
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.write() as connection:
                await connection.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "somebody"},
        {"at": NOW + timedelta(seconds=1)},
        {"action": "other"},
        {"object_id": None},
        {"address": "10.0.0.1"},
        {"detail": {"more": 1}},
        {"mac": b"x" * 32},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_changed_entry_is_found(database: Database, keyring: Keyring, change: dict[str, Any]) -> None:
    await did(database, keyring, act(), act(), act())
    await unguarded(database, update(ROWS).where(ROWS.c.number == 2).values(change))
    assert (await flaws(database, keyring))[0] == Found(desk_id="default", number=2, flaw=Flaw.CHANGED)


@pytest.mark.parametrize("number", [1, 2])
async def test_an_entry_that_is_missing_is_found(database: Database, keyring: Keyring, number: int) -> None:
    await did(database, keyring, act(), act(), act())
    await unguarded(database, delete(ROWS).where(ROWS.c.number == number))
    assert (await flaws(database, keyring))[0] == Found(desk_id="default", number=number, flaw=Flaw.MISSING)


async def test_entries_that_changed_places_are_found(database: Database, keyring: Keyring) -> None:
    await did(database, keyring, act(), act())
    swap = [update(ROWS).where(ROWS.c.number == old).values(number=new) for old, new in ((1, 9), (2, 1), (9, 2))]
    await unguarded(database, *swap)
    assert Found(desk_id="default", number=1, flaw=Flaw.CHANGED) in await flaws(database, keyring)


async def test_a_cut_tail_is_found_by_the_head(database: Database, keyring: Keyring) -> None:
    await did(database, keyring, act(), act(), act())
    await unguarded(database, delete(ROWS).where(ROWS.c.number >= 2))
    assert await flaws(database, keyring) == [Found(desk_id="default", number=2, flaw=Flaw.CUT)]


async def test_a_cut_tail_with_the_head_set_back_is_found_by_an_exported_head(
    database: Database, keyring: Keyring
) -> None:
    await did(database, keyring, act(), act(), act())
    exported = await heads(database)
    mac = select(ROWS.c.mac).where(ROWS.c.number == 2).scalar_subquery()
    back = update(AuditHead).values(number=2, mac=mac)
    await unguarded(database, back, delete(ROWS).where(ROWS.c.number == 3))
    assert await flaws(database, keyring) == []
    assert await flaws(database, keyring, exported) == [Found(desk_id="default", number=3, flaw=Flaw.CUT)]


async def test_a_desk_that_was_wiped_is_found_by_an_exported_head(database: Database, keyring: Keyring) -> None:
    await did(database, keyring, act())
    exported = await heads(database)
    await unguarded(database, delete(ROWS), delete(AuditHead))
    assert await flaws(database, keyring) == []
    assert await flaws(database, keyring, exported) == [Found(desk_id="default", number=1, flaw=Flaw.CUT)]


async def test_a_tail_rewritten_after_the_export_is_found(database: Database, keyring: Keyring) -> None:
    await did(database, keyring, act(), act())
    exported = await heads(database)
    back = update(AuditHead).values(number=1, mac=select(ROWS.c.mac).where(ROWS.c.number == 1).scalar_subquery())
    await unguarded(database, back, delete(ROWS).where(ROWS.c.number == 2))
    await did(database, keyring, act(), act())
    assert await flaws(database, keyring) == []
    assert await flaws(database, keyring, exported) == [Found(desk_id="default", number=2, flaw=Flaw.CHANGED)]


async def test_an_entry_written_without_the_key_is_found(database: Database, keyring: Keyring) -> None:
    await did(database, keyring, act())
    stranger = Keyring(index=audit.IndexKey(SealingKey(b"x" * 32)), data=keyring.data)
    await did(database, stranger, act())
    assert await flaws(database, keyring) == [Found(desk_id="default", number=2, flaw=Flaw.CHANGED)]


async def test_an_entry_outside_of_any_chain_is_found(database: Database, keyring: Keyring) -> None:
    row = {"id": new_id(), "desk_id": "ghost", "number": 1, "at": NOW, "actor": "program", "action": "x"}
    async with database.write() as connection:
        await connection.execute(insert(ROWS), {**row, "object_kind": "case", "detail": {}, "mac": b"m"})
    assert {found.flaw for found in await flaws(database, keyring)} == {Flaw.CHANGED}


async def test_later_entries_leave_an_older_export_valid(database: Database, keyring: Keyring) -> None:
    await did(database, keyring, act())
    exported = await heads(database)
    await did(database, keyring, act(), act())
    assert await flaws(database, keyring, exported) == []


async def test_long_chains_are_read_in_batches(
    database: Database, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_BATCH", 2)
    await did(database, keyring, *(act() for _ in range(4)))
    assert await flaws(database, keyring) == []
    async with database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(ROWS))).scalar_one() == 4


@pytest.mark.parametrize("words", ["もう死にたい", "two words", "<b>", "x" * 65])
def test_words_cannot_get_into_the_audit(words: str) -> None:
    with pytest.raises(ValueError, match="plain names only"):
        act(detail={"reason": words})
    with pytest.raises(ValueError, match="plain names only"):
        act(detail={words: 1})
