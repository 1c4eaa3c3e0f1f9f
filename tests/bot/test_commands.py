"""The command line: what each command answers, and how it ends when it cannot."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from bot_cast import KEY, SECRET, TOKEN, free_port, sqlite_url
from click.testing import Result
from typer.testing import CliRunner

from bot.cli import command_line
from config.settings import decode_key
from storage import migrate

REAL = {"LINE_CHANNEL_SECRET": SECRET, "LINE_CHANNEL_ACCESS_TOKEN": TOKEN, "DATA_KEY": KEY}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No `.env` of somebody else, nothing left in the project, and logging as it was."""
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def tsunagu(*words: str, given: str | bytes = "", **environ: Any) -> Result:
    environment = {name.upper(): str(value) for name, value in environ.items()}
    return CliRunner().invoke(command_line(), list(words), input=given, env=environment)


def refused(result: Result) -> list[str]:
    """The lines of a refusal."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr.splitlines()


def test_a_new_key_opens_a_database_and_is_never_the_same() -> None:
    first, second = (tsunagu("key", "new").stdout for _ in range(2))
    assert len(decode_key(first)) == 32
    assert first != second


def test_migrate_makes_the_tables_and_may_be_repeated(tmp_path: Path) -> None:
    for _ in range(2):
        result = tsunagu("migrate", database_url=f"sqlite+aiosqlite:///{tmp_path}/new/tsunagu.db")
        assert (result.exit_code, result.stderr) == (0, "")
        assert migrate.newest() in result.stdout
    assert (tmp_path / "new" / "tsunagu.db").exists()


def test_migrate_refuses_a_database_it_cannot_reach(tmp_path: Path) -> None:
    url = f"postgresql+psycopg://somebody:hush@127.0.0.1:{free_port()}/tsunagu"
    (line,) = refused(tsunagu("migrate", database_url=url))
    assert line.startswith("DATABASE_URL: ")
    assert "hush" not in line
    (tmp_path / "file").write_text("a file where the folder should be")
    (line,) = refused(tsunagu("migrate", database_url=f"sqlite+aiosqlite:///{tmp_path}/file/tsunagu.db"))
    assert line.startswith("DATABASE_URL: ")


def test_doctor_ends_well_where_only_notes_are_to_be_made() -> None:
    result = tsunagu("doctor")
    assert result.exit_code == 0
    signs = {line[0] for line in result.stdout.splitlines() if not line.startswith(" ")}
    assert signs == {"○", "△"}


def test_doctor_ends_with_one_where_something_must_be_put_right() -> None:
    result = tsunagu("doctor", **{**REAL, "line_api_url": f"http://127.0.0.1:{free_port()}"})
    assert result.exit_code == 1
    assert "× LINE: " in result.stdout
    assert "    → " in result.stdout


def test_doctor_tells_wrong_settings_one_by_one() -> None:
    result = tsunagu("doctor", port="x", log_format="y")
    assert result.exit_code == 1
    assert [line[:5] for line in result.stdout.splitlines()] == ["× POR", "× LOG"]


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({"PORT": "x", "DATA_KEY": "y"}, ["DATA_KEY", "PORT"]),
        ({**REAL, "DATA_KEY": ""}, ["DATA_KEY"]),
        ({**REAL, "LINE_CHANNEL_SECRET": ""}, ["LINE_CHANNEL_SECRET"]),
        ({"HOST": "0.0.0.0"}, ["LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN", "HOST"]),
        ({**REAL, "DATABASE_URL": "postgresql+psycopg://x:hush@127.0.0.1:1/x"}, ["DATABASE_URL"]),
    ],
)
def test_serve_refuses_to_start_with_one_line_for_each_reason(environ: dict[str, str], names: list[str]) -> None:
    lines = refused(tsunagu("serve", **{"PORT": free_port(), **environ}))
    assert [line.split(":")[0] for line in lines] == names
    assert not any(secret in line for line in lines for secret in (SECRET, TOKEN, KEY, "hush"))


def test_a_worker_works_only_beside_others() -> None:
    (line,) = refused(tsunagu("worker"))
    assert line.startswith("JOB_ENGINE: ")
    (line,) = refused(tsunagu("serve", JOB_ENGINE="procrastinate", DATABASE_URL="postgresql+psycopg:///nowhere"))
    assert line.startswith("JOB_ENGINE: シミュレーターは")
    (line,) = refused(tsunagu("serve", JOB_ENGINE="procrastinate"))
    assert line.startswith("JOB_ENGINE: procrastinate は PostgreSQL でだけ動きます")


def test_migrate_takes_one_part_at_a_time(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/parts.db"
    (line,) = refused(tsunagu("migrate", "--before", "--after", DATABASE_URL=url))
    assert "--before" in line
    (line,) = refused(tsunagu("migrate", "--after", DATABASE_URL=url))
    assert "tsunagu migrate --before" in line
    for option in ("--before", "--after"):
        assert tsunagu("migrate", option, DATABASE_URL=url).exit_code == 0


def test_serve_refuses_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (line,) = refused(tsunagu("serve", "--port", str(port), database_url=sqlite_url(tmp_path)))
    assert line.startswith("HOST, PORT: ")
    assert str(port) in line


def test_serve_refuses_a_database_that_another_server_has(tmp_path: Path) -> None:
    import fcntl

    with (tmp_path / "tsunagu.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = tsunagu("serve", "--port", str(free_port()), database_url=sqlite_url(tmp_path))
    assert result.exit_code == 2
    assert "もう動いているサーバー" in result.stderr


LINES = [
    json.dumps({"text": "家賃が払えない"}, ensure_ascii=False),
    "not JSON",
    json.dumps({"turns": ["眠れません", "もう5日です"]}),
    json.dumps({"words": "x"}),
    "",
    json.dumps({"text": "\ud83d"}),
]


def test_assess_answers_every_line_in_its_place_and_ends_with_one_for_a_bad_line(tmp_path: Path) -> None:
    (tmp_path / "lines.jsonl").write_text("\n".join(LINES) + "\n", encoding="utf-8")
    from_file = tsunagu("assess", "lines.jsonl")
    from_stdin = tsunagu("assess", given="\n".join(LINES))
    assert from_file.exit_code == from_stdin.exit_code == 1
    assert from_file.stdout == from_stdin.stdout
    answers = [json.loads(line) for line in from_file.stdout.splitlines()]
    assert ["error" in answer for answer in answers] == [False, True, False, True, True, False]
    assert "poverty" in {category["id"] for category in answers[0]["categories"]}
    assert len(answers[2]["turns"]) == 2


def test_assess_ends_well_when_every_line_is_good() -> None:
    result = tsunagu("assess", given=LINES[0])
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 1)


def test_assess_answers_a_line_that_is_no_utf8() -> None:
    result = tsunagu("assess", given='{"text": "家賃が払えない"}\n'.encode("shift_jis") + LINES[0].encode())
    assert result.exit_code in {0, 1}
    assert len(result.stdout.splitlines()) == 2


def test_assess_and_evaluate_refuse_files_that_are_not_there() -> None:
    (line,) = refused(tsunagu("assess", "nowhere.jsonl"))
    assert "nowhere.jsonl" in line
    assert len(refused(tsunagu("evaluate", "nowhere.jsonl", "nor-here.jsonl"))) == 2


def test_assess_writes_utf8_whatever_the_terminal_speaks() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    ended = subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", "assess"],
        input=LINES[0].encode(),
        capture_output=True,
        env={**environment, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        check=True,
    )
    (evidence, *_) = json.loads(ended.stdout.decode("utf-8"))["categories"][0]["evidence"]
    assert evidence["text"] in "家賃が払えない"
