"""A clock that a person moves on: LINE and the program share it in the simulator, so that weeks pass at one press."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

FILE = "simulator.clock"


class MovedClock:
    """`base`, and as far ahead as it was moved. How far is kept in `file`: what was stored while it was ahead would
    lie in the future after the next start, and wait for it.
    """

    def __init__(self, base: Callable[[], datetime], file: Path | None = None) -> None:
        self._base = base
        self._file = file
        self.ahead = timedelta() if file is None else _kept(file)

    def __call__(self) -> datetime:
        return self._base() + self.ahead

    def advance(self, by: timedelta) -> None:
        """Move it on; never back."""
        self.ahead += by
        if self._file is not None:
            # Without the file it is right until the next start.
            with contextlib.suppress(OSError):
                self._file.write_text(f"{self.ahead.total_seconds()}\n", encoding="ascii")


def _kept(file: Path) -> timedelta:
    try:
        return timedelta(seconds=max(float(file.read_text(encoding="ascii")), 0.0))
    except (OSError, ValueError, OverflowError):
        return timedelta()
