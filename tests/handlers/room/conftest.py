"""One whole program for the tests of the room's pages, on SQLite; its statements are tried on both databases in
tests/storage and tests/road.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from guest import Guest
from road import Bot

from bot.simulator import SimulatorServer


@pytest.fixture(scope="session")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A running program whose rooms many tests share; each test has guests of its own."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(sqlite_template, folder / "house.db")
    url = f"sqlite+aiosqlite:///{folder}/house.db"
    with SimulatorServer(seed=7) as sim, Bot(sim, url, folder, trusted_proxies=("127.0.0.1",)) as bot:
        yield bot
        assert sim.requests() == []


@pytest.fixture
def guest(house: Bot) -> Guest:
    """Somebody in a room of their own."""
    return Guest(house)
