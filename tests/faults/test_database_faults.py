"""The database is cut off, restarted, locked or full: what was acknowledged is answered once all the same."""

from __future__ import annotations

import itertools
import random
import resource
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from parts import Parts
from proxy import Proxy
from road import Bot, said
from sqlalchemy import select

from benchmarks.nursery import Nursery
from bot.simulator import SimulatorServer
from bot.simulator.handles import ResidentHandle
from config.settings import JobEngineName
from storage.tables import InboxEvent, InboxState, OutboxMessage, OutboxState

WORDS = ("眠れません", "仕事をやめました", "母の介護のことで", "家賃が払えません", "こんにちは")
RESIDENTS = 4


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[Proxy]:
    with Proxy(postgres_url) as made:
        yield made


def acknowledged(sim: SimulatorServer) -> set[str]:
    deliveries = [d for d in sim.platform.webhook.deliveries if d.status == 200]
    return {event["webhookEventId"] for delivery in deliveries for event in delivery.events}


def all_is_done_once(sim: SimulatorServer, bot: Bot) -> int:
    """Every acknowledged event in one turn, every answer accepted once: how many were acknowledged."""
    acks = acknowledged(sim)
    events = bot.rows(select(InboxEvent.event_id, InboxEvent.state, InboxEvent.turn_id))
    letters = bot.rows(select(OutboxMessage.turn_id, OutboxMessage.state, OutboxMessage.maybe_doubled))
    assert acks <= {event.event_id for event in events}
    assert {event.state for event in events} == {InboxState.DONE}
    assert all(event.turn_id for event in events)
    assert set(Counter(letter.turn_id for letter in letters).values()) == {1}
    assert {letter.state for letter in letters} <= {OutboxState.SENT, OutboxState.MERGED}
    sent = [letter for letter in letters if letter.state is OutboxState.SENT]
    accepted = sum(request.accepted for request in sim.requests("/reply") + sim.requests("/push"))
    assert len(sent) <= accepted <= len(sent) + sum(letter.maybe_doubled for letter in sent)
    return len(acks)


def everybody_hears(sim: SimulatorServer, bot: Bot, residents: list[ResidentHandle]) -> int:
    """After the fault: whoever writes is answered, nothing waits, all was done once."""
    for resident in residents:
        before = len(resident.bubbles)
        resident.say("おわりの言葉です")
        resident.wait_for(lambda r=resident, b=before: len(r.bubbles) > b and bool(r.since_last_act()), timeout=60)
    sim.wait_until_delivered()
    bot.sweep()
    bot.wait_until_sent()
    return all_is_done_once(sim, bot)


def redelivering(sim: SimulatorServer) -> None:
    """LINE comes again until it hears 200."""
    faults = sim.platform.webhook.faults
    faults.redelivery, faults.redelivery_after, faults.redelivery_tries = True, 0.3, 100


@pytest.mark.parametrize("engine", list(JobEngineName))
def test_a_database_that_is_away_for_a_while_loses_nothing(
    sim: SimulatorServer, proxy: Proxy, tmp_path: Path, engine: JobEngineName
) -> None:
    redelivering(sim)
    with Bot(sim, proxy.url, tmp_path, job_engine=engine) as bot:
        residents = [sim.resident() for _ in range(RESIDENTS)]
        words = itertools.cycle(WORDS)
        for resident in residents:
            resident.say(next(words))
        # In the middle of the first turns.
        proxy.close()
        for resident in residents:
            resident.say(next(words))
        sim.wait_until_delivered()
        assert bot.program.intake.spooled > 0
        proxy.open()
        assert everybody_hears(sim, bot, residents) == 3 * RESIDENTS


def test_connections_cut_at_any_byte_leave_each_event_answered_once(
    sim: SimulatorServer, proxy: Proxy, tmp_path: Path
) -> None:
    redelivering(sim)
    with Bot(sim, proxy.url, tmp_path) as bot:
        residents = [sim.resident() for _ in range(RESIDENTS)]
        words = itertools.cycle(WORDS)
        proxy.cut_by_chance(1_500, 20_000)
        proxy.cut()
        rounds = 0
        while rounds < 4 or proxy.cuts == 0:
            for resident in residents:
                resident.say(next(words))
            sim.wait_until_delivered()
            rounds += 1
            assert rounds < 40, "no connection lived long enough to be cut"
        proxy.cut_by_chance(0, 0)
        assert everybody_hears(sim, bot, residents) == (rounds + 1) * RESIDENTS


