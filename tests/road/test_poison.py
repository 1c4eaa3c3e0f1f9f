"""One bad event holds up nobody: it is tried again, later and later, and in the end set aside where staff see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from road import Bot
from sqlalchemy import select, update

from bot.simulator import SimulatorServer
from handlers.turn import TRIES
from storage.tables import InboxEvent, InboxState, Resident


class MovingClock:
    """The real time, moved on at will."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def test_an_event_that_always_fails_is_set_aside_and_the_others_are_answered(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    clock = MovingClock()
    with Bot(sim, database_url, tmp_path, clock=clock) as bot:
        poisoned, other = sim.resident(), sim.resident()
        poisoned.follow()
        poisoned.answer()
        bot.settle()
        bot.within(lambda c: c.execute(update(Resident).values(state_sealed=b"\x01damaged")))
        before = len(poisoned.bubbles)
        poisoned.say("聞こえますか")
        bot.settle()
        other.say("眠れません")
        assert other.answer()
        for _ in range(TRIES):
            clock.ahead += timedelta(minutes=20)
            bot.sweep()
        (event,) = bot.rows(
            select(InboxEvent.state, InboxEvent.tries, InboxEvent.reason, InboxEvent.body_sealed).where(
                InboxEvent.state != InboxState.DONE
            )
        )
        assert (event.state, event.tries, event.reason) == (InboxState.ASIDE, TRIES - 1, "UnsealError")
        assert event.body_sealed is not None
        assert len(poisoned.bubbles) == before


def test_what_a_fault_of_the_database_left_waiting_is_found_by_the_sweep(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    with Bot(sim, database_url, tmp_path) as bot:
        resident = sim.resident()
        resident.follow()
        resident.answer()
        bot.settle()
        bot.within(lambda c: c.exec_driver_sql("ALTER TABLE residents RENAME TO elsewhere"))
        before = len(resident.bubbles)
        resident.say("仕事をやめさせられました")
        bot.settle()
        assert len(resident.bubbles) == before
        bot.within(lambda c: c.exec_driver_sql("ALTER TABLE elsewhere RENAME TO residents"))
        bot.sweep()
        assert resident.answer()
