"""The town of `tsunagu demo`: what it promises to show, that it is marked, that nothing is sent, and who is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from bot_cast import KEY, SECRET, TOKEN, shared_listener
from sqlalchemy import select
from town_cast import FEW, NOW, SHOWN, Made, made
from typer.testing import CliRunner, Result

from bot.cli import command_line
from bot.demo import load_town
from bot.demo.adopting import adopt_phones
from bot.demo.script import everything
from bot.simulator import Platform, PlatformSettings
from bot.simulator.model import Friendship, Side
from casework.people import Role
from casework.queue import CaseState, Filters, Level
from casework.sheets import State
from dialogue.sending import SkipReason
from storage import case_queue, staff
from storage.case_tables import Case, CaseEvent, Note, ReadingGrant, StaffMessage, TagCorrection, Task
from storage.database import Database
from storage.fiction import MARK
from storage.followup_tables import CheckIn, CheckInKind, CheckInPlan, CheckInState, ContactPause, PlanEnd
from storage.household_tables import HouseholdMember, Part
from storage.ids import new_id
from storage.keyring import Keyring
from storage.milestones import NEAR
from storage.notice_tables import Call, CallEnd, Notice, NoticeState
from storage.retention_tables import LegalHold
from storage.room_tables import Room
from storage.sheet_tables import HandoverRow, Recipient, SheetRow
from storage.tables import Channel, Identity, InboxEvent, InboxState, OutboxMessage, OutboxState, Resident
from storage.vault import SealingKey


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    async def refused(*_given: Any, **_named: Any) -> None:
        raise AssertionError("the demo asked the network")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiohttp.ClientSession, "_request", refused)
        yield made(tmp_path_factory.mktemp("town"))


def test_everybody_has_come_and_bears_the_mark(town: Made) -> None:
    assert town.filled.residents == len(SHOWN) + 2
    assert {alias for alias in town.values(Resident.alias) if not alias.endswith(MARK)} == set()
    assert {alias for alias in town.values(Case.alias) if not alias.endswith(MARK)} == set()


def test_all_accounts_are_of_people_who_do_not_exist(town: Made) -> None:
    roles = [login.role for login in town.filled.logins]
    assert roles.count(Role.COORDINATOR) == 2
    assert roles.count(Role.SUPERVISOR) == 1
    assert {Role.RECIPIENT, Role.TRIAGER, Role.AUDITOR} <= set(roles), "every desk of the console can be tried"
    assert all(MARK in login.name for login in town.filled.logins)
    assert len({login.password for login in town.filled.logins}) == len(roles)


def test_whoever_has_a_case_has_a_phone_in_the_simulator_that_takes_answers(town: Made) -> None:
    settings = PlatformSettings(channel_secret=SECRET, access_token=TOKEN, webhook_url="http://127.0.0.1:9/")

    async def adopted() -> Platform:
        database, platform = Database(town.url), Platform(settings)
        keyring = await Keyring.open(database, [SealingKey(b"k" * 32)], now=NOW, new_id=new_id)
        assert await adopt_phones(database, keyring, platform) == len(list(platform.residents))
        await database.close()
        return platform

    platform = asyncio.run(adopted())
    phones = {phone.name: phone for phone in platform.residents}
    reached = town.rows(
        select(Case.alias).join(Resident, Resident.id == Case.resident_id)
        .join(Identity, Identity.resident_id == Resident.id).where(Identity.channel == Channel.LINE)
        .where(Resident.erase_at.is_(None), Resident.erased_at.is_(None))
    )  # fmt: skip
    assert set(phones) == {row.alias for row in reached}
    assert {phone.friendship for phone in phones.values()} == {Friendship.FRIEND, Friendship.BLOCKED}
    for phone in phones.values():
        assert {entry.side for entry in phone.entries} >= {Side.BOT, Side.RESIDENT}
        assert [entry.at for entry in phone.entries] == sorted(entry.at for entry in phone.entries)
        assert platform.residents.known(phone.user_id)


def test_nothing_is_left_to_be_sent_and_nothing_to_be_worked_off(town: Made) -> None:
    assert town.values(OutboxMessage.state) == {OutboxState.SENT}
    assert town.values(InboxEvent.state) == {InboxState.DONE}
    by_line = select(OutboxMessage.id).where(OutboxMessage.channel == Channel.LINE)
    assert town.filled.letters >= len(town.rows(by_line)) > 0


def test_there_is_a_case_in_every_state_and_a_sheet_in_several(town: Made) -> None:
    assert town.values(Case.state) == set(CaseState)
    assert town.values(SheetRow.state) >= {State.DRAFT, State.CONSENTED, State.CLOSED, State.RECALLED}
    assert len(town.values(Case.owner_id)) == 4, "three colleagues, and nobody"
    waits = select(SheetRow.state).join(HandoverRow, HandoverRow.sheet_id == SheetRow.id)
    sorting = waits.join(Recipient, Recipient.organisation_id == HandoverRow.org_id).where(Recipient.collects)
    assert [row.state for row in town.rows(sorting)] == [State.SUBMITTED], "one waits to be sorted"
    for table in (Note, Task, TagCorrection, StaffMessage, ReadingGrant):
        assert town.count(table) > 0, table


def test_somebody_blocked_somebody_is_erased_and_somebody_is_about_to_be(town: Made) -> None:
    assert True in town.values(Case.blocked)
    assert len([at for at in town.values(Resident.erased_at) if at is not None]) == 1
    assert len([at for at in town.values(Resident.erase_at) if at is not None]) == 1
    assert len([at for at in town.values(Case.hidden_at) if at is not None]) == 2


def test_check_ins_stand_in_every_state_and_one_was_just_answered_hard(town: Made) -> None:
    assert town.values(CheckInPlan.retired_why) >= {None, PlanEnd.SILENT, PlanEnd.EDITED}
    assert town.values(CheckIn.state) == set(CheckInState)
    assert town.values(CheckIn.answer) >= {None, "good", "so_so", "hard"}
    hard = town.rows(select(CheckIn.answered_at, CheckIn.resident_id).where(CheckIn.answer == "hard"))
    assert [NOW - row.answered_at < timedelta(days=1) for row in hard] == [True]
    assert "check_in_hard" in town.values(Case.rule), "and the queue says so"
    of_theirs = select(CheckIn.id).where(CheckIn.resident_id == hard[0].resident_id, CheckIn.answer.is_not(None))
    assert len(town.rows(of_theirs)) == 5, "the chart on the case has some weeks to show"


def test_no_check_in_is_late_and_none_is_left_over(town: Made) -> None:
    sent = town.rows(select(CheckIn.due_at, CheckIn.decided_at).where(CheckIn.state == CheckInState.QUEUED))
    assert max(row.decided_at - row.due_at for row in sent) < timedelta(minutes=2)
    waiting = town.rows(select(CheckIn.due_at, CheckIn.kind).where(CheckIn.state == CheckInState.WAITING))
    assert {row.kind for row in waiting} == {CheckInKind.WORD}
    assert min(row.due_at for row in waiting) > NOW


def test_a_line_of_a_coordinator_waits_and_a_pause_for_many_is_over(town: Made) -> None:
    lines = select(CheckIn.state).where(CheckIn.personal_sealed.is_not(None))
    assert [row.state for row in town.rows(lines)] == [CheckInState.WAITING]
    assert [at < NOW for at in town.values(ContactPause.ends_at)] == [True]
    assert SkipReason.BULK_PAUSED.value in town.values(CheckIn.reason)


def test_ages_a_household_a_room_and_a_hold_are_there(town: Made) -> None:
    assert NEAR in town.values(CaseEvent.kind)
    assert town.values(HouseholdMember.part) == {Part.PARENT, Part.CHILD}
    assert town.count(Room) == 1
    assert town.values(LegalHold.ended_at) == {None}


def test_staff_were_told_step_by_step_and_somebody_reacted(town: Made) -> None:
    assert town.values(Call.end) >= {CallEnd.REACTED, CallEnd.UNANSWERED}
    assert max(town.values(Call.told)) == 3
    assert NoticeState.SENT in town.values(Notice.state)
    assert town.values(Notice.state) <= {NoticeState.SENT, NoticeState.DROPPED}
    assert "told_nobody" not in town.values(CaseEvent.kind)


def test_something_to_do_is_overdue_and_something_is_to_come(town: Made) -> None:
    days = town.values(Task.due_on)
    assert min(days) < NOW.date() < max(days)


def test_the_queue_begins_with_who_has_nothing_to_eat_and_a_child_is_in_its_lane(town: Made) -> None:
    async def look() -> tuple[case_queue.Page, case_queue.Counts]:
        database = Database(town.url)
        async with database.read() as connection:
            account = await staff.by_login(connection, "shunin")
            assert account is not None
            viewer = await staff.viewer(connection, account, NOW)
            page = await case_queue.page(connection, "default", Filters(), viewer)
            counts = await case_queue.counts(connection, "default", viewer)
        await database.close()
        return page, counts

    page, counts = asyncio.run(look())
    assert page.cases[0].risk_level is Level.URGENT
    assert "poverty" in page.cases[0].categories
    assert counts.urgent >= 1
    assert any(row.child_lane and row.minor for row in page.cases)
    assert all(row.waiting_since is None or row.waiting_since < NOW for row in page.cases)


def test_the_same_moment_makes_the_same_town(tmp_path: Path) -> None:
    town, again = (made(tmp_path / name, FEW) for name in ("one", "other"))
    told = select(Resident.id, Resident.alias, Resident.version, Resident.messages).order_by(Resident.id)
    cases = select(Case.id, Case.number, Case.state, Case.since, Case.rule).order_by(Case.id)
    words = select(CheckIn.id, CheckIn.state, CheckIn.due_at, CheckIn.answer).order_by(CheckIn.id)
    assert again.rows(words) == town.rows(words)
    assert again.rows(told) == town.rows(told)
    assert again.rows(cases) == town.rows(cases)


def test_the_whole_town_has_two_hundred_people_of_whom_none_acts_in_the_future() -> None:
    whole = load_town()
    assert len(whole.people) + whole.filler_count == 200
    assert len({one.who for one in whole.people}) == len(whole.people) >= 40
    for hour in range(24):
        now = NOW.replace(hour=hour)
        moments = everything(whole, now, ZoneInfo("Asia/Tokyo"), 1)
        assert max(moment.at for moment in moments) < now
        assert moments == sorted(moments, key=lambda moment: moment.at)


# Refusals


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tsunagu(*words: str, **environ: str) -> Result:
    return CliRunner().invoke(command_line(), list(words), env={name.upper(): value for name, value in environ.items()})


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A town of two, and the dictionary that is loaded already."""
    town, listener = load_town(), shared_listener()
    monkeypatch.setattr("bot.commands.demo.load_town", lambda: replace(town, people=town.people[:1], filler_count=1))
    monkeypatch.setattr("bot.commands.demo.Listener.load", lambda: listener)


