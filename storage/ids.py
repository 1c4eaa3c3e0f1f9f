"""Ids are UUIDv7 (RFC 9562): made by the program, sorted by time, so that indexes grow at one end."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from uuid import UUID

NewId = Callable[[], UUID]


def uuid7(unix_ms: int, random_bits: int) -> UUID:
    """The UUIDv7 of a moment (milliseconds since 1970) and 74 random bits."""
    value = (unix_ms & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (random_bits >> 62 & 0xFFF) << 64
    value |= 0b10 << 62 | random_bits & (1 << 62) - 1
    return UUID(int=value)


def new_id() -> UUID:
    """An id for now."""
    return uuid7(time.time_ns() // 1_000_000, secrets.randbits(74))
