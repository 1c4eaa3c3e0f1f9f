"""Events that were set aside: listed without words, tried again, closed, on both databases."""

from __future__ import annotations

import pytest
from cast import NOW, event, keyring_of, resident_of

from storage import inbox, set_aside
from storage.database import Database
from storage.endings import leave_unsent
from storage.tables import InboxState

pytestmark = pytest.mark.anyio


async def test_what_a_restore_left_is_listed_with_whom_it_came_from_and_tried_again(database: Database) -> None:
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring, name=b"s")
    first, second = event(keyring, "e1"), event(keyring, "e2", sender=None, after=1)
    async with database.write() as connection:
        await inbox.add(connection, [second, first])
        assert await leave_unsent(connection) == (2, 0)
    async with database.write() as connection:
        assert await set_aside.count(connection, {"default"}) == 2
        assert await set_aside.count(connection, {"other"}) == 0
        assert await set_aside.count(connection, set()) == 0
        listed = await set_aside.of_desks(connection, None, limit=10)
        assert [(one.id, one.reason) for one in listed] == [(first.id, "restored"), (second.id, "restored")]
        assert listed[1].alias is None
        assert listed[0].alias == resident.alias
        assert await set_aside.again(connection, {"other"}, first.id) is None
        assert await set_aside.again(connection, {"default"}, first.id) == "default"
        assert await set_aside.again(connection, {"default"}, first.id) is None
        (found,) = await inbox.waiting(connection, keyring.data, first.conversation, now=NOW)
        assert (found.id, found.body) == (first.id, {"id": "e1"})
        assert await set_aside.close(connection, None, second.id) == "default"
        assert await set_aside.close(connection, None, second.id) is None
        assert await set_aside.count(connection, None) == 0


async def test_an_event_that_is_not_understood_is_set_aside_too_and_one_that_is_not_ours_is_not(
    database: Database,
) -> None:
    keyring = await keyring_of(database)
    rows = [event(keyring, state.value) for state in (InboxState.UNKNOWN, InboxState.IGNORED, InboxState.ASIDE)]
    async with database.write() as connection:
        await inbox.add(connection, rows)
        for row in rows:
            await inbox.finish(connection, [row.id], state=InboxState(row.event_id), reason="why")
        assert {one.state for one in await set_aside.of_desks(connection, {"default"}, limit=10)} == {
            InboxState.UNKNOWN, InboxState.ASIDE,
        }  # fmt: skip
