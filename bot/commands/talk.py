"""`tsunagu talk`: a conversation at the terminal with the program's own listener and decisions."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.commands.refusing import refuse, refusing
from bot.talking.commands import NotUnderstood, moment
from bot.talking.conversation import Talk
from bot.talking.session import ContentFiles, Session
from nlp import Listener

#: The width where there is no terminal.
_CELLS = 120
_WIDEST = 160
_PROMPT = "あなた> "


def talk(
    at: Annotated[str | None, typer.Option(help="はじめの時刻(例: 2026-12-31 23:50)。なければ今")] = None,
    seed: Annotated[int, typer.Option(help="言いまわしの選び方。同じ数なら同じ言葉になる", min=0)] = 0,
    words: Annotated[Path | None, typer.Option(help="窓口の文面(YAML)のフォルダー。もとの文面に重ねる")] = None,
) -> None:
    """端末で会話をためす。返事のわけ(区分・危険・効果)を横に出す。文面を直すと、その場で読み直す。何も保存しない。"""
    with refusing():
        files = ContentFiles(words)
    zone = ZoneInfo(files.content.desk.zone)
    try:
        now = dt.datetime.now(zone).replace(second=0, microsecond=0)
        now = moment(at, now) if at else now
    except NotUnderstood:
        refuse(["--at: 「2026-12-31 23:50」のように書いてください"])
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Whatever somebody pastes must be shown: no letter may end the talk.
        sys.stdout.reconfigure(errors="replace")
    session = Session(files, Listener.load(), Talk(now=now.astimezone(dt.UTC), first_seed=seed), cells=_cells)
    if sys.stdin.isatty():
        typer.echo("つなぐと話す練習です。何も保存しません。/助け で命令の一覧、/おわり で終わります。")
    _show(session.follow())
    for line in _lines():
        _show(session.take(line))
        if session.ended:
            break


def _cells() -> int:
    return min(shutil.get_terminal_size((_CELLS, 24)).columns, _WIDEST)


def _show(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line)
    sys.stdout.flush()


def _lines() -> Iterator[str]:
    """What is typed, or what comes through a pipe; bytes that are no UTF-8 become U+FFFD."""
    if not sys.stdin.isatty():
        for raw in sys.stdin.buffer:
            yield raw.decode("utf-8", "replace")
        return
    with suppress(ImportError):
        # Where there is one, it lets the line be edited, Japanese letters too.
        import readline  # noqa: F401, PLC0415
    while True:
        try:
            yield input(_PROMPT)
        except (EOFError, KeyboardInterrupt):
            typer.echo("")
            return
