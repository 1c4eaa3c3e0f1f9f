"""What is foreseen is what then happens, as far as nobody acts meanwhile; and how long a letter may be delivered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from benchmarks.town import Town, town_of
from casework.queue import Level
from dialogue.followups import Band, CheckInPlan, QuietHours, Rhythm
from dialogue.sending import SkipReason
from handlers.checkin_forecast import Foreseen, foresee
from handlers.sending_rules import Allowance, worth_until
from nlp import Listener
from storage import contact_pauses, staff
from storage.database import Database
from storage.followup_tables import CheckInState, PauseReason
from storage.ids import new_id
from storage.staff import NewAccount

pytestmark = pytest.mark.anyio

WEEKLY = CheckInPlan(rhythm=Rhythm.WEEKLY, band=Band.NOON, starts=date(2026, 11, 28))


@pytest.fixture(scope="session")
def listener() -> Listener:
    return Listener.load()


@pytest.fixture
async def town(database: Database, listener: Listener) -> Town:
    return await town_of(database, listener)


async def foreseen(town: Town, *, days: int, left: int | None = None, reserve: int = 0) -> list[Foreseen]:
    allowance = Allowance(left=left, reserve=reserve)
    until = town.now + timedelta(days=days)
    async with town.database.read() as connection:
        return await foresee(connection, town.keyring, town.desk, now=town.now, until=until, allowance=allowance)


async def test_what_is_foreseen_for_the_next_week_is_what_goes_out(town: Town) -> None:
    for number, band in enumerate(Band):
        await town.settles(f"U{number}", replace(WEEKLY, band=band))
    await town.blocks("U1")
    expected = await foreseen(town, days=9)
    assert [(one.why is None) for one in expected].count(True) == 2
    while await town.rows(CheckInState.WAITING) and town.now < expected[-1].at:
        await town.comes()
        await town.sweeps()
    happened = {row.due_at: row.reason for row in await town.rows(CheckInState.QUEUED, CheckInState.SKIPPED)}
    assert {one.at: one.why for one in expected if one.at in happened} == happened
    assert len(happened) == 3


async def test_a_rhythm_is_foreseen_to_its_end_and_nothing_is_changed(town: Town) -> None:
    await town.settles("U1", replace(WEEKLY, count_left=3))
    before = await town.rows()
    expected = await foreseen(town, days=60)
    assert [(one.at - expected[0].at).days for one in expected] in ([0, 7, 14], [0, 6, 13], [0, 7, 13], [0, 6, 14])
    assert await town.rows() == before


async def test_after_the_gentle_word_nothing_is_foreseen_and_nothing_goes_out(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    await town.sweeps()
    town.passes(days=5)
    await town.sweeps()
    await town.comes()
    await town.sweeps()
    assert len(await town.rows(CheckInState.QUEUED)) == 2, "the second one could not go out, so the next one is it"
    assert await foreseen(town, days=30) == []
    for _ in range(3):
        town.passes(days=7)
        await town.sweeps()
    assert len(await town.rows(CheckInState.QUEUED)) == 2


async def test_the_year_end_moves_a_word_and_the_reason_for_what_is_skipped_is_told(town: Town) -> None:
    await town.settles("U1", replace(WEEKLY, paused_until=date(2026, 12, 30), starts=date(2026, 12, 30)))
    (first, *_) = await foreseen(town, days=60)
    assert first.at.astimezone(town.calendar.zone).date() >= date(2027, 1, 4)


async def test_a_month_that_is_short_is_seen_before_it_happens(town: Town) -> None:
    for number in range(4):
        await town.settles(f"U{number}", WEEKLY)
    expected = await foreseen(town, days=9, left=5, reserve=3)
    assert [one.why for one in expected] == [None, None, SkipReason.QUOTA, SkipReason.QUOTA]


async def test_a_new_month_brings_new_messages(town: Town) -> None:
    for number in range(2):
        await town.settles(f"U{number}", WEEKLY)
    until, allowance = town.now + timedelta(days=27), Allowance(left=0, reserve=0)
    async with town.database.read() as connection:
        expected = await foresee(
            connection, town.keyring, town.desk, now=town.now, until=until, allowance=allowance, monthly=3
        )
    by_month = {(one.at.astimezone(town.calendar.zone).month, one.why) for one in expected}
    assert (11, SkipReason.QUOTA) in by_month
    assert (11, None) not in by_month
    assert [one.why for one in expected if one.at.astimezone(town.calendar.zone).month == 12].count(None) == 3


async def test_a_pause_to_come_is_foreseen_for_its_days_only(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    async with town.database.write() as connection:
        organisation_id = await staff.organisation(connection, "見本市社会福祉協議会", new_id=new_id)
        account = NewAccount(
            login="aoki", shown_name="青木", organisation_id=organisation_id, password_hash="-", must_change=False
        )
        by = await staff.add(connection, account, now=town.now, new_id=new_id)
        await contact_pauses.add(
            connection, "default", area=None, reason=PauseReason.CLOSED, starts_at=town.now + timedelta(days=10),
            ends_at=town.now + timedelta(days=17), by=by, at=town.now, new_id=new_id,
        )  # fmt: skip
    expected = await foreseen(town, days=23)
    assert [one.why for one in expected] == [None, SkipReason.BULK_PAUSED, None]


def test_what_is_sent_to_somebody_under_watch_is_not_kept_back_twice() -> None:
    allowance = Allowance(left=5, reserve=1, watch_due=1)
    allowance.spend(Level.WATCH)
    allowance.spend(Level.NONE)
    assert (allowance.left, allowance.watch_due) == (3, 0)


@pytest.mark.parametrize(
    ("quiet", "minor", "at", "ends"),
    [
        (QuietHours(begins=time(20), ends=time(9)), False, time(12), time(15)),
        (QuietHours(begins=time(20), ends=time(9)), False, time(18, 30), time(20)),
        (QuietHours(begins=time(13), ends=time(14)), False, time(12), time(13)),
        (QuietHours(begins=time(1), ends=time(5)), False, time(22), time(0)),
        (QuietHours(begins=time(20), ends=time(6)), True, time(7), time(8)),
    ],
)
async def test_a_letter_never_lives_into_hours_that_stay_quiet(
    town: Town, quiet: QuietHours, minor: bool, at: time, ends: time
) -> None:
    now = datetime.combine(date(2026, 11, 27), at, town.calendar.zone).astimezone(UTC)
    until = worth_until(replace(WEEKLY, quiet=quiet), town.calendar, now, now + timedelta(hours=3), minor=minor)
    assert until.astimezone(town.calendar.zone).time() == ends
    assert now < until <= now + timedelta(hours=3)
