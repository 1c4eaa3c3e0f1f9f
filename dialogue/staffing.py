"""A person comes into the talk and leaves it: the program says who writes, and is silent meanwhile."""

from __future__ import annotations

from dataclasses import replace

from dialogue.effects import SayKind
from dialogue.events import StaffCame, StaffLeft, StaffRead
from dialogue.scene import Answer, Decision, Scene, done
from dialogue.state import Pending, State
from dialogue.words import Text


def noticed(scene: Scene, state: State, event: StaffCame | StaffLeft | StaffRead) -> Decision:
    """What the resident is told of what a person does."""
    match event:
        case StaffCame():
            return _came(scene, state, event)
        case StaffLeft():
            return _left(scene, state, event)
        case StaffRead():
            return _read(scene, state, event)


def _came(scene: Scene, state: State, event: StaffCame) -> Decision:
    """Who writes from now on; said once, also when the event comes twice."""
    if event.shown == state.staff:
        return Decision(state=state)
    words = scene.voice.desk.content.staff
    said = (Text(text=scene.voice.say(words.came, who=event.shown)),)
    # What the program asked is the person's to take up now; only erasing stays the resident's own button.
    state = replace(state, staff=event.shown, pending=Pending.NOTHING, asked=False)
    return done(scene, SayKind.NOTICE, Answer(said=said, state=state))


def _left(scene: Scene, state: State, event: StaffLeft) -> Decision:
    """The program says that it answers again. Nobody there, nothing to say."""
    if not state.staff:
        return Decision(state=state)
    words = scene.voice.desk.content.staff
    said = (Text(text=scene.voice.say(words.silent if event.silent else words.left, who=state.staff)),)
    return done(scene, SayKind.NOTICE, Answer(said=said, state=replace(state, staff="")))


def _read(scene: Scene, state: State, event: StaffRead) -> Decision:
    """That a person has read it: once for what was written, and never where somebody else may hold the phone.

    Nothing is said while that person writes anyway, and nothing of a talk that is hidden to be erased.
    """
    if state.read_told or state.staff or state.guarded or state.erasing is not None or not state.noticed:
        return Decision(state=state)
    said = (Text(text=scene.voice.say(scene.voice.desk.content.staff.read, who=event.shown)),)
    return done(scene, SayKind.NOTICE, Answer(said=said, state=replace(state, read_told=True)))
