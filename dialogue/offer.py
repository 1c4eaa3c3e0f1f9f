"""The offer of a person: when it is due, how it is made, and what follows from the answer.

It is made after a worry and two exchanges; again not before a week, after a no not without a new worry; at most three
times for one matter; a new matter or half a year start anew. Asking for a person in one's own words always works
and is no offer.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from dialogue.actions import Action
from dialogue.effects import AlertStaff, Effect, OfferAnswer, OfferAnswered, OfferMade
from dialogue.listened import Listened
from dialogue.state import OfferMemory, State
from dialogue.voice import Voice
from dialogue.words import Choice, Choices, Text
from nlp.findings import RiskLevel

EXCHANGES_BEFORE = 2
MOST_OFFERS = 3
AGAIN_AFTER = dt.timedelta(days=7)
ANEW_AFTER = dt.timedelta(days=183)


def due(voice: Voice, state: State, listened: Listened, now: dt.datetime) -> bool:
    """Whether a person may be offered now."""
    known = {concern.id for concern in listened.overall.concerns}
    if not voice.desk.content.desk.offers_person or state.quiet or not known or state.turns < EXCHANGES_BEFORE:
        return False
    last = state.offer
    if last is None or now - last.at >= ANEW_AFTER:
        return True
    if last.answer == OfferAnswer.YES or now - last.at < AGAIN_AFTER:
        return False
    fresh = known - set(last.matters)
    return bool(fresh) or (last.answer != OfferAnswer.NO and last.count < MOST_OFFERS)


def make(voice: Voice, state: State, listened: Listened, now: dt.datetime) -> tuple[Choices, State, OfferMade]:
    """The offer, with answers to press; typed ones are understood as well."""
    words = voice.desk.content.offer
    last = state.offer
    known = {concern.id for concern in listened.overall.concerns}
    anew = last is None or now - last.at >= ANEW_AFTER or bool(known - set(last.matters))
    count = 1 if anew or last is None else last.count + 1
    options = tuple(
        Choice(label=(label := voice.line(line)), action=Action.OFFER, argument=key, shown=label)
        for key, line in words.labels.items()
    )
    offer = OfferMemory(at=now, count=count, matters=tuple(sorted(known)))
    said = Choices(text=voice.say(words.text), options=options)
    return said, replace(state, offer=offer, offered=True, asked=False), OfferMade(count=count)


def typed_answer(state: State, answers: tuple[str, ...]) -> OfferAnswer | None:
    """The answer in somebody's own words, if the offer was the last thing said. Both yes and no is neither."""
    if state.offer is None or state.offer.answer or not state.offered or not answers:
        return None
    return OfferAnswer(answers[0]) if len(answers) == 1 else OfferAnswer.STAY


def answered(voice: Voice, state: State, answer: OfferAnswer) -> tuple[Text, State, tuple[Effect, ...]]:
    """What is said to an answer. The same button pressed twice changes nothing and tells nobody twice."""
    said = Text(text=voice.say(voice.desk.content.offer.answers[answer.value]))
    if state.offer is None or state.offer.answer == answer:
        return said, state, ()
    state = replace(state, offer=replace(state.offer, answer=answer.value))
    effects: tuple[Effect, ...] = (OfferAnswered(answer=answer),)
    if answer is OfferAnswer.YES:
        effects = (*effects, AlertStaff(level=RiskLevel.WATCH, kinds=(), rule="accepts_person"))
    return said, state, effects
