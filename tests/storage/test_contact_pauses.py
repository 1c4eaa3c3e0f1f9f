"""Pauses for many: kept, taken back once, and asked for by the time at which they hold; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from casework.people import Grant, Role, Viewer
from storage import check_in_board, contact_facts, contact_pauses, staff
from storage.database import Database
from storage.followup_tables import PauseReason
from storage.ids import new_id
from storage.staff import NewAccount

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


async def somebody(database: Database) -> UUID:
    async with database.write() as connection:
        organisation_id = await staff.organisation(connection, "見本市社会福祉協議会", new_id=new_id)
        account = NewAccount(
            login="aoki", shown_name="青木", organisation_id=organisation_id, password_hash="-", must_change=False
        )
        return await staff.add(connection, account, now=NOW, new_id=new_id)


async def paused(database: Database, by: UUID, *, area: str | None, begins: int, days: int) -> UUID:
    starts = NOW + timedelta(days=begins)
    async with database.write() as connection:
        return await contact_pauses.add(
            connection,
            "default",
            area=area,
            reason=PauseReason.DISASTER,
            starts_at=starts,
            ends_at=starts + timedelta(days=days),
            by=by,
            at=NOW,
            new_id=new_id,
        )


async def test_a_pause_holds_from_its_beginning_to_its_end_for_its_area(database: Database) -> None:
    by = await somebody(database)
    await paused(database, by, area="hokubu", begins=2, days=3)
    async with database.read() as connection:
        assert await contact_facts.pauses(connection, "default", now=NOW) == []
        (later,) = await contact_facts.pauses(connection, "default", now=NOW, until=NOW + timedelta(days=9))
        assert await contact_facts.pauses(connection, "other", now=NOW, until=NOW + timedelta(days=9)) == []
    held = [later.holds("hokubu", NOW + timedelta(days=day)) for day in range(1, 6)]
    assert held == [False, True, True, True, False]
    assert not later.holds("nanbu", NOW + timedelta(days=3))
    assert not later.holds(None, NOW + timedelta(days=3))


async def test_a_pause_of_the_desk_holds_for_everybody(database: Database) -> None:
    await paused(database, await somebody(database), area=None, begins=0, days=1)
    async with database.read() as connection:
        (now,) = await contact_facts.pauses(connection, "default", now=NOW)
    assert now.holds("hokubu", NOW)
    assert now.holds(None, NOW)


async def test_a_pause_is_taken_back_once_and_by_its_own_desk(database: Database) -> None:
    by = await somebody(database)
    pause_id = await paused(database, by, area=None, begins=0, days=5)
    async with database.write() as connection:
        assert await contact_pauses.end(connection, "other", pause_id, by=by, at=NOW) is None
        ended = await contact_pauses.end(connection, "default", pause_id, by=by, at=NOW)
        assert ended is not None
        assert await contact_pauses.end(connection, "default", pause_id, by=by, at=NOW) is None
        assert await contact_facts.pauses(connection, "default", now=NOW) == []
        (kept,) = await contact_pauses.recent(connection, "default", since=NOW - timedelta(days=1))
    assert (kept.ended_by, kept.is_over(NOW), kept.holds(NOW)) == (by, True, False)


async def test_what_is_over_cannot_be_taken_back(database: Database) -> None:
    by = await somebody(database)
    pause_id = await paused(database, by, area=None, begins=0, days=1)
    async with database.write() as connection:
        assert await contact_pauses.end(connection, "default", pause_id, by=by, at=NOW + timedelta(days=1)) is None


async def test_without_plans_the_board_is_empty(database: Database) -> None:
    viewer = Viewer(
        staff_id=new_id(), organisation_id=new_id(), grants=(Grant(role=Role.SUPERVISOR, desk_id="default"),)
    )
    async with database.read() as connection:
        assert await check_in_board.standings(connection, "default", viewer) == {}
