"""The panel 「実験」: switches a person may turn to see the bot in trouble."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.simulator.faults import FaultKind
from bot.simulator.model import Json
from bot.simulator.platform import Platform

LONGEST_SLOWNESS = 120.0
LONGEST_STEP = timedelta(days=31)


class BadSwitchError(Exception):
    """The page asked for something no switch can do."""


def turn(platform: Platform, body: Json) -> None:
    """Carry out one switch. The caller holds the lock."""
    switch = SWITCHES.get(str(body.get("switch", "")))
    if switch is None:
        raise BadSwitchError("no such switch")
    switch(platform, body.get("value"))
    platform.core.touch()


def _clock(platform: Platform, value: Any) -> None:
    if not isinstance(value, int | float) or not 0 < value <= LONGEST_STEP.total_seconds():
        raise BadSwitchError("the clock goes forward, by at most a month")
    platform.core.advance(timedelta(seconds=value))


def _fault(platform: Platform, value: Any) -> None:
    if not isinstance(value, dict) or value.get("kind") not in tuple(FaultKind):
        raise BadSwitchError("no such fault")
    times, seconds = value.get("times"), value.get("seconds", 0)
    if (times is not None and (not isinstance(times, int) or times < 1)) or not isinstance(seconds, int | float):
        raise BadSwitchError("times and seconds are numbers")
    kind, bounded = FaultKind(value["kind"]), min(max(float(seconds), 0.0), LONGEST_SLOWNESS)
    platform.faults.add(kind, times=times, seconds=bounded)


def _heal(platform: Platform, _value: Any) -> None:
    platform.faults.clear()


def _limit(platform: Platform, value: Any) -> None:
    if value is not None and (not isinstance(value, int) or value < 0):
        raise BadSwitchError("a limit is a whole number, or none")
    platform.quota.limit = value


def _redelivery(platform: Platform, value: Any) -> None:
    platform.webhook.faults.redelivery = bool(value)


def _copies(platform: Platform, value: Any) -> None:
    platform.webhook.faults.copies = 1 if value else 0


def _reorder(platform: Platform, value: Any) -> None:
    platform.webhook.faults.reorder = bool(value)


def _wrong_signature(platform: Platform, value: Any) -> None:
    platform.webhook.faults.wrong_signatures = 1 if value else 0


def _active(platform: Platform, value: Any) -> None:
    platform.webhook.active = bool(value)


SWITCHES: dict[str, Callable[[Platform, Any], None]] = {
    "clock": _clock,
    "fault": _fault,
    "heal": _heal,
    "limit": _limit,
    "redelivery": _redelivery,
    "copies": _copies,
    "reorder": _reorder,
    "wrong_signature": _wrong_signature,
    "active": _active,
}
