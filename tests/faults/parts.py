"""Several processes of the program over one PostgreSQL, each real: started, killed, stopped, and what they left."""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from road import KEY
from sqlalchemy import Select, select

from benchmarks.nursery import Child, Nursery
from bot.engines.wakes import open_jobs
from bot.simulator import SimulatorServer
from storage.database import Database
from storage.tables import InboxEvent, InboxState, OutboxMessage, OutboxState

SCRIPT = Path(__file__).with_name("run_part.py")


@dataclass
class Part:
    """One process. `kind` is what `run_part.py` is told."""

    kind: str
    process: Child
    log: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/line/default/webhook"

    def wait_until_ready(self) -> None:
        line = self.process.stdout.readline()
        assert "います" in line, self.log.read_text(encoding="utf-8")[-2000:]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(45)

    def stop(self) -> int:
        """Asked to stop: the exit code."""
        self.process.terminate()
        return self.process.wait(45)


@dataclass
class Parts:
    """`with Parts(nursery, sim, url, folder) as parts:` — all that still run at the end are killed."""

    nursery: Nursery
    sim: SimulatorServer
    database_url: str
    folder: Path
    more: dict[str, str] = field(default_factory=dict)
    running: list[Part] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for part in self.running:
            if part.process.poll() is None:
                part.kill()

    def begin(self, kind: str) -> Part:
        """Start one; it may not be ready yet."""
        number, port = len(self.running), free_port()
        folder = self.folder / f"{kind}-{number}"
        folder.mkdir(parents=True)
        environment = {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "PYTHONIOENCODING": "utf-8",
            "LINE_CHANNEL_SECRET": self.sim.secret,
            "LINE_CHANNEL_ACCESS_TOKEN": self.sim.token,
            "LINE_API_URL": self.sim.api_url,
            "DATABASE_URL": self.database_url,
            "DATA_KEY": KEY,
            "JOB_ENGINE": "procrastinate",
            "DATA_DIR": str(folder),
            "PORT": str(port),
            "LOG_FORMAT": "json",
            **self.more,
        }
        log = folder / "log"
        process = self.nursery.bear(SCRIPT, kind, environment=environment, log=log)
        part = Part(kind, process, log, port)
        self.running.append(part)
        return part

    def start(self, *kinds: str) -> list[Part]:
        """Start some at the same time, and wait for them."""
        parts = [self.begin(kind) for kind in kinds]
        for part in parts:
            part.wait_until_ready()
        return parts

    def logged(self, event: str) -> int:
        """How often the processes wrote of an event."""
        return sum(part.log.read_text(encoding="utf-8").count(f'"event": "{event}"') for part in self.running)

    def rows(self, query: Select[Any]) -> list[Any]:
        """What the database says."""
        return asyncio.run(_rows(self.database_url, query))

    def open_jobs(self) -> int:
        return asyncio.run(_open_jobs(self.database_url))

    def wait_until_nothing_is_open(self, within: float = 90) -> None:
        """What the dead had in hand is found once their heart has been still for `DEAD_AFTER_SECONDS`."""
        asyncio.run(asyncio.wait_for(_none_open(self.database_url), within))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


async def _rows(url: str, query: Select[Any]) -> list[Any]:
    database = Database(url)
    async with database.read() as connection:
        found = list((await connection.execute(query)).all())
    await database.close()
    return found


async def _open_jobs(url: str) -> int:
    database = Database(url)
    async with database.read() as connection:
        found = await open_jobs(connection)
    await database.close()
    return found


async def _none_open(url: str) -> None:
    """The database tells nobody that its last job is done."""
    while await _open_jobs(url):
        await asyncio.sleep(0.1)


def everybody_is_answered(sim: SimulatorServer, residents: list[Any], *, within: float) -> None:
    """Everybody says one thing more and gets its answer; then all that came before has been done, too."""
    before = [len(resident.bubbles) for resident in residents]
    for resident in residents:
        resident.say("おわりの言葉です")
    for resident, count in zip(residents, before, strict=True):
        resident.wait_for(lambda r=resident, c=count: len(r.bubbles) > c and bool(r.since_last_act()), timeout=within)
    sim.wait_until_delivered()


@dataclass(frozen=True)
class Count:
    """What became of everything: events acknowledged, answers sent, and those that may have been said twice."""

    acknowledged: int
    sent: int
    accepted: int
    maybe_doubled: int


def counted(parts: Parts) -> Count:
    """Nothing was lost, nothing was answered twice without being counted; or the test fails here."""
    sim = parts.sim
    deliveries = [d for d in sim.platform.webhook.deliveries if d.status == 200]
    acks = {event["webhookEventId"] for delivery in deliveries for event in delivery.events}
    events = parts.rows(select(InboxEvent.event_id, InboxEvent.state, InboxEvent.turn_id))
    letters = parts.rows(
        select(OutboxMessage.turn_id, OutboxMessage.state, OutboxMessage.maybe_doubled, OutboxMessage.leased_by)
    )
    assert acks <= {event.event_id for event in events}
    assert {event.state for event in events} == {InboxState.DONE}
    assert all(event.turn_id is not None for event in events)
    assert max(Counter(letter.turn_id for letter in letters).values()) == 1
    assert {letter.state for letter in letters} <= {OutboxState.SENT, OutboxState.MERGED}
    assert {letter.leased_by for letter in letters} == {None}
    sent = [letter for letter in letters if letter.state is OutboxState.SENT]
    accepted = sum(request.accepted for request in sim.requests("/reply") + sim.requests("/push"))
    doubled = sum(letter.maybe_doubled for letter in sent)
    assert len(sent) <= accepted <= len(sent) + doubled
    return Count(acknowledged=len(acks), sent=len(sent), accepted=accepted, maybe_doubled=doubled)
