"""The port behind which turns, deliveries and the clock are driven. The tables are the truth; an engine only drives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from storage.database import Connection


@dataclass(frozen=True, slots=True)
class Conversation:
    """Whose waiting events are to be worked off: one sender's at one desk, or one event that has no sender."""

    desk_id: str
    sender: bytes | None
    event: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Worked:
    """What one call did: when to come back (listening pause, later try), and who has something to be sent."""

    again_at: datetime | None = None
    deliver: frozenset[UUID] = frozenset()


TurnWork = Callable[[Conversation], Awaitable[Worked]]
DeliveryWork = Callable[[UUID], Awaitable[datetime | None]]
PeriodicWork = Callable[[], Awaitable[None]]
#: See `JobEngine.wake_within`.
WakeWithin = Callable[[Connection, Collection[Conversation]], Awaitable[bool]]


class JobEngine(Protocol):
    """Runs each conversation's turns one after another, and each resident's deliveries one after another.

    `wake` and `deliver` are idempotent and may be called at any time; nothing is lost when a process dies after
    them, because a periodic sweep finds the rows. An engine never retries by itself: rows carry `next_try_at`.
    """

    async def wake_within(self, connection: Connection, conversations: Collection[Conversation]) -> bool:
        """Have these worked off once the transaction is committed, as a part of it.

        False when the engine can only be told afterwards: then `wake` is called after the commit.
        """

    def wake(self, conversation: Conversation, at: datetime | None = None) -> None:
        """Work off what waits for this conversation, now or at a time."""

    def deliver(self, resident_id: UUID, at: datetime | None = None) -> None:
        """Send what waits for this resident, now or at a time."""

    def every(self, pace: timedelta, name: str, work: PeriodicWork, *, here: bool = False) -> None:
        """Run `work` at this pace, never twice at once, wherever it runs. Call before `start`.

        Of all processes one does it each time; with `here` every process does it for itself.
        """

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """Finish what is in hand, begin nothing new."""
