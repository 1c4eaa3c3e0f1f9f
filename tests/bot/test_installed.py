"""The program as it is installed for good: the script of the image runs in a clean folder, and what it made works."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program as an image or a server has it: from the wheel, without the checkout and without any tool."""
    target = tmp_path_factory.mktemp("opt") / "tsunagu"
    for step in ("packages", "program"):
        done = subprocess.run(
            ["sh", str(DEPLOY / "install.sh"), step, str(target)],
            # Compiling every package takes a minute; the few that run compile themselves.
            env={**os.environ, "PYTHON": sys.executable, "PIP_NO_COMPILE": "1"},
            cwd=target.parent,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-2000:]
    return target


def run(installed: Path, *command: str, given: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """A command with nothing in its environment but the settings, in a folder of its own."""
    return subprocess.run(
        [str(installed / "bin" / "tsunagu"), *command],
        env={"PATH": str(installed / "bin"), "LANG": "C.UTF-8", **settings},
        cwd=installed.parent,
        input=given,
        capture_output=True,
        text=True,
    )


def test_the_installed_program_makes_keys_and_hears(installed: Path) -> None:
    assert len(run(installed, "key", "new").stdout.strip()) == 44
    heard = run(installed, "assess", given=json.dumps({"text": "家賃が払えなくて、きのうから何も食べてない"}) + "\n")
    assert heard.returncode == 0, heard.stderr
    assert "poverty" in {one["id"] for one in json.loads(heard.stdout)["categories"]}


def test_the_installed_program_has_no_tool_of_development_and_no_compiler(installed: Path) -> None:
    packages = {path.name for path in (installed / "lib").glob("python*/site-packages/*")}
    assert not packages & {"pytest", "mypy", "ruff", "playwright", "hatchling", "schemathesis"}
    assert "casework" in packages


def test_the_installed_program_serves_and_the_probe_of_the_image_says_so(installed: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    settings = {"PORT": port, "DATA_DIR": str(tmp_path), "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/t.db"}
    assert probe(installed, port) == 1, "nothing runs there yet"
    with serving(installed, settings):
        assert probe(installed, port) == 0
        for page in ("staff/", "simulator/", "healthz"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}") as answer:
                assert answer.status == 200


def probe(installed: Path, port: str) -> int:
    asked = [str(installed / "bin" / "python"), str(DEPLOY / "probe.py")]
    return subprocess.run(asked, env={"PORT": port}, check=False).returncode


@contextmanager
def serving(installed: Path, settings: dict[str, str]) -> Iterator[None]:
    server = subprocess.Popen(
        [str(installed / "bin" / "tsunagu"), "serve"],
        env={"PATH": str(installed / "bin"), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", **settings},
        cwd=installed.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert server.stdout is not None
    try:
        until = time.monotonic() + 120
        said = ""
        while "動いています" not in said and time.monotonic() < until and server.poll() is None:
            said += server.stdout.readline()
        assert "動いています" in said, said
        yield
        server.terminate()
        assert server.wait(60) == 0
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
