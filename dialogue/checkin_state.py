"""What the dialogue remembers of check-ins between turns: the plan that holds, and what is being asked about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from dialogue.followups import CheckInPlan, QuietHours

_TEXTS = ("offered", "step", "rhythm", "band", "waiting", "last", "language")
_FLAGS = ("unwelcome",)
_DATES = ("on_day", "hard_on")
_NOTHING_ASKED: Mapping[str, Any] = {"step": "", "rhythm": "", "on_day": None, "band": ""}


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckInMemory:
    """`offered` is `made` once the program offered check-ins by itself, then the answer, or `asked`; `plan` is the one
    that holds; `step` is the open question, `rhythm`, `on_day` and `band` what was chosen so far; `waiting` is the
    check-in that has no answer yet, `last` the phrase with which it began, `nudged_at` when its second word went out;
    `hard_on` the day on which staff were last told of a 「しんどい」; `unwelcome` that the resident does not want to be
    written to here; `quiet` the hours they chose in which nothing is sent; `language` the one beside which check-ins
    are said."""

    offered: str = ""
    plan: CheckInPlan | None = None
    step: str = ""
    rhythm: str = ""
    on_day: dt.date | None = None
    band: str = ""
    waiting: str = ""
    last: str = ""
    language: str = ""
    nudged_at: dt.datetime | None = None
    hard_on: dt.date | None = None
    unwelcome: bool = False
    quiet: QuietHours | None = None

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Raises KeyError, TypeError or ValueError on anything that `to_json` did not write; names that only a newer
        program knows are left out."""
        if not isinstance(value, Mapping):
            raise TypeError("an object is expected")
        known = {field.name for field in fields(cls)}
        return cls(**{name: _read(name, item) for name, item in value.items() if name in known})

    def to_json(self) -> dict[str, Any]:
        """Only what differs from a memory of nothing."""
        out: dict[str, Any] = {name: text for name in _TEXTS if (text := getattr(self, name))}
        out |= {name: True for name in _FLAGS if getattr(self, name)}
        out |= {name: day.isoformat() for name in _DATES if (day := getattr(self, name)) is not None}
        if self.nudged_at is not None:
            out["nudged_at"] = int(self.nudged_at.timestamp())
        plan = {} if self.plan is None else {"plan": self.plan.to_json()}
        quiet = {} if self.quiet is None else {"quiet": self.quiet.to_json()}
        return out | plan | quiet

    def settled(self) -> Self:
        """With nothing being asked."""
        return replace(self, **_NOTHING_ASKED)

    def gone_out(self, plan: CheckInPlan, occurrence: str, *, phrase: str, nudged_at: dt.datetime | None) -> Self:
        """With a check-in on its way, that is all there is to answer; `plan` is what is left after it."""
        return replace(self, **_NOTHING_ASKED, plan=plan, waiting=occurrence, last=phrase, nudged_at=nudged_at)


def _read(name: str, item: Any) -> Any:
    if name == "plan":
        return CheckInPlan.from_json(item)
    if name == "nudged_at":
        return dt.datetime.fromtimestamp(item, dt.UTC)
    if name == "quiet":
        return QuietHours.from_json(item)
    if name in _DATES:
        return dt.date.fromisoformat(item)
    if type(item) is not (bool if name in _FLAGS else str):
        raise TypeError(f"“{name}” is of another type")
    return item
