"""The monthly number of messages an account may push.

https://developers.line.biz/en/docs/messaging-api/pricing/: counted by recipient, replies never, only what can be
delivered.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

_JAPAN = timezone(timedelta(hours=9))


class Quota:
    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self._month = ""
        self._used = 0

    def _turn_page(self, now: datetime) -> None:
        month = now.astimezone(_JAPAN).strftime("%Y-%m")
        if month != self._month:
            self._month, self._used = month, 0

    def used(self, now: datetime) -> int:
        self._turn_page(now)
        return self._used

    def spent(self, now: datetime) -> bool:
        return self.limit is not None and self.used(now) >= self.limit

    def count(self, now: datetime) -> None:
        self._turn_page(now)
        self._used += 1
