"""What tests of the program as a whole share: a town that is lived through once, by whichever worker needs it first."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database file of the demo's town; nobody writes into it."""
    from town_cast import made  # the program is only loaded where a town is needed

    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared-town"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            made(folder)
            (folder / "made").touch()
    return folder / "tsunagu.db"
