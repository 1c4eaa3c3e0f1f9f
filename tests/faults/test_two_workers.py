"""Two servers and two workers on one PostgreSQL, and `kill -9` of any of them under load."""

from __future__ import annotations

import itertools
import os
import random
import signal
from pathlib import Path

from parts import Part, Parts, counted, everybody_is_answered
from sqlalchemy import select

from benchmarks.nursery import Nursery
from bot.simulator import SimulatorServer
from bot.simulator.faults import FaultKind
from bot.simulator.handles import ResidentHandle
from storage.tables import OutboxMessage, OutboxState

#: A longer run: `KILLS=40 make …`; every round kills one worker.
ROUNDS = int(os.environ.get("KILLS", "2"))
RESIDENTS = 6
WORDS = (
    "眠れません",
    "仕事をやめました",
    "母の介護のことで",
    "家賃が払えません",
    "子どもが学校へ行きません",
    "こんにちは",
)


def test_killing_one_of_two_loses_nothing_and_doubles_nothing(
    nursery: Nursery, sim: SimulatorServer, postgres_url: str, tmp_path: Path
) -> None:
    chance = random.Random(20261126)
    words = itertools.cycle(WORDS)
    with Parts(nursery, sim, postgres_url, tmp_path) as parts:
        *servers, one, two = parts.start("serve", "serve", "worker", "worker")
        fresh = parts.begin("worker")
        residents = [sim.resident() for _ in range(RESIDENTS)]
        for number in range(ROUNDS):
            for resident in residents:
                for _ in range(chance.randint(1, 3)):
                    sim.webhook_url = chance.choice(servers).url
                    resident.say(next(words))
            goal = len(sim.requests()) + chance.randint(1, RESIDENTS)
            sim.wait_for(lambda goal=goal: len(sim.requests()) >= goal)
            one.kill()
            fresh.wait_until_ready()
            one, two = two, fresh
            if number + 1 < ROUNDS:
                fresh = parts.begin("worker")
        sim.wait_until_delivered()
        everybody_is_answered(sim, residents, within=40)
        parts.wait_until_nothing_is_open()
        assert [part.stop() for part in (*servers, one, two)] == [0, 0, 0, 0]
        count = counted(parts)
        print(f"{ROUNDS} workers killed: {count}")
    assert count.acknowledged > ROUNDS * RESIDENTS


def letters_of(parts: Parts) -> list[tuple[object, ...]]:
    columns = (OutboxMessage.state, OutboxMessage.sent_by, OutboxMessage.tries, OutboxMessage.maybe_doubled)
    return [tuple(letter) for letter in parts.rows(select(*columns).order_by(OutboxMessage.id))]


def turns_of(part: Part) -> int:
    return part.log.read_text(encoding="utf-8").count("turn.done")


def who_answers(sim: SimulatorServer, resident: ResidentHandle, workers: list[Part]) -> Part:
    """Somebody writes, and LINE takes the answer but does not say so: the worker that waits for LINE's word."""
    before, asked = [turns_of(worker) for worker in workers], len(sim.requests("/reply"))
    sim.fail_next(FaultKind.SLOW_AFTER, seconds=60)
    resident.say("こんにちは")
    # The words are there a moment before the request is counted.
    sim.wait_for(lambda: bool(resident.since_last_act()) and len(sim.requests("/reply")) > asked, timeout=30)
    (waits,) = [worker for worker, count in zip(workers, before, strict=True) if turns_of(worker) > count]
    return waits


def test_what_a_worker_was_sending_when_it_died_or_stood_still_is_not_said_twice(
    nursery: Nursery, sim: SimulatorServer, postgres_url: str, tmp_path: Path
) -> None:
    with Parts(nursery, sim, postgres_url, tmp_path) as parts:
        (server,) = parts.start("serve")
        sim.webhook_url = server.url
        resident, early = sim.resident(), sim.resident()
        # Without a worker a server takes in all the same.
        early.say("こんにちは")
        sim.wait_until_delivered()
        assert (parts.open_jobs(), sim.requests("/reply")) == (1, [])
        workers = parts.start("worker", "worker", "worker")
        early.wait_for(lambda: bool(early.since_last_act()), timeout=30)

        dying = who_answers(sim, resident, workers)
        tried = len(sim.requests("/reply"))
        dying.kill()
        workers.remove(dying)
        sim.wait_for(lambda: len(sim.requests("/reply")) > tried, timeout=40)
        sim.wait_for(lambda: letters_of(parts)[1][0] is OutboxState.SENT, timeout=10)

        frozen = who_answers(sim, resident, workers)
        tried_again = len(sim.requests("/reply"))
        frozen.process.send_signal(signal.SIGSTOP)
        sim.wait_for(lambda: len(sim.requests("/reply")) > tried_again, timeout=40)
        frozen.process.send_signal(signal.SIGCONT)
        # It finds itself given up, asks for its place again, and goes on with the other.
        everybody_is_answered(sim, [resident, early], within=30)
        parts.wait_until_nothing_is_open()
        assert [part.stop() for part in (server, *workers)] == [0, 0, 0]

        # The tokens are spent, so the words are there: they are not sent again.
        asked = [sim.requests("/reply")[number].accepted for number in (tried - 1, tried, tried_again - 1, tried_again)]
        assert asked == [True, False, True, False]
        assert letters_of(parts)[1:3] == [(OutboxState.SENT, "reply", 1, False)] * 2
        assert counted(parts).maybe_doubled == 0
        assert parts.logged("outbox.inherited") >= 2
