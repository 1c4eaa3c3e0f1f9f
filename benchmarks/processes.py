"""Servers in processes of their own: started, waited for, weighed, and always ended."""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.webhooks import SECRET, TOKEN

ROOT = Path(__file__).resolve().parent.parent
START_WITHIN = 60.0
STOP_WITHIN = 5.0
#: Nothing listens there: LINE cannot be reached.
NOWHERE = "http://127.0.0.1:9"
#: One key for a whole run, so that a server can be started again on its database.
_KEY = base64.b64encode(secrets.token_bytes(32)).decode()
SERVE = ("-c", "from bot.cli import main; main()", "serve")

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """A running server on a port of this machine. `ready_after` are the seconds from its start to its first 200."""

    port: int
    pid: int
    ready_after: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def memory(self) -> float:
        """Resident memory in MB (Linux)."""
        return memory_of(self.pid)

    def shared(self) -> float:
        """The part of `memory()` that is files (dictionary, libraries): one copy for all processes."""
        return memory_of(self.pid, "RssFile")

    def ask(self, path: str, content: Any = None) -> Any:
        """GET, or POST of JSON; the JSON that comes back."""
        data = None if content is None else json.dumps(content).encode()
        with _direct.open(urllib.request.Request(self.url + path, data=data), timeout=30) as answer:
            return json.loads(answer.read())


def memory_of(pid: int, what: str = "VmRSS") -> float:
    """Resident memory of a process in MB, or a part of it as Linux names it; NaN where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines()
    except OSError:
        return float("nan")
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{what}:")), float("nan"))


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder on the disk of the project: in a temporary folder in memory a commit would cost nothing."""
    with tempfile.TemporaryDirectory(prefix="tsunagu-bench-", dir=Path(__file__).parent) as folder:
        yield Path(folder)


@contextmanager
def server(
    command: Sequence[str],
    folder: Path,
    *,
    ready: str,
    line_api: str = NOWHERE,
    own_end: bool = False,
    more: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run `python COMMAND` with the settings of a real desk, and `more`, in a folder of its own. With `own_end` it is
    asked to stop and may finish; otherwise what it has still to do is worth nothing, and it is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    begin = time.monotonic()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=folder,
            env={**environment(folder, port, line_api), **(more or {})},
            stdout=log,
            stderr=log,
        )
        try:
            ready_after = _wait(process, f"http://127.0.0.1:{port}{ready}", begin, folder)
            yield Server(port=port, pid=process.pid, ready_after=ready_after)
        finally:
            _end(process, gently=own_end)


def worker(module: str, *arguments: str) -> Any:
    """Run a measurement in a fresh process; what it printed as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=180
    )
    return json.loads(done.stdout)


def environment(folder: Path, port: int, line_api: str) -> dict[str, str]:
    """Only our own settings: what is set on this machine must not change a figure."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "LINE_CHANNEL_SECRET": SECRET,
        "LINE_CHANNEL_ACCESS_TOKEN": TOKEN,
        "LINE_API_URL": line_api,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/tsunagu.db",
        "DATA_DIR": str(folder),
        "DATA_KEY": _KEY,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "LOG_FORMAT": "json",
    }


def free_port() -> int:
    """A port nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], url: str, begin: float, folder: Path) -> float:
    return wait_until_ready(url, lambda: process.poll() is None, begin=begin, log=folder / "log")


def wait_until_ready(
    url: str, lives: Callable[[], bool], *, begin: float, log: Path, within: float = START_WITHIN
) -> float:
    """Ask until there is a 200; the seconds since `begin`."""
    while time.monotonic() < begin + within:
        if not lives():
            raise RuntimeError(f"a server ended at once:\n{log.read_text('utf-8', 'replace')[-2000:]}")
        try:
            with _direct.open(url, timeout=5):
                return time.monotonic() - begin
        except (urllib.error.URLError, OSError):
            time.sleep(0.01)
    raise RuntimeError("a server did not become ready")


def _end(process: subprocess.Popen[bytes], *, gently: bool) -> None:
    if gently:
        process.terminate()
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
    else:
        process.kill()
    process.wait()
