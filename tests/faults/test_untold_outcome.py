"""LINE has taken an answer, and the database cannot be told: what LINE said is kept, and nothing is said twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from proxy import Proxy
from road import Bot
from sqlalchemy import select

from bot.mode import DEFAULT_DESK
from bot.simulator import SimulatorServer
from config.settings import JobEngineName
from handlers.line.client import LineClient
from handlers.line.delivery_rules import Answer
from storage.tables import OutboxMessage, OutboxState


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[Proxy]:
    with Proxy(postgres_url) as made:
        yield made


class LastWord(LineClient):
    """A client after whose first reply the database is gone."""

    def __init__(self, sim: SimulatorServer, proxy: Proxy) -> None:
        super().__init__(access_token=sim.token, host=sim.api_url)
        self._proxy = proxy
        self.replied = threading.Event()

    async def reply(self, token: str, messages: Sequence[dict[str, Any]]) -> Answer:
        answer = await super().reply(token, messages)
        if not self.replied.is_set():
            self._proxy.close()
            self.replied.set()
        return answer


@pytest.mark.parametrize("engine", list(JobEngineName))
def test_a_reply_whose_outcome_could_not_be_stored_is_stored_later_and_not_said_again(
    sim: SimulatorServer, proxy: Proxy, tmp_path: Path, engine: JobEngineName
) -> None:
    with Bot(sim, proxy.url, tmp_path, job_engine=engine) as bot:

        async def given() -> LastWord:
            client = LastWord(sim, proxy)
            await bot.program.installation.clients[DEFAULT_DESK].close()
            bot.program.installation.clients.become({DEFAULT_DESK: client})
            return client

        client = bot.run(given)
        resident = sim.resident()
        resident.say("眠れません")
        assert client.replied.wait(60)
        # Until that delivery has failed. Its jobs cannot be asked after while the database is away.
        bot.run(getattr(bot.program.engine, "_local", bot.program.engine).rest)
        proxy.open()
        resident.say("おわりの言葉です")
        resident.wait_for(lambda: len(resident.bubbles) >= 2 and bool(resident.since_last_act()), timeout=60)
        bot.sweep()
        bot.wait_until_sent()
        letters = bot.rows(select(OutboxMessage.state, OutboxMessage.sent_by, OutboxMessage.maybe_doubled))
    assert {tuple(letter) for letter in letters} == {(OutboxState.SENT, "reply", False)}
    assert sim.requests("/push") == []
    assert sum(request.accepted for request in sim.requests("/reply")) == len(letters)
