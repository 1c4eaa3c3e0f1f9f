"""Cases: opened and kept by turns, numbered by 年度, taken by one person only, bare after an erasure."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from case_cast import TERMS, URGENT, case_of, news, staff_of, told, viewer_of, whose
from cast import NOW, keyring_of, resident_of
from sqlalchemy import select, update

from casework.people import Role
from casework.permissions import Action
from casework.queue import CaseState, Level, Place
from casework.reading import Reason, around
from storage import case_acts, cases, changes, corrections, erasure, notes, reading_grants, staff_messages
from storage.case_acts import By
from storage.case_tables import (
    Case,
    CaseEvent,
    CaseTag,
    CloseReason,
    ExclusionKind,
    Note,
    NoteKind,
    ReadingGrant,
    StaffMessage,
    TagCorrection,
    Task,
    Verdict,
)
from storage.database import Database
from storage.ids import new_id
from storage.tables import Resident

pytestmark = pytest.mark.anyio


async def test_light_talk_opens_no_case_and_danger_opens_one(database: Database) -> None:
    keyring = await keyring_of(database)
    resident = await resident_of(database, keyring)
    assert await told(database, resident, news(categories=("pet",))) is None
    case = await told(database, resident, news(minutes=1, alarm=URGENT, level=Level.URGENT, categories=("poverty",)))
    assert case is not None
    assert (case.number, case.state, case.place) == ("2026-0001", CaseState.WAITING, Place.URGENT)
    assert (case.alias, case.risk_kinds, case.categories) == (resident.alias, ("lifeline",), ("poverty",))
    again = await told(database, resident, news(minutes=2, categories=("poverty", "work")))
    assert again is not None
    assert (again.id, again.categories, again.version) == (case.id, ("poverty", "work"), 2)
    async with database.read() as connection:
        tags = (await connection.execute(select(CaseTag.category).order_by(CaseTag.category))).scalars().all()
        kinds = [event.kind for event in await cases.events(connection, case.id)]
        assert list(tags) == ["poverty", "work"]
        assert kinds == ["opened", "alarm_urgent"]
        assert (await changes.counters(connection))["default"].queue == 2


async def test_numbers_run_through_a_year_that_begins_in_april(database: Database) -> None:
    keyring = await keyring_of(database)
    days = [datetime(2027, 3, 31, 14, 59, tzinfo=UTC), datetime(2027, 3, 31, 15, 0, tzinfo=UTC), NOW]
    numbers = [(await case_of(database, keyring, name=bytes([n]), at=at))[1].number for n, at in enumerate(days)]
    assert numbers == ["2026-0001", "2027-0001", "2026-0002"]


async def test_of_two_who_claim_at_once_one_gets_the_case(database: Database) -> None:
    keyring = await keyring_of(database)
    _, case = await case_of(database, keyring)
    people = await staff_of(database, "aoki", "baba")

    async def take(staff_id: object) -> bool:
        async with database.write() as connection:
            return await case_acts.claim(connection, case, By(staff_id=staff_id, at=NOW, new_id=new_id))  # type: ignore[arg-type]

    took = await asyncio.gather(*(take(staff_id) for staff_id in people))
    assert sorted(took) == [False, True]
    async with database.read() as connection:
        found = await cases.open_case_of(connection, case.resident_id)
    assert found is not None
    assert (found.owner_id, found.state) == (people[took.index(True)], CaseState.OPEN)


async def test_a_case_closed_on_an_old_page_stays_open(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, case = await case_of(database, keyring)
    (aoki,) = await staff_of(database, "aoki")
    by = By(staff_id=aoki, at=NOW, new_id=new_id)
    await told(database, resident, news(minutes=3))
    async with database.write() as connection:
        assert not await case_acts.close(connection, case, by, CloseReason.DONE)
        now = await cases.open_case_of(connection, resident.id)
        assert now is not None
        assert await case_acts.close(connection, now, by, CloseReason.DONE)
    later = await told(database, resident, news(minutes=5))
    assert later is None
    anew = await told(database, resident, news(minutes=6, asks="asks_for_person"))
    assert anew is not None
    assert anew.id != case.id
    async with database.write() as connection:
        old = await cases.load(connection, case.id, viewer_of(aoki), Action.SEE_CASE)
        assert old is not None
        assert not await case_acts.reopen(connection, old, by)
        assert [c.id for c in await cases.earlier_cases(connection, anew, viewer_of(aoki))] == [case.id]


async def test_staff_lower_a_danger_with_a_reason_and_a_new_one_counts_again(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, case = await case_of(database, keyring, alarm=URGENT, level=Level.URGENT)
    (aoki,) = await staff_of(database, "aoki")
    by = By(staff_id=aoki, at=NOW, new_id=new_id)
    async with database.write() as connection:
        reason = "本人に電話で確かめた。歌の歌詞だった。"
        assert await case_acts.lower_risk(connection, case, by, to=Level.NONE, reason=reason, key=resident.key)
        assert not await case_acts.lower_risk(connection, case, by, to=Level.WATCH, reason="古い画面", key=resident.key)
        assert await case_acts.lowered_reason(connection, case, resident.key) == reason
        row = (await connection.execute(select(Case.lowered_reason_sealed))).scalar_one()
        assert reason.encode() not in (row or b"")
    lowered = await told(database, resident, news(minutes=1, level=Level.URGENT))
    assert lowered is not None
    assert (lowered.risk_level, lowered.heard_level, lowered.place) == (Level.NONE, Level.URGENT, Place.WAITING)
    raised = await told(database, resident, news(minutes=2, level=Level.URGENT, alarm=URGENT))
    assert raised is not None
    assert (raised.risk_level, raised.place) == (Level.URGENT, Place.URGENT)


async def test_corrected_tags_stay_corrected_and_are_kept_with_who_and_when(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, case = await case_of(database, keyring, categories=("poverty", "pet"))
    (aoki,) = await staff_of(database, "aoki")
    async with database.write() as connection:
        for category, verdict in (("pet", Verdict.WRONG), ("work", Verdict.MISSING), ("poverty", Verdict.RIGHT)):
            await corrections.add(
                connection,
                case_id=case.id,
                resident_id=resident.id,
                category=category,
                verdict=verdict,
                listener_version="v1",
                by=aoki,
                at=NOW,
                new_id=new_id,
            )
    later = await told(database, resident, news(minutes=1, categories=("poverty", "pet", "debt")))
    assert later is not None
    assert later.categories == ("poverty", "debt", "work")
    async with database.read() as connection:
        exported = [row async for row in corrections.exported(connection, "default")]
    assert [(row["case"], row["category"], row["verdict"], row["by"]) for row in exported] == [
        (case.number, "pet", "wrong", str(aoki)),
        (case.number, "work", "missing", str(aoki)),
        (case.number, "poverty", "right", str(aoki)),
    ]


async def test_who_is_excluded_does_not_find_the_case_and_who_owns_it_loses_it(database: Database) -> None:
    keyring = await keyring_of(database)
    _, case = await case_of(database, keyring)
    aoki, baba = await staff_of(database, "aoki", "baba")
    async with database.write() as connection:
        assert await case_acts.claim(connection, case, By(staff_id=aoki, at=NOW, new_id=new_id))
        mine = await cases.load(connection, case.id, viewer_of(aoki), Action.SEE_CASE)
        assert mine is not None
        by = By(staff_id=baba, at=NOW, new_id=new_id)
        assert await case_acts.exclude(connection, mine, by, aoki, ExclusionKind.EXCLUDED)
        assert not await case_acts.exclude(connection, mine, by, aoki, ExclusionKind.CONFLICT)
        assert await cases.load(connection, case.id, viewer_of(aoki), Action.SEE_CASE) is None
        assert await cases.load(connection, case.id, viewer_of(aoki, Role.SUPERVISOR), Action.SEE_CASE) is None
        free = await cases.load(connection, case.id, viewer_of(baba), Action.SEE_CASE)
    assert free is not None
    assert (free.owner_id, free.state) == (None, CaseState.WAITING)


async def test_a_case_that_was_put_off_comes_back_at_its_time(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, case = await case_of(database, keyring)
    (aoki,) = await staff_of(database, "aoki")
    until = NOW + timedelta(hours=4)
    async with database.write() as connection:
        assert await case_acts.snooze(connection, case, By(staff_id=aoki, at=NOW, new_id=new_id), until)
        assert await case_acts.wake_snoozed(connection, now=until - timedelta(seconds=1), new_id=new_id) == 0
        assert await case_acts.wake_snoozed(connection, now=until, new_id=new_id) == 1
        woken = await cases.open_case_of(connection, resident.id)
    assert woken is not None
    assert (woken.state, woken.waiting_since, woken.snoozed_until) == (CaseState.WAITING, until, None)


@pytest.mark.parametrize("urgent", [True, False])
async def test_erasing_leaves_counts_and_the_danger_and_no_word(database: Database, urgent: bool) -> None:
    keyring = await keyring_of(database)
    danger = {"alarm": URGENT, "level": Level.URGENT} if urgent else {}
    resident, case = await case_of(database, keyring, categories=("poverty",), minor=True, age=13, **danger)
    (aoki,) = await staff_of(database, "aoki")
    key = resident.key
    about = {"case_id": case.id, "at": NOW, "new_id": new_id}
    async with database.write() as connection:
        await notes.add(connection, key, author_id=aoki, kind=NoteKind.VISIT, body="訪問した", **about)
        await notes.add_task(connection, key, author_id=aoki, title="電話する", due_on=None, **about)
        await staff_messages.add(
            connection,
            key,
            message_id=new_id(),
            case_id=case.id,
            resident_id=resident.id,
            author_id=aoki,
            text="読みました",
            at=NOW,
            letter_id=None,
        )
        grant = {"reason": Reason.OTHER, "words": "同行支援の前に", "told_id": None, "turns": around(1)}
        await reading_grants.add(connection, key, staff_id=aoki, ends_at=NOW + timedelta(hours=1), **grant, **about)
        await connection.execute(update(Resident).values(erase_at=NOW))
        assert await erasure.erase(connection, keyring, resident.id, now=NOW)
    async with database.read() as connection:
        for table in (Note, Task, StaffMessage, TagCorrection, CaseTag):
            assert (await connection.execute(select(table))).all() == []
        bare = (await connection.execute(select(Case))).one()
        (left,) = (await connection.execute(select(ReadingGrant.reason_sealed, ReadingGrant.staff_id))).all()
        kinds = (await connection.execute(select(CaseEvent.kind))).scalars().all()
    assert (bare.categories, bare.minor, bare.age_band) == ([], False, None)
    assert (left.reason_sealed, left.staff_id) == (None, aoki)
    assert "erased" in kinds
    assert bare.hidden_at is not None
    if urgent:
        assert (bare.closed_at, bare.risk_level, bare.place) == (None, Level.URGENT, Place.URGENT)
    else:
        assert (bare.close_reason, bare.state) == (CloseReason.ERASED, CaseState.CLOSED)


async def test_what_is_kept_of_notes_and_messages_is_sealed_and_comes_back_as_typed(database: Database) -> None:
    keyring = await keyring_of(database)
    resident, case = await case_of(database, keyring)
    (aoki,) = await staff_of(database, "aoki")
    body = "<b>太字</b> 𠮷野家 🙏 ﾊﾝｶｸ\n" * 400
    async with database.write() as connection:
        about = {"case_id": case.id, "author_id": aoki, "at": NOW, "new_id": new_id}
        await notes.add(connection, resident.key, kind=NoteKind.PHONE, body=body, **about)
        assert (await notes.of_case(connection, resident.key, case.id))[0].body == body
        assert await notes.note_counts(connection, case.id) == {NoteKind.PHONE: 1}
        sealed = (await connection.execute(select(Note.body_sealed))).scalar_one()
    assert body.encode() not in sealed
    assert whose(resident).alias == case.alias
    assert TERMS.urgent_within
