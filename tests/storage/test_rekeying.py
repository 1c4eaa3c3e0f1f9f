"""Sealing anew: the old data key opens nothing any more, everything is read as before, a break loses nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from cast import MASTER, NOW, event, keyring_of, resident_of
from sqlalchemy import select

from storage import inbox, rekeying
from storage.database import Connection, Database
from storage.ids import new_id
from storage.inbox import add
from storage.jobs import Conversation
from storage.keyring import Keyring, key_place
from storage.rekeying import rekey
from storage.residents import reach
from storage.tables import Channel, InboxEvent, Key, KeyPurpose
from storage.vault import Place, SealingKey, UnsealError

pytestmark = pytest.mark.anyio

EVENTS = 12


class Weak(Database):
    """A database on a machine whose power goes at the n-th transaction."""

    left: int

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        async with super().write() as connection:
            self.left -= 1
            if not self.left:
                raise ConnectionError
            yield connection


async def filled(database: Database) -> tuple[Keyring, list[Any]]:
    """Events sealed with the data key, and residents whose keys it wraps."""
    keyring = await keyring_of(database)
    people = [await resident_of(database, keyring, name=name, address=f"U{name!r}") for name in (b"a", b"b", b"c")]
    async with database.write() as connection:
        await add(connection, [event(keyring, f"event-{number}", at=number) for number in range(EVENTS)])
    return keyring, people


async def readable(database: Database, keyring: Keyring, people: list[Any]) -> None:
    async with database.read() as connection:
        who = Conversation(desk_id="default", sender=b"s" * 32)
        waiting = await inbox.waiting(connection, keyring.data, who, now=NOW)
        assert [one.body for one in waiting] == [{"id": f"event-{number}"} for number in range(EVENTS)]
        for person in people:
            assert (await reach(connection, keyring, person.id, Channel.LINE)).address.startswith("U")


async def data_keys(database: Database) -> list[SealingKey]:
    async with database.read() as connection:
        rows = (await connection.execute(select(Key.id, Key.wrapped).where(Key.purpose == KeyPurpose.DATA))).all()
    return [MASTER.unwrap(key_place(row.id), row.wrapped) for row in rows]


async def test_after_sealing_anew_the_old_key_opens_nothing_and_everything_is_read_as_before(
    database: Database,
) -> None:
    _, people = await filled(database)
    (old,) = await data_keys(database)
    again = await rekey(database, [MASTER], now=NOW, new_id=new_id)
    assert again == EVENTS + len(people)
    assert len(await data_keys(database)) == 1
    await readable(database, await keyring_of(database), people)
    async with database.read() as connection:
        keys = (await connection.execute(select(Key.id, Key.wrapped).where(Key.purpose == KeyPurpose.RESIDENT))).all()
        bodies = (await connection.execute(select(InboxEvent.id, InboxEvent.body_sealed))).all()
    for row in keys:
        with pytest.raises(UnsealError):
            old.open(key_place(row.id), row.wrapped)
    for row in bodies:
        with pytest.raises(UnsealError):
            old.open(Place(table="inbox", column="body", row=row.id), row.body_sealed)


@pytest.mark.parametrize("transactions", range(2, 24, 3))
async def test_a_run_that_was_cut_short_leaves_all_readable_and_goes_on(
    database: Database, monkeypatch: pytest.MonkeyPatch, transactions: int
) -> None:
    monkeypatch.setattr(rekeying, "BATCH", 2)
    _, people = await filled(database)
    weak = Weak(database.url.render_as_string(hide_password=False))
    weak.left = transactions
    with pytest.raises(ConnectionError):
        await rekey(weak, [MASTER], now=NOW, new_id=new_id)
    await weak.close()
    await readable(database, await keyring_of(database), people)
    await rekey(database, [MASTER], now=NOW, new_id=new_id)
    assert len(await data_keys(database)) == 1
    await readable(database, await keyring_of(database), people)


async def test_a_wrong_master_changes_nothing(database: Database) -> None:
    keyring, people = await filled(database)
    with pytest.raises(UnsealError):
        await rekey(database, [SealingKey.fresh()], now=NOW, new_id=new_id)
    assert len(await data_keys(database)) == 1
    await readable(database, keyring, people)


async def test_every_sealed_column_stands_in_a_row_with_one_id_so_that_its_place_is_known() -> None:
    found = dict(rekeying._columns())
    assert found
    for table, name in rekeying._columns():
        ids = [column for column in table.primary_key if "Uuid" in repr(column.type)]
        assert len(ids) == 1, (table.name, name)
