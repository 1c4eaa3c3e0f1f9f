"""Which of a conversation's waiting events belong to one turn, and whether to listen a little longer: pure rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.incoming import Incoming, Said, TookBack
from storage.inbox import WaitingEvent
from storage.tables import Channel

#: However long somebody keeps writing, an answer is not held back beyond this.
LONGEST_PAUSE = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """A waiting event together with what was read from it."""

    event: WaitingEvent
    incoming: Incoming


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """The events of one turn. `taken_back` are messages whose unsend came at the same time or earlier."""

    reads: tuple[Read, ...]
    closed: bool
    taken_back: frozenset[str]

    @property
    def channel(self) -> Channel:
        """Where it was said."""
        return self.reads[0].event.channel

    @property
    def said(self) -> list[Said]:
        """The messages, in order; empty when the turn is about something else."""
        return [r.incoming.what for r in self.reads if isinstance(r.incoming.what, Said)]

    @property
    def texts(self) -> list[str]:
        """The words that may be heard."""
        return [s.text for s in self.said if s.text is not None and s.ref not in self.taken_back]

    def pause_ends(self, pause: timedelta) -> datetime | None:
        """Until when to wait for more words; None when there is nothing to wait for."""
        if self.closed or not self.said:
            return None
        received = [r.event.received_at for r in self.reads]
        return min(max(received) + pause, min(received) + LONGEST_PAUSE)


def first_segment(reads: Sequence[Read]) -> Segment:
    """The events of the next turn: a run of messages together, anything else alone.

    An event that failed before is tried alone, so that one bad event cannot hold its neighbours.
    """
    run = [reads[0]]
    if isinstance(reads[0].incoming.what, Said) and not reads[0].event.tries:
        for read in reads[1:]:
            if not isinstance(read.incoming.what, Said) or read.event.tries:
                break
            run.append(read)
    back = {r.incoming.what.ref for r in reads if isinstance(r.incoming.what, TookBack)}
    closed = len(run) < len(reads) or run[0].event.tries > 0
    return Segment(reads=tuple(run), closed=closed, taken_back=frozenset(back))
