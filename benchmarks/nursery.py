"""`python -m benchmarks.nursery FD`: forks processes of the program that have its code and dictionary loaded already.

A start costs seconds of a core, nearly all of it for loading what never changes; where processes are killed again and
again that is all a run would measure. What is forked is a process like any other: with its own files, killed by -9.
Orders come over a socket, one JSON line each, the standard output for the child beside it; when it is shut, all die.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.processes import ROOT

_LONGEST_ORDER = 1 << 20


class Child:
    """A process of the nursery, used like `subprocess.Popen`. `stdout`: what it says, until it is gone."""

    def __init__(self, nursery: Nursery, pid: int, said: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.stdout = os.fdopen(said, encoding="utf-8", errors="replace")
        self.returncode: int | None = None

    def send_signal(self, number: signal.Signals) -> None:
        if self.returncode is None:
            # It may be gone already; then there is nobody to tell.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def poll(self) -> int | None:
        """Its exit code once it is gone (minus the signal that killed it)."""
        if self.returncode is None:
            self.returncode = self._nursery.ask({"code_of": self.pid})
        return self.returncode

    def wait(self, timeout: float = 60.0) -> int:
        """Until it is gone; what it still says is not kept. Raises TimeoutError."""
        until = time.monotonic() + timeout
        if not self.stdout.closed:
            # The other end is shut by nobody but the dead.
            while (left := until - time.monotonic()) > 0 and select.select([self.stdout], [], [], left)[0]:
                if not os.read(self.stdout.fileno(), 1 << 16):
                    break
        while self.poll() is None:
            if time.monotonic() > until:
                raise TimeoutError(f"process {self.pid} has not ended after {timeout:g} s")
            time.sleep(0.005)
        self.stdout.close()
        assert self.returncode is not None
        return self.returncode


class Nursery:
    """`with Nursery() as nursery:` — the parent's side."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair()
        self._one_at_a_time = threading.Lock()
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.nursery", str(theirs.fileno())],
                cwd=ROOT,
                env=environment,
                pass_fds=[theirs.fileno()],
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._orders.close()
        self._process.wait(30)

    def bear(self, script: Path, *arguments: str, environment: dict[str, str], log: Path) -> Child:
        """Begin a process that runs a script with these arguments and nothing else in its environment; what it says on
        standard error goes into `log`, in whose folder it stands."""
        order = {"script": str(script), "arguments": arguments, "environment": environment, "log": str(log)}
        said, told = os.pipe()
        try:
            pid = self.ask(order, told)
        finally:
            os.close(told)
        assert pid is not None
        return Child(self, pid, said)

    def ask(self, order: dict[str, Any], *files: int) -> int | None:
        """What the nursery answers to an order."""
        answer = b""
        with self._one_at_a_time:
            socket.send_fds(self._orders, [json.dumps(order).encode() + b"\n"], list(files))
            while not answer.endswith(b"\n"):
                if not (more := self._orders.recv(100)):
                    raise RuntimeError("the nursery has ended")
                answer += more
        found: int | None = json.loads(answer)
        return found


def main(orders: socket.socket) -> None:
    _load()
    living: set[int] = set()
    while (found := _next(orders)) is not None:
        order, files = found
        if "code_of" in order:
            answer = _code_of(order["code_of"], living)
        else:
            answer = os.fork()
            if not answer:
                orders.close()
                _become(order, files[0])
            living.add(answer)
        for file in files:
            os.close(file)
        orders.sendall(json.dumps(answer).encode() + b"\n")
    for pid in living:
        os.kill(pid, signal.SIGKILL)


def _load() -> None:
    """All that every process reads and none changes: code, dictionary, lexicon, weights, and what wishes are like."""
    from bot.commands import serving, working  # noqa: F401  # for their imports
    from config.content import load_content
    from dialogue.setting import prepare
    from nlp import Listener

    listener = Listener.load()
    prepare(load_content())
    setattr(Listener, "load", staticmethod(lambda: listener))  # noqa: B010  # a class method is replaced


def _next(orders: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    read, files = b"", []
    while not read.endswith(b"\n"):
        more, found, _, _ = socket.recv_fds(orders, _LONGEST_ORDER, 1)
        if not more:
            return None
        read, files = read + more, [*files, *found]
    return json.loads(read), files


def _code_of(pid: int, living: set[int]) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    if not found:
        return None
    living.discard(pid)
    return os.waitstatus_to_exitcode(status)


def _become(order: dict[str, Any], told: int) -> None:
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for taken, there in ((nothing, 0), (told, 1), (log, 2)):
        os.dup2(taken, there)
        os.close(taken)
    os.chdir(Path(order["log"]).parent)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = [order["script"], *order["arguments"]]
    code = 1
    try:
        runpy.run_path(order["script"], run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
