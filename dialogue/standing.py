"""Words about a person who was offered, or is waited for, some messages later.

Taking back always wins: the request, and with it the consent to be read. A yes or no still counts for a few messages; a
mere 「うん」 is asked back once. Hours and ways somebody wishes for are told to staff; nothing is promised.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from casework.consents import ConsentKind
from dialogue import consent, listening, offer, wishes
from dialogue.consent_state import Detail
from dialogue.effects import (
    AlertStaff,
    AskConsent,
    ConsentGiven,
    ConsentWithdrawn,
    ContactNoted,
    Effect,
    OfferAnswer,
    OfferAnswered,
    OfferMade,
)
from dialogue.events import CheckInDue, Event, Heard
from dialogue.intents import found_in, sentences
from dialogue.scene import Answer, Decision, Scene
from dialogue.state import OfferMemory, Pending, State
from dialogue.words import Message, Text
from nlp.findings import RiskLevel

#: For so many messages after a person was last spoken of, words may still be meant for that.
NEAR = 5
ACCEPTED = frozenset({OfferAnswer.YES.value, OfferAnswer.MEET.value})
#: Questions of another subject, which have answers of their own.
ELSEWHERE = frozenset(Pending) - {
    Pending.NOTHING,
    Pending.OFFER,
    Pending.OFFER_WORD,
    Pending.ACCEPTED,
    Pending.READ,
    Pending.DETAIL,
}
#: Meant for a person also in the tone of a crisis; hours and a nod may there answer something else.
GRAVE = frozenset(
    {"back", "yes", "no", "stay", "annoyed", "refuses", "wishes", "prefers", "by_letters", "not_meet", "no_visit"}
)
#: An offer is left open no longer than this for words that come later.
OPEN_FOR = dt.timedelta(days=1)
#: With an offer open, hours are an answer only in words of talking: 「朝がだめ」 tells of school.
OF_TALKING = re.compile("お願い|おねがい|電話|でんわ|話|連絡|返事|時間|なら")
CANNOT = re.compile("だめ|ダメ|駄目|無理|むり|困|ない|ません|しか")
ASKS = re.compile("[?？]")
BY_PHONE = re.compile("電話|でんわ")
THINKING = re.compile("考え|迷")


def meant(scene: Scene, state: State, pending: Pending) -> str | None:
    """What the words say about the person: `back`, `refuses`, `wishes`, `prefers`, `by_letters`, `not_meet`, `yes`,
    `no`, `stay`, `nod`, `hours`, `asks_hours`, `asks_when`, `no_calls`, `annoyed` or `silent`; None when they say
    nothing about one."""
    names = found_in(scene.voice.desk.content.intents.standing, scene.texts)
    if not names or pending in ELSEWHERE or state.staff or state.erasing is not None:
        return None
    if "back" in names and _anything(state):
        return "back"
    if scene.intent.commands:
        return None
    return _always(scene, state, names, pending) or _for_a_while(scene, state, names, pending)


def _for_a_while(scene: Scene, state: State, names: tuple[str, ...], pending: Pending) -> str | None:
    """What counts for some messages after a person was spoken of; being annoyed and going silent count longer."""
    if scene.intent.rights and "no_calls" not in names:
        return None
    if lasting := next((name for name in ("annoyed", "silent") if name in names), None):
        return None if state.checkins.waiting else lasting
    if not state.near:
        return None
    return _of_a_request(scene, names, pending) if waits(state) else _of_an_offer(scene, state, names, pending)


def _always(scene: Scene, state: State, names: tuple[str, ...], pending: Pending) -> str | None:
    """What counts at any time: no person, what sort of one, letters, not to be met, and when the one comes."""
    if "annoyed" not in names and {"refuses", "back"} & set(names):
        return "back" if waits(state) else "refuses"
    told = ("prefers", "by_letters") if state.checkins.plan is not None else ("prefers", "by_letters", "no_visit")
    if found := next((name for name in told if name in names), None):
        return found
    rights = set(scene.intent.rights)
    if waits(state) and rights <= {"hours", "person"}:
        return next((name for name in ("not_meet", "asks_when") if name in names), None)
    if "no" in names and _open(scene, state):
        # 「今はいい」 is on the button, and is said some time later as well.
        return "stay" if THINKING.search("".join(scene.texts)) else "no"
    return "wishes" if "wishes" in names and not rights and _free(scene, state, names, pending) else None


def _open(scene: Scene, state: State) -> bool:
    """Whether an offer still has no answer."""
    last = state.offer
    return last is not None and not last.answer and scene.moment.now - last.at < OPEN_FOR


def _free(scene: Scene, state: State, names: tuple[str, ...], pending: Pending) -> bool:
    """Whether it may be asked back whether a person is meant: nobody waits, and no offer is answered by it."""
    answers = state.near and "yes" in names and _open(scene, state)
    held = waits(state) or state.checkins.waiting or pending not in {Pending.NOTHING, Pending.OFFER_WORD}
    return offer.welcome(scene.voice, state) and not (answers or held)


def nothing_else(scene: Scene) -> bool:
    """Whether every sentence is about the person: then whatever danger they seem to show, they must be answered."""
    group = scene.voice.desk.content.intents.standing
    return all(found_in(group, (sentence,)) for sentence in sentences(scene.texts))


def waits(state: State) -> bool:
    """Whether a person was accepted or asked for."""
    return state.consent.wants or (state.offer is not None and state.offer.answer in ACCEPTED)


def _anything(state: State) -> bool:
    """Whether there is anything to take back."""
    memory = state.consent
    return waits(state) or memory.readable or any(share.answer == "yes" for share in memory.shares)


def _of_a_request(scene: Scene, names: tuple[str, ...], pending: Pending) -> str | None:
    if "leaves_it" in names:
        return "back"
    if pending in {Pending.READ, Pending.DETAIL}:
        # Among the questions after a yes, hours are an answer like any other.
        return None
    first = "asks_hours" if ASKS.search("".join(scene.texts)) else "hours"
    return next((name for name in ("no_calls", first, "hours", "asks_hours") if name in names), None)


def _of_an_offer(scene: Scene, state: State, names: tuple[str, ...], pending: Pending) -> str | None:
    last = state.offer
    said = "".join(scene.texts)
    if last is None or last.answer == OfferAnswer.CALL or scene.moment.now - last.at >= OPEN_FOR:
        return None
    if {"no", "leaves_it", "back"} & set(names):
        return "stay" if THINKING.search(said) else "no"
    if "asks_hours" in names and ASKS.search(said):
        return "asks_hours"
    if "hours" in names and OF_TALKING.search(said):
        return "asks_hours" if CANNOT.search(said) else "yes"
    if found := next((name for name in ("yes", "no_calls") if name in names), None):
        return found
    free = not state.asked and pending is Pending.NOTHING and not last.answer
    return "nod" if free and "nod" in names and scene.voice.first_time(f"nod.{last.at.isoformat()}") else None


def typed(scene: Scene, state: State, name: str) -> Answer:
    """The answer to words about the person, and what follows from them."""
    if (steps := _STEPS.get(name)) is not None:
        return steps(scene, state)
    words, say = scene.voice.desk.content.standing, scene.voice.say
    groups = {
        "asks_when": words.told_already,
        "no_visit": words.no_visit,
        "annoyed": words.sorry,
        "hours": words.noted_hours,
        "asks_hours": words.hours,
        "no_calls": words.no_calls,
        "silent": words.silent,
    }
    state = _left_alone(scene, state) if name == "annoyed" else replace(state, asked=False)
    noted = name == "hours" or (name == "no_visit" and waits(state))
    effects = (_noted(scene),) if noted else ()
    return Answer(said=(Text(text=say(groups[name])),), state=state, effects=effects)


def taken_back(scene: Scene, state: State) -> Answer:
    """The request ends, and with it every consent given in the talk; both are said as they are."""
    if not waits(state):
        return consent.withdraw(scene, state)
    words, voice = scene.voice.desk.content.standing.taken_back, scene.voice
    given = state.consent.readable or any(share.answer == "yes" for share in state.consent.shares)
    effects: tuple[Effect, ...] = (AlertStaff(level=RiskLevel.WATCH, kinds=(), rule="takes_back_person"),)
    said: tuple[Message, ...] = (Text(text=voice.say(words.both if given else words.request)),)
    if state.offer is not None and state.offer.answer in ACCEPTED:
        effects = (OfferAnswered(answer=OfferAnswer.NO), *effects)
        state = replace(state, offer=replace(state.offer, answer=OfferAnswer.NO.value))
    if given:
        said, effects = (*said, Text(text=voice.line(words.read_before))), (*effects, ConsentWithdrawn())
    state = consent.ended(state)
    state = replace(state, consent=replace(state.consent, wants=False, step=""))
    return Answer(said=said, state=state, effects=effects)


def _accepted(scene: Scene, state: State) -> Answer:
    said, state, effects = offer.answered(scene.voice, state, OfferAnswer.YES, scene.moment)
    texts, words = "".join(scene.texts), scene.voice.desk.content.standing
    if "hours" in found_in(scene.voice.desk.content.intents.standing, scene.texts):
        said, effects = [*said, Text(text=scene.voice.line(words.with_hours))], (*effects, _noted(scene))
    if BY_PHONE.search(texts):
        said = [*said, Text(text=scene.voice.say(words.no_calls))]
    return wishes.offered(scene, Answer(said=tuple(said), state=state, effects=effects))


def _declined(scene: Scene, state: State, answer: OfferAnswer) -> Answer:
    said, state, effects = offer.answered(scene.voice, state, answer, scene.moment)
    return Answer(said=tuple(said), state=replace(state, asked=False), effects=effects)


def _refused(scene: Scene, state: State) -> Answer:
    """A no to anybody: nothing is started, and nobody is offered before another worry and another week."""
    if _open(scene, state):
        return _declined(scene, state, OfferAnswer.NO)
    known = tuple(sorted(concern.id for concern in scene.listened.overall.concerns))
    last = state.offer or OfferMemory(at=scene.moment.now, count=1, matters=known)
    said = Text(text=scene.voice.say(scene.voice.desk.content.offer.answers["no"]))
    state = replace(state, offer=replace(last, answer=OfferAnswer.NO.value), asked=False)
    return Answer(said=(said,), state=state)


def _wished(scene: Scene, state: State) -> Answer:
    """Asked once whether a person is meant; what is told beside it is taken up first."""
    voice = scene.voice
    text = voice.say(voice.desk.content.standing.wished.ask)
    made = offer.make_asked(voice, state, scene.listened, scene.moment.now, text)
    said: tuple[Message, ...] = (offer.bubble(made),)
    if scene.listened.message.concerns:
        said = (Text(text=listening.take_up(voice, state, scene.turn)), *said)
    return Answer(said=said, state=listening.taken_up(made.state, scene.turn), effects=(made.effect,))


def _preferred(scene: Scene, state: State) -> Answer:
    """What sort of person is wished for: told to staff, with the wish itself where it was not told before."""
    noted = Text(text=scene.voice.line(scene.voice.desk.content.standing.noted_wish))
    if waits(state):
        return Answer(said=(noted,), state=replace(state, asked=False), effects=(_noted(scene),))
    if _open(scene, state):
        said, state, effects = offer.answered(scene.voice, state, OfferAnswer.YES, scene.moment)
    else:
        answer = wishes.right(scene, state, "person")
        said, state, effects = [*answer.said[:1]], answer.state, answer.effects
    answer = Answer(said=(*said[:1], noted), state=state, effects=(*effects, _noted(scene)))
    return wishes.offered(scene, answer)


def _by_letters(scene: Scene, state: State) -> Answer:
    """A person writes here: said, and offered where nobody was asked for yet."""
    voice, words = scene.voice, scene.voice.desk.content.standing
    said = Text(text=voice.say(words.by_letters))
    state = replace(state, asked=False)
    if waits(state):
        return Answer(said=(said, Text(text=voice.line(words.by_letters_told))), state=state)
    if not offer.welcome(voice, state):
        return Answer(said=(said,), state=state)
    text = voice.line(voice.desk.content.offer.urgent)
    made = offer.make_asked(voice, state, scene.listened, scene.moment.now, text)
    return Answer(said=(said, offer.bubble(made)), state=made.state, effects=(made.effect,))


def _not_met(scene: Scene, state: State) -> Answer:
    """Not to be met: the wish to talk stays, and staff hear of it."""
    said = Text(text=scene.voice.say(scene.voice.desk.content.standing.not_meet))
    effects: tuple[Effect, ...] = (_noted(scene),)
    if state.offer is not None and state.offer.answer == OfferAnswer.MEET:
        state = replace(state, offer=replace(state.offer, answer=OfferAnswer.YES.value))
        effects = (OfferAnswered(answer=OfferAnswer.YES), *effects)
    answer = Answer(said=(said,), state=replace(state, asked=False), effects=effects)
    return consent.beside(scene, answer, scene.pending)


def _asked_back(scene: Scene, state: State) -> Answer:
    """Whether 「うん」 was meant for the offer some messages ago; what comes next answers it."""
    text = scene.voice.say(scene.voice.desk.content.standing.nod.ask)
    return Answer(said=(offer.asked_again(scene.voice, text),), state=replace(state, pending=Pending.OFFER))


def _left_alone(scene: Scene, state: State) -> State:
    """「しつこい」: as after the last offer of all, declined."""
    last = state.offer or OfferMemory(at=scene.moment.now, count=0, matters=())
    answer = last.answer if last.answer in ACCEPTED else OfferAnswer.NO.value
    known = tuple(sorted({*last.matters, *(concern.id for concern in scene.listened.overall.concerns)}))
    memory = OfferMemory(at=scene.moment.now, count=offer.MOST_OFFERS + 1, matters=known, answer=answer)
    return replace(state, offer=memory, asked=False)


def _noted(scene: Scene) -> ContactNoted:
    """Hours and ways in the resident's own words, for staff."""
    return ContactNoted(detail=Detail.CONTACT, words="\n".join(text.strip() for text in scene.texts))


