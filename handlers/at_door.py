"""Which turns happen at the door, and what staff may learn there: LINE of a talk that is held in the room.

A desk may talk in rooms, and a resident may have chosen the room at a desk that talks in LINE. Then LINE only opens
the room: nothing written there is kept but that something came.
"""

from __future__ import annotations

from dataclasses import replace

from dialogue import Desk
from handlers.hearing import Understanding
from nlp import Known
from nlp.findings import Risk, RiskLevel
from storage.residents import ResidentRow
from storage.tables import Channel, Place


def has_rooms(desk: Desk) -> bool:
    """Whether everybody of this desk talks in a room."""
    return desk.content.desk.conversation_place == "room"


def place_of(desk: Desk, chosen: Place) -> Place:
    """Where a talk is held: `chosen` is the resident's own place."""
    return Place.ROOM if has_rooms(desk) else chosen


def is_at_door(desk: Desk, channel: Channel, resident: ResidentRow | None) -> bool:
    """Whether what comes from here comes to the door."""
    chosen = Place.LINE if resident is None else resident.place
    return channel is Channel.LINE and place_of(desk, chosen) is Place.ROOM


def known_to_staff(before: Known, heard: Understanding | None) -> Known:
    """What is known after words at the door, and told to staff: only how high a danger is, of which kind, and whose.

    `before` is what was known from the room. No word and no span of what was heard is in it.
    """
    if heard is None or heard.listened.message.risk.level is not RiskLevel.URGENT:
        return before
    said, known = heard.listened.message, before.assessment
    kinds = tuple(dict.fromkeys((*known.risk.kinds, *said.risk.kinds)))
    facts = replace(
        known.facts,
        safety=said.facts.safety or known.facts.safety,
        writer_minor=said.facts.writer_minor or known.facts.writer_minor,
    )
    level = RiskLevel.URGENT
    risk = Risk(level=level, kinds=kinds, evidence=known.risk.evidence)
    return replace(before, assessment=replace(known, risk=risk, facts=facts))
