"""One message can be followed through the log by opaque ids, from LINE's webhook to what LINE took."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from road import Bot
from sqlalchemy import select

from bot import log
from bot.simulator import FaultKind, SimulatorServer
from config.settings import JobEngineName, LogFormat
from storage.tables import InboxEvent, OutboxMessage


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers, root.level
    log.configure(LogFormat.JSON, stream)
    yield stream
    root.handlers, root.level = handlers, level


def lines(stream: io.StringIO, event: str, **parts: Any) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in stream.getvalue().splitlines() if line.startswith("{")]
    return [line for line in found if line["event"] == event and parts.items() <= line.items()]


@pytest.mark.parametrize("engine", list(JobEngineName))
def test_from_the_event_over_its_turn_to_each_try_of_its_letter(
    sim: SimulatorServer, database_url: str, tmp_path: Path, logged: io.StringIO, engine: JobEngineName
) -> None:
    if engine is JobEngineName.PROCRASTINATE and database_url.startswith("sqlite"):
        pytest.skip("several processes share PostgreSQL only")
    with Bot(sim, database_url, tmp_path, job_engine=engine) as bot:
        resident = sim.resident()
        resident.follow()
        bot.wait_until_sent()
        sim.fail_next(FaultKind.RATE_LIMIT)
        resident.say("眠れません")
        bot.wait_until_sent()
        (event,) = bot.rows(select(InboxEvent).order_by(InboxEvent.id.desc()).limit(1))
        (letter,) = bot.rows(select(OutboxMessage.id).where(OutboxMessage.turn_id == event.turn_id))
    (taken,) = [line for line in lines(logged, "intake.stored") if str(event.id) in line["event_rows"]]
    (turn,) = [line for line in lines(logged, "turn.done") if str(event.id) in line["event_rows"]]
    tries = lines(logged, "letter.attempted", turn=turn["turn"])
    assert taken["timestamp"] <= turn["timestamp"] <= tries[0]["timestamp"]
    assert {line["letter"] for line in tries} == {str(letter.id)}
    assert [line["state"] for line in tries] == ["waiting", "sent"]
