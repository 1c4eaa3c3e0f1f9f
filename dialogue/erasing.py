"""「消して」: what goes, what stays and why, asked once; hidden at once, destroyed after three days.

Three days because somebody else may be holding the phone. What is told meanwhile would go too, so after a new worry
it is asked once, softly, whether to keep on instead.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Literal

from dialogue.actions import Action
from dialogue.effects import EraseCancelled, ErasePlanned
from dialogue.scene import Answer, Scene
from dialogue.state import Erasing, Pending, State
from dialogue.voice import Voice
from dialogue.words import Choice, Choices, Message, Text

UNTIL_DESTROYED = dt.timedelta(hours=72)
ASKED = frozenset({Pending.ERASE, Pending.ERASE_WORD})


def ask(scene: Scene, state: State) -> Answer:
    """What would happen, and one question. While it is already planned: when, and the way back."""
    voice, words = scene.voice, scene.voice.desk.content.erase
    if state.erasing is not None:
        text = voice.say(words.already, at=_shown(voice, state.erasing.at))
        return Answer(said=(Choices(text=text, options=_options(voice, "keep")),), state=state)
    at = _shown(voice, scene.moment.now + UNTIL_DESTROYED)
    said: tuple[Message, ...] = (
        Text(text=voice.line(words.goes, at=at)),
        Text(text=voice.line(words.stays_alert if state.alerted else words.stays)),
        Text(text=voice.line(words.phone)),
        Choices(text=voice.say(words.ask), options=_options(voice, "yes", "no")),
    )
    return Answer(said=said, state=replace(state, pending=Pending.ERASE, asked=False))


def beside_danger(scene: Scene, state: State) -> Answer:
    """In a crisis the question is another one: what stays is said, and the way to erase the rest is one press."""
    voice, words = scene.voice, scene.voice.desk.content.erase
    if state.erasing is not None:
        return ask(scene, state)
    said = Choices(text=voice.line(words.in_crisis), options=_options(voice, "yes"))
    return Answer(said=(said,), state=replace(state, pending=Pending.ERASE_WORD))


def decided(scene: Scene, state: State, *, yes: bool) -> Answer:
    """The answer to the question, typed or pressed. Pressed twice, it is done once."""
    voice, words = scene.voice, scene.voice.desk.content.erase
    state = replace(state, pending=Pending.NOTHING)
    if state.erasing is not None:
        return ask(scene, state) if yes else go_on(scene, state)
    if not yes:
        return Answer(said=(Text(text=voice.say(words.kept)),), state=state)
    at = scene.moment.now + UNTIL_DESTROYED
    said = (
        Text(text=voice.line(words.done, at=_shown(voice, at))),
        Choices(text=voice.say(words.back), options=_options(voice, "keep")),
    )
    return Answer(said=said, state=replace(state, erasing=Erasing(at=at)), effects=(ErasePlanned(at=at),))


def keep(scene: Scene, state: State) -> Answer:
    """Taken back: everything is as it was."""
    voice, words = scene.voice, scene.voice.desk.content.erase
    asked = state.pending in ASKED
    state = replace(state, pending=Pending.NOTHING)
    if state.erasing is None:
        return Answer(said=(Text(text=voice.say(words.kept if asked else words.nothing)),), state=state)
    said = (Text(text=voice.say(words.cancelled)),)
    return Answer(said=said, state=replace(state, erasing=None), effects=(EraseCancelled(),))


def go_on(scene: Scene, state: State) -> Answer:
    """It stays planned."""
    voice = scene.voice
    if state.erasing is None:
        return Answer(said=(Text(text=voice.say(voice.desk.content.erase.nothing)),), state=state)
    text = voice.say(voice.desk.content.erase.go_on, at=_shown(voice, state.erasing.at))
    return Answer(said=(Text(text=text),), state=replace(state, pending=Pending.NOTHING))


def meanwhile(voice: Voice, state: State) -> tuple[Choices, State]:
    """After a new worry, while the erasing is planned: it would go as well, so it is asked whether to keep on."""
    assert state.erasing is not None
    text = voice.say(voice.desk.content.erase.meanwhile, at=_shown(voice, state.erasing.at))
    state = replace(state, erasing=replace(state.erasing, asked=True), pending=Pending.KEEP, asked=True)
    return Choices(text=text, options=_options(voice, "keep", "go_on")), state


def _shown(voice: Voice, at: dt.datetime) -> str:
    return voice.desk.hour_shown(at, kana=voice.kana)


def _options(voice: Voice, *names: Literal["yes", "no", "keep", "go_on"]) -> tuple[Choice, ...]:
    labels = voice.desk.content.erase.labels
    return tuple(
        Choice(label=(label := voice.line(labels[name])), action=Action.ERASE, argument=name, shown=label)
        for name in names
    )
