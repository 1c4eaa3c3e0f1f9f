"""The listening answer: it takes up what was said and asks at most one thing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from config.contents.models import Topic, Voiced
from config.contents.sides import Side, Sides
from dialogue import information, sides
from dialogue.actions import Action
from dialogue.intents import Intent
from dialogue.listened import STRANGERS, Listened
from dialogue.state import MATTERS_KEPT, State, Tone
from dialogue.voice import Voice
from dialogue.words import Card, Choice, Choices, Message, Text
from nlp.findings import RiskLevel, SafetyRole, WriterRole

BUBBLE = 80
# Nobody is sent on to a number before they have been heard.
EXCHANGES_TO_CLEAR = 5
# Noted once it was said that answers stay short.
BRIEF = "brief"
AT_HOME = "abuse_dv"
# So long it is asked what somebody writes for.
EXCHANGES_TO_ASK = 4
# Read before the categories: these take up the whole message. The order is that of precedence.
GUILTY = "guilty"
SMALL_TALK = (
    *("not_dying", "apology", "alive", "returns", "eased", "leaves"),
    *("good_news", "thanks", "test", "fine", "declines", "bye", "greeting"),
)
# Somebody comes back, or goes: met as it is, also while the tone of a crisis stays.
COMING_AND_GOING = ("alive", "returns", "eased", "leaves")
# A no is answered like an all is well: nothing more is asked.
SAID_AS = {"declines": "fine"}
# They say how somebody fares, not what it is about: anything else named beside them is taken up first.
GENERAL = frozenset({"mental_health", "family", "isolation"})
# So many of the matters taken up may still be meant by words that name none.
NEAR = 3
# They come together from several messages, and say more than the parts they are made of.
COMPOSED = frozenset({"eighty_fifty", "double_care", "young_carer"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """What one listening answer is made from."""

    listened: Listened
    intent: Intent
    #: The folded sentences, and the sides of worries that may be heard in them.
    said: tuple[str, ...]
    sides: Sides

    def role(self, state: State) -> str:
        """`neighbour` or `professional` for those who write about others from the start, else empty.

        Somebody who told a worry of their own does not turn into a neighbour by naming one.
        """
        role = self.listened.facts.writer_role
        about = {concern.id for concern in self.listened.message.concerns} - GENERAL
        if role is WriterRole.NEIGHBOUR and about == {"neighbor"}:
            # Whoever cannot sleep for the noise next door writes of a trouble of their own.
            return ""
        return role.value if role in STRANGERS and (role.value in state.roles or not state.matters) else ""

    def stranger(self, state: State) -> str:
        """`neighbour` or `professional` for who wrote as one before, and does not now tell a worry of their own."""
        known = next((role.value for role in STRANGERS if role.value in state.roles), "")
        own = self.listened.facts.writer_role not in {*STRANGERS, None} and bool(self.listened.message.concerns)
        return "" if own else known

    def fresh(self, state: State) -> list[str]:
        """Categories that were not taken up yet, the most telling first: also those that only now became clear."""
        concerns = {c.id: c for c in (*self.listened.overall.concerns, *self.listened.message.concerns)}
        ranked = sorted(concerns.values(), key=lambda c: (c.id not in COMPOSED, c.id in GENERAL, -c.score, c.id))
        return [concern.id for concern in ranked if concern.id not in state.matters]


def answer(voice: Voice, state: State, turn: Turn, now: dt.datetime, *, inform: bool) -> tuple[list[Message], State]:
    """At most two bubbles, or a place that fits. The state comes back with what was taken up.

    `inform` says whether a place may also be put down unasked, once the matter has become clear.
    """
    if state.guarded and "watched" in turn.intent.styles:
        return [Text(text=voice.say(voice.desk.content.crisis.watched))], replace(taken_up(state, turn), asked=False)
    message = turn.listened.message
    calm = not message.concerns and message.risk.level is RiskLevel.NONE
    if calm and (talk := _small_talk(turn.intent)):
        group: Voiced = getattr(voice.desk.content.listening.states, SAID_AS.get(talk, talk))
        return [Text(text=voice.say(group))], replace(state, asked=False)
    if "where" in turn.intent.talk and not state.hushed and (card := information.card(voice, turn.listened, now)):
        said: list[Message] = [Text(text=voice.say(voice.desk.content.listening.information.found)), card]
        return said, replace(taken_up(state, turn), asked=False)
    if calm and "question" in turn.intent.talk and not turn.intent.feelings:
        return [_not_understood(voice, state)], replace(state, asked=False)
    fresh = turn.fresh(state)
    if inform and _clear(state, turn, fresh) and (place := _place(voice, turn, now)):
        # What was said is met first; the place only lies beside it.
        opening = _opening(voice, state, turn, fresh)
        beside = Text(text=voice.say(voice.desk.content.listening.information.unasked))
        said = [Text(text=opening), beside, place]
        return said, replace(taken_up(state, turn), asked=False)
    opening = _opening(voice, state, turn, fresh)
    closing, asked = _closing(voice, state, turn, fresh)
    return [Text(text=opening), Text(text=closing)], replace(taken_up(state, turn), asked=asked)


def _not_understood(voice: Voice, state: State) -> Choices:
    """A question that only a person can answer: one is one press away, unless one was asked for, offers were stopped or
    a person writes; and so is what everybody may ask of this desk."""
    words, waits = voice.desk.content.listening, state.consent.wants
    said = voice.desk.content.standing.unsure if waits else words.states.question
    label = voice.line(words.ask_person)
    free = not (waits or state.quiet or state.staff)
    person = (Choice(label=label, action=Action.PERSON, argument="", shown=label),) if free else ()
    options = person + tuple(
        Choice(label=(label := voice.line(line)), action=Action.RIGHTS, argument=name, shown=label)
        for name, line in words.questions.items()
    )
    return Choices(text=voice.say(said), options=options)


def _clear(state: State, turn: Turn, fresh: list[str]) -> bool:
    """Whether a matter has been talked over: told, taken up, and still what the talk is about."""
    about = bool(turn.listened.message.concerns) and not fresh and not turn.intent.feelings
    return about and state.turns >= EXCHANGES_TO_CLEAR and not state.guarded and not state.quiet


def _place(voice: Voice, turn: Turn, now: dt.datetime) -> Card | None:
    return information.unasked(voice, turn.listened, turn.listened.message.concerns[0].id, now)


def _small_talk(intent: Intent) -> str | None:
    """What the whole message is, when it is nothing more. Good news with a heavy heart are more than good news."""
    said = [name for name in SMALL_TALK if name in intent.talk]
    return next((name for name in said if name != "good_news" or not intent.feelings), None)


def taken_up(state: State, turn: Turn) -> State:
    """`state` with the matters of this message, and with who writes, noted as taken up."""
    role = turn.role(state)
    roles = state.roles if not role or role in state.roles else (*state.roles, role)
    fresh = turn.fresh(state)
    told = [*fresh, *(concern.id for concern in turn.listened.message.concerns if concern.id not in fresh)]
    seen = sides.remembered(turn.sides, state.sides, told or _near(state), turn.said)
    if not fresh and (roles, seen) == (state.roles, state.sides):
        return state
    return replace(state, roles=roles, sides=seen, matters=tuple([*state.matters, *fresh][-MATTERS_KEPT:]))


def take_up(voice: Voice, state: State, turn: Turn) -> str:
    """One bubble that takes up this message, for answers whose other bubbles are fixed."""
    return _opening(voice, state, turn, turn.fresh(state))


def _opening(voice: Voice, state: State, turn: Turn, fresh: list[str]) -> str:
    words = voice.desk.content.listening
    if GUILTY in turn.intent.feelings:
        # Before anything else, and never behind a 「はい」, which would agree.
        return voice.say(words.not_your_fault if _blameless(turn.listened) else words.feelings[GUILTY])
    if state.hushed:
        # That answers stay short is said once, where they begin to.
        return voice.say(words.states.brief if voice.first_time(BRIEF) else words.states.guarded)
    feeling = next((words.feelings[name] for name in turn.intent.feelings), None)
    subject = _subject(voice, state, turn, fresh)
    if subject is None and feeling is not None:
        return voice.say(feeling)
    opening = subject or voice.say(_without_subject(voice, state, turn))
    # Elders are told one thing at a time.
    alone = feeling is None or voice.tone is Tone.ELDER
    return opening if alone or feeling is None else voice.fits(feeling, opening, BUBBLE)


def _blameless(listened: Listened) -> bool:
    """Whether nobody can say that it is their fault: a child, or who was hurt; not who did something to somebody."""
    if listened.role == SafetyRole.MAY_HARM:
        return False
    return listened.minor or (listened.role == SafetyRole.HARMED and listened.violent)


def _without_subject(voice: Voice, state: State, turn: Turn) -> Voiced:
    states, stranger = voice.desk.content.listening.states, turn.stranger(state)
    if "short" in turn.intent.talk and state.turns:
        return states.short
    if stranger and (further := voice.desk.content.listening.roles[stranger].further) is not None:
        return further
    return states.further if turn.listened.overall.concerns else states.open


def _subject(voice: Voice, state: State, turn: Turn, fresh: list[str]) -> str | None:
    """What the message is about, in words of ours; None when nothing is tagged."""
    content = voice.desk.content
    role = turn.role(state)
    if role and role not in state.roles:
        return voice.say(content.listening.roles[role].take_up)
    if turn.stranger(state):
        # What is taken up with the person concerned would be said to the wrong one.
        return None
    topics = [content.topics[name] for name in fresh if name in content.topics]
    several = len(topics) > 1 and state.turns and not state.guarded
    if several and fresh[0] not in COMPOSED and voice.tone is not Tone.ELDER:
        first, second = (voice.line(topic.word) for topic in topics[:2])
        return voice.say(content.listening.states.both, first=first, second=second)
    if topics:
        return voice.say(_words(voice, state, turn, next(name for name in fresh if name in content.topics)).take_up)
    if turn.intent.feelings:
        return None
    known = [concern.id for concern in turn.listened.message.concerns if concern.id in content.topics]
    words = _words(voice, state, turn, known[0]) if known else _side_of_a_matter(state, turn)
    return None if words is None else voice.say(words.take_up)


def _near(state: State) -> tuple[str, ...]:
    """What the talk is about now, the latest first."""
    return state.matters[: -NEAR - 1 : -1]


def _side_of_a_matter(state: State, turn: Turn) -> Side | None:
    """A side of what the talk is about, told in a message that names no worry by itself."""
    found = (sides.told(turn.sides, matter, turn.said) for matter in _near(state))
    name = next((name for name in found if name is not None), None)
    return None if name is None else sides.named(turn.sides, name)


def _words(voice: Voice, state: State, turn: Turn, category: str) -> Topic | Side:
    """How a category is taken up, by the side of it that is told."""
    side = sides.of(turn.sides, state.sides, category, turn.said)
    return side or voice.desk.content.topics[category]


def _closing(voice: Voice, state: State, turn: Turn, fresh: list[str]) -> tuple[str, bool]:
    """A question, or after a question an invitation: nobody is asked twice in a row unless something new came up."""
    content = voice.desk.content
    states = content.listening.states
    # A first word that tells nothing yet is not questioned: it may be a greeting, an errand or a slip. Who goes on
    # without any worry only talks.
    dark = not (turn.listened.overall.concerns or turn.intent.feelings)
    silent = dark and (not 0 < state.turns < EXCHANGES_TO_ASK or "no" in turn.intent.styles)
    # Nobody is asked who may be watched, or wants to be left in peace.
    if state.hushed:
        return voice.say(states.beside_guarded), False
    if silent or state.quiet or (state.asked and not fresh):
        return voice.say(states.invite), False
    if "question" in turn.intent.talk:
        return voice.say(states.question), False
    return voice.say(states.ask_open if dark else _question(voice, state, turn, fresh)), True


def _question(voice: Voice, state: State, turn: Turn, fresh: list[str]) -> Voiced:
    content = voice.desk.content
    if role := turn.role(state):
        return content.listening.roles[role].ask
    concerns = turn.listened.message.concerns or turn.listened.overall.concerns
    named = (name for name in (*fresh, *(c.id for c in concerns)) if name in content.topics)
    # What happens at home is asked about only once: who answered is asked of the rest.
    known = [name for name in named if not (state.unwatched and name == AT_HOME)]
    return _words(voice, state, turn, known[0]).ask if known else content.listening.states.ask
