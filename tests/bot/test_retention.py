"""Letting go: counted first, carried out on request, logged; numbers stay; a legal hold is stronger than any wish."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bot_cast import KEY, SECRET, TOKEN
from sqlalchemy import func, select, update
from town_cast import NOW
from typer.testing import CliRunner, Result

from bot.cli import command_line
from casework.queue import CaseState
from casework.retention import Rule, Stays
from config.content import load_content
from dialogue import Desk
from handlers.clock.retention import Retention, Run
from storage import audit, erasure, kept_counts, retention
from storage.case_tables import Case
from storage.database import Connection, Database
from storage.followup_tables import CheckInPlan
from storage.ids import new_id
from storage.keyring import Keyring
from storage.retention_tables import RetentionRun
from storage.tables import Key, KeyPurpose, Resident, Tag
from storage.vault import SealingKey

MUCH_LATER = NOW + timedelta(days=200)
IN_TEN_YEARS = NOW + timedelta(days=3660)


class Office:
    """The town's database in the test's own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite+aiosqlite:///{folder / 'tsunagu.db'}"

    def within(self, work: Callable[[Connection, Keyring, Database], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            database = Database(self.url)
            keyring = await Keyring.open(database, [SealingKey(b"k" * 32)], now=NOW, new_id=new_id)
            async with database.write() as connection:
                found = await work(connection, keyring, database)
            await database.close()
            return found

        return asyncio.run(run())

    def rows(self, query: Any) -> list[Any]:
        async def look(connection: Connection, _keyring: Keyring, _database: Database) -> list[Any]:
            return list((await connection.execute(query)).all())

        return self.within(look)

    def change(self, statement: Any) -> None:
        async def work(connection: Connection, _keyring: Keyring, _database: Database) -> None:
            await connection.execute(statement)

        self.within(work)

    def run(self, at: datetime, *, carry_out: bool = True, look: bool = False, automatic: bool = True) -> Run | None:
        async def work() -> Run | None:
            database = Database(self.url)
            keyring = await Keyring.open(database, [SealingKey(b"k" * 32)], now=NOW, new_id=new_id)
            desk = Desk(id="default", content=load_content())
            kept = desk.content.desk.retention.model_copy(update={"automatic": automatic})
            words = desk.content.desk.model_copy(update={"retention": kept})
            desks = {"default": replace(desk, content=replace(desk.content, desk=words))}
            keeper = Retention(database=database, keyring=keyring, desks=desks, clock=lambda: at, new_id=new_id)
            try:
                if look:
                    await keeper.look()
                    return None
                return await keeper.run("default", carry_out=carry_out)
            finally:
                await database.close()

        return asyncio.run(work())

    def command(self, *words: str) -> Result:
        given = {
            "LINE_CHANNEL_SECRET": SECRET,
            "LINE_CHANNEL_ACCESS_TOKEN": TOKEN,
            "DATA_KEY": KEY,
            "DATABASE_URL": self.url,
            "DATA_DIR": str(self.folder),
        }
        return CliRunner().invoke(command_line(), list(words), env=given)

    def residents(self) -> int:
        return int(self.rows(select(func.count()).select_from(Resident).where(Resident.erased_at.is_(None)))[0][0])


@pytest.fixture
def office(town: Path, tmp_path: Path) -> Office:
    with closing(sqlite3.connect(town)) as old, closing(sqlite3.connect(tmp_path / "tsunagu.db")) as new:
        old.backup(new)
        # What the town's own people held and counted would be counted here once more.
        new.executescript("DELETE FROM legal_holds; DELETE FROM retention_runs;")
    return Office(tmp_path)


def test_a_run_that_only_counts_changes_nothing_and_says_what_would_go(office: Office) -> None:
    before = office.residents()
    counted = office.run(MUCH_LATER, carry_out=False)
    assert counted is not None
    assert counted.going[Rule.ANONYMOUS] > 0
    assert office.residents() == before
    done = office.run(MUCH_LATER)
    assert done == counted
    assert before - office.residents() == sum(counted.going.values())


def test_open_cases_stay_for_ever_whatever_the_danger_and_what_was_agreed_to_stays_for_years(office: Office) -> None:
    office.run(MUCH_LATER)
    still_open = select(func.count()).select_from(Case).where(Case.closed_at.is_(None))
    before = office.rows(still_open)[0][0]
    assert before > 0
    run = office.run(IN_TEN_YEARS)
    assert run is not None
    assert run.going[Rule.CONSENTED] > 0
    open_residents = (
        select(Resident.id)
        .join(Case, Case.resident_id == Resident.id)
        .where(Case.closed_at.is_(None), Resident.erased_at.is_(None), Resident.erase_at.is_(None))
    )
    assert len(office.rows(open_residents)) == run.staying[Stays.OPEN_CASE]


def test_numbers_without_a_name_stay_of_whoever_goes(office: Office) -> None:
    tagged = select(Tag.category, func.count(func.distinct(Tag.resident_id))).where(Tag.contested_at.is_(None))
    theirs = tagged.join(Resident, Resident.id == Tag.resident_id).where(Resident.erase_at.is_(None))
    before = {row[0]: row[1] for row in office.rows(theirs.group_by(Tag.category))}
    counted_before = counts(office, "category")
    office.change(update(Case).values(closed_at=NOW, state=CaseState.CLOSED))
    office.change(update(CheckInPlan).values(retired_at=NOW))
    office.run(IN_TEN_YEARS)
    assert before
    assert counts(office, "category") == {
        name: before.get(name, 0) + counted_before.get(name, 0) for name in before.keys() | counted_before.keys()
    }
    gone = office.rows(select(func.count()).select_from(Resident).where(Resident.erased_at.is_not(None)))[0][0]
    assert counts(office, "residents") == {"all": gone}
    assert sum(counts(office, "risk").values()) == gone


def counts(office: Office, wanted: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for (_, what, name), count in office.within(
        lambda connection, *_: kept_counts.of_desk(connection, "default")
    ).items():
        if what == wanted:
            found[name] = found.get(name, 0) + count
    return found


def test_each_run_is_logged_with_its_counts(office: Office) -> None:
    office.run(NOW, carry_out=False)
    office.run(MUCH_LATER)
    runs = office.rows(select(RetentionRun.carried_out, RetentionRun.counts).order_by(RetentionRun.at))
    assert [row.carried_out for row in runs] == [False, True]
    assert runs[1].counts["anonymous"] > 0


def test_the_clock_carries_it_out_once_a_day_and_only_where_the_desk_wants_it(office: Office) -> None:
    office.run(MUCH_LATER, look=True, automatic=False)
    assert office.rows(select(RetentionRun.id)) == []
    for hours in (0, 1, 22, 23, 24):
        office.run(MUCH_LATER + timedelta(hours=hours), look=True)
    assert len(office.rows(select(RetentionRun.id))) == 2


def test_whoever_writes_between_the_look_and_the_erasing_stays(office: Office) -> None:
    async def both(connection: Connection, _keyring: Keyring, _database: Database) -> tuple[int, bool]:
        quiet = await retention.quiet(connection, "default", before=MUCH_LATER)
        who = next(resident_id for resident_id, record in quiet if not record.open_case)
        await connection.execute(update(Resident).where(Resident.id == who).values(heard_at=MUCH_LATER))
        record = await retention.record_of(connection, who)
        return len(quiet), record is not None and record.last_contact == MUCH_LATER

    seen, fresh = office.within(both)
    assert seen > 0
    assert fresh


def test_a_legal_hold_is_stronger_than_time_and_than_the_wish_to_be_erased(office: Office) -> None:
    open_ones = select(Case.number, Case.resident_id).where(Case.closed_at.is_not(None))
    quiet = open_ones.join(Resident, Resident.id == Case.resident_id).where(
        Resident.erased_at.is_(None), Resident.erase_at.is_(None)
    )
    case = office.rows(quiet.limit(1))[0]
    held = office.command("retention", "hold", case.number, "--reason", "開示請求 令和8年11月26日")
    assert held.exit_code == 0, held.output
    assert "もう保存が命じられています" in office.command("retention", "hold", case.number, "--reason", "x").output
    assert "開示請求 令和8年11月26日" in office.command("retention", "holds").output
    assert "開示請求".encode() not in (office.folder / "tsunagu.db").read_bytes()
    office.change(update(Resident).where(Resident.id == case.resident_id).values(erase_at=NOW))
    assert not erase(office, case.resident_id)
    run = office.run(IN_TEN_YEARS)
    assert run is not None
    assert office.command("retention", "release", case.number).exit_code == 0
    assert erase(office, case.resident_id)
    acts = {row.action for row in office.rows(select(audit.AuditEntry.action))}
    assert {"held", "released"} <= acts


def erase(office: Office, resident_id: Any) -> bool:
    async def work(connection: Connection, keyring: Keyring, _database: Database) -> bool:
        listed = resident_id in await erasure.due(connection, now=IN_TEN_YEARS)
        erased = await erasure.erase(connection, keyring, resident_id, now=IN_TEN_YEARS)
        assert listed == erased
        return erased

    return bool(office.within(work))


def test_the_command_counts_and_erases_only_when_told_to(office: Office) -> None:
    office.change(update(Resident).values(heard_at=NOW - timedelta(days=400), created_at=NOW - timedelta(days=500)))
    before = office.residents()
    counted = office.command("retention", "run")
    assert "まだ消していません" in counted.output
    assert office.residents() == before
    assert "消しました" in office.command("retention", "run", "--carry-out").output
    assert office.residents() < before
    keys = office.rows(select(Key.id).where(Key.purpose == KeyPurpose.RESIDENT, Key.wrapped.is_not(None)))
    assert len(keys) == office.residents()


def test_a_number_that_is_no_case_is_refused(office: Office) -> None:
    for words in (("hold", "2026-9999", "--reason", "x"), ("release", "2026-9999")):
        assert office.command("retention", *words).exit_code == 2