def counted(before: State, event: Event, decision: Decision) -> Decision:
    """For how many more messages words may be meant for a person: anew when one is spoken of."""
    anew = any(_speaks_of_one(effect) for effect in decision.effects)
    left = NEAR if anew else before.near - isinstance(event, Heard)
    # A check-in closes what was asked before it.
    over = isinstance(event, CheckInDue) or decision.state.erasing is not None
    near = 0 if over else max(0, left)
    return decision if near == decision.state.near else replace(decision, state=replace(decision.state, near=near))


def _speaks_of_one(effect: Effect) -> bool:
    match effect:
        case OfferMade() | OfferAnswered(answer=OfferAnswer.YES | OfferAnswer.MEET | OfferAnswer.NO | OfferAnswer.STAY):
            return True
        case ConsentGiven(kind=ConsentKind.READ) | AskConsent(kind=ConsentKind.READ):
            return True
        case AlertStaff(rule=rule):
            return rule in offer.ACCEPTS
    return False


def bare(scene: Scene) -> bool:
    """Whether a message says no more than an age, a sex, a number: nobody is offered a person on that."""
    return "bare" in found_in(scene.voice.desk.content.intents.standing, scene.texts)


#: What takes more than a sentence.
_STEPS: Mapping[str, Callable[[Scene, State], Answer]] = {
    "back": taken_back,
    "yes": _accepted,
    "no": lambda scene, state: _declined(scene, state, OfferAnswer.NO),
    "stay": lambda scene, state: _declined(scene, state, OfferAnswer.STAY),
    "nod": _asked_back,
    "refuses": _refused,
    "wishes": _wished,
    "prefers": _preferred,
    "by_letters": _by_letters,
    "not_meet": _not_met,
}
