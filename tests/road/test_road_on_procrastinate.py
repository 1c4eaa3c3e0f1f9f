"""The whole road of messages once more, with the engine of several processes behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from road import Bot

# These run here again, over the `bot` below.
from test_road import (  # noqa: F401
    test_a_message_unsent_before_it_comes_is_never_kept,
    test_events_in_the_wrong_order_are_taken_in_the_order_in_which_they_happened,
    test_every_acknowledged_event_belongs_to_one_turn_and_each_turn_speaks_at_most_once,
    test_hunger_is_answered_with_numbers_to_press_and_staff_are_alerted,
    test_nothing_goes_to_somebody_who_blocked_and_coming_back_is_welcomed,
    test_the_same_event_delivered_three_times_gives_one_answer,
)

from bot.simulator import SimulatorServer
from config.settings import JobEngineName


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url


@pytest.fixture
def bot(sim: SimulatorServer, database_url: str, tmp_path: Path) -> Iterator[Bot]:
    with Bot(sim, database_url, tmp_path, job_engine=JobEngineName.PROCRASTINATE) as running:
        yield running
