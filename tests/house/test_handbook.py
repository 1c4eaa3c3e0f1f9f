"""The operator's handbook (docs/運用) says only what is so: every command runs, every named screen and setting exists.

A page's commands are run one after the other, as somebody at the machine types them, in a folder that stands for it:
an SQLite desk in real mode beside a simulated LINE and a mail server. What needs systemd or Docker is held against the
units and the compose file. What the handbook says is tried in tests/house/test_handbook_words.py.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from post_office import Mailbox
from typer.testing import CliRunner

from bot.cli import command_line
from bot.mode import DEFAULT_DESK
from bot.simulator import SimulatorServer
from casework.standing import Terms
from casework.workdays import Workdays
from config.content import load_content
from handlers.staff.doing import Brought, open_by_hand
from storage import staff
from storage.case_acts import By
from storage.case_tables import Source
from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring
from storage.vault import SealingKey

ROOT = Path(__file__).resolve().parents[2]
HANDBOOK = ROOT / "docs" / "運用"
PAGES = sorted(path.name for path in HANDBOOK.glob("[0-9]*.md"))
COMMANDS = typer.main.get_command(command_line())
UNITS = {path.name for path in (ROOT / "deploy" / "systemd").iterdir()}

KEY = base64.b64encode(b"k" * 32).decode()
SITE = "https://soudan.example.jp"
#: Where things lie on the machine of the handbook, and where in the folder that stands for it.
PLACES = {
    "/var/lib/private/tsunagu": "data",
    "/var/lib/tsunagu": "data",
    "/etc/tsunagu": "etc",
    "/etc/systemd/system": "units",
    "/usr/local/bin": "bin",
    "/opt/tsunagu": "opt",
    "/mnt": "mnt",
}
#: Not run here: they do not end, or make a whole town (tests/bot/test_demo.py).
ONLY_LOOKED_AT = {"serve", "worker", "demo"}
#: The folder is a machine of its own, on which nothing has run, below this heading.
ON_ANOTHER_MACHINE = "戻す練習"


def words_of(page: str) -> str:
    return (HANDBOOK / page).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Line:
    """One typed line, and the heading above it."""

    heading: str
    command: str


def typed(page: str) -> list[Line]:
    found, heading, fence = [], "", ""
    for line in words_of(page).splitlines():
        if line.startswith("```"):
            fence = "" if fence else line.removeprefix("```")
            assert fence in {"", "console", "ini", "caddy", "yaml"}, f"{page}: {line}"
        elif line.startswith("#") and not fence:
            heading = line.lstrip("# ")
        elif fence == "console":
            assert line.startswith("$ "), f"{page}: a command begins with $: {line}"
            found.append(Line(heading, line.removeprefix("$ ")))
    return found


def known(arguments: list[str]) -> None:
    """The command exists, and each option of it. (Typer answers with click's classes or with its own copy of them.)"""
    command: Any = COMMANDS
    rest = list(arguments)
    while below := getattr(command, "commands", None):
        assert rest, f"{arguments}: a command is missing"
        assert rest[0] in below, f"{arguments}: there is no command {rest[0]}"
        command = below[rest.pop(0)]
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    for word in rest:
        if word.startswith("-"):
            assert word.split("=")[0] in options, f"{arguments}: there is no option {word}"


@dataclass
class Machine:
    """A folder that stands for the machine of the handbook."""

    root: Path
    settings: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        data = self.root / "data"
        return {**self.settings, "DATABASE_URL": f"sqlite+aiosqlite:///{data / 'tsunagu.db'}", "DATA_DIR": str(data)}

    def place(self, word: str) -> str:
        """The same place in the folder; words that are no path stay."""
        for there, here in PLACES.items():
            if word == there or word.startswith(f"{there}/"):
                return str(self.root / here) + word.removeprefix(there)
        assert not word.startswith("/"), f"{word}: the handbook knows no such place"
        return word

    def newest(self, word: str) -> str:
        """The backup that was made a moment ago, for the one that is named in the page."""
        path = Path(self.place(word))
        if re.fullmatch(r"tsunagu-\d{8}T\d{6}Z\.sealed", path.name):
            return str(max(path.parent.glob("tsunagu-*.sealed")))
        return str(path) if word.startswith("/") else word

    def run(self, line: str) -> None:
        before, bar, last = line.rpartition(" | ")
        asked, arrow, target = last.partition(" > ")
        words = shlex.split(asked)
        given = shlex.split(before)[1] + "\n" if bar else "/おわり\n" if words[1] == "talk" else None
        known(words[1:])
        if words[1] in ONLY_LOOKED_AT:
            return
        arguments = [self.newest(word) for word in words[1:]]
        result = CliRunner().invoke(command_line(), arguments, env=self.environment, input=given)
        assert result.exit_code == 0, f"{line}\n{result.output}"
        if arrow:
            Path(self.place(target)).write_text(result.stdout, encoding="utf-8")

    def shell(self, line: str) -> None:
        """What has nothing to do with the program, by the real shell, in this folder only."""
        words = [
            self.place(word) if not word.startswith("--reference=") else self.reference(word) for word in line.split()
        ]
        done = subprocess.run(["/bin/sh", "-c", " ".join(words)], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stderr}"

    def reference(self, word: str) -> str:
        name, _, path = word.partition("=")
        return f"{name}={self.place(path)}"


def in_the_house(machine: Machine, words: list[str], line: str) -> bool:
    """Lines that are held against the files of the repository. False for others."""
    head = words[0]
    if head == "make":
        targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert targets is not None
        assert set(words[1:]) <= set(targets[1].split()), line
    elif head == "sh":
        script = (ROOT / words[1]).read_text(encoding="utf-8")
        assert f"\n{words[2]})" in script, f"{line}: the script has no such step"
        assert words[3] == "/opt/tsunagu", line
    elif head == "systemctl":
        verbs = {"start", "stop", "restart", "status", "enable", "disable", "daemon-reload", "list-timers", "reload"}
        assert words[1] in verbs, line
        assert {word for word in words[2:] if word != "--now"} <= UNITS, line
    elif head == "journalctl":
        assert words[words.index("--unit") + 1] in UNITS, line
    elif head == "docker":
        composed(words, line)
    else:
        return False
    assert machine.root.exists()
    return True


def composed(words: list[str], line: str) -> None:
    services = set(yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"])
    assert words[1] == "compose", line
    verb, rest = words[2], words[3:]
    assert verb in {"up", "run", "ps", "logs", "restart", "build"}, line
    plain: list[str] = []
    for before, word in zip(["", *rest], rest, strict=False):
        of_docker = word.startswith("--") or before in {"--volume", "--since"}
        if not of_docker or (verb == "run" and plain):
            plain.append(word)
    if verb == "run":
        assert plain[0] in services, line
        known(plain[1:] or ["migrate"])
    else:
        assert set(plain) <= services, line


@pytest.fixture(scope="module")
def line_and_mail() -> Iterator[dict[str, str]]:
    """A simulated LINE whose account is set up as page 02 says, and a server that takes mail."""
    with SimulatorServer(seed=7, webhook_url=f"{SITE}/line/{DEFAULT_DESK}/webhook") as line, Mailbox() as box:
        yield {
            "LINE_CHANNEL_SECRET": line.secret,
            "LINE_CHANNEL_ACCESS_TOKEN": line.token,
            "LINE_API_URL": line.api_url,
            "DATA_KEY": KEY,
            "PUBLIC_URL": SITE,
            "SMTP_URL": box.url,
            "MAIL_FROM": "つなぐ <tsunagu@example.jp>",
        }


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with two cases, of which the first is 2026-0001, and somebody called yamada."""
    path = tmp_path_factory.mktemp("desk") / "tsunagu.db"
    shutil.copyfile(sqlite_template, path)
    settings = {"DATABASE_URL": f"sqlite+aiosqlite:///{path}", "DATA_DIR": str(path.parent)}
    line = {"LINE_CHANNEL_SECRET": "s", "LINE_CHANNEL_ACCESS_TOKEN": "t", "DATA_KEY": KEY}
    added = CliRunner().invoke(
        command_line(), ["staff", "add", "yamada", "--role", "supervisor"], env={**settings, **line}
    )
    assert added.exit_code == 0, added.output

    async def open_two() -> None:
        database, now = Database(settings["DATABASE_URL"]), datetime(2026, 11, 26, 1, tzinfo=UTC)
        keyring = await Keyring.open(database, [SealingKey(b"k" * 32)], now=now, new_id=new_id)
        async with database.write() as connection:
            yamada = await staff.by_login(connection, "yamada")
            assert yamada is not None
            by = By(staff_id=yamada.id, at=now, new_id=new_id)
            terms = Terms(urgent_within=timedelta(minutes=30), workdays=Workdays.of(load_content().desk))
            for _ in range(2):
                brought = Brought(source=Source.PHONE, area=None, body="電話で聞いたこと", categories=())
                await open_by_hand(connection, keyring, DEFAULT_DESK, by, brought, terms)
        await database.close()

    asyncio.run(open_two())
    return path


def several_desks(machine: Machine, text: str) -> None:
    """Where a page writes a list of desks, it lies on the machine, and LINE's secrets stand where the list says."""
    (machine.root / "etc" / "desks.yaml").write_text(text, encoding="utf-8")
    given = machine.settings
    secret, token = given["LINE_CHANNEL_SECRET"], given["LINE_CHANNEL_ACCESS_TOKEN"]
    # The last desk is the account of the simulated LINE: no two desks may be one account.
    named = {name: f"another-{name}" for name in re.findall(r"_env: (\w+)", text)}
    *_, last_secret, last_token = named
    named |= {last_secret: secret, last_token: token}
    kept = {name: value for name, value in given.items() if not name.startswith("LINE_CHANNEL_")}
    machine.settings = {**kept, **named, "DESKS_FILE": str(machine.root / "etc" / "desks.yaml")}


def machine_at(root: Path, settings: dict[str, str], desk: Path | None) -> Machine:
    for place in {*PLACES.values(), "mnt/tsunagu-backup", "mnt/tsunagu-keys"}:
        (root / place).mkdir(parents=True, exist_ok=True)
    (root / "mnt" / "tsunagu-keys" / "escrow.txt").write_text(KEY, encoding="utf-8")
    if desk is not None:
        shutil.copyfile(desk, root / "data" / "tsunagu.db")
    return Machine(root, settings)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_page_runs(page: str, line_and_mail: dict[str, str], desk: Path, tmp_path: Path) -> None:
    here = machine_at(tmp_path / "here", line_and_mail, desk)
    other = machine_at(tmp_path / "other", line_and_mail, None)
    for block in re.findall(r"```yaml\n(.*?)```", words_of(page), re.DOTALL):
        several_desks(here, block)
    for line in typed(page):
        machine = here
        if line.heading.startswith(ON_ANOTHER_MACHINE):
            # The two disks were carried over.
            shutil.copytree(here.root / "mnt", other.root / "mnt", dirs_exist_ok=True)
            machine = other
        words = line.command.replace("| tsunagu", "").split()
        if words[0] in {"tsunagu", "/opt/tsunagu/bin/tsunagu", ".venv/bin/tsunagu", "echo"}:
            machine.run(line.command)
        elif not in_the_house(machine, words, line.command):
            assert words[0] in {"install", "mkdir", "chmod", "chown", "cp", "mv", "rm"}, line.command
            machine.shell(line.command)


#: What systemd does with the options of deploy/by-hand.sh, as far as a command of the program can tell.
STAND_IN = """#!/bin/sh
set -eu
credentials=$(mktemp -d)
while [ $# -gt 0 ]; do
    case $1 in
    --setenv=*) export "${1#--setenv=}" ;;
    --property=LoadCredential=*)
        pair=${1#--property=LoadCredential=}
        cp "${pair#*:}" "$credentials/${pair%%:*}" ;;
    --property=EnvironmentFile=*)
        while IFS= read -r pair; do export "$pair"; done < "${1#--property=EnvironmentFile=}" ;;
    --*) ;;
    *) break ;;
    esac
    shift
done
CREDENTIALS_DIRECTORY=$credentials exec "$@"
"""


def test_a_command_by_hand_has_the_settings_and_the_secrets_of_the_service(desk: Path, tmp_path: Path) -> None:
    here = machine_at(tmp_path / "here", {}, desk)
    secrets = here.root / "etc" / "secrets"
    secrets.mkdir()
    for name, value in {"data_key": KEY, "line_channel_secret": "s", "line_channel_access_token": "t"}.items():
        (secrets / name).write_text(f"{value}\n", encoding="utf-8")
    (here.root / "etc" / "tsunagu.env").write_text(f"PUBLIC_URL={SITE}\n", encoding="utf-8")
    script = (ROOT / "deploy" / "by-hand.sh").read_text(encoding="utf-8")
    for there, place in (("/etc/tsunagu", "etc"), ("/var/lib/tsunagu", "data")):
        script = script.replace(there, str(here.root / place))
    script = script.replace("/opt/tsunagu/bin/tsunagu", shutil.which("tsunagu", path=Path(sys.executable).parent) or "")
    (here.root / "bin" / "by-hand.sh").write_text(script, encoding="utf-8")
    (here.root / "bin" / "systemd-run").write_text(STAND_IN, encoding="utf-8")
    (here.root / "bin" / "systemd-run").chmod(0o755)
    said = subprocess.run(
        ["/bin/sh", str(here.root / "bin" / "by-hand.sh"), "staff", "list"],
        env={"PATH": f"{here.root / 'bin'}:/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert "yamada" in said.stdout


def test_a_command_by_hand_has_the_rights_of_the_service() -> None:
    """Else a file of the database would belong to somebody whom the service is not."""
    unit = (ROOT / "deploy" / "systemd" / "tsunagu.service").read_text(encoding="utf-8").splitlines()
    script = (ROOT / "deploy" / "by-hand.sh").read_text(encoding="utf-8").replace("$secrets", "/etc/tsunagu/secrets")
    asked = set(re.findall(r"--property=(\S+)", script))
    shared = ("DynamicUser", "User", "StateDirectory", "StateDirectoryMode", "WorkingDirectory", "EnvironmentFile")
    for line in unit:
        if line.split("=")[0] in (*shared, "LoadCredential", "LimitCORE", "UMask"):
            assert line in asked, line
    placed = next(line for line in unit if line.startswith("Environment=DATA_DIR="))
    assert set(re.findall(r"--setenv=(\S+)", script)) == set(placed.removeprefix("Environment=").split()[:2])


def test_the_words_of_the_practice_night_raise_an_alarm(line_and_mail: dict[str, str], tmp_path: Path) -> None:
    """Else a desk would practise, nobody would be called, and nobody would know why."""
    (words,) = re.findall(r"「(練習です。[^」]+)」", words_of("05-開設前の点検表.md"))
    environment = machine_at(tmp_path, line_and_mail, None).environment
    said = CliRunner().invoke(command_line(), ["assess"], env=environment, input=json.dumps({"text": words}) + "\n")
    assert json.loads(said.stdout)["risk"]["level"] == "urgent"
