"""How many messages a desk may still send this month. Answers to a fresh word of the resident cost none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

log = structlog.get_logger(__name__)

#: Asked anew after this long, and after a failure.
FRESH = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """This month's limit (None: unlimited) and what was used of it."""

    limit: int | None
    used: int

    @property
    def left(self) -> int | None:
        """How many are left; None when there is no limit."""
        return None if self.limit is None else max(self.limit - self.used, 0)


class Quotas:
    """The desks' quotas, asked of the channel at most once a minute. A failure is nobody's reason not to write."""

    def __init__(self, *, ask: Callable[[str], Awaitable[Quota]], clock: Callable[[], datetime]) -> None:
        self._ask = ask
        self._clock = clock
        self._known: dict[str, tuple[datetime, Quota | None]] = {}

    async def of(self, desk_id: str) -> Quota | None:
        """None when the channel does not say."""
        now = self._clock()
        asked_at, quota = self._known.get(desk_id, (None, None))
        if asked_at is not None and now - asked_at < FRESH:
            return quota
        try:
            quota = await self._ask(desk_id)
        except Exception as error:  # noqa: BLE001 - whatever the channel does, the page has to open
            log.warning("quota.unknown", desk=desk_id, kind=type(error).__name__)
            quota = None
        self._known[desk_id] = (now, quota)
        return quota

    def forget(self, desk_id: str) -> None:
        """Something was sent: ask anew next time."""
        self._known.pop(desk_id, None)
