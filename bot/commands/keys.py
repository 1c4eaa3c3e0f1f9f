"""`tsunagu key …`: the key that opens the database."""

from __future__ import annotations

import base64
import secrets

import typer

from storage.vault import KEY_BYTES

app = typer.Typer(no_args_is_help=True, help="データベースを開く鍵(DATA_KEY)。")


@app.callback()
def _keys() -> None:
    """データベースを開く鍵(DATA_KEY)。"""


@app.command("new")
def new() -> None:
    """新しい鍵を一つ作って表示する。控えを別の場所に保管すること(なくすと何も読めなくなる)。"""
    typer.echo(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
