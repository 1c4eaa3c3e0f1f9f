"""The sweep of check-ins: each goes out once, at a time that suits, or not at all and with a reason."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text, update

from benchmarks.town import Died, Town, town_of
from casework.queue import Level, SafeContact
from dialogue.effects import CheckInAnswer
from dialogue.events import CheckInsCalledOff, StaffCame
from dialogue.followups import Band, CheckInPlan, QuietHours, Rhythm
from dialogue.sending import SkipReason
from handlers.checkin_step import SILENT
from handlers.leaving import LEFT
from nlp import Known, Listener
from nlp.findings import RiskLevel
from storage import calls, cases, conversations, followups, residents
from storage.case_tables import Case, CaseEvent
from storage.database import Connection, Database
from storage.followup_tables import CheckInKind, CheckInState, ContactPause, PauseReason, PlanEnd
from storage.followup_tables import CheckInPlan as PlanTable
from storage.followups import Personal
from storage.ids import new_id
from storage.tables import Alert, OutboxMessage, OutboxState, Resident, table_of

pytestmark = pytest.mark.anyio

WEEKLY = CheckInPlan(rhythm=Rhythm.WEEKLY, band=Band.NOON, starts=date(2026, 11, 28))
PLANS = table_of(PlanTable)


@pytest.fixture(scope="session")
def listener() -> Listener:
    return Listener.load()


@pytest.fixture
async def town(database: Database, listener: Listener) -> Town:
    return await town_of(database, listener)


async def fate(town: Town) -> list[tuple[str, str | None]]:
    """What became of every occurrence that does not wait."""
    return [(row.state.value, row.reason) for row in await town.rows() if row.state is not CheckInState.WAITING]


async def ends(town: Town) -> list[PlanEnd | None]:
    async with town.database.read() as connection:
        return list((await connection.execute(select(PLANS.c.retired_why).order_by(PLANS.c.made_at))).scalars())


async def sent(town: Town) -> list[Any]:
    """The check-ins that LINE accepted."""
    ids = {row.id for row in await town.rows()}
    return [push for push in town.line.accepted if push.key in ids]


async def case_of(town: Town, address: str, **values: Any) -> UUID:
    """An open case, as a turn would have made it, with other values."""
    await town.says(address, "相談員と話したいです")
    async with town.database.write() as connection:
        case = await cases.open_case_of(connection, town.people[address])
        assert case is not None
        await connection.execute(update(Case).where(Case.id == case.id).values(values))
    return case.id


async def events(town: Town, kind: str) -> int:
    async with town.database.read() as connection:
        return len((await connection.execute(select(CaseEvent.id).where(CaseEvent.kind == kind))).all())


# Going out


async def test_a_check_in_goes_out_once_in_its_band_and_a_second_word_waits(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.sweeps()
    assert await sent(town) == []
    await town.comes()
    for _ in range(3):
        await town.sweeps()
    (push,) = await sent(town)
    here = push.at.astimezone(town.calendar.zone)
    assert (here.date(), push.address, push.reached) == (date(2026, 11, 28), "U1", True)
    assert time(12) <= here.time() < time(14)
    assert [(row.kind, row.state) for row in await town.rows()] == [
        (CheckInKind.WORD, CheckInState.QUEUED),
        (CheckInKind.SECOND, CheckInState.WAITING),
    ]


async def test_the_buttons_name_the_occurrence_and_an_answer_lets_the_rhythm_go_on(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    await town.sweeps()
    town.passes(hours=1)
    await town.presses("U1", "so_so")
    first, second, third = await town.rows()
    assert (first.answer, first.answered_at) == (CheckInAnswer.SO_SO.value, town.now)
    assert (second.state, third.kind, third.state) == (CheckInState.VOID, CheckInKind.WORD, CheckInState.WAITING)
    assert third.due_at.astimezone(town.calendar.zone).date() == date(2026, 12, 5)


async def test_words_of_ones_own_are_an_answer_too(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    await town.sweeps()
    town.passes(hours=1)
    await town.says("U1", "まあまあです、ありがとう")
    (first,) = await town.rows(CheckInState.QUEUED)
    assert first.answer is not None
    assert [row.kind for row in await town.rows(CheckInState.WAITING)] == [CheckInKind.WORD]


@pytest.mark.parametrize("words", ["もういい、やめて", "もういいです、やめてください", "放っておいて"])
async def test_who_sends_check_ins_away_is_not_taken_for_somebody_in_despair(town: Town, words: str) -> None:
    resident_id = await town.settles("U1", WEEKLY)
    await town.comes()
    await town.sweeps()
    town.passes(hours=1)
    await town.says("U1", words)
    async with town.database.read() as connection:
        resident = await residents.by_id(connection, town.keyring, resident_id)
        alerts = (await connection.execute(select(Alert.id))).all()
        assert resident is not None
        assert await followups.live(connection, resident.id, resident.key) is None
    assert alerts == []
    assert resident.known is None or Known.from_json(resident.known).assessment.risk.level is RiskLevel.NONE


async def test_a_line_of_a_person_goes_with_the_next_one(town: Town) -> None:
    resident_id = await town.settles("U1", WEEKLY)
    async with town.database.write() as connection:
        resident = await residents.by_id(connection, town.keyring, resident_id, lock=True)
        assert resident is not None
        line = Personal(words="先日はお会いできてよかったです。", signed="相談員の青木")
        assert await followups.add_personal(connection, resident, line)
    await town.comes()
    await town.sweeps()
    (push,) = await sent(town)
    assert "先日はお会いできてよかったです。" in push.text
    assert "相談員の青木" in push.text


async def test_an_edit_lets_no_old_text_go_out(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    await town.checkins.sweep()
    # The letter stands in the outbox, and is not delivered yet.
    await town.settles("U1", replace(WEEKLY, band=Band.EVENING, starts=date(2026, 12, 1)))
    await town.delivers()
    assert await sent(town) == []
    assert await ends(town) == [PlanEnd.EDITED, None]
    town.passes(days=1)
    await town.sweeps()
    assert await sent(town) == []


async def test_a_plan_that_is_called_off_sends_nothing_any_more(town: Town) -> None:
    resident_id = await town.settles("U1", WEEKLY)
    await town.turns.staff(resident_id, CheckInsCalledOff(shown="相談員の青木"))
    assert await ends(town) == [PlanEnd.STAFF]
    town.passes(days=30)
    await town.sweeps()
    assert await sent(town) == []


async def test_stopping_contact_ends_the_plan_and_what_is_on_its_way(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    await town.checkins.sweep()
    await town.says("U1", "もう連絡しないでください")
    await town.delivers()
    assert await ends(town) == [PlanEnd.STOPPED]
    assert await sent(town) == []


async def test_words_that_come_before_the_delivery_call_it_off_and_are_no_answer_to_it(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    await town.checkins.sweep()
    await town.says("U1", "ちょっと聞いてください")
    await town.delivers()
    assert await sent(town) == []
    assert await fate(town) == [("skipped", SkipReason.TALK_UNDER_WAY.value), ("void", None)]
    (waiting,) = await town.rows(CheckInState.WAITING)
    assert (waiting.kind, waiting.due_at > town.now + timedelta(days=3)) == (CheckInKind.WORD, True)
    assert {row.answer for row in await town.rows()} == {None}


# Exactly once


async def test_a_process_that_dies_after_line_accepted_is_recognised_by_409(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    town.line.dies = True
    with pytest.raises(Died):
        await town.sweeps()
    town.line.dies = False
    town.restart()
    await town.delivery(town.people["U1"])
    async with town.database.write() as connection:
        # As a start does: what a dead process had in hand may have been sent.
        await connection.execute(update(OutboxMessage).values(leased_by=None))
    await town.delivery(town.people["U1"])
    assert (len(await sent(town)), town.line.repeated) == (1, 1)
    async with town.database.read() as connection:
        state = select(OutboxMessage.state).where(OutboxMessage.kind == "check_in")
        assert (await connection.execute(state)).scalars().all() == [OutboxState.SENT]


async def test_a_transaction_that_is_undone_leaves_the_occurrence_as_it_was(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    before = await town.rows()

    class Gone(BaseException):
        """The process is killed just before the commit."""

    from storage import check_in_claims

    whole = check_in_claims.write

    async def half(connection: Connection, ledger: Any) -> None:
        await whole(connection, ledger)
        raise Gone

    with monkeypatch.context() as patched:
        patched.setattr(check_in_claims, "write", half)
        with pytest.raises(Gone):
            await town.checkins.sweep()
    assert await town.rows() == before
    town.restart()
    await town.sweeps()
    assert len(await sent(town)) == 1


async def test_two_workers_at_once_send_each_check_in_once(town: Town) -> None:
    for number in range(12):
        await town.settles(f"U{number}", WEEKLY)
    town.passes(days=7, hours=3)
    other = town.another_worker(town.engine)
    await asyncio.gather(town.checkins.sweep(), other.sweep(), town.checkins.sweep(), other.sweep())
    await town.sweeps()
    pushes = await sent(town)
    assert sorted(push.address for push in pushes) == sorted(f"U{number}" for number in range(12))


async def test_one_that_cannot_be_worked_on_holds_up_nobody_else(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.settles("U2", WEEKLY)
    async with town.database.write() as connection:
        await connection.execute(
            update(PLANS).where(PLANS.c.resident_id == town.people["U1"]).values(plan_sealed=b"\x01broken")
        )
    town.passes(days=7, hours=3)
    await town.sweeps()
    assert [push.address for push in await sent(town)] == ["U2"]
    (stuck,) = [row for row in await town.rows(CheckInState.WAITING) if row.resident_id == town.people["U1"]]
    assert (stuck.tries, stuck.reason) == (1, "failed")
    assert stuck.look_at > town.now


# After a silence of the program itself


async def test_after_days_of_downtime_late_ones_are_passed_over_and_the_rhythm_goes_on(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    town.passes(days=16)
    await town.sweeps()
    assert await sent(town) == []
    assert await fate(town) == [("skipped", SkipReason.LATE.value)]
    (waiting,) = await town.rows(CheckInState.WAITING)
    assert town.now < waiting.due_at < town.now + timedelta(days=7)


async def test_a_backlog_goes_out_at_the_pace_of_the_desk(database: Database, listener: Listener) -> None:
    town = await town_of(database, listener, per_minute=5)
    for number in range(12):
        await town.settles(f"U{number}", WEEKLY)
    town.passes(days=7, hours=3)
    counts = []
    for _ in range(4):
        for _ in range(3):
            await town.sweeps()
        counts.append(len(await sent(town)))
        town.passes(minutes=1, seconds=1)
    assert counts == [5, 10, 12, 12]


async def test_what_a_clock_that_ran_ahead_has_planned_is_planned_anew(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    right = town.now
    town.passes(days=900)
    await town.sweeps()
    town.at(right + timedelta(hours=1))
    await town.checkins.mend()
    (waiting,) = await town.rows(CheckInState.WAITING)
    assert waiting.due_at.astimezone(town.calendar.zone).date() == date(2026, 11, 28)
    await town.comes()
    await town.sweeps()
    assert len(await sent(town)) == 1


async def test_a_desk_that_is_gone_keeps_nobody_else_from_being_planned_anew(town: Town) -> None:
    gone, right = await town.settles("U0", WEEKLY), town.now
    await town.settles("U1", WEEKLY)
    town.passes(days=900)
    await town.sweeps()
    async with town.database.write() as connection:
        await connection.execute(update(Resident).where(Resident.id == gone).values(desk_id="closed"))
    town.at(right + timedelta(hours=1))
    await town.checkins.mend()
    dates = {row.due_at.astimezone(town.calendar.zone).date() for row in await town.rows(CheckInState.WAITING)}
    assert date(2026, 11, 28) in dates


async def test_a_clock_that_is_put_back_sends_nothing_twice(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    await town.sweeps()
    town.passes(hours=-3)
    for _ in range(5):
        await town.sweeps()
        await town.checkins.mend()
        town.passes(hours=1)
    assert len(await sent(town)) == 1


async def test_a_letter_that_line_did_not_take_in_time_is_not_sent_at_night(town: Town) -> None:
    plan = replace(WEEKLY, band=Band.EVENING, quiet=QuietHours(begins=time(20), ends=time(9)))
    await town.settles("U1", plan)
    await town.comes()
    town.line.down = True
    await town.sweeps()
    town.line.down = False
    here = town.now.astimezone(town.calendar.zone)
    town.at(here.replace(hour=20, minute=0, second=1).astimezone(town.now.tzinfo))
    await town.delivery(town.people["U1"])
    assert await sent(town) == []
    async with town.database.read() as connection:
        state = select(OutboxMessage.state).where(OutboxMessage.kind == "check_in")
        assert (await connection.execute(state)).scalars().all() == [OutboxState.EXPIRED]


async def test_who_never_got_the_first_word_gets_no_second_one(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    town.line.down = True
    await town.sweeps()
    town.passes(hours=6)
    await town.delivery(town.people["U1"])
    town.line.down = False
    await town.comes()
    await town.sweeps()
    assert await sent(town) == []
    assert (await fate(town))[-1] == ("skipped", SkipReason.UNDELIVERED.value)
    assert [row.kind for row in await town.rows(CheckInState.WAITING)] == [CheckInKind.WORD]


async def test_after_a_first_word_that_never_came_the_next_one_is_a_first_word_again(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await unheard(town)
    for _ in range(4):
        if await town.rows(CheckInState.WAITING):
            await town.comes()
            await town.sweeps()
    assert len(await sent(town)) == 2, "a word and the gentle one after it"
    assert await ends(town) == [PlanEnd.SILENT]


async def test_a_second_word_that_line_did_not_take_is_made_up_for_and_the_plan_does_not_sleep(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    await town.sweeps()
    await unheard(town)
    for _ in range(4):
        if await town.rows(CheckInState.WAITING):
            await town.comes()
            await town.sweeps()
    assert len(await sent(town)) == 2
    assert await ends(town) == [PlanEnd.SILENT]


async def test_nobody_is_called_silent_after_a_second_word_that_never_came(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    await town.sweeps()
    await unheard(town)
    assert (await fate(town))[-1] == (CheckInState.VOID.value, SkipReason.UNDELIVERED.value)
    assert [row.kind for row in await town.rows(CheckInState.WAITING)] == [CheckInKind.WORD]


async def unheard(town: Town) -> None:
    """The next one is queued, and LINE does not take it in time."""
    await town.comes()
    town.line.down = True
    await town.sweeps()
    town.passes(hours=6)
    await town.delivery(town.people["U1"])
    town.line.down = False
    await town.comes()
    await town.sweeps()


# Reasons


async def reason_of(town: Town) -> str | None:
    """Why the next one is passed over, or put off; None when it goes out."""
    before = len(await sent(town))
    await town.comes()
    await town.sweeps()
    if len(await sent(town)) > before:
        return None
    passed = await fate(town)
    (waiting,) = await town.rows(CheckInState.WAITING)
    return waiting.reason if waiting.reason is not None else passed[-1][1]


async def test_nothing_to_somebody_who_blocked_the_account_and_again_when_they_are_back(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.blocks("U1")
    assert await reason_of(town) == SkipReason.BLOCKED
    await town.unblocks("U1")
    assert await reason_of(town) is None


async def test_nothing_to_somebody_who_is_being_erased(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    async with town.database.write() as connection:
        await residents.plan_erasure(connection, town.people["U1"], town.now + timedelta(days=30))
    assert await reason_of(town) == SkipReason.ERASED


async def test_nothing_where_contact_is_not_safe(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await case_of(town, "U1", safe_contact=SafeContact.NO)
    assert await reason_of(town) == SkipReason.UNSAFE


async def test_nothing_within_a_day_of_a_talk(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    town.passes(hours=-2)
    await town.says("U1", "ちょっと聞いてください")
    assert await reason_of(town) == SkipReason.TALKED_LATELY


@pytest.mark.parametrize("rhythm", [Rhythm.TOMORROW, Rhythm.ON_DAY])
async def test_the_one_word_promised_for_a_day_comes_though_they_wrote_the_evening_before(
    town: Town, rhythm: Rhythm
) -> None:
    on_day = WEEKLY.starts if rhythm is Rhythm.ON_DAY else None
    await town.settles("U1", replace(WEEKLY, rhythm=rhythm, on_day=on_day))
    await town.comes()
    town.passes(hours=-17)
    await town.says("U1", "ありがとうございます")
    await town.comes()
    await town.sweeps()
    assert len(await sent(town)) == 1


async def test_nothing_while_words_wait_to_be_heard(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    turns, town.turns = town.turns, Deaf()  # type: ignore[assignment]
    await town.says("U1", "あの")
    town.turns = turns
    assert await reason_of(town) == SkipReason.TALK_UNDER_WAY


class Deaf:
    """Turns that have not come to it yet."""

    async def __call__(self, _conversation: object) -> Any:
        return self

    deliver: tuple[UUID, ...] = ()


async def test_nothing_while_a_person_writes(town: Town) -> None:
    resident_id = await town.settles("U1", WEEKLY)
    await town.turns.staff(resident_id, StaffCame(shown="相談員の青木"))
    await town.delivery(resident_id)
    assert await reason_of(town) == SkipReason.STAFF_WRITING


async def test_nothing_in_an_area_that_is_paused(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.settles("U2", WEEKLY)
    await case_of(town, "U1", area="hokubu")
    await case_of(town, "U2", area="nanbu")
    await paused(town, area="hokubu")
    town.passes(days=7, hours=3)
    await town.sweeps()
    assert [push.address for push in await sent(town)] == ["U2"]
    assert set(await fate(town)) == {("skipped", SkipReason.BULK_PAUSED.value), ("queued", None)}


async def test_who_asks_in_a_pause_hears_of_the_day_after_it(town: Town) -> None:
    for address, area in (("U1", "hokubu"), ("U2", "nanbu")):
        await town.settles(address, WEEKLY)
        await case_of(town, address, area=area)
    await paused(town, area="hokubu")
    for address, day in (("U1", "12月26日(土)"), ("U2", "11月28日(土)")):
        await town.says(address, "おたより")
        assert day in town.line.accepted[-1].text


async def paused(town: Town, *, area: str | None) -> None:
    """A pause of a month, by somebody of the staff."""
    from storage import staff
    from storage.staff import NewAccount

    async with town.database.write() as connection:
        organisation = await staff.organisation(connection, "見本市社協", new_id=new_id)
        account = NewAccount(login="aoki", shown_name="青木", organisation_id=organisation, password_hash="-")
        staff_id = await staff.add(connection, account, now=town.now, new_id=new_id)
        row = {
            "id": new_id(),
            "desk_id": "default",
            "area": area,
            "reason": PauseReason.DISASTER,
            "starts_at": town.now,
            "ends_at": town.now + timedelta(days=30),
            "made_by": staff_id,
            "made_at": town.now,
        }
        await connection.execute(insert(table_of(ContactPause)), row)


async def test_when_the_month_is_short_people_keep_their_reserve_and_watch_goes_first(
    database: Database, listener: Listener
) -> None:
    town = await town_of(database, listener, limit=9, quota_reserve=2)
    for number in range(4):
        await town.settles(f"U{number}", replace(WEEKLY, rhythm=Rhythm.MONTHLY))
    # Four of nine went into telling them. Of the five that are left two are for people, and one for U3.
    await case_of(town, "U3", risk_level=Level.WATCH)
    town.passes(days=7, hours=3)
    await town.sweeps()
    addresses = [push.address for push in await sent(town)]
    assert (len(addresses), "U3" in addresses) == (3, True), (addresses, await fate(town))
    assert [reason for _, reason in await fate(town) if reason is not None] == [SkipReason.QUOTA.value]


async def test_a_pause_chosen_by_the_resident_makes_a_new_plan_that_begins_after_it(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    await town.sweeps()
    town.passes(hours=1)
    await town.presses("U1", "pause")
    (waiting,) = await town.rows(CheckInState.WAITING)
    assert waiting.due_at > town.now + timedelta(days=14)
    assert await ends(town) == [PlanEnd.EDITED, None]


# Silence


async def test_silence_is_met_by_one_second_word_and_then_by_none(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    for _ in range(3):
        await town.comes()
        await town.sweeps()
    first, second = await sent(town)
    assert (second.at - first.at).days in {2, 3}
    assert await ends(town) == [PlanEnd.SILENT]
    assert await town.rows(CheckInState.WAITING) == []
    town.passes(days=60)
    await town.sweeps()
    assert len(await sent(town)) == 2


async def test_a_second_word_that_could_not_go_out_is_made_up_for_by_the_next_one_and_no_third_follows(
    town: Town,
) -> None:
    await town.settles("U1", WEEKLY)
    await town.comes()
    await town.sweeps()
    town.passes(days=5)
    await town.sweeps()
    assert (await fate(town))[-1] == ("skipped", SkipReason.LATE.value)
    for _ in range(4):
        if await town.rows(CheckInState.WAITING):
            await town.comes()
            await town.sweeps()
    assert len(await sent(town)) == 2
    assert await ends(town) == [PlanEnd.SILENT]


async def test_staff_get_an_entry_after_the_second_silence_and_for_somebody_in_worry_after_the_first(
    town: Town,
) -> None:
    for address, level in (("U1", Level.NONE), ("U2", Level.WATCH)):
        await town.settles(address, WEEKLY)
        await case_of(town, address, risk_level=level, heard_level=level)
    told = []
    for _ in range(3):
        town.at(max(row.look_at for row in await town.rows(CheckInState.WAITING)) + timedelta(seconds=1))
        await town.sweeps()
        told.append(await events(town, SILENT))
    assert told == [0, 1, 2]
    async with town.database.read() as connection:
        assert (await connection.execute(select(PLANS.c.silent_at))).scalars().all().count(None) == 0


@pytest.mark.parametrize("ending", [{"count_left": 1}, {"until": date(2026, 12, 3)}])
async def test_after_the_last_word_that_was_wished_for_none_follows_and_nobody_is_silent(
    town: Town, ending: dict[str, Any]
) -> None:
    await town.settles("U1", replace(WEEKLY, **ending))
    for _ in range(2):
        await town.comes()
        await town.sweeps()
    (only,) = await sent(town)
    assert "ここまで" in only.text
    assert (await ends(town), await town.rows(CheckInState.WAITING)) == ([PlanEnd.DONE], [])
    async with town.database.read() as connection:
        assert (await connection.execute(select(PLANS.c.silent_at))).scalars().all() == [None]


async def test_for_somebody_in_worry_staff_get_an_entry_after_a_last_word_without_an_answer(town: Town) -> None:
    await town.settles("U1", replace(WEEKLY, count_left=1))
    await case_of(town, "U1", risk_level=Level.WATCH, heard_level=Level.WATCH)
    for _ in range(2):
        town.at(max(row.look_at for row in await town.rows(CheckInState.WAITING)) + timedelta(seconds=1))
        await town.sweeps()
    assert (await events(town, SILENT), len(await sent(town)), await ends(town)) == (1, 1, [PlanEnd.DONE])


async def test_who_writes_after_the_second_word_is_not_silent(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    for _ in range(2):
        await town.comes()
        await town.sweeps()
    town.passes(hours=2)
    await town.says("U1", "返事が遅くなってごめんなさい")
    assert await ends(town) == [None]
    assert [row.kind for row in await town.rows(CheckInState.WAITING)] == [CheckInKind.WORD]


# Leaving after a danger


async def in_danger(town: Town, address: str, *, hours_ago: float) -> UUID:
    case_id = await case_of(town, address, risk_level=Level.URGENT, heard_level=Level.URGENT)
    async with town.database.write() as connection:
        turn = (await connection.execute(text("SELECT id FROM turns LIMIT 1"))).scalar_one()
        at = town.now - timedelta(hours=hours_ago)
        row = {"alert_id": new_id(), "resident_id": town.people[address], "turn_id": UUID(str(turn))}
        await conversations.add_alert(connection, **row, level="urgent", kinds=["suicide"], rule="urgent.x", at=at)
        call = await calls.open_of_case(connection, case_id)
        if call is not None:
            await connection.execute(text("UPDATE calls SET ended_at = raised_at"))
    town.passes(minutes=10)
    return case_id


@pytest.mark.parametrize(("hours", "told"), [(1, 1), (71, 1), (73, 0)])
async def test_a_block_soon_after_a_danger_is_told_to_staff_on_the_same_day(
    town: Town, hours: float, told: int
) -> None:
    await town.arrives("U1")
    case_id = await in_danger(town, "U1", hours_ago=hours)
    await town.blocks("U1")
    async with town.database.write() as connection:
        call = await calls.open_of_case(connection, case_id)
    assert (await events(town, LEFT), call is not None) == (told, bool(told))
    if call is not None:
        assert call.next_at == town.now


async def test_by_night_staff_are_told_of_it_in_the_morning(town: Town) -> None:
    await town.arrives("U1")
    case_id = await in_danger(town, "U1", hours_ago=1)
    town.passes(hours=10)
    await town.blocks("U1")
    async with town.database.write() as connection:
        call = await calls.open_of_case(connection, case_id)
    assert call is not None
    assert call.next_at.astimezone(town.calendar.zone).time() == time(9)
    assert timedelta(0) < call.next_at - town.now < timedelta(hours=13)


async def test_the_work_is_handed_to_the_engine(town: Town) -> None:
    town.checkins.register()
    assert set(town.engine.planned) == {"check_ins", "check_ins_mend"}
    assert town.engine.planned["check_ins"] <= timedelta(minutes=1)


async def test_an_erased_residents_row_stops_nothing(town: Town) -> None:
    await town.settles("U1", WEEKLY)
    await town.settles("U2", WEEKLY)
    async with town.database.write() as connection:
        await connection.execute(update(Resident).where(Resident.id == town.people["U1"]).values(erased_at=town.now))
    town.passes(days=7, hours=3)
    await town.sweeps()
    assert [push.address for push in await sent(town)] == ["U2"]