def test_a_locked_sqlite_file_is_no_reason_to_turn_anybody_away(
    nursery: Nursery, sim: SimulatorServer, sqlite_url: str, tmp_path: Path
) -> None:
    path = sqlite_url.rsplit("sqlite+aiosqlite:///", 1)[1]
    with Bot(sim, sqlite_url, tmp_path) as bot, closing(sqlite3.connect(path, isolation_level=None)) as other:
        residents = [sim.resident() for _ in range(RESIDENTS)]
        other.execute("BEGIN IMMEDIATE")
        for resident in residents:
            resident.say("眠れません")
        sim.wait_until_delivered()
        other.execute("ROLLBACK")
        assert {delivery.status for delivery in sim.platform.webhook.deliveries} == {200}
        assert bot.program.intake.spooled > 0
        assert everybody_hears(sim, bot, residents) == 2 * RESIDENTS


def test_on_a_full_disk_nothing_is_acknowledged_and_afterwards_all_of_it_is(
    nursery: Nursery, sim: SimulatorServer, sqlite_url: str, tmp_path: Path
) -> None:
    redelivering(sim)
    with Parts(nursery, sim, sqlite_url, tmp_path, more={"JOB_ENGINE": "embedded"}) as parts:
        (server,) = parts.start("serve-work")
        sim.webhook_url = server.url
        resident = sim.resident()
        resident.say("こんにちは")
        resident.answer()
        # Not one byte more into any file of the process: database, spool and log.
        unlimited = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))
        before = len(acknowledged(sim))
        resident.say("眠れません")
        refusals = (503, 503)
        sim.wait_for(lambda: statuses(sim)[-2:] == refusals, timeout=20)
        assert len(acknowledged(sim)) == before
        assert server.process.poll() is None
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)
        resident.wait_for(lambda: bool(resident.since_last_act()), timeout=60)
        sim.wait_until_delivered()
        assert server.stop() == 0
        assert {state for (state,) in parts.rows(select(InboxEvent.state))} == {InboxState.DONE}
    path = sqlite_url.rsplit("sqlite+aiosqlite:///", 1)[1]
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def statuses(sim: SimulatorServer) -> tuple[int, ...]:
    return tuple(delivery.status for delivery in sim.platform.webhook.deliveries)


class Stepping:
    """A clock that somebody sets: forwards and back."""

    def __init__(self) -> None:
        self.off_by = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.off_by


def test_a_clock_that_is_set_forwards_and_back_holds_up_nobody(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    clock = Stepping()
    with Bot(sim, database_url, tmp_path, clock=clock) as bot:
        residents = [sim.resident() for _ in range(RESIDENTS)]
        for hours in (0, 3, -2, 0):
            clock.off_by = timedelta(hours=hours)
            for resident in residents:
                resident.say("眠れません")
            sim.wait_until_delivered()
            bot.settle()
        assert everybody_hears(sim, bot, residents) == 5 * RESIDENTS


def test_events_of_hours_ago_come_late_twice_and_in_any_order_and_are_answered_once(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(7)
    with Bot(sim, database_url, tmp_path) as bot:
        residents = [sim.resident() for _ in range(RESIDENTS)]
        events = [
            said(chance.choice(residents).user_id, chance.choice(WORDS), f"01LATE{n}", token=f"t{n}", at=-n * 1_200_000)
            for n in range(40)
        ]
        deliveries = [*events, *events, *events[:10]]
        chance.shuffle(deliveries)
        for begin in range(0, len(deliveries), 3):
            sim.send_events(*deliveries[begin : begin + 3])
        bot.settle()
        rows = bot.rows(select(InboxEvent.event_id, InboxEvent.state, InboxEvent.turn_id))
        assert Counter(row.event_id for row in rows) == Counter(event["webhookEventId"] for event in events)
        assert {row.state for row in rows} == {InboxState.DONE}
        everybody_hears(sim, bot, residents)
