"""Wakes as jobs of Procrastinate: what a job says, how jobs are put down, and how those of the dead are found."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import procrastinate
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from psycopg import OperationalError
from sqlalchemy import ARRAY, TEXT, bindparam, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Connection
from storage.jobs import Conversation

log = structlog.get_logger(__name__)

QUEUE = "tsunagu"
TASK = "wake"
#: So many conversations ride in one job: fewer rows and notices than one each, and still workers can share them.
PER_JOB = 8
#: Jobs a worker has in hand at once. Each waits for its conversations, and those wait for room in the engine.
JOBS_AT_ONCE = 6
#: Without a notice from the database, jobs for later and those of a lost notice are looked for at this pace.
POLL_SECONDS = 1.0
BEAT_SECONDS = 5.0
DEAD_AFTER_SECONDS = 30.0
#: Between the tries to cross off a job that is done, while the database is away.
FINISH_PAUSES = (0.1, 0.5, 2.0, 5.0, 10.0)
# A connection that is not to be had is given up soon and asked for anew: the pauses between its tries double, and a
# worker would be deaf for about as long again as the database was away.
POOL: dict[str, Any] = {"min_size": 1, "max_size": 4, "timeout": 5.0, "reconnect_timeout": 5.0}

_WAITING = text(
    "SELECT DISTINCT turn FROM procrastinate_jobs, jsonb_array_elements_text(args -> 'turns') AS turn"
    " WHERE status = 'todo' AND queue_name = :queue AND (scheduled_at IS NULL OR scheduled_at <= now())"
    " AND turn = ANY(:turns)"
).bindparams(bindparam("turns", type_=ARRAY(TEXT)))
_OPEN = text(
    "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = :queue AND status IN ('todo', 'doing')"
    " AND (scheduled_at IS NULL OR scheduled_at <= now())"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wake:
    """Whose rows are to be looked at, and from when on."""

    turns: Collection[Conversation] = ()
    residents: Collection[UUID] = ()
    at: datetime | None = None


WorkOff = Callable[[Wake], Awaitable[None]]


def write(conversation: Conversation) -> str:
    """A conversation as it stands in a job: desk, keyed index of the sender, or the row of an event without one."""
    sender = "" if conversation.sender is None else conversation.sender.hex()
    event = "" if conversation.event is None else str(conversation.event)
    return f"{conversation.desk_id}/{sender}/{event}"


def read(written: str) -> Conversation:
    """The other way round."""
    desk_id, sender, event = written.rsplit("/", 2)
    return Conversation(desk_id, bytes.fromhex(sender) if sender else None, UUID(event) if event else None)


class Manager(JobManager):
    """Crosses off what is done when the connection is cut meanwhile, too: else it would be in hand for ever. A worker
    that stops tries once and leaves it to `rescue`.
    """

    stopping = False

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        for pause in FINISH_PAUSES:
            try:
                return await super().finish_job(job, status, delete_job)
            except ConnectorException as error:
                if not isinstance(error.__cause__, OperationalError):
                    # It was crossed off before the connection was cut, or was given to somebody else.
                    log.info("job.gone", job=job.id)
                    return None
                if self.stopping:
                    break
                await asyncio.sleep(pause)
        # Once this worker has gone, it is found by `rescue`.
        log.warning("job.left", job=job.id)
        return None


class Wakes:
    """The queue of one database. `work_off` does what a fetched job says."""

    def __init__(self, url: URL, work_off: WorkOff) -> None:
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        options = {"connect_timeout": 2, "options": "-c timezone=UTC -c lock_timeout=5000"}
        connector = procrastinate.PsycopgConnector(conninfo=address, kwargs=options, **POOL)
        self.app = procrastinate.App(connector=connector)
        self._manager = self.app.job_manager = Manager(connector)

        async def wake(turns: list[str], residents: list[str]) -> None:
            await work_off(Wake(turns=[read(turn) for turn in turns], residents=[UUID(one) for one in residents]))

        self.app.task(name=TASK, queue=QUEUE)(wake)

    async def put(self, wakes: Sequence[Wake], *, within: Connection | None = None) -> None:
        """Put jobs down: at once, or as a part of a transaction, on its own connection."""
        connection: Any = None
        if within is not None:
            raw = await cast("AsyncConnection", within).get_raw_connection()
            connection = raw.driver_connection
        for wake in wakes:
            jobs = _jobs(wake)
            if jobs:
                deferrer = self.app.configure_task(TASK, queue=QUEUE, schedule_at=wake.at, connection=connection)
                await deferrer.batch_defer_async(*jobs)

    async def work(self, *, stop_within: float) -> None:
        """Fetch jobs and have them worked off, until cancelled; then those in hand are finished."""
        await self.app.run_worker_async(
            queues=[QUEUE],
            concurrency=JOBS_AT_ONCE,
            install_signal_handlers=False,
            delete_jobs="always",
            fetch_job_polling_interval=POLL_SECONDS,
            shutdown_graceful_timeout=stop_within,
            update_heartbeat_interval=BEAT_SECONDS,
            stalled_worker_timeout=DEAD_AFTER_SECONDS,
        )

    def hurry(self) -> None:
        """From now on nobody waits for a database that is away."""
        self._manager.stopping = True

    async def rescue(self) -> int:
        """Jobs that dead workers had in hand are to be done again."""
        manager = self.app.job_manager
        stalled = list(await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=DEAD_AFTER_SECONDS))
        for job in stalled:
            assert job.id is not None
            await manager.retry_job_by_id_async(job_id=job.id, retry_at=datetime.now().astimezone())
        return len(stalled)


def _jobs(wake: Wake) -> list[dict[str, Any]]:
    turns, residents = sorted(map(write, wake.turns)), sorted(map(str, wake.residents))
    count = max(len(turns), len(residents))
    return [
        {"turns": turns[begin : begin + PER_JOB], "residents": residents[begin : begin + PER_JOB]}
        for begin in range(0, count, PER_JOB)
    ]


async def not_yet_waiting(connection: Connection, conversations: Collection[Conversation]) -> list[Conversation]:
    """Those for which no job waits already: one that waits now is fetched after all that is committed so far."""
    by_name = {write(conversation): conversation for conversation in conversations}
    rows = await connection.execute(_WAITING, {"queue": QUEUE, "turns": list(by_name)})
    for row in rows:
        del by_name[row.turn]
    return list(by_name.values())


async def open_jobs(connection: Connection) -> int:
    """How many jobs wait or are in hand."""
    return int((await connection.execute(_OPEN, {"queue": QUEUE})).scalar_one())
