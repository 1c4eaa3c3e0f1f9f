"""The figures for Prometheus: names, numbers and desks, nothing of a person.

Who looks after a hundred desks must see which one is ill: what waits, dangers nobody looked at, mails to staff, what
was set aside and the quota are told by desk.

What concerns all processes is computed from the database. What one process did since it started (acknowledgements, its
clock) it tells itself; a monitor that asks each process adds them up.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from bot.engines.procrastinate import ProcrastinateEngine
from bot.engines.wakes import open_jobs
from storage import calls, figures, notices, processes
from storage.database import Connection
from storage.figures import Figures
from storage.notices import Standing
from storage.tables import InboxState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.app import Program

#: How long LINE may take to tell a quota; without its word the figure is missing, not the page.
QUOTA_WITHIN = 2.0

_UNANSWERED = "Age of the oldest event of a desk not yet answered"
_UNSENT = "Age of the oldest message of a desk not sent"
_UNSEEN = "Dangers told to everybody at a desk that nobody has looked at"
_REFUSED = "Desks of DESKS_FILE that are not as the file has them"
_UNMAILED = "Age of the oldest mail to staff of a desk not sent"
_MAILS = (
    ("tsunagu_staff_mails_stuck", "Mails to staff whose last try failed", "stuck"),
    ("tsunagu_staff_mails_in_vain_24h", "Mails of the last day that came to nothing", "in_vain"),
    ("tsunagu_staff_mails_maybe_doubled", "Mails to staff that may have come twice", "maybe_doubled"),
)
#: Stands for the file itself, where it cannot be read as a whole; no desk can be called so.
_FILE = "DESKS_FILE"


async def exposition(program: Program) -> bytes:
    """All figures as text. Raises what the database raises."""
    now = program.clock()
    async with program.database.read() as connection:
        found = await figures.collect(connection)
        mails = await notices.standing(connection, now=now)
        unanswered = await calls.unanswered(connection)
        shared = await _shared(program, connection)
    registry = CollectorRegistry()
    desks = sorted(
        {*program.desks, *(desk for desk, _ in found.inbox), *found.outbox_waiting_since, *unanswered, *mails}
    )
    _road(registry, found, desks, now)
    _by(registry, "tsunagu_urgent_unanswered", _UNSEEN, "desk", {desk: unanswered.get(desk, 0) for desk in desks})
    _by(
        registry, "tsunagu_desks_refused", _REFUSED, "desk", {name or _FILE: 1 for name in program.installation.refused}
    )
    _mail_figures(registry, mails, desks, now=now)
    _single(registry, shared)
    await _quotas(registry, program)
    registry.register(_Here(program))
    return generate_latest(registry)


def _single(registry: CollectorRegistry, values: dict[str, tuple[str, float]]) -> None:
    for name, (meaning, value) in values.items():
        Gauge(name, meaning, registry=registry).set(value)


def _by(registry: CollectorRegistry, name: str, meaning: str, label: str, values: dict[str, int]) -> None:
    gauge = Gauge(name, meaning, [label], registry=registry)
    for key, value in values.items():
        gauge.labels(key).set(value)


def _road(registry: CollectorRegistry, found: Figures, desks: list[str], now: datetime) -> None:
    """From the webhook to LINE. Every desk has its figures, also one at which nothing happened yet."""
    events = Gauge("tsunagu_inbox_events", "Webhook events by desk and state", ["desk", "state"], registry=registry)
    for desk in desks:
        for state in InboxState:
            events.labels(desk, state.value).set(found.inbox.get((desk, state.value), 0))
    _ages(registry, "tsunagu_inbox_oldest_waiting_seconds", _UNANSWERED, desks, found.inbox_waiting_since, now)
    _ages(registry, "tsunagu_outbox_oldest_waiting_seconds", _UNSENT, desks, found.outbox_waiting_since, now)
    _by(registry, "tsunagu_outbox_letters", "Messages to residents by state", "state", found.outbox)
    _by(registry, "tsunagu_letters_sent", "Messages that arrived, by way", "way", found.sent_by)
    _by(registry, "tsunagu_letters_tried_in_vain", "Messages that wait after a failed try", "reason", found.in_vain)
    _single(registry, {"tsunagu_outbox_maybe_doubled": ("Messages that may have been said twice", found.maybe_doubled)})


def _ages(
    registry: CollectorRegistry, name: str, meaning: str, desks: list[str], since: dict[str, datetime], now: datetime
) -> None:
    gauge = Gauge(name, meaning, ["desk"], registry=registry)
    for desk in desks:
        gauge.labels(desk).set(_age(since.get(desk), now))


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else (now - since).total_seconds()


async def _shared(program: Program, connection: Connection) -> dict[str, tuple[str, float]]:
    """How several processes share the work; nothing where there is one."""
    if not isinstance(program.engine, ProcrastinateEngine):
        return {}
    company = await processes.company(connection)
    return {
        "tsunagu_processes_alive": ("Servers and workers that were seen lately", company.all),
        "tsunagu_processes_working": ("Those of them that answer and send", company.working),
        "tsunagu_jobs_open": ("Jobs that wait or are in hand", await open_jobs(connection)),
    }


def _mail_figures(registry: CollectorRegistry, mails: dict[str, Standing], desks: list[str], *, now: datetime) -> None:
    """How telling staff goes, desk by desk."""
    states = Gauge("tsunagu_staff_mails", "Mails to staff by desk and state", ["desk", "state"], registry=registry)
    of = {desk: mails.get(desk, notices.NO_MAIL) for desk in desks}
    for desk, found in of.items():
        for state, count in found.by_state.items():
            states.labels(desk, state).set(count)
    since = {desk: found.waiting_since for desk, found in of.items() if found.waiting_since is not None}
    _ages(registry, "tsunagu_staff_mails_oldest_waiting_seconds", _UNMAILED, desks, since, now)
    for name, meaning, figure in _MAILS:
        _by(registry, name, meaning, "desk", {desk: getattr(found, figure) for desk, found in of.items()})


async def _quotas(registry: CollectorRegistry, program: Program) -> None:
    """How much of this month's messages is used; only desks whose channel tells."""
    limit = Gauge("tsunagu_quota_limit", "Messages LINE lets a desk send this month", ["desk"], registry=registry)
    used = Gauge("tsunagu_quota_used", "Messages a desk has used of them", ["desk"], registry=registry)

    async def ask(desk_id: str) -> None:
        try:
            quota = await asyncio.wait_for(program.quotas.of(desk_id), QUOTA_WITHIN)
        except TimeoutError:
            return
        if quota is not None:
            used.labels(desk_id).set(quota.used)
            if quota.limit is not None:
                limit.labels(desk_id).set(quota.limit)

    await asyncio.gather(*(ask(desk_id) for desk_id in program.desks))


class _Here(Collector):
    """What this process did since it started."""

    def __init__(self, program: Program) -> None:
        self._intake = program.intake
        self._clock_runs = program.engine.clock_runs

    def collect(self) -> Iterable[CounterMetricFamily]:
        acks = CounterMetricFamily("tsunagu_acks", "Webhook events of this process by answer", labels=["answer"])
        acks.add_metric(["taken"], self._intake.taken)
        acks.add_metric(["spooled"], self._intake.spooled)
        acks.add_metric(["turned_away"], self._intake.turned_away)
        yield acks
        ran = CounterMetricFamily("tsunagu_clock_runs", "Rounds of each work of the clock here", labels=["work"])
        failed = CounterMetricFamily("tsunagu_clock_failures", "Rounds of them that failed", labels=["work"])
        seconds = CounterMetricFamily("tsunagu_clock_seconds", "Seconds they took together", labels=["work"])
        for name, runs in self._clock_runs.items():
            ran.add_metric([name], runs.count)
            failed.add_metric([name], runs.failed)
            seconds.add_metric([name], runs.seconds)
        yield from (ran, failed, seconds)
