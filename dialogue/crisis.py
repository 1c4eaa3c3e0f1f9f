"""Danger: which card, and what is said with it.

The machine decides no report (児童虐待防止法6条 and its sisters are for people to apply): it shows numbers, takes
the person seriously and alerts staff at once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from config.content import Content
from config.contents.models import CrisisCard, CrisisWhen, Line
from dialogue import listening
from dialogue.effects import AlertStaff
from dialogue.listened import Listened
from dialogue.listening import Turn
from dialogue.state import CrisisShown, State
from dialogue.voice import Voice
from dialogue.words import Card, Message, Text
from nlp.findings import RiskKind, RiskLevel, SafetyRole

MOST_CONTACTS = 3
# Those who see it or fear to do it are asked something else than those it happens to.
BY_ROLE = frozenset({SafetyRole.WITNESS.value, SafetyRole.MAY_HARM.value})
AGAIN_AFTER = dt.timedelta(minutes=30)
AFTERMATH = dt.timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """When a decision is made: `open` says whether a person reads now."""

    now: dt.datetime
    open: bool


def card_for(content: Content, listened: Listened) -> str:
    """The first card whose conditions hold; violence of an unknown sort has a card of its own."""
    return next((key for key, card in content.cards.items() if _holds(card.when, listened)), "violence_unknown")


def _holds(when: CrisisWhen, listened: Listened) -> bool:
    kinds = {kind.value for kind in listened.danger.kinds} or {RiskKind.SUICIDE.value}
    age = listened.facts.writer_age or 0
    return (
        bool(kinds & set(when.kinds))
        and set(when.also) <= kinds
        and (not when.roles or listened.role in when.roles)
        and (not when.at_risk or listened.at_risk in when.at_risk)
        and (when.minor is None or when.minor == listened.minor)
        and (when.age_from is None or age >= when.age_from)
    )


def answer(voice: Voice, state: State, turn: Turn, moment: Moment) -> tuple[list[Message], State]:
    """The answer to `urgent`: the card when it is new, due again or of another kind, and always a sentence."""
    content, listened = voice.desk.content, turn.listened
    key = card_for(content, listened)
    kinds = tuple(sorted(kind.value for kind in listened.danger.kinds))
    wanted = "number" in turn.intent.commands
    if not wanted and not _card_due(state, key, kinds, listened, moment.now):
        return [Text(text=_without_card(voice, state, turn))], listening.taken_up(state, turn)
    card = content.cards[key]
    said: list[Message] = [
        _card(voice, card.contacts, card.notice, card.title, card.lines["kana" if voice.kana else "plain"], moment.now),
        *([Text(text=voice.fill(voice.foreign.danger))] if voice.foreign else []),
        Text(text=voice.say(card.sentence)),
        Text(text=_open_or_night(voice, card, moment)),
    ]
    # Kinds add up, so that a danger already answered does not count as new when another one comes up beside it.
    before = state.crisis.kinds if state.crisis else ()
    shown = CrisisShown(card=key, kinds=tuple(sorted({*before, *kinds})), at=moment.now)
    return said, replace(listening.taken_up(state, turn), crisis=shown)


def _card_due(state: State, key: str, kinds: tuple[str, ...], listened: Listened, now: dt.datetime) -> bool:
    shown = state.crisis
    if shown is None:
        return True
    if listened.message.risk.level is not RiskLevel.URGENT:
        return False
    return not set(kinds) <= set(shown.kinds) or key != shown.card or now - shown.at >= AGAIN_AFTER


def _without_card(voice: Voice, state: State, turn: Turn) -> str:
    """The card stands above: what is said now must neither repeat it nor lose the tone."""
    words = voice.desk.content.crisis
    if turn.listened.message.risk.level is not RiskLevel.NONE:
        return voice.say(words.again)
    if "fine" in turn.intent.talk:
        return voice.say(words.retracted_guarded if state.guarded else words.retracted)
    if state.guarded or turn.listened.message.concerns:
        return listening.take_up(voice, state, turn)
    return voice.say(words.later)


def _open_or_night(voice: Voice, card: CrisisCard, moment: Moment) -> str:
    """One safety question while a person can hold the answer, else the truth about the night."""
    words = voice.desk.content.crisis
    if not moment.open:
        return voice.say(words.night)
    return f"{voice.say(words.told)}\n{voice.say(card.ask)}"


def numbers(voice: Voice, state: State, listened: Listened, moment: Moment) -> tuple[list[Message], State]:
    """The numbers again, on request and whatever the clock: those of the last card, else the general ones."""
    content = voice.desk.content
    lines: tuple[str, ...] = ()
    key = state.crisis.card if state.crisis and state.crisis.card in content.cards else None
    if key is None and listened.level is RiskLevel.URGENT:
        key = card_for(content, listened)
    if key is None:
        words = content.crisis
        places = words.numbers_contacts_minor if listened.minor else words.numbers_contacts
        card = _card(voice, places, words.watch_notice, words.numbers_title, lines, moment.now)
        return [card], state
    known = content.cards[key]
    lines = known.lines["kana" if voice.kana else "plain"]
    if state.crisis is not None:
        state = replace(state, crisis=replace(state.crisis, at=moment.now))
    return [_card(voice, known.contacts, known.notice, known.title, lines, moment.now)], state


def watch(voice: Voice, state: State, listened: Listened, moment: Moment) -> tuple[list[Message], State]:
    """The gentle check for a matter that is new: by day one question, at night two places that answer."""
    words = voice.desk.content.crisis
    kinds = [kind.value for kind in fresh_kinds(state, listened)]
    check = words.watch[listened.role if listened.role in BY_ROLE else kinds[0]]
    state = replace(state, flagged=(*state.flagged, *kinds))
    if moment.open:
        return [Text(text=voice.say(check.say)), Text(text=voice.say(check.ask))], replace(state, asked=True)
    places = words.watch_contacts_minor if listened.minor else words.watch_contacts
    card = _card(voice, places, words.watch_notice, words.watch_title, (), moment.now)
    return [Text(text=voice.say(check.say)), card, Text(text=voice.say(words.night_watch))], state


def fresh_kinds(state: State, listened: Listened) -> list[RiskKind]:
    """Kinds of danger shown now that staff have not been told of."""
    return [kind for kind in listened.danger.kinds if kind.value not in state.flagged]


def alert(state: State, listened: Listened) -> AlertStaff | None:
    """Staff hear of every message that is urgent, and of a worrying matter once."""
    level, kinds = listened.level, listened.danger.kinds
    by_message = listened.message.risk.level is level
    if level is RiskLevel.URGENT and (by_message or state.crisis is None):
        again = "again" if state.crisis is not None else "first"
        return AlertStaff(level=level, kinds=kinds, rule=f"urgent.{listened.role}.{again}")
    if level is RiskLevel.WATCH and fresh_kinds(state, listened):
        return AlertStaff(level=level, kinds=tuple(fresh_kinds(state, listened)), rule=f"watch.{listened.role}")
    return None


def in_aftermath(state: State, now: dt.datetime) -> bool:
    """Whether a crisis was answered lately enough for its tone to stay."""
    return state.crisis is not None and now - state.crisis.at < AFTERMATH


def contacts_card(voice: Voice, names: tuple[str, ...], title: Line, now: dt.datetime) -> Card:
    """A card of the places called `names`."""
    return _card(voice, names, voice.desk.content.crisis.watch_notice, title, (), now)


def _card(
    voice: Voice, names: tuple[str, ...], notice: Line, title: Line, lines: tuple[str, ...], now: dt.datetime
) -> Card:
    day = voice.desk.local(now).date()
    found = [place for name in names if (place := voice.desk.content.place(name)) and place.valid_on(day)]
    return Card(
        notice=voice.line(notice),
        title=voice.line(title),
        lines=tuple(voice.fill(line) for line in lines),
        contacts=tuple(voice.contact(place) for place in found[:MOST_CONTACTS]),
    )
