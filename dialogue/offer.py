"""The offer of a person: when it is due, how it is made, and what follows from the answer.

It is made after a worry and two exchanges, and beside the card when danger shows; again not before a week, after a no
not without a new worry; at most three times for one matter; a new matter or half a year start anew. Asking for a
person in one's own words always works and is no offer.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dialogue import places
from dialogue.actions import Action
from dialogue.effects import AlertStaff, Effect, OfferAnswer, OfferAnswered, OfferMade
from dialogue.intents import sentences
from dialogue.listened import Listened
from dialogue.places import Moment
from dialogue.state import OfferMemory, Pending, State, Tone
from dialogue.voice import Voice
from dialogue.words import Choice, Choices, Message, Text
from nlp.findings import RiskLevel

EXCHANGES_BEFORE = 2
MOST_OFFERS = 3
AGAIN_AFTER = dt.timedelta(days=7)
ANEW_AFTER = dt.timedelta(days=183)
TAKEN = frozenset({OfferAnswer.YES.value, OfferAnswer.CALL.value, OfferAnswer.MEET.value})
# What staff are told of an answer.
RULES = {OfferAnswer.YES: "accepts_person", OfferAnswer.MEET: "accepts_meeting"}
ACCEPTS = frozenset({*RULES.values(), "asks_for_person"})
# Beside a question of safety only such words are meant for the offer.
ASKED_FOR = re.compile("お願い|おねがい|頼|たのみ|たのむ|よろしく|話し|話を|はなし|電話|でんわ|会っ|会い")
DECLINED = re.compile(
    "いらない|いりません|いらん|結構|けっこう|遠慮|話したくない|会いたくない|今はいい|いまはいい|呼ばん|呼ばな|よばな"
)
TAKEN_BACK = re.compile("やっぱ|やめ|取り消|とりけ|きゃんせる")
# An answer with a way in it says more than the yes before it.
TELLING = (OfferAnswer.MEET, OfferAnswer.CALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """An offer as made: what to add to the answer, and what is remembered and recorded of it."""

    text: str
    options: tuple[Choice, ...]
    state: State
    effect: OfferMade


def due(voice: Voice, state: State, listened: Listened, now: dt.datetime) -> bool:
    """Whether a person may be offered now."""
    known = _known(listened)
    if not welcome(voice, state) or not known or state.turns < EXCHANGES_BEFORE:
        return False
    last = state.offer
    if last is None:
        # Whoever asked for a person in their own words waits for one already; and a worry is answered before anybody
        # is sent on with it.
        return not state.consent.wants and bool(known & set(state.matters))
    if now - last.at >= ANEW_AFTER:
        return True
    if last.count > MOST_OFFERS:
        # It was called a nuisance: not with a new worry either.
        return False
    if last.answer in TAKEN or now - last.at < AGAIN_AFTER:
        return False
    fresh = known - set(last.matters)
    return bool(fresh) or (last.answer != OfferAnswer.NO and last.count < MOST_OFFERS)


def due_in_danger(voice: Voice, state: State, now: dt.datetime) -> bool:
    """Whether a person may be offered beside a crisis card: the danger is new, so a no of yesterday does not count."""
    last = state.offer
    if not welcome(voice, state):
        return False
    return last is None or now - last.at >= ANEW_AFTER or (last.answer not in TAKEN and last.count < MOST_OFFERS)


def make(voice: Voice, state: State, listened: Listened, now: dt.datetime) -> Offered:
    """The offer, with answers to press; typed ones are understood as well."""
    made = _made(voice, state, listened, now)
    state = replace(made.state, pending=Pending.OFFER, asked=False)
    return replace(made, text=voice.say(voice.desk.content.offer.text), state=state)


def make_asked(voice: Voice, state: State, listened: Listened, now: dt.datetime, text: str) -> Offered:
    """The offer in other words, after words that may have wished for it."""
    made = _made(voice, state, listened, now)
    return replace(made, text=text, state=replace(made.state, pending=Pending.OFFER, asked=False))


def asked_again(voice: Voice, text: str) -> Choices:
    """The same answers to press below a question whether the offer was meant."""
    return Choices(text=text, options=_options(voice))


def bubble(made: Offered) -> Choices:
    """The offer as one bubble of its own."""
    return Choices(text=made.text, options=made.options)


def make_in_danger(voice: Voice, state: State, listened: Listened, now: dt.datetime) -> Offered:
    """The offer beside the safety question: one line, and only the ways to a person to press.

    A mere 「はい」 belongs to the question; only words that ask for a person, or decline one, answer the offer.
    """
    made = _made(voice, state, listened, now)
    made = replace(made, state=replace(made.state, pending=Pending.OFFER_WORD))
    ways = tuple(option for option in made.options if option.argument in TAKEN - {OfferAnswer.MEET})
    return replace(made, text=voice.line(voice.desk.content.offer.urgent), options=ways)


def typed_answer(state: State, answers: tuple[str, ...], texts: tuple[str, ...] = ()) -> OfferAnswer | None:
    """The answer in somebody's own words, if the offer was the last thing said. Both yes and no is neither.

    Right after a yes only words that take it back are an answer.
    """
    if state.pending is Pending.ACCEPTED:
        back = OfferAnswer.NO in answers and TAKEN_BACK.search("".join(sentences(texts)))
        return OfferAnswer.NO if back else None
    if state.pending is Pending.OFFER_WORD:
        said = "".join(sentences(texts))
        answers = answers if ASKED_FOR.search(said) or DECLINED.search(said) else ()
    if state.pending not in {Pending.OFFER, Pending.OFFER_WORD} or not answers:
        return None
    ways = [way for way in TELLING if way in answers]
    if ways and OfferAnswer.NO not in answers:
        return ways[0]
    return OfferAnswer(answers[0]) if len(answers) == 1 else OfferAnswer.STAY


def answered(
    voice: Voice, state: State, answer: OfferAnswer, moment: Moment
) -> tuple[list[Message], State, tuple[Effect, ...]]:
    """What is said to an answer. The same button pressed twice changes nothing and tells nobody twice."""
    said = _said(voice, answer, moment)
    if state.offer is None or state.offer.answer == answer:
        return said, state, ()
    rule = RULES.get(answer)
    if state.offer.answer in {OfferAnswer.YES, OfferAnswer.MEET} and answer in {OfferAnswer.STAY, OfferAnswer.NO}:
        # Staff were told that somebody waits for them.
        rule = "takes_back_person"
    pending = Pending.ACCEPTED if answer in RULES else Pending.NOTHING
    state = replace(state, offer=replace(state.offer, answer=answer.value), pending=pending)
    told = () if rule is None else (AlertStaff(level=RiskLevel.WATCH, kinds=(), rule=rule),)
    return said, state, (OfferAnswered(answer=answer), *told)


def _said(voice: Voice, answer: OfferAnswer, moment: Moment) -> list[Message]:
    words = voice.desk.content.offer
    group = words.answers[answer.value]
    if answer is OfferAnswer.CALL:
        own = "desk" in voice.desk.content.desk.local
        said = voice.say(group if own else words.call_elsewhere)
        number = "local:desk" if own else voice.desk.content.crisis.watch_contacts[0]
        return [Text(text=said), places.card(voice, (number,), words.title, moment.now)]
    texts = [voice.say(group)]
    if answer in {OfferAnswer.YES, OfferAnswer.MEET} and not moment.open:
        texts.append(voice.line(words.closed))
    return [Text(text=text) for text in texts]


def welcome(voice: Voice, state: State) -> bool:
    """Whether a person can be offered here at all."""
    return voice.desk.content.desk.offers_person and not state.quiet and state.erasing is None


def _known(listened: Listened) -> set[str]:
    return {concern.id for concern in listened.overall.concerns}


def _made(voice: Voice, state: State, listened: Listened, now: dt.datetime) -> Offered:
    last, known = state.offer, _known(listened)
    anew = last is None or now - last.at >= ANEW_AFTER or bool(known - set(last.matters))
    count = 1 if anew or last is None else last.count + 1
    memory = OfferMemory(at=now, count=count, matters=tuple(sorted(known)))
    return Offered(text="", options=_options(voice), state=replace(state, offer=memory), effect=OfferMade(count=count))


def _options(voice: Voice) -> tuple[Choice, ...]:
    return tuple(
        Choice(label=(label := voice.line(line)), action=Action.OFFER, argument=key, shown=label)
        for key, line in voice.desk.content.offer.labels.items()
        if key in _ways(voice)
    )


def _ways(voice: Voice) -> Iterator[str]:
    """To call needs a number of the desk. Elders choose among few things."""
    yield "yes"
    if "desk" in voice.desk.content.desk.local:
        yield "call"
    yield "meet"
    if voice.tone is not Tone.ELDER:
        yield "stay"
    yield "no"
