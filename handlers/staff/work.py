"""What the pages of cases work with beside the console's own parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from casework.standing import Terms
from config.casework import CaseWords
from handlers.quota import Quotas
from handlers.staff.live import Live
from handlers.turn import Turns


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseWork:
    """`deliver` asks for a resident's waiting letters to be sent."""

    turns: Turns
    deliver: Callable[[UUID], None]
    quotas: Quotas
    words: Mapping[str, CaseWords]
    terms: Mapping[str, Terms]
    live: Live

    @property
    def typing_lasts(self) -> timedelta:
        """For how long after the last key somebody counts as writing."""
        return timedelta(seconds=8)
