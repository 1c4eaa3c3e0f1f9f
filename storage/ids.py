"""Ids are UUIDv7 (RFC 9562): made by the program, sorted by time, so that indexes grow at one end."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from uuid import UUID

NewId = Callable[[], UUID]

_RANDOM_BITS = 74
_STEP_BITS = 56


def uuid7(unix_ms: int, random_bits: int) -> UUID:
    """The UUIDv7 of a moment (milliseconds since 1970) and 74 random bits."""
    value = (unix_ms & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (random_bits >> 62 & 0xFFF) << 64
    value |= 0b10 << 62 | random_bits & (1 << 62) - 1
    return UUID(int=value)


class _Rising:
    """Ids that rise even within one millisecond: rows are told in the order in which they were made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest = 0

    def next(self) -> UUID:
        random = secrets.randbits(_RANDOM_BITS + _STEP_BITS)
        now = time.time_ns() // 1_000_000 << _RANDOM_BITS | random >> _STEP_BITS
        with self._lock:
            # The step is random, too, so that nobody finds the next id from the last.
            self._latest = max(now, self._latest + 1 + (random & (1 << _STEP_BITS) - 1))
            return uuid7(self._latest >> _RANDOM_BITS, self._latest & (1 << _RANDOM_BITS) - 1)


_IDS = _Rising()


def new_id() -> UUID:
    """An id for now, after all others of this process."""
    return _IDS.next()
