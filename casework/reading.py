"""What of a conversation staff may read: after consent, or behind broken glass. Everything else shows its time only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

#: Shown in the place of words that nobody was allowed to read.
UNREADABLE = "(まだ 読む同意がありません)"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadConsent:
    """The resident agreed to be read: everything, or what was sent from `since` on; not any more once withdrawn."""

    given_at: dt.datetime
    since: dt.datetime | None = None
    withdrawn_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None

    def holds(self, now: dt.datetime) -> bool:
        """Whether anything may be read by it at all."""
        return all(end is None or now < end for end in (self.withdrawn_at, self.expires_at))

    def covers(self, sent_at: dt.datetime, now: dt.datetime) -> bool:
        return self.holds(now) and (self.since is None or sent_at >= self.since)


class Reason(StrEnum):
    """Why the glass was broken. The first four are one press on an urgent case; the rest needs words."""

    LIFE = "life"
    ABUSE = "abuse"
    DV = "dv"
    FALSE_ALARM = "false_alarm"
    OTHER = "other"


ONE_PRESS = frozenset({Reason.LIFE, Reason.ABUSE, Reason.DV, Reason.FALSE_ALARM})
#: How long broken glass stays open. Afterwards it is broken anew, with a reason and a record of its own.
URGENT_OPEN = dt.timedelta(hours=24)
REASONED_OPEN = dt.timedelta(hours=8)


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """Broken glass: open from `opened_at` to `ends_at`, for some turns of the talk, or for all (`turns` None)."""

    opened_at: dt.datetime
    ends_at: dt.datetime
    turns: frozenset[int] | None

    def covers(self, turn: int | None, now: dt.datetime) -> bool:
        return self.opened_at <= now < self.ends_at and (self.turns is None or turn in self.turns)


def around(turn: int) -> frozenset[int]:
    """The turn that raised the alarm with one on each side."""
    return frozenset({turn - 1, turn, turn + 1})


def readable(
    sent_at: dt.datetime,
    turn: int | None,
    *,
    consents: Sequence[ReadConsent],
    grants: Sequence[Grant],
    now: dt.datetime,
) -> bool:
    """Whether the words sent at `sent_at`, in the `turn`-th turn of the talk, may be shown."""
    return any(consent.covers(sent_at, now) for consent in consents) or any(g.covers(turn, now) for g in grants)
