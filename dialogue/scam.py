"""A scam that is going on now: money is about to leave, or just left.

The numbers and one sentence come before everything but danger to life, and short answers of their own follow as long
as it lasts: no offer, no question about a contract. Staff are told once and as `watch`: they cannot stop a payment,
the police and the bank can, and `urgent` opens words without consent, which only a life is worth.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from config.contents.models import Voiced
from config.contents.scam import Scam
from dialogue import crisis, listening, places
from dialogue.effects import AlertStaff, SayKind
from dialogue.intents import held
from dialogue.listened import Listened
from dialogue.scam_state import ScamMemory
from dialogue.scene import Answer, Decision, Scene, done, with_notice
from dialogue.state import State
from dialogue.words import Card, Message, Text
from nlp.findings import Concern, RiskKind, RiskLevel

TAG = "scam"
RULE = "scam_now"
# Longer letters tell of the past; one of up to the second length can answer what was said before.
LONGEST = 800
LONGEST_REPLY = 60
# So long the card stands; so long a later line belongs to the same scam; so long even one that nothing is known of.
STANDS = dt.timedelta(minutes=30)
LASTS = dt.timedelta(hours=3)
HOLDS = dt.timedelta(minutes=15)
# Once money went there is one thing to do, and it was said: who writes on after this writes of something else.
HOLDS_PAID = dt.timedelta(minutes=5)
AGAIN = dt.timedelta(hours=24)
# What ends it: it was told where it belongs, or is days ago. What makes it new again; another reply leaves it ended.
ENDS = frozenset({"done", "past"})
RENEWS = frozenset({"coming", "drawn", "ordered", "paid"})
# What is no matter of its own beside a scam; any other is listened to.
BESIDE = frozenset({TAG, "debt", "poverty"}) | listening.GENERAL
# What counts in a message of any length.
OF_LETTERS = frozenset({"now", "old", "calm", "known"})
# At the door there is no telephone to put down.
SAID_AT_THE_DOOR = frozenset({"lost", "unpaid", "fear"})
# Said for its own sake, whatever goes on.
POLITE = frozenset({"thanks", "bye", "greeting", "fine", "declines", "good_news", "test"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Signs:
    """What a message shows: the `sentence` its card would have (empty for no scam), and what it `replies`."""

    sentence: str
    replies: tuple[str, ...]

    @property
    def paid(self) -> bool:
        """Whether money or a number went. 「まだ渡してない」 holds the words of both."""
        return "paid" in self.replies and "unpaid" not in self.replies


def heard(scene: Scene, state: State, alerts: tuple[AlertStaff, ...]) -> Decision | None:
    """The card when a scam comes up, or a short answer to a later line of it; None where it is about something else.

    A person who writes in the talk needs no help from the program.
    """
    if state.staff or not scene.texts:
        return None
    seen, signs = state.scam, signs_of(scene)
    lasts = seen is not None and scene.moment.now - seen.heard < LASTS
    if _card_due(scene, state, signs) or (lasts and "number" in scene.intent.commands):
        return _finished(scene, _shown(scene, state, alerts, signs))
    wishes = scene.intent.commands or "person" in scene.intent.rights
    if not lasts or wishes or not (signs.replies or signs.sentence):
        return None
    return _replied(scene, state, alerts, signs)


def at_door(scene: Scene, state: State) -> Answer | None:
    """The card where it is due, and no more: at the door no talk is held."""
    signs = signs_of(scene)
    return _shown(scene, state, (), signs) if _card_due(scene, state, signs) else None


def _card_due(scene: Scene, state: State, signs: Signs) -> bool:
    """Whoever pays while the card stands is shown no second one: the sentence names both numbers."""
    seen = state.scam
    return bool(signs.sentence) and (seen is None or scene.moment.now - seen.at >= STANDS)


def goes_on(scene: Scene, state: State, alerts: tuple[AlertStaff, ...]) -> Decision | None:
    """One short line for words that nothing else fits, so that they are not met with an offer or a question."""
    seen = state.scam
    if seen is None or seen.over or scene.intent.wordless:
        return None
    if scene.moment.now - seen.heard >= (HOLDS_PAID if seen.paid else HOLDS):
        return None
    others = {concern.id for concern in scene.listened.message.concerns} - BESIDE
    if others or POLITE & set(scene.intent.talk) or crisis.check_due(state, scene.listened):
        return None
    words = scene.voice.desk.content.scam
    return _said(scene, state, alerts, words.further_paid if seen.paid else words.further)


def signs_of(scene: Scene) -> Signs:
    """What this message shows, with what the listener tagged. A long one tells of much: only what begins a scam by
    itself is believed of it."""
    words = scene.voice.desk.content.scam.heard
    begins = held(words.begins, scene.texts, LONGEST)
    marks = frozenset(held(words.marks, scene.texts, LONGEST))
    short = bool(held({"all": ("",)}, scene.texts, LONGEST_REPLY))
    sentence = _sentence(begins, marks if short else marks & OF_LETTERS, scene.listened)
    replies = held(words.replies, scene.texts, LONGEST) if short or sentence else ()
    return Signs(sentence=sentence, replies=replies)


def _sentence(begins: tuple[str, ...], marks: frozenset[str], listened: Listened) -> str:
    told = _tags(listened.message.concerns)
    if "known" in marks or ({"old", "calm"} & marks and "now" not in marks):
        return ""
    if begins:
        return begins[0]
    if (told and {"soon", "sent"} & marks) or ("acts" in marks and (told or _tags(listened.overall.concerns))):
        return "phone"
    return "wonders" if "wonders" in marks else ""


def _tags(concerns: tuple[Concern, ...]) -> bool:
    return any(concern.id == TAG for concern in concerns)


def _shown(scene: Scene, state: State, alerts: tuple[AlertStaff, ...], signs: Signs) -> Answer:
    """The card, its sentence, and who else knows."""
    voice, words, now = scene.voice, scene.voice.desk.content.scam, scene.moment.now
    seen = state.scam
    lasts = seen is not None and now - seen.heard < LASTS
    paid = signs.paid or (lasts and seen is not None and seen.paid)
    group: Voiced = getattr(words, "paid" if paid else signs.sentence or "phone")
    first = seen is None or now - seen.began >= AGAIN
    said: list[Message] = [_card(scene, words), Text(text=voice.say(group))]
    state, more = _despair(scene, state)
    if first and not more:
        told = voice.desk.content.crisis
        more = (Text(text=voice.say(told.told if scene.moment.open else told.night_watch)),)
    began = now if first or seen is None else seen.began
    door = signs.sentence == "visit" or (lasts and not signs.sentence and seen is not None and seen.door)
    memory = ScamMemory(began=began, at=now, heard=now, paid=paid, door=door)
    return Answer(said=(*said, *more), state=replace(state, scam=memory), effects=_alerts(alerts, first=first))


def _card(scene: Scene, words: Scam) -> Card:
    voice, moment = scene.voice, scene.moment
    lines = (*voice.lines(words.lines), *(() if moment.open else (voice.line(words.closed),)))
    return places.card(voice, words.contacts, words.title, moment.now, notice=words.notice, lines=lines)


def _worse(scene: Scene, state: State) -> bool:
    """Whether these very words show that somebody may not live or is not well: that is asked about, as ever."""
    risk = scene.listened.message.risk
    shows = risk.level is RiskLevel.WATCH and {RiskKind.SUICIDE, RiskKind.MEDICAL} & set(risk.kinds)
    return bool(shows) and crisis.check_due(state, scene.listened)


def _despair(scene: Scene, state: State) -> tuple[State, tuple[Message, ...]]:
    """Who lost money may lose heart: what these very words show is asked about beside the card, nothing else is."""
    risk = scene.listened.message.risk
    if not crisis.check_due(state, scene.listened):
        return state, ()
    if risk.level is not RiskLevel.WATCH or RiskKind.SUICIDE not in risk.kinds:
        return crisis.told(state, scene.listened), ()
    messages, state = crisis.watch(scene.voice, state, scene.listened, scene.moment)
    return state, tuple(messages)


def _alerts(alerts: tuple[AlertStaff, ...], *, first: bool) -> tuple[AlertStaff, ...]:
    """One alert for one message: what else the words show goes with it."""
    if not first:
        return alerts
    kinds = tuple(dict.fromkeys(kind for alert in alerts for kind in alert.kinds))
    return (AlertStaff(level=RiskLevel.WATCH, kinds=kinds, rule=RULE),)


def _replied(scene: Scene, state: State, alerts: tuple[AlertStaff, ...], signs: Signs) -> Decision | None:
    words, seen = scene.voice.desk.content.scam, state.scam
    reply = next(iter(signs.replies), "")
    # Whoever told the police is not sent to them again.
    told = seen is not None and seen.over and reply == "lost" and not signs.sentence
    if seen is None or told or _worse(scene, state):
        return None
    state = crisis.told(state, scene.listened) if crisis.check_due(state, scene.listened) else state
    paid = (seen.paid or signs.paid) and reply != "unpaid"
    memory = replace(seen, heard=scene.moment.now, paid=paid, over=_over(seen, signs, reply))
    return _said(scene, replace(state, scam=memory), alerts, _answer_to(words, reply, signs.sentence, memory))


def _over(seen: ScamMemory, signs: Signs, reply: str) -> bool:
    """Whether it is ended now, or was and nothing makes it new."""
    return reply in ENDS or (seen.over and not signs.sentence and reply not in RENEWS)


def _answer_to(words: Scam, reply: str, sentence: str, known: ScamMemory) -> Voiced:
    if reply == "paid":
        return words.paid
    if reply == "lost" and known.paid:
        return words.lost_paid
    if known.door and reply in SAID_AT_THE_DOOR:
        return words.visit
    found = words.replies.get(reply)
    group: Voiced = getattr(words, sentence or "phone") if found is None else found
    return group


def _said(scene: Scene, state: State, alerts: tuple[AlertStaff, ...], group: Voiced) -> Decision:
    return _finished(scene, Answer(said=(Text(text=scene.voice.say(group)),), state=state, effects=alerts))


def _finished(scene: Scene, answer: Answer) -> Decision:
    """The matter is noted as taken up, so that nobody is asked about it as something new."""
    state = replace(listening.taken_up(answer.state, scene.turn), asked=answer.state.asked and len(answer.said) > 3)
    answer = with_notice(scene, replace(answer, state=state), whole=False)
    return done(scene, SayKind.CRISIS, replace(answer, state=replace(answer.state, turns=answer.state.turns + 1)))
