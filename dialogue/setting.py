"""The scene of a decision: what the words ask for and tell, who writes, and in which voice they are answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from config.content import Content
from dialogue import aftermath, checkins, consent, intents, manner, sides, writer
from dialogue.desk import Desk
from dialogue.events import Event, Heard
from dialogue.intents import Intent, recognise
from dialogue.listened import Listened
from dialogue.places import Moment
from dialogue.scene import Scene
from dialogue.state import Pending, State, Tone
from dialogue.voice import Voice

# How a wish about check-ins may be told that is one of any other matter where there are none.
OF_A_PLAN = {"rhythm": "letters", "rest": "pause", "ends": "letters", "night": "quiet", "working": "band"}


def prepare(content: Content) -> None:
    """What takes a moment and is the same for every talk: at the start, so that nobody's first question waits."""
    intents.prepare(content.intents)
    sides.prepare(content.sides)


def scene_of(
    desk: Desk, state: State, event: Event, assessment: Listened | None, now: dt.datetime, seed: int
) -> tuple[Scene, State]:
    """Everything that stays the same during one decision, and the state once the words were heard."""
    texts = event.texts if isinstance(event, Heard) else ()
    open_ = state.pending in consent.ASKED or bool(state.consent.step)
    answers = state.pending is not Pending.NOTHING
    intent = recognise(desk.content.intents, texts, answers=answers, consent=open_)
    intent = _about_a_plan(_about_letters(intent, state), held=state.checkins.plan is not None, asked=state.asked)
    state, listened = writer.known(state, intent, assessment or Listened(), texts)
    intent = aftermath.understood(desk.content, state, intent, listened, texts, now)
    state, listened = aftermath.noted(state, intent), aftermath.calmed(listened, intent)
    tone = manner.tone(desk.content, state, intent, listened, texts)
    state = writer.spoken_to(state, listened, tone)
    if state.tone is Tone.ELDER:
        # Small print and hard letters are tagged as a worry about language; nobody asks an old neighbour which one.
        listened = listened.not_about("language")
    voice = Voice.of(desk, state, seed, now, listened.facts.detected_language, minor=listened.minor)
    # A person who writes in this talk can hold an answer, whatever the hour.
    moment = Moment(now=now, open=desk.is_open(now) or bool(state.staff))
    return Scene(
        voice=voice, moment=moment, listened=listened, intent=intent, texts=texts, pending=state.pending
    ), state


def _about_letters(intent: Intent, state: State) -> Intent:
    """Who wants no check-ins stops nothing else; and a rhythm after the offer of them is the wish for them."""
    if "no_letters" in intent.commands:
        others = tuple(name for name in intent.commands if name not in {"check_in", "letters"})
        return replace(intent, commands=others, rights=tuple(name for name in intent.rights if name != "stop"))
    memory = state.checkins
    offered = (
        memory.plan is None and state.pending is not Pending.CHECK_IN and memory.offered in {"made", checkins.ASKED_FOR}
    )
    wished = offered and "wished_rhythm" in intent.styles
    return replace(intent, commands=("check_in",)) if wished and not intent.commands else intent


def _about_a_plan(intent: Intent, *, held: bool, asked: bool) -> Intent:
    """「しばらくお休みします」 and 「曜日を変えたい」 tell of work or school where nothing here can be paused; and
    「夜は送らないで」 is no wish to be left alone. 「来月まで」 answers what was `asked`."""
    if "hours" in intent.styles and not set(intent.commands) - {"letters", "pause"}:
        return replace(intent, commands=("quiet",), rights=tuple(name for name in intent.rights if name != "stop"))
    if not held:
        others = tuple(name for name in intent.commands if name != "pause")
        return intent if others == intent.commands else replace(intent, commands=others)
    styles = set(intent.styles) - ({"ends"} if asked else set())
    named = next((command for style, command in OF_A_PLAN.items() if style in styles), None)
    return intent if named is None or intent.commands else replace(intent, commands=(named,))
