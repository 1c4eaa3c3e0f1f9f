"""Buttons of ours that came back: answers to what was asked, and the cells of the menu."""

from __future__ import annotations

from dataclasses import replace

from config.contents.flows import Menu
from dialogue import (
    checkin_plan,
    checkins,
    consent,
    crisis,
    details,
    erasing,
    offer,
    reaching,
    remembering,
    sharing,
    wishes,
)
from dialogue.actions import MOVE, Action
from dialogue.effects import OfferAnswer, SayKind
from dialogue.events import Chosen
from dialogue.scene import Answer, Decision, Scene, done, notice, noticed
from dialogue.state import Pending, State
from dialogue.voice import Voice
from dialogue.words import Choice, Choices, Text

_NUMBERS = frozenset({Action.NUMBER, Action.URGENT})
_CELLS = frozenset({Action.TALK, Action.SETTINGS})
_CHECK_INS = frozenset({Action.CHECK_IN, Action.LETTERS})
_NOTICES = frozenset({Action.NOTICE, Action.GUIDE})


def chosen(scene: Scene, state: State, event: Chosen) -> Decision:
    """What a press means. It comes from somebody's phone: unknown ones are old buttons and do nothing."""
    if event.action in _NUMBERS:
        messages, state = crisis.numbers(scene.voice, state, scene.listened, scene.moment)
        return done(scene, SayKind.CRISIS, Answer(said=tuple(messages), state=state))
    if event.action in _NOTICES:
        said = tuple(notice(scene.voice, invite=True))
        return done(scene, SayKind.RIGHTS, Answer(said=said, state=noticed(scene.voice, state)))
    if event.action == Action.OFFER:
        return _offer(scene, state, event.argument)
    answer = _check_ins(scene, state, event) if event.action in _CHECK_INS else _flow(scene, state, event)
    if answer is not None:
        return done(scene, SayKind.ANSWER if event.action == Action.CHECK_IN else SayKind.RIGHTS, answer)
    return _old(scene, state)


def _check_ins(scene: Scene, state: State, event: Chosen) -> Answer | None:
    if event.action == Action.LETTERS:
        return checkin_plan.letters(scene, state)
    if event.argument.startswith("answer."):
        return reaching.pressed(scene, state, event.argument)
    return checkins.pressed(scene, state, event.argument)


def _flow(scene: Scene, state: State, event: Chosen) -> Answer | None:
    match event.action:
        case Action.ERASE:
            return erase(scene, state, event.argument)
        case Action.MEMORY:
            return _memory(scene, state, event.argument)
        case Action.STOP | Action.PERSON:
            return wishes.offered(scene, wishes.right(scene, state, event.action))
        case Action.CONSENT:
            return consent.pressed(scene, state, event.argument) or sharing.pressed(scene, state, event.argument)
        case Action.RIGHTS if event.argument in scene.voice.desk.content.rights and event.argument != "person":
            return wishes.right(scene, state, event.argument)
    return _cell(scene, state, event.action) if event.action in _CELLS else None


def _offer(scene: Scene, state: State, argument: str) -> Decision:
    if state.offer is None or argument not in set(OfferAnswer):
        return _old(scene, state)
    state = replace(state, pending=Pending.NOTHING)
    said, state, effects = offer.answered(scene.voice, state, OfferAnswer(argument), scene.moment)
    answer = wishes.offered(scene, Answer(said=tuple(said), state=state, effects=effects))
    return done(scene, SayKind.ANSWER, answer)


def erase(scene: Scene, state: State, argument: str) -> Answer:
    """A button about erasing."""
    if argument == "keep":
        return erasing.keep(scene, state)
    if argument == "go_on":
        return erasing.go_on(scene, state)
    # Only an open question can be answered: a button found in an old talk asks again.
    if argument == "no" or (argument == "yes" and (state.pending in erasing.ASKED or state.erasing is not None)):
        return erasing.decided(scene, state, yes=argument == "yes")
    return erasing.ask(scene, state)


def _memory(scene: Scene, state: State, argument: str) -> Answer:
    if argument == "wrong":
        return remembering.which(scene, state)
    if argument == "fine":
        return remembering.fine(scene, state)
    if argument == "other":
        said = Text(text=scene.voice.say(scene.voice.desk.content.memory.which_guarded))
        return Answer(said=(said,), state=replace(state, pending=Pending.WHICH))
    if argument in {concern.id for concern in scene.listened.overall.concerns} and not state.guarded:
        return remembering.correct(scene, state, argument)
    return remembering.tell(scene, state)


def _cell(scene: Scene, state: State, action: str) -> Answer:
    voice, words = scene.voice, scene.voice.desk.content.menu
    if action == Action.TALK:
        # Who stopped offers is shown none; the way to a person stays in the settings.
        talk = voice.say(words.talk)
        if state.quiet or state.staff:
            return Answer(said=(Text(text=talk),), state=state)
        return Answer(said=(Choices(text=talk, options=(_choice(voice, words, "person"),)),), state=state)
    options = tuple(_choice(voice, words, key) for key in words.labels)
    options = (*options, *_consent_choices(scene, state))
    return Answer(said=(Choices(text=voice.say(words.settings), options=options),), state=state)


def _consent_choices(scene: Scene, state: State) -> tuple[Choice, ...]:
    """The way out of what was agreed to, and on to what was left open."""
    memory = state.consent
    given = memory.readable or any(share.answer == "yes" for share in memory.shares)
    left = bool(memory.wants and memory.readable and details.remaining(scene, state))
    shown = {"withdraw": given, "go_on": left and not state.staff and state.erasing is None}
    labels = scene.voice.desk.content.consent.labels
    return tuple(
        Choice(label=(label := scene.voice.line(line)), action=Action.CONSENT, argument=name, shown=label)
        for name, line in labels.items()
        if shown.get(name)
    )


def _choice(voice: Voice, words: Menu, key: str) -> Choice:
    """The keys of the labels are the actions they start; moving to the room is a right without one of its own."""
    label = next(voice.line(line) for name, line in words.labels.items() if name == key)
    action, argument = (Action.RIGHTS, MOVE) if key == MOVE else (Action(key), "")
    return Choice(label=label, action=action, argument=argument, shown=label)


def _old(scene: Scene, state: State) -> Decision:
    said = Text(text=scene.voice.say(scene.voice.desk.content.kinds.old_button))
    return done(scene, SayKind.ANSWER, Answer(said=(said,), state=state))
