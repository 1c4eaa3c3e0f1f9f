"""`tsunagu staff …` and `tsunagu audit …`, and the simulator's own account."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bot_cast import KEY, OTHER_KEY, SECRET, TOKEN
from click.testing import Result
from typer.testing import CliRunner

from bot.accounts import DEMO_LOGIN, demo_password
from bot.cli import command_line
from bot.commands.audit import _SAID
from bot.commands.staff import RoleName
from casework.people import Role
from handlers.clock.staffroom import HEADS_FILE, Staffroom
from storage import migrate, staff
from storage.audit import Flaw
from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.passwords import Passwords, weakness
from storage.vault import SealingKey

NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
REAL = {"LINE_CHANNEL_SECRET": SECRET, "LINE_CHANNEL_ACCESS_TOKEN": TOKEN, "DATA_KEY": KEY}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def tsunagu(*words: str, **environ: Any) -> Result:
    return CliRunner().invoke(
        command_line(), list(words), env={**REAL, **{name.upper(): str(v) for name, v in environ.items()}}
    )


def added(login: str, *more: str) -> str:
    result = tsunagu("staff", "add", login, "--role", "admin", *more)
    assert (result.exit_code, result.stderr) == (0, "")
    found = re.search(r"パスワード: (\S+)", result.stdout)
    assert found is not None
    return found[1]


def tampered(statement: str) -> None:
    with sqlite3.connect("data/tsunagu.db") as connection:
        connection.execute("DROP TRIGGER IF EXISTS audit_stays")
        connection.execute("DROP TRIGGER IF EXISTS audit_keeps")
        connection.execute(statement)


def test_the_roles_on_the_command_line_are_all_roles() -> None:
    assert [name.value for name in RoleName] == [role.value for role in Role]
    assert set(_SAID) == set(Flaw)


def test_the_first_admin_comes_from_the_command_line_before_the_server_ever_ran() -> None:
    password = added("Hanako", "--name", "佐藤", "--role", "coordinator", "--area", "hokubu")
    assert weakness(password, login="hanako") is None
    listed = tsunagu("staff", "list").stdout
    assert "hanako  佐藤  管理者、相談員  利用中、確認コード未設定" in listed
    assert password not in listed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("太郎", "--role", "admin"), "サインイン名"),
        (("taro", "--role", "admin", "--desk", "elsewhere"), "--desk"),
        (("taro", "--role", "coordinator", "--area", "atlantis"), "--area"),
    ],
)
def test_what_does_not_fit_is_refused(words: tuple[str, ...], said: str) -> None:
    result = tsunagu("staff", "add", *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_login_is_given_once() -> None:
    added("hanako")
    result = tsunagu("staff", "add", "HANAKO", "--role", "admin")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "もう使われています" in result.stderr


def test_another_databases_key_is_refused() -> None:
    added("hanako")
    result = tsunagu("staff", "list", data_key=OTHER_KEY)
    assert result.exit_code == 2
    assert result.stderr.startswith("DATA_KEY: ")


def test_disable_undo_and_reset() -> None:
    first = added("hanako")
    assert tsunagu("staff", "disable", "hanako").stdout == "hanako: 停止しました\n"
    assert "停止中" in tsunagu("staff", "list").stdout
    assert tsunagu("staff", "disable", "hanako", "--undo").exit_code == 0
    assert "利用中" in tsunagu("staff", "list").stdout
    result = tsunagu("staff", "reset", "hanako")
    assert result.exit_code == 0
    assert first not in result.stdout
    assert tsunagu("audit", "verify").exit_code == 0


@pytest.mark.parametrize("command", ["disable", "reset"])
def test_nobody_is_nobody(command: str) -> None:
    result = tsunagu("staff", command, "nobody")
    assert (result.exit_code, result.stderr) == (2, "nobody: この名前の職員はいません\n")


def test_an_empty_list_says_what_to_do() -> None:
    assert "tsunagu staff add" in tsunagu("staff", "list").stdout


def test_verify_finds_what_was_changed() -> None:
    added("hanako")
    assert "変わりはありません" in tsunagu("audit", "verify").stdout
    tampered("UPDATE audit SET actor = 'resident' WHERE number = 1")
    result = tsunagu("audit", "verify")
    assert result.exit_code == 1
    assert "1 番: 書きかえられています" in result.stdout


def test_verify_finds_a_cut_tail_by_a_head_that_was_kept(tmp_path: Path) -> None:
    added("hanako")
    head = tsunagu("audit", "head").stdout
    (line,) = head.splitlines()
    assert json.loads(line)["number"] == 2
    (tmp_path / "kept.jsonl").write_text(head)
    tampered("DELETE FROM audit WHERE number = 2")
    tampered("UPDATE audit_heads SET number = 1, mac = (SELECT mac FROM audit WHERE number = 1)")
    assert tsunagu("audit", "verify").exit_code == 0
    result = tsunagu("audit", "verify", "--heads", "kept.jsonl")
    assert result.exit_code == 1
    assert "2 番: ここから後が切りとられています" in result.stdout


@pytest.mark.parametrize("content", ["nonsense", "{}", '{"desk": "-", "number": "x", "mac": "zz"}', "[1]"])
def test_verify_refuses_a_file_that_holds_no_heads(tmp_path: Path, content: str) -> None:
    (tmp_path / "kept.jsonl").write_text(content)
    result = tsunagu("audit", "verify", "--heads", "kept.jsonl")
    assert result.exit_code == 2
    assert result.stderr.startswith("kept.jsonl: ")


async def _opened(database: Database) -> Keyring:
    async with database.write() as connection:
        await migrate.upgrade(connection)
    return await Keyring.open(database, (SealingKey(b"m" * 32),), now=NOW, new_id=new_id)


def test_the_simulators_account_is_made_once(tmp_path: Path) -> None:
    async def work() -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path}/x.db")
        keyring = await _opened(database)
        given = {"organisation": "見本", "passwords": Passwords(), "now": NOW}
        password = await demo_password(database, keyring, **given)
        assert password is not None
        assert await demo_password(database, keyring, **given) is None
        async with database.read() as connection:
            account = await staff.by_login(connection, DEMO_LOGIN)
            assert account is not None
            assert await Passwords().fits(password, account.password_hash)
            roles = {one.grant.role for one in await staff.grants(connection, NOW)}
        assert roles == {Role.ADMIN, Role.COORDINATOR}
        await database.close()

    asyncio.run(work())


class _Engine:
    """Only notes what it is to do."""

    def __init__(self) -> None:
        self.work: dict[str, Any] = {}

    def every(self, _pace: Any, name: str, work: Any) -> None:
        self.work[name] = work


def test_the_heads_are_written_down_once_a_day_and_verify_reads_them(tmp_path: Path) -> None:
    added("hanako")

    async def work() -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path}/data/tsunagu.db")
        engine, days = _Engine(), iter([NOW, NOW.replace(hour=5), NOW.replace(day=27)])
        room = Staffroom(database=database, engine=engine, clock=lambda: next(days), folder=tmp_path / "data")  # type: ignore[arg-type]
        room.register()
        for _ in range(3):
            await engine.work["staffroom"]()
        await database.close()

    asyncio.run(work())
    lines = (tmp_path / "data" / HEADS_FILE).read_text().splitlines()
    assert [json.loads(line)["at"][:10] for line in lines] == ["2026-11-26", "2026-11-27"]
    assert "2 件とも一致" in tsunagu("audit", "verify").stdout
    tampered("DELETE FROM audit")
    tampered("DELETE FROM audit_heads")
    assert tsunagu("audit", "verify").exit_code == 1
