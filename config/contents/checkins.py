"""Typed, frozen models of the check-ins: when they go out, and what is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from config.contents.models import Clock, Line, Part, Voiced

BANDS = ("morning", "noon", "evening")
RHYTHMS = ("tomorrow", "weekly", "fortnightly", "monthly", "on_day")
LABELS = (
    *("yes", "no", *RHYTHMS, *BANDS, "seen", "unseen"),
    *("hours", "day", "change", "quiet", "rest", "again", "end"),
)
REPLIES = ("good", "so_so", "hard", "talk", "pause")
#: So many that nobody reads the same one twice within half a year of weeks.
OPENINGS = 24


def _day_of_year(text: str) -> str:
    month, _, day = text.partition("-")
    if not (len(text) == 5 and month.isdigit() and day.isdigit() and 1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        raise ValueError("毎年の日は 12-29 の形で書いてください")
    return text


DayOfYear = Annotated[str, AfterValidator(_day_of_year)]


class Span(Part):
    """From one clock time to a later one of the same day."""

    begins: Clock
    ends: Clock

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.begins >= self.ends:
            raise ValueError("begins は ends より前にしてください")
        return self


class Term(Part):
    """A term of school: its first and its last day, the same every year."""

    first: DayOfYear
    last: DayOfYear

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError("first は last より前にしてください。年をまたぐ学期は、二つに分けて書いてください")
        return self


class Hours(Part):
    """Clock times, over midnight where `begins` is the later one."""

    begins: Clock
    ends: Clock


class Timing(Part):
    """When a check-in may go out. Times are on the desk's wall clock."""

    bands: Mapping[Literal["morning", "noon", "evening"], Span]
    quiet: Hours
    quiet_choices: Annotated[tuple[Hours, ...], Field(min_length=1, max_length=6)]
    school: Span
    terms: tuple[Term, ...]
    #: Beside the desk's own closed days and public holidays.
    quiet_every_year: tuple[DayOfYear, ...] = ()
    #: Days after which one gentle second word may follow a first one that got no answer.
    second_after_days: Annotated[int, Field(ge=1, le=30)]
    pause_days: Annotated[int, Field(ge=1, le=366)]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if lacking := [name for name in BANDS if name not in self.bands]:
            raise ValueError(f"足りません: {', '.join(lacking)}")
        return self


class Asked(Part):
    """One question of those that settle a plan."""

    ask: Voiced


class Typed(Part):
    """A question that is mostly answered in typed words, and what is said to words that cannot be read."""

    ask: Voiced
    unclear: Voiced


class Quiet(Part):
    """The hours in which nothing is sent."""

    ask: Voiced
    unclear: Voiced
    set: Line


class Agreed(Part):
    """A plan in one sentence, and what stands behind it."""

    again: Line
    once: Line
    first: Line
    only: Line
    #: To a minor whose band lies in school hours: `{ends}` is when school is over.
    school: Line


class Ending(Part):
    """That a plan ends by itself, and the last word of one."""

    until: Line
    times: Line
    left: Line
    last: Line


class Shown(Part):
    """What is set now."""

    none: Voiced
    again: Line
    once: Line
    paused: Line


class ByStaff(Part):
    """A coordinator set or ended the check-ins. `{who}` is how they are shown."""

    again: Line
    once: Line
    way_out: Line
    ended: Line


class Answers(Part):
    """What is said to an answer."""

    good: Voiced
    so_so: Voiced
    hard: Voiced
    hard_invite: Voiced
    #: To a short word that is none of the buttons and tells no worry.
    words: Voiced


class CheckIns(Part):
    """Everything about check-ins."""

    timing: Timing
    offer: Voiced
    labels: Mapping[str, Line]
    bands: Mapping[Literal["morning", "noon", "evening"], Line]
    rhythm: Asked
    day: Typed
    band: Asked
    seen: Asked
    noted: Line
    quiet: Quiet
    agreed: Agreed
    ending: Ending
    #: Said with a plan. Without it the pages of staff show no answers over time: nobody would know of it.
    answers_told: Line | None = None
    declined: Voiced
    later: Voiced
    shown: Shown
    paused: Line
    going_on: Voiced
    ended: Voiced
    by_staff: ByStaff
    openings: Voiced
    second: Voiced
    second_once: Voiced
    replies: Mapping[Literal["good", "so_so", "hard", "talk", "pause"], Line]
    signed: Line
    answers: Answers

    @model_validator(mode="after")
    def _complete(self) -> Self:
        lacking = [f"labels.{name}" for name in LABELS if name not in self.labels]
        lacking += [f"bands.{name}" for name in BANDS if name not in self.bands]
        lacking += [f"replies.{name}" for name in REPLIES if name not in self.replies]
        if lacking:
            raise ValueError(f"足りません: {', '.join(lacking)}")
        few = [voice for voice in (self.openings.plain, self.openings.kana) if len(voice) < OPENINGS]
        if few:
            raise ValueError(f"openings は、どちらの話し方でも{OPENINGS}個以上書いてください")
        return self
