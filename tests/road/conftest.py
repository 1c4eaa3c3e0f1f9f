"""A LINE and a bot for every test, on both databases; what the bot sent is checked against LINE's own OpenAPI."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from road import Bot

from bot.simulator import SimulatorServer

OPENAPI = Path(__file__).resolve().parents[2].parent / "shared" / "line-openapi" / "validate.py"


def load_openapi() -> ModuleType | None:
    """The strict validator beside the repository, or None in a clone that stands alone."""
    if not OPENAPI.exists():
        return None
    spec = importlib.util.spec_from_file_location("line_openapi", OPENAPI)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wrong_bodies(sim: SimulatorServer) -> list[str]:
    """What LINE's OpenAPI says against the bodies the bot sent; nothing where the files are absent."""
    openapi = load_openapi()
    if openapi is None:
        return []
    found: list[str] = []
    for request in sim.requests():
        name = openapi.request_schema(
            openapi.load(), request.method.lower(), request.path.removeprefix("/simulator/line")
        )
        if name is not None:
            body = json.loads(request.body) if isinstance(request.body, str | bytes) else request.body
            found += openapi.errors(openapi.load(), name, body)
    return found


@pytest.fixture
def sim() -> Iterator[SimulatorServer]:
    with SimulatorServer(seed=7) as server:
        yield server
        assert wrong_bodies(server) == []


@pytest.fixture
def bot(sim: SimulatorServer, database_url: str, tmp_path: Path) -> Iterator[Bot]:
    with Bot(sim, database_url, tmp_path) as running:
        yield running
