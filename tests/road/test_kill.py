"""`kill -9` at any moment: every acknowledged event is answered once, none is lost."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from road import KEY
from sqlalchemy import select

from benchmarks.nursery import Child, Nursery
from bot.simulator import SimulatorServer
from storage.database import Database
from storage.tables import InboxEvent, InboxState, OutboxMessage, OutboxState

#: The soak kills some two hundred times.
KILLS = {"sqlite": 6, "postgresql": 3}
RESIDENTS = 6
SERVER = Path(__file__).with_name("serve_for_kill.py")
WORDS = (
    "眠れません",
    "仕事をやめました",
    "母の介護のことで",
    "家賃が払えません",
    "子どもが学校へ行きません",
    "こんにちは",
)


@contextmanager
def server(
    nursery: Nursery, sim: SimulatorServer, database_url: str, folder: Path, port: int, **more: str
) -> Iterator[Child]:
    environment = {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "LINE_CHANNEL_SECRET": sim.secret,
        "LINE_CHANNEL_ACCESS_TOKEN": sim.token,
        "LINE_API_URL": sim.api_url,
        "DATABASE_URL": database_url,
        "DATA_KEY": KEY,
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "LOG_FORMAT": "json",
        **more,
    }
    log = folder / "server.log"
    process = nursery.bear(SERVER, environment=environment, log=log)
    try:
        assert "動いています" in process.stdout.readline(), log.read_text(encoding="utf-8")[-2000:]
        yield process
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def acknowledged(sim: SimulatorServer) -> set[str]:
    answered = [d for d in sim.platform.webhook.deliveries if d.status == 200]
    return {event["webhookEventId"] for delivery in answered for event in delivery.events}


async def rows(database_url: str, query) -> list:
    database = Database(database_url)
    async with database.read() as connection:
        found = list((await connection.execute(query)).all())
    await database.close()
    return found


def test_kill_at_any_moment_loses_nothing_and_doubles_nothing(
    nursery: Nursery, sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(20261121)
    kills = KILLS["sqlite" if database_url.startswith("sqlite") else "postgresql"]
    port = free_port()
    sim.webhook_url = f"http://127.0.0.1:{port}/line/default/webhook"
    residents = [sim.resident() for _ in range(RESIDENTS)]
    words = itertools.cycle(WORDS)
    for _ in range(kills):
        with server(nursery, sim, database_url, tmp_path, port) as process:
            for resident in residents:
                for _ in range(chance.randint(1, 3)):
                    resident.say(next(words))
            # Die somewhere on the road: after some acknowledgements, or in the middle of a reply.
            if chance.random() < 0.5:
                goal = len(sim.requests()) + chance.randint(1, RESIDENTS)
                sim.wait_for(lambda goal=goal: len(sim.requests()) >= goal)
            else:
                sim.wait_for(lambda: sim.platform.webhook.in_flight <= chance.randint(0, RESIDENTS))
            process.kill()
            process.wait()
            sim.wait_until_delivered()
    with server(nursery, sim, database_url, tmp_path, port) as process:
        finished = _last_words(sim, residents)
        process.terminate()
        process.wait(30)
    acks = acknowledged(sim)
    events = asyncio.run(rows(database_url, select(InboxEvent.event_id, InboxEvent.state, InboxEvent.turn_id)))
    letters = asyncio.run(
        rows(database_url, select(OutboxMessage.turn_id, OutboxMessage.state, OutboxMessage.maybe_doubled))
    )
    assert finished
    assert len(acks) > kills * RESIDENTS // 2
    assert acks <= {event.event_id for event in events}
    assert {event.state for event in events} == {InboxState.DONE}
    assert all(event.turn_id is not None for event in events)
    assert max(Counter(letter.turn_id for letter in letters).values()) == 1
    assert {letter.state for letter in letters} <= {OutboxState.SENT, OutboxState.MERGED}
    sent = [letter for letter in letters if letter.state is OutboxState.SENT]
    accepted = sum(request.accepted for request in sim.requests("/reply") + sim.requests("/push"))
    doubled = sum(letter.maybe_doubled for letter in sent)
    assert len(sent) <= accepted <= len(sent) + doubled
    print(f"{kills} kills, {len(acks)} events acknowledged, {len(sent)} answers, {accepted - len(sent)} doubled")


def _last_words(sim: SimulatorServer, residents: list) -> bool:
    """Everybody says one thing more and waits for its answer: then all that came before is done, too."""
    before = [len(resident.bubbles) for resident in residents]
    for resident in residents:
        resident.say("おわりの言葉です")
    for resident, count in zip(residents, before, strict=True):
        resident.wait_for(lambda r=resident, c=count: len(r.bubbles) > c and bool(r.since_last_act()), timeout=30)
    sim.wait_until_delivered()
    return True
