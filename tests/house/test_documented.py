"""Each setting, command and make target has its place in the README."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from bot.cli import command_line
from config.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name.upper() for name in Settings.model_fields])
def test_each_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in README


def commands() -> list[str]:
    names = []
    for name, command in typer.main.get_command(command_line()).commands.items():
        below = getattr(command, "commands", None)
        names += [name] if below is None else [f"{name} {sub}" for sub in below]
    return names


@pytest.mark.parametrize("name", commands())
def test_each_command_is_documented(name: str) -> None:
    assert f"`tsunagu {name}" in README


def test_each_make_target_is_documented() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    for target in phony[1].split():
        assert f"`make {target}`" in README


def test_the_version_is_the_changelogs() -> None:
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert version is not None
    assert newest is not None
    assert version[1] == newest[1]
