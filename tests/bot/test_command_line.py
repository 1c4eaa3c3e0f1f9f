"""Whoever keeps the machine reads Japanese: what was typed wrong is said in it, and so is the help around ours."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.cli import command_line


def tsunagu(*words: str) -> Result:
    return CliRunner().invoke(command_line(), list(words), prog_name="tsunagu", env={"COLUMNS": "200"})


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["serv"], "「serv」という命令はありません(もしかして: serve)"),
        (["staff", "ad"], "「ad」という命令はありません(もしかして: add)"),
        (["serve", "--prt", "8000"], "「--prt」という指定はありません(もしかして: --port)"),
        (["serve", "-x"], "「-x」という指定はありません"),
        (["serve", "--port"], "「--port」のあとに、値を書いてください"),
        (["serve", "--port", "abc"], "「--port」には、1から65535までの数を書いてください"),
        (["serve", "--port", "70000"], "「--port」には、1から65535までの数を書いてください"),
        (["serve", "minami"], "「minami」は余分です"),
        (["serve", "a b", "c"], "「a b」「c」は余分です"),
        (["staff", "add"], "「login」が書かれていません"),
        (["staff", "add", "yamada"], "「--role」が書かれていません"),
        (["followups", "--until", "あした"], "「--until」には、日付を 2026-12-31 の形で書いてください"),
        (["followups", "--until", "2026-12-31", "--left", "-1"], "「--left」には、0以上の数を書いてください"),
        (["copy"], "「--to」が書かれていません"),
    ],
)
def test_what_was_typed_wrong_is_said_in_japanese(words: list[str], said: str) -> None:
    done = tsunagu(*words)
    assert done.exit_code == 2
    lines = done.stderr.splitlines()
    assert lines[0] == said
    assert re.fullmatch(r"使い方は「tsunagu (\w+ )*--help」で出ます", lines[1])
    assert done.stdout == ""


def test_a_role_that_does_not_exist_is_answered_with_those_that_do() -> None:
    done = tsunagu("staff", "add", "yamada", "--role", "kacho")
    assert done.exit_code == 2
    assert done.stderr.splitlines()[0].startswith("「--role」には、coordinator, supervisor, ")


def test_a_folder_or_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing, file = tmp_path / "missing", tmp_path / "file"
    file.touch()
    for folder in (missing, file):
        done = tsunagu("backup", str(folder), "--keys", str(tmp_path))
        assert done.exit_code == 2
        assert done.stderr.splitlines()[0] == "「folder」には、ある、読めるフォルダーを書いてください"
    done = tsunagu("restore", str(file), "--keys", str(tmp_path))
    assert done.stderr.splitlines()[0] == "「--keys」には、ある、読めるファイルを書いてください"


def all_commands() -> list[list[str]]:
    def below(command: Any, path: list[str]) -> Iterator[list[str]]:
        yield path
        for name, one in getattr(command, "commands", {}).items():
            yield from below(one, [*path, name])

    return list(below(typer.main.get_command(command_line()), []))


@pytest.mark.parametrize("words", all_commands(), ids=" ".join)
def test_the_help_of_each_command_has_no_english_sentence(words: list[str]) -> None:
    done = tsunagu(*words, "--help")
    assert done.exit_code == 0
    assert done.stdout.split()[0] == "使い方:"
    assert "この説明を出す" in done.stdout
    # Names, types and values are what they are; a phrase that is no command of ours is English.
    phrases = re.findall(r"[A-Za-z]+(?: [a-z]+){2,}", done.stdout)
    assert [phrase for phrase in phrases if not phrase.startswith("tsunagu ")] == []
    for word in ("Usage", "Options", "Commands", "Arguments", "OPTIONS", "ARGS", "COMMAND", "required", "default"):
        assert not re.search(rf"\b{word}\b", done.stdout), word


@pytest.mark.parametrize("words", [[], ["staff"], ["key"], ["retention"], ["audit"], ["richmenu"]])
def test_a_group_alone_shows_its_help(words: list[str]) -> None:
    done = tsunagu(*words)
    assert done.exit_code == 2
    assert "使い方:" in done.output


def test_who_presses_ctrl_c_reads_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.commands.keys._fresh", stopped)
    done = tsunagu("key", "new")
    assert done.exit_code == 130
    assert "Traceback" not in done.output


def test_a_command_that_refuses_keeps_its_own_words_and_code() -> None:
    done = tsunagu("migrate", "--before", "--after")
    assert done.exit_code == 2
    assert done.stderr.startswith("--before と --after は、どちらか一つにしてください")


@pytest.mark.parametrize("to", ["mysql://host/x", "postgresql://host/x", "desk.db", "sqlite+aiosqlite:///x.db"])
def test_a_copy_goes_to_a_postgresql_and_to_nothing_else(to: str) -> None:
    done = tsunagu("copy", "--to", to)
    assert done.exit_code == 2
    assert done.stderr == "--to: postgresql+psycopg://… の形にしてください\n"


def test_a_command_loads_nothing_of_the_others() -> None:
    asked = (
        "import sys; from bot.cli import main; sys.argv[1:] = ['key', 'new']\ntry: main()\nexcept SystemExit: pass\n"
    )
    asked += "print([name for name in ('fastapi', 'linebot', 'nlp', 'uvicorn') if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == "[]"
