"""The command line `tsunagu`. Each command lives in `bot/commands/`; here they only get their names.

What a command works with takes seconds to load, so of the others nothing is.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from bot.commands.japanese import CommandLine

#: The commands in the order of the help, each with its module and what it is called there; `app` is a group of some.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "serve": ("serving", "serve"),
    "worker": ("working", "worker"),
    "demo": ("demo", "demo"),
    "migrate": ("database", "migrate"),
    "doctor": ("doctor", "doctor"),
    "followups": ("followups", "followups"),
    "assess": ("listening", "assess"),
    "evaluate": ("listening", "evaluate"),
    "talk": ("talk", "talk"),
    "backup": ("backup", "backup"),
    "restore": ("backup", "restore"),
    "copy": ("backup", "copy"),
    "rekey": ("keys", "rekey"),
    "audit": ("audit", "app"),
    "key": ("keys", "app"),
    "retention": ("retention", "app"),
    "richmenu": ("richmenu", "app"),
    "staff": ("staff", "app"),
}


def command_line(names: Sequence[str] = tuple(COMMANDS)) -> CommandLine:
    """`tsunagu` with these commands."""
    app = CommandLine(help="つなぐ: LINEのなんでも相談。")
    # Without this a single command would take the place of the whole.
    app.callback()(lambda: None)
    for name in names:
        module, called = COMMANDS[name]
        found = getattr(import_module(f"bot.commands.{module}"), called)
        if isinstance(found, CommandLine):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def main() -> None:
    """Entry point of the `tsunagu` script."""
    given = sys.argv[1:2]
    command_line(given if given and given[0] in COMMANDS else tuple(COMMANDS))()
