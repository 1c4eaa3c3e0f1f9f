"""A clock for the road's tests: it goes on by itself from a morning at the desk, and can be put forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

#: A Thursday, 11 o'clock at the desk.
MORNING = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


class SetClock:
    """Goes on by itself from a start, and can be put forward."""

    def __init__(self) -> None:
        self._real = datetime.now(UTC)
        self.start = MORNING

    def __call__(self) -> datetime:
        return self.start + (datetime.now(UTC) - self._real)

    def passes(self, **given: float) -> None:
        self.start += timedelta(**given)
