"""A LINE and a bot for every test, on both databases; what the bot sent is checked against LINE's own OpenAPI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from line_openapi import wrong_bodies
from road import Bot

from bot.simulator import SimulatorServer


@pytest.fixture
def sim() -> Iterator[SimulatorServer]:
    with SimulatorServer(seed=7) as server:
        yield server
        assert wrong_bodies(server) == []


@pytest.fixture
def bot(sim: SimulatorServer, database_url: str, tmp_path: Path) -> Iterator[Bot]:
    with Bot(sim, database_url, tmp_path) as running:
        yield running
