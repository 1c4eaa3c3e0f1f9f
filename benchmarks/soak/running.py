"""One run: processes come and go while residents write; afterwards everything is counted."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks.nursery import Child, Nursery
from benchmarks.postgres import Restart
from benchmarks.processes import STOP_WITHIN, environment, free_port, wait_until_ready
from benchmarks.soak.line import MoodyLine
from benchmarks.soak.load import Load, Temper
from benchmarks.soak.reckoning import EventRow, LetterRow, Reckoning, reckon
from benchmarks.soak.troubles import Trouble, troubles
from storage.database import Database
from storage.tables import InboxEvent, InboxState, OutboxMessage, OutboxState

SCRIPT = Path(__file__).with_name("part.py")
#: Residents write no faster than this many events wait.
BACKLOG = 1500
LOOK_EVERY = 1.0
RESTARTS = {Trouble.RESTART_FAST: Restart.FAST, Trouble.RESTART_IMMEDIATE: Restart.IMMEDIATE}
#: Until everything must have been worked off after the last fault.
PATIENCE = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How much of everything. `minutes` ends the writing early."""

    events: int
    kills: int
    residents: int
    per_second: float
    minutes: float
    restarts: int = 0
    pause_ms: int = 2000
    lease_seconds: int = 20
    longest_delay: float = 40.0
    seed: int = 20261126


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a run came to. `emptied_after`: seconds from the last event and the last kill until nothing waited."""

    reckoning: Reckoning
    counts: dict[str, Any]
    emptied_after: float
    stopped_well: bool

    @property
    def wrong(self) -> dict[str, Any]:
        """Nothing, when all is well."""
        more = {} if self.stopped_well else {"stopped_well": False}
        return {**self.reckoning.wrong, **more}

    def to_json(self) -> dict[str, Any]:
        return {
            **self.counts,
            **self.reckoning.to_json(),
            "emptied_after_seconds": round(self.emptied_after, 1),
            "stopped_well": self.stopped_well,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One process."""

    kind: str
    process: Child
    port: int


@dataclass
class Parts:
    """The processes of one database. `start`, `kill` and `stop` block; call them from a thread."""

    nursery: Nursery
    folder: Path
    size: Size
    line_url: str
    settings: dict[str, str]
    running: list[Part] = field(default_factory=list)
    _started: int = 0

    @property
    def ports(self) -> list[int]:
        return [part.port for part in self.running if part.kind == "serve"]

    def start(self, kind: str) -> None:
        """Begin one, and wait until it is ready."""
        self._started += 1
        port = free_port()
        folder = self.folder / f"{kind}-{self._started}"
        folder.mkdir(parents=True)
        log = folder / "log"
        given = (kind, str(self.size.pause_ms), str(self.size.lease_seconds))
        settings = {**environment(folder, port, self.line_url), **self.settings}
        process = self.nursery.bear(SCRIPT, *given, environment=settings, log=log)
        # From now: the first has waited for the dictionary, too.
        begin = time.monotonic()
        address = f"http://127.0.0.1:{port}/readyz"
        wait_until_ready(address, lambda: process.poll() is None, begin=begin, log=log, within=PATIENCE)
        self.running.append(Part(kind=kind, process=process, port=port))

    def kill(self, position: int) -> str:
        """`kill -9`; which kind it was."""
        part = self.running.pop(position)
        part.process.kill()
        part.process.wait(STOP_WITHIN)
        return part.kind

    def retire(self, position: int) -> bool:
        """Ask one to stop, as a deploy does; whether it ended by itself."""
        part = self.running.pop(position)
        part.process.terminate()
        return part.process.wait(4 * STOP_WITHIN) == 0

    def stop(self) -> bool:
        """Ask all to stop; whether each ended by itself, with nothing given up."""
        for part in self.running:
            part.process.terminate()
        ended = [part.process.wait(4 * STOP_WITHIN) == 0 for part in self.running]
        return all(ended) and self.logged("engine.stopped") >= len(self.running)

    def logged(self, event: str) -> int:
        """In how many lines the processes wrote of an event."""
        wanted = f'"event": "{event}"'
        return sum(log.read_text("utf-8", "replace").count(wanted) for log in self.folder.glob("*/log"))


