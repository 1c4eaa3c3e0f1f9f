"""Danger: which card, and what is said with it.

The machine decides no report (児童虐待防止法6条 and its sisters are for people to apply): it shows numbers, takes
the person seriously and alerts staff at once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from config.content import Content
from config.contents.danger import CrisisCard, CrisisWhen
from config.contents.models import Voiced
from dialogue import aftermath, children, listening, offer, places
from dialogue.effects import AlertStaff, OfferMade
from dialogue.intents import Intent
from dialogue.listened import Listened
from dialogue.listening import Turn
from dialogue.places import Moment
from dialogue.state import CrisisShown, Pending, State
from dialogue.voice import Voice
from dialogue.words import Card, Choices, Message, Text
from nlp.findings import RiskKind, RiskLevel, SafetyRole

# Those who see it or fear to do it are asked something else than those it happens to.
BY_ROLE = frozenset({SafetyRole.WITNESS.value, SafetyRole.MAY_HARM.value})
MEDICAL = RiskKind.MEDICAL.value
PARTING = frozenset({"bye", "thanks"})
ASKING = frozenset({"question", "where"})
# An accident or a hand that is raised is over after that, one way or the other.
GOES_ON = dt.timedelta(hours=2)
AGAIN_AFTER = dt.timedelta(minutes=30)
# For what was done after a word of dying: 119 first.
ACTED = "suicide_medical"


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
        and (when.tells is None or when.tells in listened.tells)
        and (when.age_from is None or age >= when.age_from)
    )


def answer(
    voice: Voice, state: State, turn: Turn, moment: Moment
) -> tuple[list[Message], State, tuple[OfferMade, ...]]:
    """The answer to `urgent`: the card when it is new, due again or of another kind, and always a sentence."""
    content, listened = voice.desk.content, turn.listened
    acted = aftermath.acted(state, turn.intent, listened)
    key = ACTED if acted else card_for(content, listened)
    kinds = tuple(sorted({*(kind.value for kind in listened.danger.kinds), *((MEDICAL,) if acted else ())}))
    wanted = "number" in turn.intent.commands
    # Who takes it back is met, not handed another card; staff hear of it all the same.
    retracts = turn.intent.retracts and state.crisis is not None
    urgent = acted or listened.message.risk.level is RiskLevel.URGENT
    if not wanted and (retracts or not _card_due(state, key, kinds, moment.now, urgent=urgent)):
        if younger := children.since_known(voice, state, listened, turn.intent, moment):
            return _for_child(content, key, younger, turn)
        return _talk_on(voice, listening.taken_up(state, turn), turn, moment, _without_card(voice, state, turn, moment))
    card = content.cards[key]
    last, state, made = _open_or_night(voice, state, turn, card, moment)
    said: list[Message] = [
        _shown(voice, card, moment),
        *([Text(text=voice.fill(voice.foreign.danger))] if voice.foreign else []),
        Text(text=voice.say(card.sentence)),
        last,
    ]
    # Kinds add up, so that a danger already answered does not count as new when another one comes up beside it.
    before = state.crisis.kinds if state.crisis else ()
    shown = CrisisShown(card=key, kinds=tuple(sorted({*before, *kinds})), at=moment.now)
    return said, replace(listening.taken_up(state, turn), crisis=shown), made


def _for_child(
    content: Content, key: str, younger: tuple[list[Message], State], turn: Turn
) -> tuple[list[Message], State, tuple[OfferMade, ...]]:
    """The places for children instead of a listening line; asked for again, the numbers are theirs."""
    said, state = younger
    if state.crisis is not None and children.meant_for_them(content, key):
        state = replace(state, crisis=replace(state.crisis, card=key))
    return said, listening.taken_up(state, turn), ()


def _talk_on(
    voice: Voice, state: State, turn: Turn, moment: Moment, said: list[Message]
) -> tuple[list[Message], State, tuple[OfferMade, ...]]:
    """Without a card. What the night could not offer, a person, is offered when one is there."""
    shown, last = state.crisis, state.offer
    by_night = shown is not None and not voice.desk.is_open(shown.at) and (last is None or last.at < shown.at)
    calm = "fine" in turn.intent.talk or "watched" in turn.intent.styles
    first = said[0]
    if not by_night or not moment.open or state.staff or calm or not offer.due_in_danger(voice, state, moment.now):
        return said, state, ()
    if not isinstance(first, Text):
        return said, state, ()
    made = offer.make_in_danger(voice, state, turn.listened, moment.now)
    # No question of safety stands beside it: every answer is one to the offer.
    state = replace(made.state, pending=Pending.OFFER)
    return [Choices(text=f"{first.text}\n{made.text}", options=made.options), *said[1:]], state, (made.effect,)


def _card_due(state: State, key: str, kinds: tuple[str, ...], now: dt.datetime, *, urgent: bool) -> bool:
    shown = state.crisis
    if shown is None:
        return True
    if not urgent:
        return False
    another = not set(kinds) <= set(shown.kinds) or key != shown.card
    # Who wants no more numbers gets the same ones no second time while this goes on.
    spared = state.numbers_off and aftermath.lately(state, now)
    return another or (now - shown.at >= AGAIN_AFTER and not spared)


def _without_card(voice: Voice, state: State, turn: Turn, moment: Moment) -> list[Message]:
    """The card stands above: what is said now must neither repeat it nor lose the tone."""
    watched = state.guarded and "watched" in turn.intent.styles
    dangerous = watched or means_at_hand(state, turn.intent)
    fit = aftermath.fitting(voice.desk.content, state, turn.intent, turn.listened)
    if fit is not None and not dangerous:
        text, cards = aftermath.said(voice, fit, moment.now)
        return [Text(text=text), *cards]
    if another_kind(state, turn.listened) and not dangerous:
        return _checked(voice, state, turn, moment)
    group = _group_without_card(voice, state, turn, moment.now)
    return [Text(text=listening.take_up(voice, state, turn) if group is None else voice.say(group))]


def another_kind(state: State, listened: Listened) -> tuple[RiskKind, ...]:
    """A worrying matter told in a crisis of another kind: it is the first of its kind."""
    known = {*(state.crisis.kinds if state.crisis else ()), *state.flagged}
    risk = listened.message.risk
    fresh = tuple(kind for kind in risk.kinds if kind.value not in known)
    return fresh if risk.level is RiskLevel.WATCH and not risk.faint and state.crisis is not None else ()


def _checked(voice: Voice, state: State, turn: Turn, moment: Moment) -> list[Message]:
    """The gentle check beside a crisis: for a word of dying with the places for it, and a question while a person can
    hold the answer."""
    content = voice.desk.content
    kind = another_kind(state, turn.listened)[0]
    check = content.crisis.watch[kind.value]
    said: list[Message] = [Text(text=voice.say(check.say))]
    if kind is RiskKind.SUICIDE:
        said.append(_shown(voice, content.cards["suicide_minor" if turn.listened.minor else "suicide_self"], moment))
    if moment.open and not state.hushed:
        said.append(Text(text=voice.say(check.ask)))
    return said


def goes_on(content: Content, state: State, now: dt.datetime) -> Voiced | None:
    """What is said while the danger of the last card may still go on; None after a while, and where the card has no
    such words."""
    card = content.cards.get(state.crisis.card) if state.crisis is not None else None
    lately = state.crisis is not None and now - state.crisis.at < GOES_ON
    return card.goes_on if card is not None and lately else None


def _group_without_card(voice: Voice, state: State, turn: Turn, now: dt.datetime) -> Voiced | None:
    """What fits this message; None where it is best taken up as in an ordinary talk."""
    words, intent = voice.desk.content.crisis, turn.intent
    calm = turn.listened.message.risk.level is RiskLevel.NONE
    states = voice.desk.content.listening.states
    running = goes_on(voice.desk.content, state, now)
    on = words.unnumbered if state.numbers_off else running
    # Beside a body in danger there is nothing else to talk about.
    bodily = running is not None and MEDICAL in (state.crisis.kinds if state.crisis else ())
    coming = next((getattr(states, name) for name in listening.COMING_AND_GOING if name in intent.talk), None)
    choices = (
        (
            intent.retracts or (calm and "fine" in intent.talk),
            words.retracted_guarded if state.hushed else words.retracted,
        ),
        (means_at_hand(state, intent), words.means),
        (not calm, on or words.again),
        (state.guarded and "watched" in intent.styles, words.watched),
        (bool(ASKING & set(intent.talk)), on if bodily else words.question),
        (calm and "apology" in intent.talk, voice.desk.content.listening.states.apology),
        (calm and coming is not None and running is None, coming),
        (calm and not state.hushed and bool(PARTING & set(intent.talk)), words.parting),
        (bodily or (state.hushed and running is not None), on),
        (state.hushed or bool(turn.listened.message.concerns) or bool(intent.feelings), None),
        (True, on or words.later),
    )
    return next(group for holds, group in choices if holds)


def _open_or_night(
    voice: Voice, state: State, turn: Turn, card: CrisisCard, moment: Moment
) -> tuple[Message, State, tuple[OfferMade, ...]]:
    """One safety question while a person can hold the answer, with the way to that person; else the truth about
    the night."""
    words = voice.desk.content.crisis
    if not moment.open:
        return Text(text=voice.say(words.night)), state, ()
    told = voice.say(words.told)
    # Who was asked about the screen a moment ago is not asked again in other words.
    ask = "" if _just_asked(voice, state, card) else f"\n{voice.say(card.ask)}"
    kinds = {kind.value for kind in turn.listened.danger.kinds}
    rises = state.crisis is None or not kinds <= set(state.crisis.kinds)
    if state.staff or not rises or not offer.due_in_danger(voice, state, moment.now):
        return Text(text=f"{told}{ask}"), state, ()
    made = offer.make_in_danger(voice, state, turn.listened, moment.now)
    return Choices(text=f"{told}{made.text}{ask}", options=made.options), made.state, (made.effect,)


def _just_asked(voice: Voice, state: State, card: CrisisCard) -> bool:
    """Whether the gentle check asked, with the last answer, what this card would ask."""
    check = voice.desk.content.crisis.watch[RiskKind.VIOLENCE.value].ask
    return state.asked and RiskKind.VIOLENCE.value in state.flagged and bool(set(check.plain) & set(card.ask.plain))


def _shown(voice: Voice, card: CrisisCard, moment: Moment) -> Card:
    lines = card.lines["kana" if voice.kana else "plain"]
    return places.card(voice, (*card.beside, *card.contacts), card.title, moment.now, notice=card.notice, lines=lines)


def numbers(voice: Voice, state: State, listened: Listened, moment: Moment) -> tuple[list[Message], State]:
    """The numbers again, on request and whatever the clock: those of the last card, else the general ones."""
    content = voice.desk.content
    key = state.crisis.card if state.crisis and state.crisis.card in content.cards else None
    if key is None and listened.level is RiskLevel.URGENT:
        key = card_for(content, listened)
    if key is None:
        words = content.crisis
        names = words.numbers_contacts_minor if listened.minor else words.numbers_contacts
        return [places.card(voice, names, words.numbers_title, moment.now)], state
    if state.crisis is not None:
        state = replace(state, crisis=replace(state.crisis, at=moment.now))
    return [_shown(voice, content.cards[key], moment)], state


def watch(voice: Voice, state: State, listened: Listened, moment: Moment) -> tuple[list[Message], State]:
    """The gentle check for a matter that is new: by day one question, at night two places that answer."""
    words = voice.desk.content.crisis
    kinds = [kind.value for kind in fresh_kinds(state, listened)]
    check = words.watch[listened.role if listened.role in BY_ROLE else kinds[0]]
    state = told(state, listened)
    if moment.open:
        theirs = children.at_once(voice, listened, moment)
        places_too = () if theirs is None else (theirs,)
        state = replace(children.told(state) if theirs else state, asked=True)
        return [Text(text=voice.say(check.say)), *places_too, Text(text=voice.say(check.ask))], state
    night, state = by_night(voice, state, listened, moment)
    return [Text(text=voice.say(check.say)), *night], state


def told(state: State, listened: Listened) -> State:
    """`state` once staff have been told of the kinds of danger shown now."""
    return replace(state, flagged=(*state.flagged, *(kind.value for kind in fresh_kinds(state, listened))))


def noted(state: State, listened: Listened) -> State:
    """`state` once staff have been told of what is only likely, and the resident was not asked about it."""
    if listened.level is not RiskLevel.WATCH:
        return state
    fresh = [kind.value for kind in fresh_kinds(state, listened) if kind.value not in state.noted]
    return replace(state, noted=(*state.noted, *fresh)) if fresh else state


def by_night(voice: Voice, state: State, listened: Listened, moment: Moment) -> tuple[list[Message], State]:
    """For a worry at night: two places that answer at every hour, and when a person reads next."""
    content, words = voice.desk.content, voice.desk.content.crisis
    names = words.watch_contacts_minor if listened.minor else words.watch_contacts
    if listened.role in BY_ROLE and RiskKind.VIOLENCE in listened.danger.kinds:
        # What they see or fear has places of its own, and these answer at night as well.
        theirs = content.cards[card_for(content, listened)].contacts
        names = tuple(name for name in theirs if (place := content.place(name)) and place.always)[:2]
    shown = places.card(voice, names, words.watch_title, moment.now)
    if listened.minor and (for_them := children.card(voice, listened, moment, most=2)):
        shown, state = for_them, children.told(state)
    return [shown, Text(text=voice.say(words.night_watch))], replace(state, closed_told=moment.now)


def check_due(state: State, listened: Listened) -> bool:
    """Whether a worrying matter is new, so that it is checked gently."""
    risk = listened.message.risk
    asks = risk.level is RiskLevel.WATCH and not risk.faint
    return asks and listened.level is RiskLevel.WATCH and bool(fresh_kinds(state, listened))


def fresh_kinds(state: State, listened: Listened) -> list[RiskKind]:
    """Kinds of danger shown now that staff have not been told of."""
    return [kind for kind in listened.danger.kinds if kind.value not in state.flagged]


def means_at_hand(state: State, intent: Intent) -> bool:
    """Whether somebody who spoke of dying says what they could do it with, in words that alone say nothing."""
    shown = state.crisis.kinds if state.crisis else ()
    return RiskKind.SUICIDE.value in shown and "means" in intent.styles


def alert(state: State, listened: Listened, intent: Intent, now: dt.datetime) -> AlertStaff | None:
    """Staff hear of every message that is urgent, and of a worrying matter once."""
    level, kinds = listened.level, listened.danger.kinds
    by_message = listened.message.risk.level is level
    if level is RiskLevel.URGENT and (by_message or state.crisis is None):
        again = "again" if state.crisis is not None else "first"
        return AlertStaff(level=level, kinds=kinds, rule=f"urgent.{listened.role}.{again}")
    if level is RiskLevel.URGENT and aftermath.lately(state, now):
        if means_at_hand(state, intent) or aftermath.acted(state, intent, listened):
            return AlertStaff(level=level, kinds=(RiskKind.SUICIDE,), rule="urgent.means")
        if kinds_beside := another_kind(state, listened):
            return AlertStaff(level=RiskLevel.WATCH, kinds=kinds_beside, rule=f"watch.{listened.role}")
    unknown = tuple(kind for kind in fresh_kinds(state, listened) if kind.value not in state.noted)
    if level is RiskLevel.WATCH and (unknown or check_due(state, listened)):
        return AlertStaff(
            level=level, kinds=unknown or tuple(fresh_kinds(state, listened)), rule=f"watch.{listened.role}"
        )
    return None
