"""What is installed for good (image, units, alerts) says what it must; tests/bot/test_installed.py runs it."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import dockerfile
import pytest
import typer
import yaml

from bot.cli import command_line
from config.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SETTINGS = {name.upper() for name in Settings.model_fields}
COMMANDS = set(typer.main.get_command(command_line()).commands)  # type: ignore[attr-defined]


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return found


def test_the_image_has_two_stages_and_the_last_one_runs_nothing_and_is_nobody() -> None:
    lines = dockerfile.parse_file(str(ROOT / "Dockerfile"))
    stages = [place for place, line in enumerate(lines) if line.cmd.upper() == "FROM"]
    assert len(stages) == 2
    for place in stages:
        assert re.fullmatch(r"[a-z]+:[0-9].*", lines[place].value[0]), "a base image has a version"
    last = lines[stages[1] :]
    assert not [line for line in last if line.cmd.upper() in {"RUN", "ADD"}]
    (user,) = [line.value[0] for line in last if line.cmd.upper() == "USER"]
    assert int(user.split(":")[0]) > 0
    assert [line for line in last if line.cmd.upper() == "HEALTHCHECK"]


def test_the_image_is_built_by_the_script_that_is_tested_here_from_files_that_exist() -> None:
    lines = dockerfile.parse_file(str(ROOT / "Dockerfile"))
    runs = [line for line in lines if line.cmd.upper() == "RUN"]
    assert [line.value[:3] for line in runs] == [("sh", "deploy/install.sh", step) for step in ("packages", "program")]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    for line in lines:
        if line.cmd.upper() == "COPY" and not any(flag.startswith("--from") for flag in line.flags):
            for source in line.value[:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source}" in ignored, source


def test_each_container_of_ours_can_write_nothing_and_become_nobody_else() -> None:
    ours = {name: service for name, service in compose()["services"].items() if service.get("image") == "tsunagu"}
    assert set(ours) == {"migrate", "app", "worker"}
    for service in ours.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert service["command"][0] in COMMANDS
        names = {name.removesuffix("_FILE") for name in service["environment"]}
        assert names <= SETTINGS, names - SETTINGS
        for name, value in service["environment"].items():
            if name.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]


def test_only_the_proxy_is_reached_from_outside_and_every_secret_is_a_file() -> None:
    found = compose()
    published = {name for name, service in found["services"].items() if "ports" in service}
    assert published == {"caddy"}
    assert found["networks"]["inside"] == {"internal": True}
    assert found["services"]["db"]["networks"] == ["inside"]
    used = {secret for service in found["services"].values() for secret in service.get("secrets", [])}
    assert used == set(found["secrets"])
    assert all(set(secret) == {"file"} for secret in found["secrets"].values())
    assert "secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8")


def test_what_is_kept_while_the_database_is_away_outlives_every_container() -> None:
    found = compose()
    for name in ("app", "worker", "migrate"):
        assert found["services"][name]["volumes"] == ["data:/data"]
    assert "data" in found["volumes"]


def test_the_proxy_does_not_rest_on_questions_that_it_never_asks_of_servers_it_looks_up() -> None:
    proxy = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    assert "dynamic a" in proxy
    assert "health_uri" not in proxy
    assert "lb_try_duration" in proxy
    assert "fail_duration" in proxy


@pytest.mark.parametrize("unit", sorted(path.name for path in (DEPLOY / "systemd").glob("*.service")))
def test_each_unit_runs_a_command_that_exists_without_rights_and_leaves_no_dump(unit: str) -> None:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "systemd" / unit, encoding="utf-8")
    service = parser["Service"]
    assert service["ExecStart"].split()[1] in COMMANDS
    # A dump of the process would hold the key.
    assert service["LimitCORE"] == "0"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["DynamicUser"] == "yes"


def test_systemd_itself_finds_no_mistake_in_the_units() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine: nothing here can read units as systemd does")
    units = [str(path) for path in (DEPLOY / "systemd").iterdir()]
    said = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False).stderr
    wrong = [line for line in said.splitlines() if "tsunagu" in line and "is not executable" not in line]
    assert wrong == []


def test_an_alert_about_a_desk_says_which_one() -> None:
    rules = yaml.safe_load((DEPLOY / "alerts.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    by_desk = {"inbox_oldest", "outbox_oldest", "urgent_unanswered", "inbox_events", "quota_used", "desks_refused"}
    by_desk.add("staff_mails")
    said = [rule for rule in rules if any(f"tsunagu_{name}" in rule["expr"] for name in by_desk)]
    assert len(said) == len(by_desk)
    assert all("{{ $labels.desk }}" in rule["annotations"]["summary"] for rule in said)


def test_somebody_is_woken_when_no_process_answers_though_the_servers_take_everything_in() -> None:
    rules = yaml.safe_load((DEPLOY / "alerts.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    (rule,) = [rule for rule in rules if "tsunagu_processes_working" in rule["expr"]]
    assert (rule["expr"], rule["labels"]["severity"]) == ("tsunagu_processes_working == 0", "page")


def test_each_alert_asks_for_figures_that_the_program_has() -> None:
    rules = yaml.safe_load((DEPLOY / "alerts.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    known = (ROOT / "bot" / "metrics.py").read_text(encoding="utf-8")
    for rule in rules:
        assert rule["annotations"]["summary"]
        for name in re.findall(r"tsunagu_\w+", rule["expr"]):
            assert f'"{name.removesuffix("_total")}"' in known, name
