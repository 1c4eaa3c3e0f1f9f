"""`tsunagu followups`: looks ahead, says why, and sends nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bot_cast import KEY, SECRET, TOKEN
from typer.testing import CliRunner, Result

from bot.cli import command_line
from config.content import load_content
from config.settings import decode_key
from dialogue import Desk
from dialogue.followups import Band, CheckInPlan, Rhythm, first_day
from handlers.sending_rules import calendar_of
from storage import followups, migrate, outbox, residents
from storage.database import Database
from storage.followups import Clockwork
from storage.ids import new_id
from storage.keyring import Keyring
from storage.residents import Sender
from storage.tables import Channel
from storage.vault import SealingKey


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def tsunagu(url: str, *words: str) -> Result:
    real = {"LINE_CHANNEL_SECRET": SECRET, "LINE_CHANNEL_ACCESS_TOKEN": TOKEN, "DATA_KEY": KEY, "DATABASE_URL": url}
    return CliRunner().invoke(command_line(), ["followups", *words], env=real)


def planned(url: str, *, blocked: bool) -> str:
    """Somebody with a check-in every week; their alias."""

    async def work() -> str:
        now = datetime.now(UTC)
        database = Database(url)
        async with database.write() as connection:
            await migrate.upgrade(connection)
        keyring = await Keyring.open(database, (SealingKey(decode_key(KEY)),), now=now, new_id=new_id)
        calendar = calendar_of(Desk(id="default", content=load_content()))
        today = now.astimezone(calendar.zone).date()
        plan = CheckInPlan(rhythm=Rhythm.WEEKLY, band=Band.NOON, starts=first_day(Rhythm.WEEKLY, today))
        sender = Sender(desk_id="default", channel=Channel.LINE, index=bytes(32) if blocked else b"i" * 32)
        async with database.write() as connection:
            row = await residents.create(connection, keyring, sender, address="U1", now=now, new_id=new_id)
            state: dict[str, Any] = {"state": {}, "known": None, "messages": 0, "heard_at": None}
            state["state"] = {"version": 0}
            await residents.decided(connection, row, **state, blocked_at=now if blocked else None)
            await followups.set_plan(connection, row, plan, Clockwork(calendar=calendar, now=now, new_id=new_id))
        await database.close()
        return row.alias

    return asyncio.run(work())


def waiting_letters(url: str) -> int:
    async def work() -> int:
        database = Database(url)
        async with database.read() as connection:
            later = datetime.now(UTC) + timedelta(days=999)
            found = await outbox.residents_waiting(connection, now=later, hands=[None])
        await database.close()
        return len(found)

    return asyncio.run(work())


def test_it_lists_what_would_go_out_and_why_not_and_sends_nothing(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/plans.db"
    there, gone = planned(url, blocked=False), planned(url, blocked=True)
    until = (datetime.now(UTC) + timedelta(days=16)).date()
    result = tsunagu(url, "--dry-run", "--until", until.isoformat())
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert any(there in line and line.endswith("週1・昼  送る") for line in lines), lines
    assert any(gone in line and "送らない: 本人がブロックしている" in line for line in lines), lines
    assert any(line.startswith("送る ") for line in lines)
    assert waiting_letters(url) == 0


def test_it_says_what_it_cannot_foresee(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/plans.db"
    planned(url, blocked=False)
    result = tsunagu(url, "--dry-run", "--until", (datetime.now(UTC) + timedelta(days=16)).date().isoformat())
    assert "二度目のひと声と、そのあとお便りが止まることは、入っていません" in result.stdout


def test_beside_a_simulator_it_goes_by_the_clock_that_was_moved_on(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/plans.db"
    alias = planned(url, blocked=False)
    with sqlite3.connect(tmp_path / "plans.db") as connection:
        connection.execute("UPDATE schema_info SET simulator = 1")
    (tmp_path / "simulator.clock").write_text(f"{timedelta(days=60).total_seconds()}\n", encoding="ascii")
    environ = {"DATABASE_URL": url, "DATA_KEY": KEY, "DATA_DIR": str(tmp_path)}
    until = (datetime.now(UTC) + timedelta(days=61)).date()
    result = CliRunner().invoke(command_line(), ["followups", "--dry-run", "--until", until.isoformat()], env=environ)
    assert result.exit_code == 0, result.output
    assert any(alias in line and "送らない: " in line for line in result.stdout.splitlines()), result.stdout


def test_without_dry_run_or_with_a_day_too_far_it_refuses(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/plans.db"
    planned(url, blocked=False)
    for words in (("--until", "2027-01-10"), ("--dry-run", "--until", "2099-01-01")):
        result = tsunagu(url, *words)
        assert result.exit_code == 2, result.output
        assert "followups" in result.stderr
