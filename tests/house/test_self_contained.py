"""The repository stands alone: no registry address, no path of one machine, every package pinned by hash."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = re.compile(
    "|".join(
        [
            r"--(extra-)?index" + "-url",
            r"https?://\S+/sim" + r"ple\b",
            re.escape(str(ROOT)),
            r"(?<![\w/])/ro" + "ot/",
            r"(?<![\w/])/ho" + "me/",
        ]
    )
)


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout: nothing tells which files belong to the project")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_file_names_a_registry_or_a_path_of_this_machine() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if (match := FORBIDDEN.search(text)) and path.name != Path(__file__).name:
            # uv's own option is part of the target that makes the lock.
            if path.name == "Makefile" and match[0] == "--index" + "-url":
                continue
            found.append(f"{path.relative_to(ROOT)}: {match[0]}")
    assert found == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-build.lock"])
def test_every_package_is_pinned_with_hashes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    pinned = re.findall(
        r"^([a-zA-Z0-9_.\[\]-]+)==\S+(?: ; [^\\\n]*)? \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE
    )
    named = re.findall(r"^([a-zA-Z0-9_.\[\]-]+)\s*[=<>@~]", text, re.MULTILINE)
    assert pinned
    assert sorted(pinned) == sorted(named)
