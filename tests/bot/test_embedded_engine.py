"""The embedded engine keeps the contract of every engine, and some promises of its own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from engine_contract import ANN, BEN, NEVER, SOON, EngineContract, MakeEngine, Work, now

from bot.engines.embedded import DELIVERIES_AT_ONCE, TURNS_AT_ONCE, EmbeddedEngine
from storage.ids import uuid7
from storage.jobs import Conversation, DeliveryWork, TurnWork

pytestmark = pytest.mark.anyio


def make(turn: TurnWork, delivery: DeliveryWork) -> EmbeddedEngine:
    return EmbeddedEngine(turn=turn, delivery=delivery, clock=lambda: datetime.now(UTC))


class TestEmbeddedEngine(EngineContract):
    @pytest.fixture
    def make_engine(self) -> MakeEngine:
        return make


async def test_it_runs_between_start_and_stop() -> None:
    work = Work()
    engine = make(work.turn, work.deliver)
    assert not engine.running
    await engine.start()
    assert engine.running
    await engine.stop()
    assert not engine.running


async def test_the_clock_of_the_program_may_be_ahead_and_the_work_begins_at_once() -> None:
    """A simulator whose clock was moved on is started again."""
    began = asyncio.Event()

    async def work() -> None:
        began.set()

    conversations = Work()
    ahead = timedelta(days=40)
    engine = EmbeddedEngine(
        turn=conversations.turn, delivery=conversations.deliver, clock=lambda: datetime.now(UTC) + ahead
    )
    engine.every(timedelta(hours=1), "work", work)
    await engine.start()
    await asyncio.wait_for(began.wait(), 5)
    await engine.stop()


async def test_resting_waits_for_what_is_in_hand_and_if_asked_for_what_is_planned() -> None:
    work = Work()
    engine = make(work.turn, work.deliver)
    await engine.start()
    engine.wake(ANN)
    engine.wake(BEN, now() + SOON)
    await engine.rest()
    assert (work.ended[ANN], work.ended[BEN]) == (1, 0)
    await engine.rest(planned=True)
    assert work.ended[BEN] == 1
    await engine.stop()


async def test_a_flood_of_conversations_takes_turns() -> None:
    work = Work()
    engine = make(work.turn, work.deliver)
    await engine.start()
    crowd = [Conversation("default", bytes([n]) * 32) for n in range(3 * TURNS_AT_ONCE)]
    residents = [uuid7(n, n) for n in range(2 * DELIVERIES_AT_ONCE)]
    for who in (*crowd, *residents):
        work.hold(who)
    for who in crowd:
        engine.wake(who)
    for resident in residents:
        engine.deliver(resident)
    await work.until(lambda: work.begun.total() == TURNS_AT_ONCE + DELIVERIES_AT_ONCE)
    for who in (*crowd, *residents):
        work.release(who)
    await engine.rest()
    assert work.ended == dict.fromkeys((*crowd, *residents), 1)
    await engine.stop()


async def test_of_two_wakes_for_later_the_earlier_counts() -> None:
    work = Work()
    engine = make(work.turn, work.deliver)
    await engine.start()
    engine.wake(ANN, now() + NEVER)
    engine.wake(ANN, now() + SOON)
    engine.wake(ANN, now() + NEVER)
    await engine.rest(planned=True)
    assert work.ended[ANN] == 1
    await engine.stop()
