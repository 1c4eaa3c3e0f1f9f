"""What the dialogue remembers of a scam that is going on: when the numbers were shown, and how far it has come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

_TIMES = ("began", "at", "heard")
_FLAGS = ("paid", "over", "door")


@dataclass(frozen=True, kw_only=True, slots=True)
class ScamMemory:
    """`began` is when the card was first shown, `at` when it was last, `heard` when words last belonged to it; `paid`
    that something was handed over, `over` that the resident put an end to it, `door` that somebody stands at theirs."""

    began: dt.datetime
    at: dt.datetime
    heard: dt.datetime
    paid: bool = False
    over: bool = False
    door: bool = False

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Raises KeyError, TypeError, ValueError or OverflowError on anything that `to_json` did not write."""
        if not isinstance(value, Mapping):
            raise TypeError("an object is expected")
        began, at, heard = (dt.datetime.fromtimestamp(value[name], dt.UTC) for name in _TIMES)
        paid, over, door = (bool(value.get(name)) for name in _FLAGS)
        return cls(began=began, at=at, heard=heard, paid=paid, over=over, door=door)

    def to_json(self) -> dict[str, Any]:
        """Times as whole seconds."""
        times = {name: int(getattr(self, name).timestamp()) for name in _TIMES}
        return {**times, **{name: True for name in _FLAGS if getattr(self, name)}}
