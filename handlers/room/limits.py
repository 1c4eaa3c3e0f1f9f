"""How much may come from one room, one address, or everybody without a room: buckets in memory, one set a process.

Whoever floods is refused before anything is opened, sealed or stored, so that nobody else waits for it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """So many at once, and then one more every `every`."""

    burst: int
    every: timedelta


class Limit(StrEnum):
    """What is counted together."""

    #: What one room sends: people write in bursts, and nobody writes forty messages in a minute.
    ROOM = "room"
    #: What comes from one address: a whole event may sit behind one, a mobile carrier puts thousands behind it.
    ADDRESS = "address"
    #: New rooms from one address.
    NEW_ROOM = "new_room"
    #: New rooms at a desk, wherever they come from: an anonymous crowd.
    CROWD = "crowd"
    #: Tries of a link or a watchword from one address; the slow hash and the room's own count come on top.
    TRY = "try"


RATES = {
    Limit.ROOM: Rate(burst=20, every=timedelta(seconds=3)),
    Limit.ADDRESS: Rate(burst=300, every=timedelta(milliseconds=200)),
    Limit.NEW_ROOM: Rate(burst=30, every=timedelta(seconds=10)),
    Limit.CROWD: Rate(burst=300, every=timedelta(seconds=1)),
    Limit.TRY: Rate(burst=20, every=timedelta(seconds=5)),
}
#: Buckets kept; the one that was used longest ago is forgotten first, and would be full again by then.
KEPT = 20_000


class Buckets:
    """Counts. `clock` gives aware times."""

    def __init__(self, clock: Callable[[], datetime], rates: dict[Limit, Rate] | None = None) -> None:
        self._clock = clock
        self._rates = rates or RATES
        #: When each bucket will be full again.
        self._full_at: OrderedDict[tuple[Limit, str], datetime] = OrderedDict()

    def take(self, limit: Limit, key: str) -> timedelta:
        """Take one; nothing to wait, or else how long, and then none was taken."""
        rate, now = self._rates[limit], self._clock()
        full_at = max(self._full_at.get((limit, key), now), now)
        wait = full_at + rate.every - (now + rate.every * rate.burst)
        if wait > timedelta(0):
            return wait
        self._full_at[limit, key] = full_at + rate.every
        self._full_at.move_to_end((limit, key))
        if len(self._full_at) > KEPT:
            self._full_at.popitem(last=False)
        return timedelta(0)
