"""`python -m benchmarks.soak.nursery`: forks processes of the program that have its dictionary loaded already.

A start costs seconds of a core, most of it for the dictionary; with two hundred kills that is all a run would measure.
One JSON line on standard input begins a process, one with its pid comes back; when the input ends, all are killed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.processes import ROOT


class Nursery:
    """`with Nursery() as nursery:` — the parent's side."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.soak.nursery"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def bear(self, *, kind: str, pause_ms: int, lease_seconds: int, environment: dict[str, str], log: Path) -> int:
        """Begin a process; its pid."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {
            "kind": kind,
            "pause_ms": pause_ms,
            "lease_seconds": lease_seconds,
            "environment": environment,
            "log": str(log),
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(json.loads(self._process.stdout.readline()))


def lives(pid: int) -> bool:
    """Whether a process of the nursery is still there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ends(pid: int, *, within: float) -> bool:
    """Whether it ends in time."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if not lives(pid):
            return True
        time.sleep(0.02)
    return False


def main() -> None:
    from benchmarks.soak import part
    from nlp import Listener

    listener = Listener.load()
    setattr(Listener, "load", staticmethod(lambda: listener))  # noqa: B010 - a class method is replaced
    # Dead children go by themselves.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    children = []
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if not pid:
            _become(order, part.main)
        children.append(pid)
        print(json.dumps(pid), flush=True)
    for pid in children:
        if lives(pid):
            os.kill(pid, signal.SIGKILL)


def _become(order: dict[str, Any], work: Any) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for taken, there in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(taken, there)
    os.chdir(Path(order["log"]).parent)
    os.environ.clear()
    os.environ.update(order["environment"])
    code = 1
    try:
        work(order["kind"], timedelta(milliseconds=order["pause_ms"]), timedelta(seconds=order["lease_seconds"]))
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
