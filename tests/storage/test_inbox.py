"""The inbox: one row per event, in the order in which things happened, and each worked off once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cast import NOW, event, keyring_of
from sqlalchemy import select

from storage import inbox
from storage.database import Database
from storage.jobs import Conversation
from storage.tables import InboxEvent, InboxState

pytestmark = pytest.mark.anyio

WHO = Conversation("default", b"s" * 32)


async def test_the_same_event_delivered_three_times_is_stored_once(database: Database) -> None:
    keyring = await keyring_of(database)
    async with database.write() as connection:
        await inbox.add(connection, [event(keyring, "A"), event(keyring, "A")])
    async with database.write() as connection:
        await inbox.add(connection, [event(keyring, "A"), event(keyring, "B")])
    async with database.read() as connection:
        assert sorted((await connection.execute(select(InboxEvent.event_id))).scalars()) == ["A", "B"]


async def test_events_wait_in_the_order_in_which_they_happened(database: Database) -> None:
    keyring = await keyring_of(database)
    async with database.write() as connection:
        late, early = event(keyring, "Z", at=10), event(keyring, "Y", at=5)
        await inbox.add(connection, [late, early, event(keyring, "A", at=10), event(keyring, "O", sender=b"o" * 32)])
    async with database.read() as connection:
        found = await inbox.waiting(connection, keyring.data, WHO, now=NOW)
    assert [(e.event_id, e.body) for e in found] == [("Y", {"id": "Y"}), ("A", {"id": "A"}), ("Z", {"id": "Z"})]


async def test_a_finished_event_loses_its_body_and_cannot_be_finished_again(database: Database) -> None:
    keyring = await keyring_of(database)
    stored = event(keyring, "A")
    async with database.write() as connection:
        await inbox.add(connection, [stored])
        assert await inbox.finish(connection, [stored.id], state=InboxState.DONE)
        assert not await inbox.finish(connection, [stored.id], state=InboxState.DONE)
    async with database.read() as connection:
        row = (await connection.execute(select(InboxEvent.state, InboxEvent.body_sealed))).one()
        assert await inbox.waiting(connection, keyring.data, WHO, now=NOW) == []
    assert tuple(row) == (InboxState.DONE, None)


@pytest.mark.parametrize("state", [InboxState.ASIDE, InboxState.UNKNOWN])
async def test_what_is_set_aside_keeps_its_sealed_body(database: Database, state: InboxState) -> None:
    keyring = await keyring_of(database)
    stored = event(keyring, "A")
    async with database.write() as connection:
        await inbox.add(connection, [stored])
        await inbox.finish(connection, [stored.id], state=state, reason="why")
    async with database.read() as connection:
        row = (await connection.execute(select(InboxEvent.body_sealed, InboxEvent.reason))).one()
    assert tuple(row) == (stored.body_sealed, "why")


async def test_an_event_to_be_tried_later_waits_for_its_time(database: Database) -> None:
    keyring = await keyring_of(database)
    stored = event(keyring, "A")
    async with database.write() as connection:
        await inbox.add(connection, [stored])
        await inbox.try_later(connection, [stored.id], at=NOW + timedelta(seconds=8), reason="ValueError")
    async with database.read() as connection:
        assert await inbox.waiting(connection, keyring.data, WHO, now=NOW) == []
        assert await inbox.conversations_waiting(connection, now=NOW) == []
        (found,) = await inbox.waiting(connection, keyring.data, WHO, now=NOW + timedelta(seconds=8))
        assert await inbox.conversations_waiting(connection, now=NOW + timedelta(seconds=8)) == [WHO]
    assert found.tries == 1


async def test_the_sweep_finds_the_longest_waiting_first_and_nameless_events_one_by_one(database: Database) -> None:
    keyring = await keyring_of(database)
    nameless = event(keyring, "N", sender=None)
    async with database.write() as connection:
        events = [event(keyring, "B", sender=b"b" * 32, after=5), event(keyring, "A", after=3), nameless]
        await inbox.add(connection, [*events, event(keyring, "C", sender=b"b" * 32, after=1)])
    async with database.read() as connection:
        found = await inbox.conversations_waiting(connection, now=NOW)
        (alone,) = await inbox.waiting(connection, keyring.data, found[-1], now=NOW)
    assert found == [Conversation("default", b"b" * 32), WHO, Conversation("default", None, nameless.id)]
    assert alone.event_id == "N"


async def test_processed_events_are_forgotten_after_thirty_days_and_those_set_aside_are_not(database: Database) -> None:
    keyring = await keyring_of(database)
    done, aside = event(keyring, "A"), event(keyring, "B")
    async with database.write() as connection:
        await inbox.add(connection, [done, aside, event(keyring, "C")])
        await inbox.finish(connection, [done.id], state=InboxState.DONE)
        await inbox.finish(connection, [aside.id], state=InboxState.ASIDE, reason="why")
        assert await inbox.forget_done(connection, now=NOW + timedelta(days=29)) == 0
        assert await inbox.forget_done(connection, now=NOW + timedelta(days=31)) == 1
        left = (await connection.execute(select(InboxEvent.event_id).order_by(InboxEvent.event_id))).scalars().all()
    assert left == ["B", "C"]
