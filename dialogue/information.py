"""When somebody asks where to turn: one place that fits, with its number and what happens if one calls.

Facts only: a place that was not checked lately is not shown. Nobody gets the same place twice in a talk.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from config.contents.models import Place
from dialogue.listened import Listened
from dialogue.voice import Voice
from dialogue.words import Card


def card(voice: Voice, listened: Listened, now: dt.datetime) -> Card | None:
    """A card of the first place for what is on somebody's mind, or None when there is none left."""
    day = voice.desk.local(now).date()
    words = voice.desk.content
    for name, place in _fitting(voice, listened):
        if place.fresh_on(day) and voice.first_time(f"place:{name}"):
            return Card(
                notice=voice.line(words.crisis.watch_notice),
                title=voice.line(words.listening.information.title),
                lines=() if place.about is None else (voice.line(place.about),),
                contacts=(voice.contact(place),),
            )
    return None


def unasked(voice: Voice, listened: Listened, topic: str, now: dt.datetime) -> Card | None:
    """The same for a matter that has become clear, once for each."""
    if not voice.first_time(f"told:{topic}"):
        return None
    return card(voice, listened, now)


def _fitting(voice: Voice, listened: Listened) -> Iterator[tuple[str, Place]]:
    """The desk's own places before the national ones, this message's worries before earlier ones. Who cannot telephone
    is given none that only answers there."""
    content = voice.desk.content
    here = content.desk.prefecture
    topics = dict.fromkeys(concern.id for concern in (*listened.message.concerns, *listened.overall.concerns))
    ages = {"all", "children" if listened.minor else "adults"}
    local = content.listening.information.local
    for topic in topics:
        for key, place in content.desk.local.items():
            if topic in local.get(key, ()) and _reachable(voice, place):
                yield key, place
        for name, place in content.contacts.items():
            fits = topic in place.topics and place.ages in ages and (not place.areas or here in place.areas)
            if fits and _reachable(voice, place):
                yield name, content.place(name) or place


def _reachable(voice: Voice, place: Place) -> bool:
    return place.number is None or not voice.by_letters
