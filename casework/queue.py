"""The hand-off queue: who comes first, which lane a case stands in, and what is filtered. Pure rules over values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Self, TypeVar

from casework.numbers import number_typed
from casework.workdays import Workdays

E = TypeVar("E", bound=StrEnum)


class CaseState(StrEnum):
    """Nobody's yet, somebody's, put off until a time or the resident's next word, done."""

    WAITING = "waiting"
    OPEN = "open"
    SNOOZED = "snoozed"
    CLOSED = "closed"


class LastWord(StrEnum):
    """Who said something last."""

    RESIDENT = "resident"
    STAFF = "staff"
    PROGRAM = "program"


class Level(StrEnum):
    """How soon a person has to look."""

    NONE = "none"
    WATCH = "watch"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        return list(Level).index(self)


class Place(IntEnum):
    """Where a case stands: urgent first, then everybody who waits, then those for whom nobody has to do anything."""

    URGENT = 0
    WAITING = 1
    ANSWERED = 2


class SafeContact(StrEnum):
    """Whether a message on the phone can harm: somebody else may read it."""

    UNKNOWN = "unknown"
    YES = "yes"
    NO = "no"


class Lane(StrEnum):
    """The parts of the queue."""

    ALL = "all"
    UNCLAIMED = "unclaimed"
    MINE = "mine"
    CHILDREN = "children"


#: The worry of a child who carries a home.
YOUNG_CARER = "young_carer"
GROWN_UP = 18


def place(level: Level, *, waits: bool) -> Place:
    """Whoever is in danger and waits comes first, then by waiting time alone."""
    if not waits:
        return Place.ANSWERED
    return Place.URGENT if level is Level.URGENT else Place.WAITING


def level_now(found: Level, lowered_to: Level | None) -> Level:
    """What the words say, unless staff put it lower. A new danger takes their lowering away (`storage.cases`)."""
    return found if lowered_to is None else min(found, lowered_to, key=lambda level: level.rank)


def carries_a_home(categories: Iterable[str], *, minor: bool, age: int | None) -> bool:
    """A child who quietly carries a home: such a child seldom asks for anybody, so a person looks by themselves."""
    grown = age is not None and age >= GROWN_UP
    return YOUNG_CARER in set(categories) and not grown and (minor or age is None or age < GROWN_UP)


def deadline(
    level: Level, *, child_lane: bool, now: dt.datetime, urgent_within: dt.timedelta, workdays: Workdays
) -> dt.datetime | None:
    """By when a person has to have looked: minutes in danger, the end of the next 開庁日 for a child who carries."""
    if level is Level.URGENT:
        return now + urgent_within
    return workdays.end_of_next(now) if child_lane else None


_BANDS = ((11, "0-11"), (14, "12-14"), (17, "15-17"), (24, "18-24"), (39, "25-39"), (64, "40-64"), (74, "65-74"))


def age_band(age: int | None, *, minor: bool) -> str | None:
    """Not an age: a band of ages. `minor` where a child writes whose age is not known."""
    if age is None:
        return "minor" if minor else None
    return next((band for most, band in _BANDS if age <= most), "75-")


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """The last case of a page: what comes after it is the next page."""

    place: Place
    since: dt.datetime
    id: str

    def written(self) -> str:
        return f"{self.place.value}.{(self.since - _EPOCH) // _MICROSECOND}.{self.id}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None for anything that is no cursor of ours: then the list begins anew."""
        try:
            place_, micros, case_id = text.split(".")
            since = _EPOCH + int(micros) * _MICROSECOND
            return cls(place=Place(int(place_)), since=since, id=case_id)
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What of the queue is looked at. `words` is (part of) an alias or a number; `closed` looks at what is done."""

    lane: Lane = Lane.ALL
    level: Level | None = None
    category: str | None = None
    area: str | None = None
    owner: str | None = None
    words: str = ""
    closed: bool = False
    after: Cursor | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str], *, categories: Iterable[str], areas: Iterable[str]) -> Self:
        """From the address of the page. What is not known is left out, never an error."""
        category, area = asked.get("category", ""), asked.get("area", "")
        return cls(
            lane=_one_of(Lane, asked.get("lane", "")) or Lane.ALL,
            level=_one_of(Level, asked.get("level", "")),
            category=category if category in set(categories) else None,
            area=area if area in set(areas) else None,
            owner=asked.get("owner") or None,
            words=number_typed(asked.get("words", "").strip()[:64])[:64],
            closed=asked.get("closed") == "1",
            after=Cursor.read(asked.get("after", "")),
        )

    def written(self, **changes: str | None) -> dict[str, str]:
        """As parts of an address; `changes` replace, None leaves out. A change begins at the first page."""
        parts: dict[str, str | None] = {
            "lane": None if self.lane is Lane.ALL else self.lane.value,
            "level": self.level.value if self.level else None,
            "category": self.category,
            "area": self.area,
            "owner": self.owner,
            "words": self.words or None,
            "closed": "1" if self.closed else None,
        }
        parts |= changes
        return {name: value for name, value in parts.items() if value}


def _one_of(kind: type[E], value: str) -> E | None:
    return kind(value) if value in set(kind) else None


#: After this long without a word from the resident a person's message counts as unanswered.
UNANSWERED_AFTER = dt.timedelta(days=3)


class Silence(StrEnum):
    """Why somebody is on the list of those who fell silent: for outreach, never for closing."""

    BLOCKED = "blocked"
    UNANSWERED = "unanswered"
    CHECK_IN = "check_in"
    OFFERED = "offered"


def silence(*, blocked: bool, last_word: LastWord, last_word_at: dt.datetime, now: dt.datetime) -> Silence | None:
    """Whether a case is one of somebody who fell silent."""
    if blocked:
        return Silence.BLOCKED
    if last_word is LastWord.STAFF and now - last_word_at >= UNANSWERED_AFTER:
        return Silence.UNANSWERED
    return None
