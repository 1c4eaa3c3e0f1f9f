"""What grows old on the platform: reply tokens, retry keys, the month, a week with a stranger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from simulator_cast import SettableClock

from bot.simulator import Platform
from bot.simulator.core import Core
from bot.simulator.moved_clock import FILE, MovedClock
from bot.simulator.quota import Quota
from bot.simulator.tokens import Accepted, ReplyTokens, RetryKeys

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
KEY = "123E4567-e89b-42d3-a456-426614174000"


def after(**more: float) -> datetime:
    return NOON + timedelta(**more)


@pytest.fixture
def tokens() -> ReplyTokens:
    made = ReplyTokens()
    made.issue("token", "user", NOON)
    return made


def test_a_token_names_its_user_once(tokens: ReplyTokens) -> None:
    assert tokens.use("token", after(seconds=60)) == "user"
    assert tokens.use("token", after(seconds=60)) is None
    assert tokens.use("another", NOON) is None


def test_a_redelivery_gives_the_token_another_minute(tokens: ReplyTokens) -> None:
    tokens.delivered("token", after(minutes=5))
    assert tokens.use("token", after(minutes=5, seconds=59)) == "user"


def test_twenty_minutes_after_the_event_no_redelivery_helps(tokens: ReplyTokens) -> None:
    tokens.delivered("token", after(minutes=19, seconds=50))
    assert tokens.use("token", after(minutes=20, seconds=1)) is None


def test_a_retry_key_is_remembered_for_a_day_whatever_its_case() -> None:
    keys = RetryKeys()
    keys.remember(KEY, Accepted(request_id="first", sent=(), at=NOON))
    known = keys.accepted(KEY.lower(), after(hours=23, minutes=59))
    assert known is not None
    assert known.request_id == "first"
    assert keys.accepted(KEY, after(hours=24)) is None


@pytest.mark.parametrize(
    ("key", "good"), [(KEY, True), ("1", False), (KEY + "0", False), (KEY.replace("-", ""), False)]
)
def test_a_retry_key_is_a_uuid_in_hexadecimal(key: str, good: bool) -> None:
    assert RetryKeys.well_formed(key) is good


def test_the_month_turns_at_midnight_in_japan() -> None:
    quota = Quota(1)
    quota.count(datetime(2026, 11, 30, 14, 59, tzinfo=UTC))
    assert quota.spent(datetime(2026, 11, 30, 14, 59, tzinfo=UTC))
    assert not quota.spent(datetime(2026, 11, 30, 15, 0, tzinfo=UTC))


def test_the_platforms_clock_runs_ahead_of_the_given_one(platform: Platform, clock: SettableClock) -> None:
    platform.core.advance(timedelta(days=1))
    clock.move(minutes=5)
    assert platform.core.now() == datetime(2026, 11, 21, 1, 5, tzinfo=UTC)


def test_events_carry_the_platforms_time(platform: Platform) -> None:
    platform.core.advance(timedelta(hours=1))
    event = platform.residents.follow(platform.residents.add().user_id)
    assert event["timestamp"] == int(datetime(2026, 11, 20, 2, 0, tzinfo=UTC).timestamp() * 1000)


def test_how_far_the_clock_was_moved_outlives_the_program(tmp_path: Path, clock: SettableClock) -> None:
    file = tmp_path / FILE
    Core(MovedClock(clock, file), seed=1).advance(timedelta(days=7))
    again = MovedClock(clock, file)
    assert again() == clock() + timedelta(days=7)
    file.write_text("broken", encoding="ascii")
    assert MovedClock(clock, file)() == clock()


def test_whoever_has_the_clock_sees_it_move_with_the_platform(clock: SettableClock) -> None:
    shared = MovedClock(clock)
    Core(shared, seed=1).advance(timedelta(hours=3))
    assert shared() == clock() + timedelta(hours=3)
