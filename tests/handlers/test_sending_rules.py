"""Whose hours count when something is sent to somebody who did not just write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from config.content import load_content
from dialogue import State
from dialogue.followups import DeskCalendar, QuietHours
from dialogue.sending import Go, Verdict
from handlers.sending_rules import result_told, staff_answer
from storage import residents
from storage.database import Connection, Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.residents import ResidentRow, Sender
from storage.tables import Channel
from storage.vault import SealingKey

Rule = Callable[..., Awaitable[Verdict]]
pytestmark = pytest.mark.anyio

CONTENT = load_content()
CALENDAR = DeskCalendar.of(CONTENT.desk, CONTENT.checkins.timing)
#: A Thursday, by the clock of the desk.
MORNING = dt.datetime(2026, 11, 26, 7, 30, tzinfo=CALENDAR.zone)
NIGHT = MORNING.replace(hour=22)
EARLY_DESK = replace(CALENDAR, quiet=QuietHours(begins=dt.time(19), ends=dt.time(7)))
LATE = QuietHours(begins=dt.time(23), ends=dt.time(8))


@pytest.fixture
async def keyring(database: Database) -> Keyring:
    return await Keyring.open(database, [SealingKey(b"m" * 32)], now=MORNING, new_id=new_id)


async def somebody(connection: Connection, keyring: Keyring) -> ResidentRow:
    sender = Sender(desk_id="default", channel=Channel.LINE, index=b"i" * 32)
    return await residents.create(connection, keyring, sender, address="U1", now=MORNING, new_id=new_id)


@pytest.mark.parametrize("rule", [staff_answer, result_told])
async def test_where_nobody_chose_hours_those_of_the_desk_count(
    database: Database, keyring: Keyring, rule: Rule
) -> None:
    async with database.write() as connection:
        resident = await somebody(connection, keyring)
        may: dict[tuple[str, str], bool] = {}
        for name, calendar in (("usual", CALENDAR), ("early", EARLY_DESK)):
            for hour, now in (("morning", MORNING), ("night", NIGHT)):
                may[name, hour] = isinstance(await rule(connection, resident, calendar, now=now), Go)
    assert may == {
        ("usual", "morning"): False,
        ("usual", "night"): False,
        ("early", "morning"): True,
        ("early", "night"): False,
    }


async def test_hours_a_resident_chose_go_before_those_of_the_desk(database: Database, keyring: Keyring) -> None:
    async with database.write() as connection:
        resident = await somebody(connection, keyring)
        state = State.new()
        state = replace(state, checkins=replace(state.checkins, quiet=LATE))
        chosen = replace(resident, state=state.to_json())
        assert not isinstance(await result_told(connection, chosen, EARLY_DESK, now=MORNING), Go)
        assert isinstance(await result_told(connection, chosen, EARLY_DESK, now=NIGHT), Go)
