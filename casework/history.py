"""これまでのこと: everything that happened with a case, in one order. Pure; what is shown of it a page decides."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo


class Strand(StrEnum):
    """What a line is about."""

    TALK = "talk"
    CASE = "case"
    NOTE = "note"
    TASK = "task"
    CONSENT = "consent"
    SHEET = "sheet"
    CALL = "call"
    READING = "reading"


_STRANDS = {
    Strand.TALK: ("asked", "took_back", "blocked", "unblocked", "came", "left", "wrote", "drafted", "dropped"),
    Strand.NOTE: ("noted", "handed_on"),
    Strand.TASK: ("task", "task_done"),
    Strand.CONSENT: ("consent_declined",),
    Strand.CALL: ("alarm_urgent", "alarm_watch", "told", "told_nobody"),
    Strand.READING: ("glass", "told_read"),
}
#: What the book of consents tells more fully.
TOLD_BY_BOOK = frozenset({"consent_read", "consent_given", "consent_withdrawn"})
_STRAND_OF = {kind: strand for strand, kinds in _STRANDS.items() for kind in kinds}


def strand_of(kind: str) -> Strand:
    """What a line of the case's own record is about; what is not listed is about the case itself."""
    return _STRAND_OF.get(kind, Strand.CASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One thing that happened. `actor` is an id of staff, `resident` or `program`; `object_id` what it was about."""

    at: dt.datetime
    strand: Strand
    kind: str
    actor: str
    object_id: UUID | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """Somebody said something: `by` is resident, program or staff. No words."""

    at: dt.datetime
    by: str


_SPEAKERS = {"resident": "本人", "program": "自動の返事", "staff": "相談員"}


def days_of(said: Iterable[Said], zone: ZoneInfo) -> list[Line]:
    """The talk, a line a day of the desk's calendar: how much everybody said, at the time of the day's last word."""
    counts: dict[dt.date, Counter[str]] = {}
    last: dict[dt.date, dt.datetime] = {}
    for one in said:
        day = one.at.astimezone(zone).date()
        counts.setdefault(day, Counter())[one.by] += 1
        last[day] = max(one.at, last.get(day, one.at))
    return [
        Line(
            at=last[day],
            strand=Strand.TALK,
            kind="talked",
            actor="resident",
            note="、".join(f"{name}{count[by]}通" for by, name in _SPEAKERS.items() if count[by]),
        )
        for day, count in counts.items()
    ]


def merged(lines: Iterable[Line], only: Strand | None = None) -> list[Line]:
    """All of it, the newest first; of several at once the one that was told first comes last."""
    kept = [line for line in lines if only is None or line.strand is only]
    return sorted(kept, key=lambda line: line.at, reverse=True)