class Run:
    """Residents, LINE, processes, their database, and the hand that kills them."""

    def __init__(
        self,
        *,
        nursery: Nursery,
        size: Size,
        url: str,
        folder: Path,
        kinds: Sequence[str],
        restart_database: Callable[[Restart], None] | None = None,
        say: bool = False,
    ) -> None:
        self._nursery = nursery
        self._size = size
        self._database = Database(url)
        self._folder = folder
        self._kinds = kinds
        self._url = url
        self._say = say
        self._chance = random.Random(size.seed)
        self._line = MoodyLine(random.Random(size.seed + 1))
        self._killed: dict[str, int] = {}
        self._restart = restart_database
        self._restarted: dict[str, int] = {}
        self._database_is_there = asyncio.Lock()
        self._backlog = (0.0, 0)

    async def __call__(self) -> Report:
        async with self._line.listening() as port:
            several = len(self._kinds) > 1
            more = {"JOB_ENGINE": "procrastinate"} if several else {}
            settings = {"DATABASE_URL": self._url, "DATA_DIR": str(self._folder / "data"), **more}
            parts = Parts(self._nursery, self._folder, self._size, f"http://127.0.0.1:{port}", settings)
            try:
                return await self._run(parts)
            finally:
                await self._database.close()

    async def _run(self, parts: Parts) -> Report:
        for kind in self._kinds:
            await asyncio.to_thread(parts.start, kind)
        temper = Temper(longest_delay=self._size.longest_delay)
        load = Load(self._line, self._chance, self._size.residents, lambda: parts.ports, temper)
        begun = time.monotonic()
        until = begun + 60 * self._size.minutes
        killing = asyncio.create_task(self._trouble(parts, load))
        telling = asyncio.create_task(self._tell(load, begun))
        try:
            goal, pace = self._size.events, self._size.per_second
            sending = asyncio.create_task(load.send(goal=goal, per_second=pace, until=until, may_go=self._may_go))
            await asyncio.wait({sending, killing}, return_when=asyncio.FIRST_EXCEPTION)
            if killing.done() and killing.exception() is not None:
                # Nothing came back after a kill: without this the load would wait for it for ever.
                sending.cancel()
                killing.result()
            await sending
        finally:
            killing.cancel()
            await asyncio.gather(killing, return_exceptions=True)
            telling.cancel()
        wrote, calm = time.monotonic() - begun, time.monotonic()
        # A process whose start was interrupted is missing now.
        for kind in self._missing(parts):
            await asyncio.to_thread(parts.start, kind)
        while time.monotonic() < calm + PATIENCE and (await self._waiting())[1]:
            await asyncio.sleep(0.2)
        emptied_after = time.monotonic() - calm
        stopped = await asyncio.to_thread(parts.stop)
        reckoning = await self._reckon(load)
        return Report(
            reckoning=reckoning,
            counts=self._counts(parts, load, wrote),
            emptied_after=emptied_after,
            stopped_well=stopped,
        )

    def _missing(self, parts: Parts) -> list[str]:
        there = [part.kind for part in parts.running]
        missing = []
        for kind in self._kinds:
            if kind in there:
                there.remove(kind)
            else:
                missing.append(kind)
        return missing

    async def _trouble(self, parts: Parts, load: Load) -> None:
        size = self._size
        for goal, trouble in troubles(self._chance, events=size.events, kills=size.kills, restarts=size.restarts):
            while len(load.acknowledged) < goal:
                await asyncio.sleep(0.05 * self._chance.random())
            if trouble is Trouble.KILL:
                await self._kill(parts)
            else:
                await self._restart_database(RESTARTS[trouble])

    async def _kill(self, parts: Parts) -> None:
        kind = await asyncio.to_thread(parts.kill, self._chance.randrange(len(parts.running)))
        self._killed[kind] = self._killed.get(kind, 0) + 1
        await asyncio.to_thread(parts.start, kind)

    async def _restart_database(self, how: Restart) -> None:
        assert self._restart is not None, "there is no server to restart"
        # We do not look while it is away; the program is not told.
        async with self._database_is_there:
            await asyncio.to_thread(self._restart, how)
        self._restarted[how] = self._restarted.get(how, 0) + 1

    async def _may_go(self) -> bool:
        looked_at, waiting = self._backlog
        if time.monotonic() - looked_at > LOOK_EVERY:
            waiting, _ = await self._waiting()
            self._backlog = (time.monotonic(), waiting)
        return waiting < BACKLOG

    async def _waiting(self) -> tuple[int, int]:
        """Events that wait, and events and letters together."""
        inbox = select(func.count()).where(InboxEvent.state == InboxState.WAITING)
        outbox = select(func.count()).where(OutboxMessage.state == OutboxState.WAITING)
        async with self._database_is_there, self._database.read() as connection:
            events = (await connection.execute(inbox)).scalar_one()
            letters = (await connection.execute(outbox)).scalar_one()
        return events, events + letters

    async def _tell(self, load: Load, begun: float) -> None:
        while self._say:
            await asyncio.sleep(20)
            seconds = time.monotonic() - begun
            count = f"{len(load.acknowledged)} acknowledged, killed {self._killed}, restarted {self._restarted}"
            print(f"{seconds:.0f} s: {count}", flush=True)

    async def _reckon(self, load: Load) -> Reckoning:
        events = select(InboxEvent.event_id, InboxEvent.state, InboxEvent.turn_id)
        letter = OutboxMessage
        letters = select(letter.turn_id, letter.state, letter.retry_key, letter.maybe_doubled, letter.leased_by)
        async with self._database.read() as connection:
            event_rows = [
                EventRow(event_id=row.event_id, state=row.state.value, turn=str(row.turn_id) if row.turn_id else None)
                for row in await connection.execute(events)
            ]
            letter_rows = [
                LetterRow(
                    turn=str(row.turn_id) if row.turn_id else None,
                    state=row.state.value,
                    retry_key=str(row.retry_key),
                    maybe_doubled=row.maybe_doubled,
                    in_hand=row.leased_by is not None,
                )
                for row in await connection.execute(letters)
            ]
        return reckon(
            acknowledged=load.acknowledged,
            tokens=load.tokens,
            events=event_rows,
            letters=letter_rows,
            replies=self._line.replies,
            pushes=self._line.pushes,
        )

    def _counts(self, parts: Parts, load: Load, seconds: float) -> dict[str, Any]:
        return {
            "seconds": round(seconds),
            "processes": list(self._kinds),
            "killed": dict(self._killed),
            "kills": sum(self._killed.values()),
            "database_restarted": dict(self._restarted),
            "residents": self._size.residents,
            "requests_refused": load.refused,
            "requests_unanswered": load.unanswered,
            "requests_replayed": load.replays,
            "line": dict(self._line.moods),
            "spooled": parts.logged("intake.spooled"),
            "inherited": parts.logged("outbox.inherited"),
        }
