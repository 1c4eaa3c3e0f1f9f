"""A nursery bears processes that stand on their own feet: killed and stopped like any other."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from benchmarks.nursery import Child, Nursery

SCRIPT = """
import os, signal, sys
if sys.argv[1] == "waits":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print(sys.argv[1], os.environ["WHO"], sorted(os.environ) == ["WHO"], os.getcwd(), flush=True)
print("aside", file=sys.stderr, flush=True)
if sys.argv[1] == "waits":
    signal.pause()
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    written = tmp_path / "script.py"
    written.write_text(SCRIPT, encoding="utf-8")
    return written


def born(nursery: Nursery, script: Path, how: str) -> Child:
    child = nursery.bear(script, how, environment={"WHO": "みどり"}, log=script.parent / "log")
    assert child.stdout.readline().split() == [how, "みどり", "True", str(script.parent)]
    return child


def test_it_has_its_own_arguments_environment_folder_and_log(nursery: Nursery, script: Path) -> None:
    child = born(nursery, script, "ends")
    assert child.wait() == 0
    assert (script.parent / "log").read_text("utf-8") == "aside\n"


def test_its_end_is_told_with_the_code_or_the_signal(nursery: Nursery, script: Path) -> None:
    killed, stopped = born(nursery, script, "waits"), born(nursery, script, "waits")
    assert (killed.poll(), stopped.poll()) == (None, None)
    killed.kill()
    stopped.terminate()
    assert (killed.wait(), stopped.wait()) == (-signal.SIGKILL, 7)
    # Nobody is there to be killed any more.
    killed.kill()


def test_waiting_for_one_that_lives_has_an_end(nursery: Nursery, script: Path) -> None:
    child = born(nursery, script, "waits")
    with pytest.raises(TimeoutError):
        child.wait(0.05)
    child.kill()
    child.wait()


def test_with_the_nursery_all_of_it_dies(script: Path) -> None:
    with Nursery() as short:
        child = born(short, script, "waits")
    with child.stdout:
        assert child.stdout.read() == ""


def test_a_script_that_fails_says_why_and_has_a_code(nursery: Nursery, script: Path) -> None:
    child = nursery.bear(script, environment={}, log=script.parent / "log")
    assert child.wait() == 1
    assert "IndexError" in (script.parent / "log").read_text("utf-8")
