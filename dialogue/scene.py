"""What every rule is given, and how a decision is put together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from config.contents.models import Line
from dialogue.effects import Effect, Say, SayKind
from dialogue.intents import Intent, sentences
from dialogue.listened import Listened
from dialogue.listening import Turn
from dialogue.places import Moment
from dialogue.state import Pending, State
from dialogue.voice import Voice
from dialogue.words import Choices, Message, Text
from nlp.findings import RiskLevel, SafetyRole

MOST_BUBBLES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """The state after an event, and what the shell must carry out."""

    state: State
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """Everything that stays the same during one decision."""

    voice: Voice
    moment: Moment
    listened: Listened
    intent: Intent
    #: What was written, as it was written; empty for anything but words.
    texts: tuple[str, ...] = ()
    #: What was asked last, before this event.
    pending: Pending = Pending.NOTHING

    def resting(self, until: dt.datetime) -> Scene:
        """The same scene in a pause."""
        return replace(self, moment=replace(self.moment, resting_until=until))

    @property
    def turn(self) -> Turn:
        content = self.voice.desk.content
        return Turn(listened=self.listened, intent=self.intent, said=tuple(sentences(self.texts)), sides=content.sides)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What one rule says and does: bubbles, the state after them, and effects beside them."""

    said: tuple[Message, ...]
    state: State
    effects: tuple[Effect, ...] = ()


def done(scene: Scene, kind: SayKind, answer: Answer) -> Decision:
    """The decision for an answer. The voice hands its memory back here. Without a bubble nothing is said."""
    say = Say(kind=kind, messages=_pressed_last(answer.said[:MOST_BUBBLES]))
    state = scene.voice.spoken(answer.state) if answer.said else answer.state
    return Decision(state=state, effects=(*((say,) if answer.said else ()), *answer.effects))


def _pressed_last(said: tuple[Message, ...]) -> tuple[Message, ...]:
    """Answers to press stand under the last bubble that has any: channels show no others."""
    choices = [message for message in said if isinstance(message, Choices)]
    if len(choices) < 2:
        return said
    options = tuple(option for message in choices for option in message.options)
    last = replace(choices[-1], options=options)
    return tuple(
        last if message is choices[-1] else Text(text=message.text) if message in choices else message
        for message in said
    )


def notice(voice: Voice, *, invite: bool) -> list[Message]:
    """The whole notice, in the resident's language where it is known."""
    words = voice.desk.content.notice
    full = voice.lines(words.full)
    if voice.foreign is not None:
        # The last bubble has the hours, which only the desk's own words can name.
        full = [voice.fill(voice.foreign.notice), full[-1]]
    texts = [*full, *([voice.line(words.invite)] if invite else [])]
    return [Text(text=text) for text in texts]


def with_notice(scene: Scene, answer: Answer, *, whole: bool) -> Answer:
    """Before the first answer the notice, if it fits; else its short form after it; else it waits for the next.

    Whoever read it in Japanese, because the account was added, gets it once in the language they then write.
    """
    voice, said = scene.voice, answer.said
    short = Text(text=voice.fill(voice.foreign.notice) if voice.foreign else voice.line(_short(voice)))
    again = voice.foreign is not None and voice.kana and not answer.state.foreign_told
    if answer.state.noticed and not again:
        return answer
    full = [short] if answer.state.noticed else notice(voice, invite=False)
    if whole and len(full) + len(said) <= MOST_BUBBLES:
        said = (*full, *said)
    elif len(said) < MOST_BUBBLES:
        said = (*said, short)
    else:
        return answer
    return replace(answer, said=said, state=noticed(voice, answer.state))


def noticed(voice: Voice, state: State) -> State:
    """`state` after the notice, or its short form, was said."""
    return replace(state, noticed=True, foreign_told=state.foreign_told or voice.foreign is not None)


def _short(voice: Voice) -> Line:
    return voice.desk.content.notice.short


def with_asides(scene: Scene, answer: Answer) -> Answer:
    """What is said once when danger shows: to a minor the limit of secrecy, after violence how to erase the talk."""
    words = scene.voice.desk.content.crisis
    said, state = answer.said, answer.state
    endangered = scene.listened.minor and scene.listened.level is not RiskLevel.NONE
    if endangered and not state.limit_told and len(said) < MOST_BUBBLES:
        said, state = (*said, Text(text=scene.voice.line(words.limit_for_minors))), replace(state, limit_told=True)
    alone = scene.listened.role == SafetyRole.WITNESS and not scene.listened.minor
    if state.guarded and not state.guard_told and not alone and len(said) < MOST_BUBBLES:
        said, state = (*said, Text(text=scene.voice.line(words.guard))), replace(state, guard_told=True)
    return replace(answer, said=said, state=state)
