"""Cards of places to call or write to, and the moment they are shown at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from config.contents.models import Line
from dialogue.voice import Voice
from dialogue.words import Card

MOST_CONTACTS = 3
#: Where a body or a home is in danger, these stay first for everybody: somebody near can be asked to call.
AT_ONCE = frozenset({"119", "110"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """When a decision is made: `open` says whether a person reads now, `resting_until` that nothing goes out by itself
    before then (a disaster, an office that is closed)."""

    now: dt.datetime
    open: bool
    resting_until: dt.datetime | None = None


def card(
    voice: Voice,
    names: tuple[str, ...],
    title: Line,
    now: dt.datetime,
    *,
    notice: Line | None = None,
    lines: tuple[str, ...] = (),
) -> Card:
    """A card of the places called `names` that are valid now; those the desk does not have are left out."""
    content = voice.desk.content
    day = voice.desk.local(now).date()
    found = [place for name in names if (place := content.place(name)) and place.valid_on(day)]
    if voice.by_letters and found and found[0].number not in AT_ONCE:
        # Whoever cannot telephone finds first what answers in letters.
        found.sort(key=lambda place: place.number is not None)
    return Card(
        notice=voice.line(notice or content.crisis.watch_notice),
        title=voice.line(title),
        lines=tuple(voice.fill(line) for line in lines),
        contacts=tuple(voice.contact(place) for place in found[:MOST_CONTACTS]),
    )
