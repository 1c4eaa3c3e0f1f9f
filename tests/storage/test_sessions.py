"""Counting failures and keeping sessions, on both databases, also when many come at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from cast import NOW, keyring_of

from storage import sessions, staff
from storage.database import Database
from storage.ids import new_id
from storage.sessions import Limits, TryKey, TryKind, delay
from storage.staff import NewAccount
from storage.staff_tables import Stage

pytestmark = pytest.mark.anyio


async def keys_of(database: Database) -> list[TryKey]:
    index = (await keyring_of(database)).index
    return [TryKey.of(index, TryKind.ACCOUNT_HERE, "hanako", "10.0.0.1"), TryKey.of(index, TryKind.ADDRESS, "10.0.0.1")]


async def tried(database: Database, keys: list[TryKey], after: timedelta = timedelta(0)) -> timedelta:
    async with database.write() as connection:
        return await sessions.attempt(connection, keys, NOW + after)


async def test_a_hundred_tries_at_once_are_not_one(database: Database) -> None:
    keys = await keys_of(database)
    waits = await asyncio.gather(*(tried(database, keys) for _ in range(30)))
    assert sum(not wait for wait in waits) == 4
    assert all(wait <= delay(TryKind.ACCOUNT_HERE, 4) for wait in waits)


async def test_a_try_while_waiting_makes_the_wait_no_longer(database: Database) -> None:
    keys = await keys_of(database)
    for _ in range(4):
        assert not await tried(database, keys)
    assert await tried(database, keys) == timedelta(seconds=2)
    assert await tried(database, keys, timedelta(seconds=1)) == timedelta(seconds=1)
    assert not await tried(database, keys, timedelta(seconds=2))


async def test_failures_are_forgotten_after_a_day(database: Database) -> None:
    keys = await keys_of(database)
    for _ in range(4):
        await tried(database, keys)
    for _ in range(4):
        assert not await tried(database, keys, timedelta(hours=24))


async def test_keys_say_nothing_of_what_they_count(database: Database) -> None:
    keys = await keys_of(database)
    assert all(len(key.key) == 32 for key in keys)
    assert len({key.key for key in keys}) == 2


async def person(database: Database) -> staff.Account:
    async with database.write() as connection:
        organisation_id = await staff.organisation(connection, "見本", new_id=new_id)
        new = NewAccount(login="hanako", shown_name="佐藤", organisation_id=organisation_id, password_hash="x")
        staff_id = await staff.add(connection, new, now=NOW, new_id=new_id)
        account = await staff.by_id(connection, staff_id)
    assert account is not None
    return account


async def begun(database: Database, account: staff.Account, token: str, stage: Stage = Stage.FULL) -> None:
    async with database.write() as connection:
        await sessions.begin(
            connection,
            session_id=new_id(),
            token=token,
            staff_id=account.id,
            stage=stage,
            address="10.0.0.1",
            device="Chrome・Windows",
            now=NOW,
        )


@pytest.mark.parametrize(
    ("stage", "after", "idle", "is_open"),
    [
        (Stage.FULL, 0, 0, True),
        (Stage.FULL, 60, 29, True),
        (Stage.FULL, 60, 30, False),
        (Stage.FULL, 719, 1, True),
        (Stage.FULL, 720, 1, False),
        (Stage.PASSWORD, 9, 0, True),
        (Stage.PASSWORD, 10, 0, False),
    ],
)
async def test_how_long_a_session_lasts(database: Database, stage: Stage, after: int, idle: int, is_open: bool) -> None:
    account = await person(database)
    await begun(database, account, "token", stage)
    async with database.write() as connection:
        session = await sessions.find(connection, "token")
        assert session is not None
        await sessions.seen(connection, session.id, NOW + timedelta(minutes=after - idle))
        session = await sessions.find(connection, "token")
    assert session is not None
    assert session.is_open(NOW + timedelta(minutes=after), Limits()) is is_open


async def test_only_whole_sessions_make_an_address_known(database: Database) -> None:
    account = await person(database)
    await begun(database, account, "half", Stage.PASSWORD)
    async with database.read() as connection:
        assert not await sessions.knows_address(connection, account.id, "10.0.0.1")
    await begun(database, account, "whole")
    async with database.read() as connection:
        assert await sessions.knows_address(connection, account.id, "10.0.0.1")
        assert not await sessions.knows_address(connection, account.id, "10.0.0.2")
        assert not await sessions.knows_address(connection, new_id(), "10.0.0.1")


async def test_a_token_finds_its_session_only_exactly(database: Database) -> None:
    await begun(database, await person(database), "token")
    async with database.read() as connection:
        for wrong in ("", "Token", "token ", "token\x00", "\ud800"):
            assert await sessions.find(connection, wrong) is None


async def test_ending_all_but_one(database: Database) -> None:
    account = await person(database)
    for token in ("one", "two", "three"):
        await begun(database, account, token)
    async with database.write() as connection:
        kept = await sessions.find(connection, "two")
        assert kept is not None
        await sessions.end_all(connection, account.id, reason="ended_elsewhere", now=NOW, but=kept.id)
        opened = await sessions.open_ones(connection, account.id, now=NOW, limits=Limits())
    assert [row.id for row in opened] == [kept.id]


async def test_a_login_is_taken_once_also_at_the_same_time(database: Database) -> None:
    await person(database)
    with pytest.raises(staff.LoginTaken):
        await person(database)
