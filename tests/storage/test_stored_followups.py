"""Plans of check-ins and their occurrences: one that holds, one that waits, and nothing of an old one goes out."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cast import NOW, keyring_of, resident_of
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from config.content import load_content
from dialogue.effects import CheckInAnswer
from dialogue.followups import Band, Calendar, CheckInPlan, DeskCalendar, Rhythm
from dialogue.sending import SkipReason
from storage import check_in_claims, erasure, followups, outbox, residents
from storage.check_in_claims import Claim, Ledger
from storage.database import Database
from storage.followup_tables import CheckIn, CheckInKind, CheckInState, PlanEnd
from storage.followup_tables import CheckInPlan as PlanTable
from storage.followups import Clockwork, Personal
from storage.ids import new_id
from storage.keyring import Keyring
from storage.outbox import NewLetter
from storage.residents import ResidentRow
from storage.tables import OutboxMessage, OutboxState, Resident, table_of

pytestmark = pytest.mark.anyio

CONTENT = load_content()
CALENDAR: Calendar = DeskCalendar.of(CONTENT.desk, CONTENT.checkins.timing)
#: NOW is a Saturday noon in Tokyo.
WEEKLY = CheckInPlan(rhythm=Rhythm.WEEKLY, band=Band.NOON, starts=date(2026, 11, 28))
CHECK_INS, PLANS = table_of(CheckIn), table_of(PlanTable)


def at(**later: float) -> datetime:
    return NOW + timedelta(**later)


def made(now: datetime = NOW) -> Clockwork:
    return Clockwork(calendar=CALENDAR, now=now, new_id=new_id)


async def planned(
    database: Database, keyring: Keyring, plan: CheckInPlan = WEEKLY, *, name: bytes = b"s"
) -> tuple[ResidentRow, UUID]:
    resident = await resident_of(database, keyring, name=name, address=name.hex())
    async with database.write() as connection:
        return resident, await followups.set_plan(connection, resident, plan, made())


async def rows(database: Database, *states: CheckInState) -> list[Any]:
    async with database.read() as connection:
        query = select(CHECK_INS).order_by(CHECK_INS.c.due_at, CHECK_INS.c.id)
        found = (await connection.execute(query)).all()
    return [row for row in found if not states or row.state in states]


async def claimed(database: Database, keyring: Keyring, now: datetime) -> list[Claim]:
    async with database.write() as connection:
        return await check_in_claims.claim(connection, keyring, "default", now=now, limit=100)


def letter_of(claim: Claim, now: datetime) -> NewLetter:
    return NewLetter(
        id=new_id(),
        turn_id=None,
        kind="check_in",
        priority=3,
        body=[{"type": "text", "text": "その後、いかがですか。"}],
        token=None,
        retry_key=claim.id,
        created_at=now,
        expires_at=now + timedelta(hours=3),
    )


async def said(database: Database, claim: Claim, now: datetime) -> NewLetter:
    """The check-in went into the outbox, and a second word waits."""
    ledger, letter = Ledger(), letter_of(claim, now)
    ledger.letters.append((claim.resident.id, claim.resident.key, letter))
    ledger.closes(claim, CheckInState.QUEUED, now, letter=letter.id)
    ledger.sent.append(claim.plan.id)
    row = followups.new_row(
        claim.plan.id, "default", claim.resident.id, CheckInKind.SECOND, now + timedelta(days=3), made(now)
    )
    ledger.following.append({**row, "second_of": claim.id})
    async with database.write() as connection:
        await check_in_claims.write(connection, ledger)
    return letter


async def test_a_plan_comes_back_as_it_was_and_stands_sealed_in_the_database(database: Database) -> None:
    keyring = await keyring_of(database)
    plan = replace(WEEKLY, count_left=4, minor=True, agreed_to_be_seen=True)
    resident, plan_id = await planned(database, keyring, plan)
    async with database.read() as connection:
        found = await followups.live(connection, resident.id, resident.key)
        sealed = (await connection.execute(select(PLANS.c.plan_sealed))).scalar_one()
    assert found is not None
    assert (found.id, found.plan, found.left, found.sent) == (plan_id, plan, plan, 0)
    assert b"weekly" not in bytes(sealed)


async def test_the_first_occurrence_waits_in_its_band_on_its_day(database: Database) -> None:
    keyring = await keyring_of(database)
    await planned(database, keyring)
    (one,) = await rows(database)
    here = one.due_at.astimezone(CALENDAR.zone)
    assert (here.date(), one.state, one.look_at) == (date(2026, 11, 28), CheckInState.WAITING, one.due_at)
    assert 12 <= here.hour < 14


async def test_there_is_never_a_second_live_plan(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, plan_id = await planned(database, keyring)
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            again = text(
                "INSERT INTO check_in_plans (id, desk_id, resident_id, plan_sealed, made_at, sent)"
                " SELECT :id, desk_id, resident_id, plan_sealed, made_at, 0 FROM check_in_plans"
            )
            await connection.execute(again, {"id": new_id().hex if database.is_sqlite else new_id()})
    async with database.read() as connection:
        found = await followups.live(connection, resident.id, resident.key)
    assert found is not None
    assert found.id == plan_id


async def test_an_edit_voids_what_waits_and_makes_a_new_plan_with_its_own_occurrence(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, old = await planned(database, keyring)
    async with database.write() as connection:
        new = await followups.edit(connection, resident, lambda plan: replace(plan, band=Band.MORNING), made())
    first, second = sorted(await rows(database), key=lambda row: row.plan_id == new)
    assert (first.plan_id, first.state) == (old, CheckInState.VOID)
    assert (second.plan_id, second.state) == (new, CheckInState.WAITING)
    assert second.due_at.astimezone(CALENDAR.zone).hour in {9, 10}
    async with database.read() as connection:
        ends = (await connection.execute(select(PLANS.c.id, PLANS.c.retired_why))).all()
    assert {row.id: row.retired_why for row in ends} == {old: PlanEnd.EDITED, new: None}


async def test_without_a_plan_there_is_nothing_to_edit_or_to_retire(database: Database) -> None:
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring)
    async with database.write() as connection:
        assert await followups.edit(connection, resident, lambda plan: plan, made()) is None
        assert not await followups.retire(connection, resident.id, PlanEnd.RESIDENT, now=NOW)
    assert await rows(database) == []


async def test_a_plan_whose_days_are_all_past_is_over_at_once(database: Database) -> None:
    keyring = await keyring_of(database)
    past = replace(WEEKLY, rhythm=Rhythm.ON_DAY, starts=date(2026, 11, 1), on_day=date(2026, 11, 1))
    resident, _ = await planned(database, keyring, past)
    async with database.read() as connection:
        (row,) = (await connection.execute(select(PLANS.c.retired_why))).all()
        assert await followups.live(connection, resident.id, resident.key) is None
    assert (row.retired_why, await rows(database)) == (PlanEnd.DONE, [])


async def test_ending_a_plan_also_stops_the_letter_that_is_on_its_way(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, _ = await planned(database, keyring)
    (claim,) = await claimed(database, keyring, at(days=8))
    await said(database, claim, at(days=8))
    async with database.write() as connection:
        assert await followups.retire(connection, resident.id, PlanEnd.STOPPED, now=at(days=8))
        assert await outbox.waiting(connection, resident.id, resident.key) == []
        (letter,) = (await connection.execute(select(OutboxMessage.state, OutboxMessage.reason))).all()
    assert tuple(letter) == (OutboxState.EXPIRED, followups.CALLED_OFF)
    assert [(row.state, row.reason) for row in await rows(database)] == [
        (CheckInState.SKIPPED, SkipReason.NO_PLAN.value),
        (CheckInState.VOID, None),
    ]


async def test_what_is_due_is_claimed_with_its_plan_and_its_resident(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, plan_id = await planned(database, keyring)
    assert await claimed(database, keyring, at(days=6)) == []
    (claim,) = await claimed(database, keyring, at(days=8))
    assert (claim.resident.id, claim.plan.id, claim.plan.plan, claim.kind) == (
        resident.id,
        plan_id,
        WEEKLY,
        CheckInKind.WORD,
    )
    assert (claim.follows, claim.said_at, claim.personal) == (None, None, None)


async def test_of_two_sweeps_at_once_one_takes_an_occurrence(database: Database) -> None:
    keyring = await keyring_of(database)
    for name in (b"a", b"b", b"c"):
        await planned(database, keyring, name=name)

    async def sweep() -> list[UUID]:
        async with database.write() as connection:
            if not await check_in_claims.first_in_line(connection, "default"):
                return []
            claims = await check_in_claims.claim(connection, keyring, "default", now=at(days=8), limit=100)
            ledger = Ledger()
            for claim in claims:
                ledger.closes(claim, CheckInState.SKIPPED, NOW, reason="late")
            await asyncio.sleep(0)
            await check_in_claims.write(connection, ledger)
        return [claim.id for claim in claims]

    taken = await asyncio.gather(*(sweep() for _ in range(4)))
    assert sorted(itertools.chain.from_iterable(taken)) == sorted(row.id for row in await rows(database))


async def test_a_resident_whom_a_turn_has_in_hand_is_passed_over_on_postgresql(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("on SQLite all writers stand in one line: nobody can be in hand")
    keyring = await keyring_of(database)
    busy, _ = await planned(database, keyring, name=b"a")
    free, _ = await planned(database, keyring, name=b"b")
    async with database.write() as turn:
        await residents.by_id(turn, keyring, busy.id, lock=True)
        assert [claim.resident.id for claim in await claimed(database, keyring, at(days=8))] == [free.id]
    assert len(await claimed(database, keyring, at(days=8))) == 2


async def test_a_talk_that_moved_on_undoes_the_whole_batch(database: Database) -> None:
    keyring = await keyring_of(database)
    await planned(database, keyring)
    (claim,) = await claimed(database, keyring, at(days=8))
    async with database.write() as connection:
        await connection.execute(update(Resident).values(version=Resident.version + 1))
    ledger = Ledger()
    ledger.states.append((claim.resident, {}))
    ledger.closes(claim, CheckInState.SKIPPED, NOW, reason="late")
    with pytest.raises(residents.Moved):
        async with database.write() as connection:
            await check_in_claims.write(connection, ledger)
    assert [row.state for row in await rows(database)] == [CheckInState.WAITING]


async def test_an_answer_ends_the_waiting_for_one_and_the_rhythm_goes_on(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, _ = await planned(database, keyring)
    now = at(days=8)
    (claim,) = await claimed(database, keyring, now)
    await said(database, claim, now)
    later = now + timedelta(hours=2)
    async with database.write() as connection:
        await followups.answered(connection, resident, CheckInAnswer.SO_SO, made(later))
    first, second, third = await rows(database)
    assert (first.answer, first.answered_at, first.state) == ("so_so", later, CheckInState.QUEUED)
    assert (second.kind, second.state) == (CheckInKind.SECOND, CheckInState.VOID)
    assert (third.kind, third.state) == (CheckInKind.WORD, CheckInState.WAITING)
    assert third.due_at.astimezone(CALENDAR.zone).date() == date(2026, 12, 5)


async def test_a_button_stands_above_words_and_words_never_above_a_button(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, _ = await planned(database, keyring)
    (claim,) = await claimed(database, keyring, at(days=8))
    await said(database, claim, at(days=8))
    answers = []
    for answer in (CheckInAnswer.WORDS, CheckInAnswer.HARD, CheckInAnswer.WORDS):
        async with database.write() as connection:
            await followups.answered(connection, resident, answer, made(at(days=8)))
        answers.append(next(row.answer for row in await rows(database, CheckInState.QUEUED)))
    assert answers == ["words", "hard", "hard"]


async def test_words_without_a_check_in_before_are_no_answer(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, _ = await planned(database, keyring)
    async with database.write() as connection:
        await followups.answered(connection, resident, CheckInAnswer.WORDS, made())
    (one,) = await rows(database)
    assert (one.state, one.answer) == (CheckInState.WAITING, None)


async def test_a_count_goes_down_with_every_check_in_and_ends_the_plan(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, _ = await planned(database, keyring, replace(WEEKLY, count_left=1))
    (claim,) = await claimed(database, keyring, at(days=8))
    await said(database, claim, at(days=8))
    async with database.write() as connection:
        held = await followups.live(connection, resident.id, resident.key)
        assert held is not None
        assert held.left.count_left == 0
        await followups.answered(connection, resident, CheckInAnswer.GOOD, made(at(days=8)))
        assert await followups.live(connection, resident.id, resident.key) is None
    assert await rows(database, CheckInState.WAITING) == []


async def test_a_personal_line_goes_with_the_next_one_only_and_is_kept_sealed(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, _ = await planned(database, keyring)
    line = Personal(words="先日はありがとうございました", signed="相談員の青木")
    async with database.write() as connection:
        assert await followups.add_personal(connection, resident, line)
    (row,) = await rows(database)
    assert "青木".encode() not in bytes(row.personal_sealed)
    (claim,) = await claimed(database, keyring, at(days=8))
    assert claim.personal == line
    await said(database, claim, at(days=8))
    assert {row.personal_sealed for row in await rows(database)} == {None}


async def test_a_second_word_knows_whether_the_first_one_went_out(database: Database) -> None:
    keyring = await keyring_of(database)
    await planned(database, keyring)
    (claim,) = await claimed(database, keyring, at(days=8))
    letter = await said(database, claim, at(days=8))
    for state, when in ((OutboxState.EXPIRED, None), (OutboxState.SENT, at(days=8))):
        async with database.write() as connection:
            await connection.execute(update(OutboxMessage).values(state=state))
        (second,) = await claimed(database, keyring, at(days=12))
        assert (second.kind, second.follows, second.said_at) == (CheckInKind.SECOND, claim.id, when)
    assert letter.retry_key == claim.id


async def test_what_a_clock_that_ran_ahead_has_planned_is_found_and_planned_anew(database: Database) -> None:
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring)
    ahead = datetime(2029, 1, 1, 3, tzinfo=UTC)
    async with database.write() as connection:
        await followups.set_plan(connection, resident, WEEKLY, made(ahead))
        assert await check_in_claims.from_the_future(connection, now=NOW) == [resident.id]
        await followups.plan_anew(connection, resident, made())
        assert await check_in_claims.from_the_future(connection, now=NOW) == []
    (waiting,) = await rows(database, CheckInState.WAITING)
    assert waiting.due_at.astimezone(CALENDAR.zone).date() == date(2026, 11, 28)


async def test_what_was_sent_in_the_future_does_not_use_up_the_rate(database: Database) -> None:
    keyring = await keyring_of(database)
    await planned(database, keyring)
    (claim,) = await claimed(database, keyring, at(days=8))
    await said(database, claim, at(days=8))
    async with database.read() as connection:
        minute = timedelta(minutes=1)
        now = at(days=8)
        assert await check_in_claims.sent_since(connection, "default", now - minute, now) == 1
        assert await check_in_claims.sent_since(connection, "default", NOW - minute, NOW) == 0
        assert await check_in_claims.sent_since(connection, "other", now - minute, now) == 0


async def test_an_erased_resident_leaves_no_plan_and_no_occurrence(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, _ = await planned(database, keyring)
    (claim,) = await claimed(database, keyring, at(days=8))
    await said(database, claim, at(days=8))
    async with database.write() as connection:
        await residents.plan_erasure(connection, resident.id, NOW)
        assert await erasure.erase(connection, keyring, resident.id, now=NOW)
        plans = (await connection.execute(select(PLANS.c.id))).all()
    assert (plans, await rows(database)) == ([], [])


async def test_looking_for_what_is_due_walks_along_the_index(database: Database) -> None:
    query = check_in_claims.due_query("default", now=NOW, limit=100)
    async with database.write() as connection:
        prefix = "EXPLAIN QUERY PLAN "
        if not database.is_sqlite:
            # An empty table would rather be read as a whole.
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
            prefix = "EXPLAIN "
        compiled = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        found = await connection.exec_driver_sql(prefix + str(compiled))
        shown = "\n".join(" ".join(map(str, row)) for row in found)
    assert "ix_check_ins_due" in shown, shown
    assert "TEMP B-TREE" not in shown, shown
    assert "Sort" not in shown, shown
