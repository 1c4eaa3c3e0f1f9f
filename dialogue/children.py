"""Places for who is under age: once, at the first sign of despair, and as soon as the age is told after a card or a
check that was meant for grown-ups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from config.content import Content
from dialogue import places
from dialogue.intents import Intent
from dialogue.listened import Listened
from dialogue.manner import SMALL
from dialogue.places import Moment
from dialogue.state import State, Tone
from dialogue.voice import Voice
from dialogue.words import Card, Message, Text
from nlp.findings import RiskKind, RiskLevel, SafetyRole

# The places for children were shown.
SHOWN = "child_shown"
# At `watch` a teenager is not handed numbers for a quarrel at home, but for thoughts of dying; a small child for both.
AT_ONCE = frozenset({RiskKind.SUICIDE})
Contacts = Literal["suicide", "violence", "lifeline", "touched"]
KINDS: Mapping[RiskKind, Contacts] = {
    RiskKind.SUICIDE: "suicide",
    RiskKind.VIOLENCE: "violence",
    RiskKind.LIFELINE: "lifeline",
}


def card(
    voice: Voice, listened: Listened, moment: Moment, *, most: int | None = None, guarded: bool = False
) -> Card | None:
    """The places that fit the danger known by now; None where it is one of the body alone. In a `guarded` talk there
    is fear at home, also where no single word was enough for an alert."""
    key = _contacts_for(listened) or ("violence" if guarded else None)
    if key is None:
        return None
    words = voice.desk.content.crisis.children
    lines = words.lines["kana" if voice.kana else "plain"]
    return places.card(voice, words.contacts[key][:most], words.title, moment.now, lines=lines)


def at_once(voice: Voice, listened: Listened, moment: Moment) -> Card | None:
    """The places beside the gentle check: thoughts of dying at any age, and any danger to a small child."""
    kinds = set(listened.danger.kinds)
    small = _small(voice, listened)
    return card(voice, listened, moment) if listened.minor and (small or kinds & AT_ONCE) else None


def since_known(
    voice: Voice, state: State, listened: Listened, intent: Intent, moment: Moment
) -> tuple[list[Message], State] | None:
    """One sentence and the places, once it is known that who was shown others, or asked gently, is under age."""
    if not _due(voice, state, listened, intent):
        return None
    shown = card(voice, listened, moment, guarded=state.guarded)
    if shown is None:
        return None
    said: list[Message] = [Text(text=voice.say(voice.desk.content.crisis.children.known)), shown]
    return said, told(state)


def told(state: State) -> State:
    """`state` once the places were shown."""
    return state if SHOWN in state.roles else replace(state, roles=(*state.roles, SHOWN))


def meant_for_them(content: Content, key: str) -> bool:
    """Whether a crisis card has places for children on it."""
    known = content.cards.get(key)
    first = {names[0] for names in content.crisis.children.contacts.values()}
    return known is not None and bool(first & {*known.beside, *known.contacts})


def _due(voice: Voice, state: State, listened: Listened, intent: Intent) -> bool:
    # Somebody beside the screen must not see a card, and where a body is in danger 119 stays the last word.
    held = "watched" in intent.styles or RiskKind.MEDICAL in listened.danger.kinds
    if not listened.minor or SHOWN in state.roles or held:
        return False
    if state.crisis is not None:
        return not meant_for_them(voice.desk.content, state.crisis.card)
    flagged = {RiskKind(kind) for kind in state.flagged} & set(KINDS)
    # Where nothing but the sort of worry speaks of home, the age must have been told.
    age = listened.facts.writer_age
    flagged |= {RiskKind.VIOLENCE} if state.guarded and age is not None and age <= SMALL else set()
    told_enough = listened.level is RiskLevel.URGENT or _small(voice, listened)
    return bool(flagged if told_enough else flagged & AT_ONCE)


def _small(voice: Voice, listened: Listened) -> bool:
    age = listened.facts.writer_age
    return age <= SMALL if age is not None else voice.tone is Tone.KANA


def _contacts_for(listened: Listened) -> Contacts | None:
    kinds = {*listened.danger.kinds, *listened.overall.risk.kinds}
    kind = next((kind for kind in KINDS if kind in kinds), None)
    if kind is RiskKind.VIOLENCE and listened.role == SafetyRole.MAY_HARM:
        # Who fears to hurt somebody is no case for a report: a voice that listens.
        return "suicide"
    if kind is RiskKind.VIOLENCE and "touched" in listened.tells:
        return "touched"
    return None if kind is None else KINDS[kind]
