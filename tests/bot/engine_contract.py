"""What every `JobEngine` keeps, whatever drives it. An engine's own test file inherits the suite and makes one.

Only the protocol is used, and events instead of sleeps: an engine with processes or a database of its own fits as well.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from storage.ids import uuid7
from storage.jobs import Conversation, DeliveryWork, JobEngine, TurnWork, Worked

WITHIN = 20.0
SOON = timedelta(seconds=0.05)
#: So far away that no test lives to see it.
NEVER = timedelta(hours=9)

ANN, BEN, CAT = (Conversation("default", name * 32) for name in (b"a", b"b", b"c"))
ANNA, BENNO = uuid7(1, 1), uuid7(2, 2)

MakeEngine = Callable[[TurnWork, DeliveryWork], JobEngine]


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Work:
    """Work that notes how it was called, can be held back by key, and can be told to fail."""

    begun: Counter[Hashable] = field(default_factory=Counter)
    ended: Counter[Hashable] = field(default_factory=Counter)
    at_once: Counter[Hashable] = field(default_factory=Counter)
    overlapped: set[Hashable] = field(default_factory=set)
    failing: set[Hashable] = field(default_factory=set)
    again: dict[Hashable, datetime] = field(default_factory=dict)
    then_deliver: dict[Hashable, frozenset[UUID]] = field(default_factory=dict)
    _gates: dict[Hashable, asyncio.Event] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def hold(self, key: Hashable) -> None:
        self._gates[key] = asyncio.Event()

    def release(self, key: Hashable) -> None:
        self._gates.pop(key).set()

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN):
            while not done():
                await self._changed.wait()
                self._changed.clear()

    async def turn(self, conversation: Conversation) -> Worked:
        again_at = await self._work(conversation)
        return Worked(again_at=again_at, deliver=self.then_deliver.pop(conversation, frozenset()))

    async def deliver(self, resident_id: UUID) -> datetime | None:
        return await self._work(resident_id)

    async def tick(self) -> None:
        await self._work("tick")

    async def _work(self, key: Hashable) -> datetime | None:
        self.begun[key] += 1
        self.at_once[key] += 1
        if self.at_once[key] > 1:
            self.overlapped.add(key)
        self._changed.set()
        try:
            # Even work that is not held back gives others the chance to step on it.
            await asyncio.sleep(0)
            if (gate := self._gates.get(key)) is not None:
                await gate.wait()
            if key in self.failing:
                raise RuntimeError("きのうから何も食べていません")
        finally:
            self.at_once[key] -= 1
            self.ended[key] += 1
            self._changed.set()
        return self.again.pop(key, None)


class EngineContract:
    """Inherit it and override `make_engine`."""

    pytestmark = pytest.mark.anyio

    @pytest.fixture
    def make_engine(self) -> MakeEngine:
        raise NotImplementedError

    @pytest.fixture
    def work(self) -> Work:
        return Work()

    @pytest.fixture
    async def engine(self, make_engine: MakeEngine, work: Work) -> AsyncIterator[JobEngine]:
        async with _running(make_engine(work.turn, work.deliver)) as engine:
            yield engine

    async def test_a_wake_has_its_conversation_worked_off(self, engine: JobEngine, work: Work) -> None:
        engine.wake(ANN)
        await work.until(lambda: work.ended[ANN] == 1)
        assert work.begun == Counter({ANN: 1})

    async def test_one_conversation_is_never_worked_on_twice_at_once(self, engine: JobEngine, work: Work) -> None:
        work.hold(ANN)
        engine.wake(ANN)
        await work.until(lambda: work.begun[ANN] == 1)
        for _ in range(5):
            engine.wake(ANN)
        # Another's whole turn passes meanwhile: time enough for a second one to show.
        engine.wake(BEN)
        await work.until(lambda: work.ended[BEN] == 1)
        assert work.begun[ANN] == 1
        work.release(ANN)
        await work.until(lambda: work.ended[ANN] == 2)
        assert work.overlapped == set()

    async def test_different_conversations_go_side_by_side(self, engine: JobEngine, work: Work) -> None:
        for who in (ANN, BEN, CAT):
            work.hold(who)
            engine.wake(who)
        await work.until(lambda: all(work.at_once[who] for who in (ANN, BEN, CAT)))
        for who in (ANN, BEN, CAT):
            work.release(who)
        await work.until(lambda: work.ended.total() == 3)

    async def test_a_wake_during_the_work_has_it_done_once_more(self, engine: JobEngine, work: Work) -> None:
        work.hold(ANN)
        engine.wake(ANN)
        await work.until(lambda: work.begun[ANN] == 1)
        engine.wake(ANN)
        work.release(ANN)
        await work.until(lambda: work.ended[ANN] == 2)

    async def test_a_wake_for_later_comes_when_it_is_time(self, engine: JobEngine, work: Work) -> None:
        at = now() + SOON
        engine.wake(ANN, at)
        engine.wake(BEN, now() + NEVER)
        await work.until(lambda: work.ended[ANN] == 1)
        assert now() >= at
        assert work.begun[BEN] == 0

    async def test_a_wake_whose_time_has_passed_comes_now(self, engine: JobEngine, work: Work) -> None:
        engine.wake(ANN, now() - NEVER)
        await work.until(lambda: work.ended[ANN] == 1)

    async def test_a_turn_says_itself_when_to_come_back(self, engine: JobEngine, work: Work) -> None:
        at = now() + SOON
        work.again[ANN] = at
        engine.wake(ANN)
        await work.until(lambda: work.ended[ANN] == 2)
        assert now() >= at

    async def test_what_a_turn_has_to_say_is_delivered(self, engine: JobEngine, work: Work) -> None:
        work.then_deliver[ANN] = frozenset({ANNA, BENNO})
        engine.wake(ANN)
        await work.until(lambda: work.ended[ANNA] == work.ended[BENNO] == 1)

    async def test_one_residents_deliveries_never_overlap_and_others_go_on(self, engine: JobEngine, work: Work) -> None:
        work.hold(ANNA)
        engine.deliver(ANNA)
        await work.until(lambda: work.begun[ANNA] == 1)
        engine.deliver(ANNA)
        engine.deliver(BENNO)
        await work.until(lambda: work.ended[BENNO] == 1)
        assert work.begun[ANNA] == 1
        work.release(ANNA)
        await work.until(lambda: work.ended[ANNA] == 2)
        assert work.overlapped == set()

    async def test_a_delivery_comes_at_its_time_and_says_itself_when_to_come_back(
        self, engine: JobEngine, work: Work
    ) -> None:
        work.again[ANNA] = now() + 2 * SOON
        engine.deliver(ANNA, now() + SOON)
        await work.until(lambda: work.ended[ANNA] == 2)

    async def test_failing_work_is_logged_without_its_words_and_holds_up_nobody(
        self, engine: JobEngine, work: Work
    ) -> None:
        work.failing |= {ANN, ANNA}
        with capture_logs() as logs:
            for key in (ANN, BEN):
                engine.wake(key)
            for resident in (ANNA, BENNO):
                engine.deliver(resident)
            await work.until(lambda: work.ended.total() == 4)
            # The failure is logged after the work has ended: a second round of the same keys comes after that.
            work.failing.clear()
            engine.wake(ANN)
            engine.deliver(ANNA)
            await work.until(lambda: work.ended[ANN] == work.ended[ANNA] == 2)
        assert sorted(entry["event"] for entry in logs) == ["delivery.failed", "turn.failed"]
        assert {entry["reason"] for entry in logs} == {"RuntimeError"}
        assert "食べ" not in str(logs)

    async def test_periodic_work_comes_at_once_and_again(self, make_engine: MakeEngine, work: Work) -> None:
        engine = make_engine(work.turn, work.deliver)
        engine.every(SOON, "tick", work.tick)
        async with _running(engine):
            await work.until(lambda: work.ended["tick"] == 3)

    async def test_periodic_work_never_overlaps_itself_nor_holds_up_others(
        self, make_engine: MakeEngine, work: Work
    ) -> None:
        engine, other = make_engine(work.turn, work.deliver), Work()
        engine.every(SOON / 5, "slow", work.tick)
        engine.every(SOON / 5, "quick", other.tick)
        work.hold("tick")
        async with _running(engine):
            await other.until(lambda: other.ended["tick"] == 5)
            assert work.begun["tick"] == 1
            work.release("tick")
            await work.until(lambda: work.ended["tick"] == 3)
        assert work.overlapped == other.overlapped == set()

    async def test_periodic_work_that_fails_is_logged_and_comes_again(
        self, make_engine: MakeEngine, work: Work
    ) -> None:
        engine = make_engine(work.turn, work.deliver)
        engine.every(SOON / 5, "sweep", work.tick)
        work.failing.add("tick")
        with capture_logs() as logs:
            async with _running(engine):
                await work.until(lambda: work.ended["tick"] == 2)
        failed = [entry for entry in logs if entry["event"] == "clock.failed"]
        assert failed
        assert (failed[0]["work"], failed[0]["reason"]) == ("sweep", "RuntimeError")
        assert "食べ" not in str(logs)

    @pytest.mark.parametrize("key", [ANN, ANNA, "tick"], ids=["turn", "delivery", "clock"])
    async def test_a_stop_finishes_what_is_in_hand(self, make_engine: MakeEngine, work: Work, key: Hashable) -> None:
        engine = make_engine(work.turn, work.deliver)
        work.hold(key)
        engine.every(NEVER, "tick", work.tick)
        await engine.start()
        await _begin(engine, key)
        await work.until(lambda: work.begun[key] == 1)
        finished: list[bool] = []
        stopping = asyncio.create_task(_stopped(engine, lambda: finished.append(work.at_once[key] == 0)))
        await asyncio.sleep(0)
        work.release(key)
        await stopping
        assert finished == [True]
        assert work.ended[key] == 1

    async def test_what_a_last_turn_has_to_say_is_still_delivered(self, make_engine: MakeEngine, work: Work) -> None:
        engine = make_engine(work.turn, work.deliver)
        work.hold(ANN)
        work.then_deliver[ANN] = frozenset({ANNA})
        await engine.start()
        engine.wake(ANN)
        await work.until(lambda: work.begun[ANN] == 1)
        stopping = asyncio.create_task(engine.stop())
        await asyncio.sleep(0)
        work.release(ANN)
        await stopping
        assert work.ended[ANNA] == 1

    async def test_a_stop_begins_nothing_new(self, make_engine: MakeEngine, work: Work) -> None:
        engine = make_engine(work.turn, work.deliver)
        engine.every(SOON / 5, "tick", work.tick)
        await engine.start()
        work.hold(BEN)
        engine.wake(BEN)
        await work.until(lambda: work.begun[BEN] == 1)
        engine.wake(ANN, now() + SOON)
        engine.deliver(ANNA, now() + SOON)
        engine.wake(BEN)
        work.release(BEN)
        await engine.stop()
        ticks = work.begun["tick"]
        engine.wake(CAT)
        engine.deliver(BENNO)
        # Another engine shows that time goes on.
        later = Work()
        async with _running(make_engine(later.turn, later.deliver)) as other:
            other.wake(ANN, now() + 2 * SOON)
            await later.until(lambda: later.ended[ANN] == 1)
        assert work.begun["tick"] == ticks
        assert work.begun[BEN] <= 2
        assert not any(work.begun[key] for key in (ANN, ANNA, CAT, BENNO))


async def _begin(engine: JobEngine, key: Hashable) -> None:
    if isinstance(key, Conversation):
        engine.wake(key)
    elif isinstance(key, UUID):
        engine.deliver(key)


async def _stopped(engine: JobEngine, then: Callable[[], object]) -> None:
    await engine.stop()
    then()


@asynccontextmanager
async def _running(engine: JobEngine) -> AsyncIterator[JobEngine]:
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()
