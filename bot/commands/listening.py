"""`tsunagu assess` and `tsunagu evaluate`: the listener at the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.refusing import refuse
from nlp import Listener
from nlp.assess_lines import assess_lines
from nlp.evaluate import evaluate as evaluate_files


def assess(
    file: Annotated[Path | None, typer.Argument(help="JSON Linesのファイル。なければ標準入力")] = None,
) -> None:
    """文の困りごと・危険・事実を読みとり、1行に1つのJSONで書く。読めない行があれば終了コード1。"""
    if file is not None and not file.is_file():
        refuse([f"{file}: ファイルがありません"])
    all_fine = True
    # Bytes, because the contract is UTF-8 whatever the terminal's own encoding is.
    out = sys.stdout.buffer
    for line, fine in assess_lines(_lines(file), Listener.load()):
        out.write(line.encode() + b"\n")
        out.flush()
        all_fine &= fine
    if not all_fine:
        raise typer.Exit(1)


def evaluate(
    files: Annotated[list[Path], typer.Argument(help="正解のついたJSON Linesのファイル")],
) -> None:
    """正解のついた文で、読みとりの確かさを数える。"""
    missing = [f"{file}: ファイルがありません" for file in files if not file.is_file()]
    if missing:
        refuse(missing)
    typer.echo(evaluate_files(files).render())


def _lines(file: Path | None) -> Iterator[str]:
    """Lines as UTF-8; bytes that are not become U+FFFD, so that every line gets its answer."""
    if file is None:
        for raw in sys.stdin.buffer:
            yield raw.decode("utf-8", "replace")
        return
    with file.open("rb") as source:
        for raw in source:
            yield raw.decode("utf-8", "replace")
