"""A person comes into the talk and leaves it: the program says who writes, and is silent meanwhile."""

from __future__ import annotations

from dataclasses import replace

from dialogue.effects import SayKind
from dialogue.events import StaffCame, StaffLeft
from dialogue.scene import Answer, Decision, Scene, done
from dialogue.state import Pending, State
from dialogue.words import Text


def came(scene: Scene, state: State, event: StaffCame) -> Decision:
    """Who writes from now on; said once, also when the event comes twice."""
    if event.shown == state.staff:
        return Decision(state=state)
    words = scene.voice.desk.content.staff
    said = (Text(text=scene.voice.say(words.came, who=event.shown)),)
    # What the program asked is the person's to take up now; only erasing stays the resident's own button.
    state = replace(state, staff=event.shown, pending=Pending.NOTHING, asked=False)
    return done(scene, SayKind.NOTICE, Answer(said=said, state=state))


def left(scene: Scene, state: State, event: StaffLeft) -> Decision:
    """The program says that it answers again. Nobody there, nothing to say."""
    if not state.staff:
        return Decision(state=state)
    words = scene.voice.desk.content.staff
    said = (Text(text=scene.voice.say(words.silent if event.silent else words.left, who=state.staff)),)
    return done(scene, SayKind.NOTICE, Answer(said=said, state=replace(state, staff="")))
