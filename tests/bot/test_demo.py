"""The town of `tsunagu demo`: what it promises to show, that it is marked, that nothing is sent, and who is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from bot_cast import KEY, SECRET, TOKEN, shared_listener
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.demo import Filled, Town, fill, load_town
from bot.demo.script import everything
from casework.people import Role
from casework.queue import CaseState, Filters, Level
from casework.sheets import State
from storage import audit, case_queue, migrate, staff
from storage.case_tables import Case, Note, ReadingGrant, StaffMessage, TagCorrection, Task
from storage.database import Database
from storage.fiction import MARK
from storage.ids import new_id
from storage.keyring import Keyring
from storage.sheet_tables import SheetRow
from storage.tables import InboxEvent, InboxState, OutboxMessage, OutboxState, Resident
from storage.vault import SealingKey

#: Thursday, ten in the morning.
NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
#: Who shows the things that are promised; the whole town would show them, too, and take longer.
SHOWN = (
    "今日食べるものがない40代",
    "消えたいと書いた20代",
    "母の世話をする中学生",
    "家賃を二か月払えない40代",
    "80代の母と50代の息子",
    "片付けられない50代",
    "リボ払いの20代",
    "障害のある20代",
    "賭け事をやめられない40代",
    "消すことを選んだ人",
    "きのう消すことを選んだ人",
    "電話をくれた80代",
    "やさしい日本語の工場で働く人",
)


def cut(town: Town) -> Town:
    return replace(town, people=tuple(one for one in town.people if one.who in SHOWN), filler_count=2)


@dataclass
class Made:
    """A town that was made, and how to look at it."""

    url: str
    filled: Filled

    def rows(self, query: Any) -> list[Any]:
        async def look() -> list[Any]:
            database = Database(self.url)
            async with database.read() as connection:
                found = list((await connection.execute(query)).all())
            await database.close()
            return found

        return asyncio.run(look())

    def values(self, column: Any) -> set[Any]:
        return {row[0] for row in self.rows(select(column))}

    def count(self, table: Any) -> int:
        return int(self.rows(select(func.count()).select_from(table))[0][0])


def made(folder: Path) -> Made:
    url = f"sqlite+aiosqlite:///{folder / 'tsunagu.db'}"

    async def make() -> Filled:
        database = Database(url)
        async with database.write() as connection:
            await migrate.upgrade(connection)
        keyring = await Keyring.open(database, [SealingKey(b"k" * 32)], now=NOW, new_id=new_id)
        filled = await fill(database, keyring, shared_listener(), cut(load_town()), now=NOW)
        async with database.read() as connection:
            assert await audit.verify(connection, keyring, []) == []
        await database.close()
        return filled

    return Made(url, asyncio.run(make()))


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
    assert all(MARK in login.name for login in town.filled.logins)
    assert len({login.password for login in town.filled.logins}) == len(roles)


def test_nothing_is_left_to_be_sent_and_nothing_to_be_worked_off(town: Made) -> None:
    assert town.values(OutboxMessage.state) == {OutboxState.SENT}
    assert town.values(InboxEvent.state) == {InboxState.DONE}
    assert town.filled.letters >= town.count(OutboxMessage)


def test_there_is_a_case_in_every_state_and_a_sheet_in_several(town: Made) -> None:
    assert town.values(Case.state) == set(CaseState)
    assert town.values(SheetRow.state) >= {State.DRAFT, State.CONSENTED, State.CLOSED, State.RECALLED}
    assert len(town.values(Case.owner_id)) == 4, "three colleagues, and nobody"
    for table in (Note, Task, TagCorrection, StaffMessage, ReadingGrant):
        assert town.count(table) > 0, table


def test_somebody_blocked_somebody_is_erased_and_somebody_is_about_to_be(town: Made) -> None:
    assert True in town.values(Case.blocked)
    assert len([at for at in town.values(Resident.erased_at) if at is not None]) == 1
    assert len([at for at in town.values(Resident.erase_at) if at is not None]) == 1
    assert len([at for at in town.values(Case.hidden_at) if at is not None]) == 2


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


def test_the_same_moment_makes_the_same_town(town: Made, tmp_path: Path) -> None:
    again = made(tmp_path)
    told = select(Resident.id, Resident.alias, Resident.version, Resident.messages).order_by(Resident.id)
    cases = select(Case.id, Case.number, Case.state, Case.since, Case.rule).order_by(Case.id)
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
    return CliRunner().invoke(app, list(words), env={name.upper(): value for name, value in environ.items()})


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A town of two, and the dictionary that is loaded already."""
    town = load_town()
    monkeypatch.setattr("bot.commands.demo.load_town", lambda: replace(town, people=town.people[:1], filler_count=1))
    monkeypatch.setattr("bot.commands.demo.Listener.load", shared_listener)


@pytest.mark.usefixtures("own_folder", "small")
def test_the_command_tells_how_to_sign_in_and_does_nothing_a_second_time() -> None:
    done = tsunagu("demo")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "架空の住民 2人" in done.stdout
    for login in ("higashi", "nishi", "shunin", "houkatsu", "jiritsu", "demo"):
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
def test_a_database_that_another_key_has_sealed_is_left_alone() -> None:
    real = {"line_channel_secret": SECRET, "line_channel_access_token": TOKEN, "data_key": KEY}
    assert tsunagu("staff", "add", "aoki", "--role", "admin", **real).exit_code == 0
    refused = tsunagu("demo")
    assert refused.exit_code == 2
    assert "DATA_KEY" in refused.stderr


@pytest.mark.usefixtures("own_folder", "small")
def test_a_login_of_the_town_that_is_taken_is_told_before_anything_is_made() -> None:
    assert tsunagu("staff", "add", "higashi", "--role", "coordinator").exit_code == 0
    refused = tsunagu("demo")
    assert refused.exit_code == 2
    assert "higashi" in refused.stderr
    assert tsunagu("staff", "list").stdout.count("\n") == 1
