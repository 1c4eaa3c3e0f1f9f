"""A program with a console for browser tests: in earnest with an account from the command line, or as a simulator."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pyotp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

TSUNAGU = Path(sys.executable).with_name("tsunagu")
REAL = {
    "LINE_CHANNEL_SECRET": "secret",
    "LINE_CHANNEL_ACCESS_TOKEN": "token",
    "LINE_API_URL": "http://127.0.0.1:9",
    "DATA_KEY": "a" * 43 + "=",
}
SIZES = {"desktop": (1280, 860), "tablet": (768, 1024), "phone": (390, 844)}
#: What a whole page may weigh.
HEAVIEST = 150_000


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running `tsunagu serve`."""

    url: str
    folder: Path
    greeting: str
    environ: dict[str, str]

    def run(self, *words: str) -> str:
        """A command beside the server."""
        return command(self.folder, self.environ, *words)

    def execute(self, statement: str) -> None:
        """Change the database behind the server's back."""
        with sqlite3.connect(self.folder / "data" / "tsunagu.db") as connection:
            connection.execute(statement)


def command(folder: Path, environ: dict[str, str], *words: str) -> str:
    """Run a command and give what it says."""
    done = subprocess.run([TSUNAGU, *words], cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def first_password(said: str) -> str:
    """The password in what `staff add` says."""
    found = re.search(r"パスワード:? (\S+)", said)
    assert found is not None, said
    return found[1]


@contextmanager
def serving(folder: Path, *, simulator: bool = False) -> Iterator[Served]:
    """`tsunagu serve` in a folder of its own, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1", "PORT": str(port), **({} if simulator else REAL)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [TSUNAGU, "serve"], cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert process.stdout is not None
        try:
            yield _greeted(process.stdout, folder, port, environ, lines=6 if simulator else 1)
        finally:
            process.terminate()
            ended = process.wait(30)
            process.stdout.close()
        assert ended == 0


def _greeted(said: IO[str], folder: Path, port: int, environ: dict[str, str], *, lines: int) -> Served:
    """Once the server has said that it runs."""
    greeting = [said.readline() for _ in range(lines)]
    assert greeting[0], (folder / "log").read_text(encoding="utf-8")
    return Served(url=f"http://127.0.0.1:{port}", folder=folder, greeting="".join(greeting), environ=environ)


@dataclass
class Watched:
    """What a page did that none of ours may do."""

    page: Page
    url: str
    trouble: list[str] = field(default_factory=list)
    weight: int = 0

    def watch(self) -> None:
        """Note requests to other hosts, script errors and broken rules of the content policy."""
        self.page.on("request", lambda r: self._note(not r.url.startswith((self.url, "data:")), r.url))
        self.page.on("pageerror", lambda error: self._note(True, str(error)))
        self.page.on("console", lambda m: self._note("Content Security Policy" in m.text, m.text))
        self.page.on("response", self._weigh)

    def _note(self, wrong: bool, what: str) -> None:
        if wrong:
            self.trouble.append(what)

    def _weigh(self, response: Response) -> None:
        self.weight += int(response.headers.get("content-length", 0))


def assert_fine(page: Page) -> None:
    """No violation of WCAG that axe-core finds, and nothing that has to be scrolled sideways."""
    violations = Axe().run(page).response["violations"]
    found = [(v["id"], [node["html"][:120] for node in v["nodes"]]) for v in violations]
    assert not found, found
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url


def sign_in(page: Page, url: str, login: str, password: str, secret: str | None = None, code_at: int = 0) -> None:
    """Through the pages of the sign-in."""
    page.goto(f"{url}/staff/sign-in")
    page.get_by_label("サインイン名").fill(login)
    page.get_by_label("パスワード").fill(password)
    page.get_by_role("button", name="サインイン").click()
    if secret is not None:
        page.get_by_label("認証アプリの6桁の数字").fill(pyotp.TOTP(secret).at(code_at))
        page.get_by_role("button", name="確認", exact=True).click()
