"""Typer in Japanese: what was typed wrong, and the words around our own in the help.

Typer has no catalogue of its own words. What is wrong with a value is not translated but said anew, from what the
parameter takes. Everything that looks into Typer is in this file.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.exceptions import TyperException

OPTIONS = "[指定]"
_ABORTED = 1
#: To show how a date is written.
_A_DAY = date(2026, 12, 31)


class CommandLine(typer.Typer):
    """`tsunagu` itself, or a group of its commands."""

    def __init__(self, *, help: str) -> None:  # noqa: A002 - Typer's own name
        super().__init__(
            cls=Group,
            help=help,
            no_args_is_help=True,
            add_completion=False,
            pretty_exceptions_enable=False,
            options_metavar=OPTIONS,
            subcommand_metavar="命令 [値]...",
        )

    def command(self, name: str | None = None, **more: Any) -> Callable[[Any], Any]:
        """Register a command, as with Typer."""
        return super().command(name, **{"cls": Command, "options_metavar": OPTIONS, **more})


class _InJapanese:
    """What commands and groups have in common; stands before Typer's class."""

    def get_usage(self, ctx: Any) -> str:
        usage: str = super().get_usage(ctx)  # type: ignore[misc]
        return usage.replace("Usage:", "使い方:", 1)

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        option: TyperOption | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "この説明を出す"
        return option

    def format_help(self, ctx: Any, formatter: Any) -> None:
        # Only now: what draws the help is slow to import.
        from typer import rich_utils  # noqa: PLC0415

        rich_utils.ARGUMENTS_PANEL_TITLE = "値"
        rich_utils.OPTIONS_PANEL_TITLE = "指定"
        rich_utils.COMMANDS_PANEL_TITLE = "命令"
        rich_utils.REQUIRED_LONG_STRING = "[要る]"
        rich_utils.DEFAULT_STRING = "[書かなければ: {}]"
        super().format_help(ctx, formatter)  # type: ignore[misc]

    def main(self, *args: Any, **more: Any) -> Any:
        """Run, and end the process as Typer does."""
        try:
            ended = super().main(*args, **{"prog_name": "tsunagu", **more, "standalone_mode": False})  # type: ignore[misc]
        except TyperException as error:
            for line in lines_of(error):
                typer.echo(line, err=True)
            sys.exit(error.exit_code)
        except typer.Abort:
            typer.echo("やめました", err=True)
            sys.exit(_ABORTED)
        sys.exit(ended if isinstance(ended, int) else 0)


class Command(_InJapanese, TyperCommand):
    """One command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As Typer does, but the words too many are named by us."""
        ctx.allow_extra_args = True
        left: list[str] = super().parse_args(ctx, args)
        if left:
            ctx.fail(f"{''.join(f'「{word}」' for word in left)}は余分です")
        return left


class Group(_InJapanese, TyperGroup):
    """Several commands under one name."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As Typer does, but a command that does not exist is named by us."""
        if self.get_command(ctx, args[0]) is None:
            ctx.fail(f"「{args[0]}」という命令はありません{_perhaps(args[0], list(self.commands))}")
        return super().resolve_command(ctx, args)


def lines_of(error: TyperException) -> list[str]:
    """What was typed wrong, and where to read how it goes; for a group that was called alone its help."""
    kind, ctx = type(error).__name__, getattr(error, "ctx", None)
    if kind == "NoArgsIsHelpError":
        return [error.message]
    said = _WRONG[kind](error) if kind in _WRONG else error.message
    return [said, f"使い方は「{'tsunagu' if ctx is None else ctx.command_path} --help」で出ます"]


def _missing(error: Any) -> str:
    return f"「{_name(error.param)}」が書かれていません"


def _no_option(error: Any) -> str:
    params = error.ctx.command.get_params(error.ctx)
    known = [name for param in params for name in param.opts if name.startswith("--")]
    return f"「{error.option_name}」という指定はありません{_perhaps(error.option_name, known)}"


def _wrong_option(error: Any) -> str:
    if "requires" in error.message:
        return f"「{error.option_name}」のあとに、値を書いてください"
    return f"「{error.option_name}」に値は付けられません"


def _wrong_value(error: Any) -> str:
    return f"「{_name(error.param)}」には、{_wanted(error.param)}書いてください"


_WRONG: dict[str, Callable[[Any], str]] = {
    "MissingParameter": _missing,
    "NoSuchOption": _no_option,
    "BadOptionUsage": _wrong_option,
    "BadParameter": _wrong_value,
}


def _perhaps(typed: str, known: Sequence[str]) -> str:
    near = get_close_matches(typed, known)
    return f"(もしかして: {', '.join(near)})" if near else ""


def _name(param: Any) -> str:
    """An option as it is typed; an argument as the help calls it."""
    return str(max(param.opts, key=len)) if isinstance(param, TyperOption) else str(param.display_name_raw)


def _wanted(param: Any) -> str:
    """What a parameter takes."""
    taken, info = param.type_descriptor, param.type_descriptor.parameter_info
    if taken.is_choice:
        return f"{', '.join(str(getattr(one, 'value', one)) for one in taken.choices)} のどれかを"
    if taken.is_datetime:
        return f"日付を {_A_DAY:{(info.formats or ['%Y-%m-%d'])[0]}} の形で"
    if taken.is_path:
        return f"ある、読める{'フォルダー' if not info.file_okay else 'ファイル'}を"
    return _number(info.min, info.max)


def _number(least: int | None, most: int | None) -> str:
    if least is None:
        return "数を" if most is None else f"{most}までの数を"
    return f"{least}以上の数を" if most is None else f"{least}から{most}までの数を"
