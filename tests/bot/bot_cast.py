"""Helpers for tests of the running program: settings for real mode, the dictionary loaded once, free ports."""

from __future__ import annotations

import base64
import socket
from functools import cache
from pathlib import Path
from typing import Any

from config.settings import Settings
from nlp import Listener

KEY = base64.b64encode(b"k" * 32).decode()
OTHER_KEY = base64.b64encode(b"o" * 32).decode()
SECRET = "the-channel-secret"
TOKEN = "the-access-token"


@cache
def shared_listener() -> Listener:
    """The dictionary is loaded once for all tests."""
    return Listener.load()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def real_settings(folder: Path, **given: Any) -> Settings:
    """Everything that real mode needs; `given` replaces single settings, None leaves one out."""
    values = {
        "LINE_CHANNEL_SECRET": SECRET,
        "LINE_CHANNEL_ACCESS_TOKEN": TOKEN,
        "LINE_API_URL": "http://127.0.0.1:9",
        "DATA_KEY": KEY,
        "DATABASE_URL": sqlite_url(folder),
        "DATA_DIR": str(folder / "data"),
        **{name.upper(): value for name, value in given.items()},
    }
    environ = {name: str(value) for name, value in values.items() if value is not None}
    return Settings.load(environ=environ, env_file=None)


def simulator_settings(folder: Path, **given: Any) -> Settings:
    """As after `make run`, in a folder of the test's own."""
    return real_settings(
        folder,
        **{"line_channel_secret": None, "line_channel_access_token": None, "data_key": None, **given},
    )


def sqlite_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'tsunagu.db'}"