@pytest.mark.usefixtures("own_folder", "small")
def test_the_command_tells_how_to_sign_in_and_does_nothing_a_second_time() -> None:
    done = tsunagu("demo")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "架空の住民 2人" in done.stdout
    for login in ("higashi", "nishi", "shunin", "houkatsu", "jiritsu", "matome", "kansa", "demo"):
        assert f"  {login}" in done.stdout
    assert "turn.done" not in done.stdout
    before = tsunagu("audit", "head").stdout
    again = tsunagu("demo")
    assert (again.exit_code, again.stdout) == (2, "")
    assert "もう住民がいます" in again.stderr
    assert [line.split('"at"')[0] for line in tsunagu("audit", "head").stdout.splitlines()] == [
        line.split('"at"')[0] for line in before.splitlines()
    ]


def test_a_database_in_earnest_is_left_alone(own_folder: Path) -> None:
    refused = tsunagu("demo", line_channel_secret=SECRET, line_channel_access_token=TOKEN, data_key=KEY)
    assert refused.exit_code == 2
    assert "シミュレーターだけ" in refused.stderr
    assert list(own_folder.iterdir()) == []


@pytest.mark.usefixtures("own_folder")
def test_a_database_with_accounts_of_real_people_is_left_alone() -> None:
    real = {"line_channel_secret": SECRET, "line_channel_access_token": TOKEN, "data_key": KEY}
    assert tsunagu("staff", "add", "aoki", "--role", "admin", **real).exit_code == 0
    refused = tsunagu("demo")
    assert refused.exit_code == 2
    assert "本番で使われている" in refused.stderr


@pytest.mark.usefixtures("own_folder", "small")
def test_a_login_of_the_town_that_is_taken_is_told_before_anything_is_made() -> None:
    assert tsunagu("staff", "add", "higashi", "--role", "coordinator").exit_code == 0
    refused = tsunagu("demo")
    assert refused.exit_code == 2
    assert "higashi" in refused.stderr
    assert tsunagu("staff", "list").stdout.count("\n") == 1
