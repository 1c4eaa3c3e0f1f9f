"""The simulator pointed at a bot that only listens, and the real SDK pointed at the simulator."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import ModuleType

import line_openapi
import pytest
from simulator_cast import ListeningBot, Sdk, SettableClock

from bot.simulator import Platform, PlatformSettings, SimulatorServer


@pytest.fixture
def bot() -> Iterator[ListeningBot]:
    listening = ListeningBot()
    thread = threading.Thread(target=listening.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield listening
    listening.server.shutdown()
    listening.server.server_close()
    thread.join()


@pytest.fixture
def sim(bot: ListeningBot) -> Iterator[SimulatorServer]:
    with SimulatorServer(webhook_url=bot.url, seed=7) as server:
        yield server


@pytest.fixture
def sdk(sim: SimulatorServer) -> Sdk:
    return Sdk(sim.api_url, sim.token)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def platform(clock: SettableClock) -> Platform:
    """The platform alone, without any network."""
    return Platform(PlatformSettings(channel_secret="s", access_token="t"), clock=clock, seed=1)


@pytest.fixture(scope="session")
def openapi() -> ModuleType:
    """LINE's own OpenAPI files, where the folder beside the repository has them."""
    return line_openapi.openapi() or pytest.skip(line_openapi.ABSENT)
