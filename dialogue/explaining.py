"""What a word of offices means, and what is asked of the program itself: fixed and true, with nothing asked back.

None of it is a right; like one it is answered at any step, and beside danger in one bubble behind the card.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from dialogue import places
from dialogue.actions import Action
from dialogue.scene import Answer, Scene
from dialogue.state import State, Tone
from dialogue.voice import Voice
from dialogue.words import Choice, Choices, Message, Text
from nlp.findings import RiskLevel

#: The number under which other languages are spoken, and the language of those whose own is not known.
IN_LANGUAGES = "yorisoi"
COMMON = "en"
#: Asked with these, somebody looks for a place rather than for a meaning.
LOOKS_FOR_PLACE = ("where", "how")


def explained(scene: Scene, state: State, name: str) -> Answer | None:
    """The answer to `name`, where it is a word that is explained or something asked of the program itself."""
    content = scene.voice.desk.content
    if (aside := content.itself.get(name)) is not None:
        theirs = aside.minor_places if _afraid_child(scene, state) else ()
        below = _below(scene.voice, (*aside.places, *theirs), scene.moment.now)
        return Answer(said=(Text(text=scene.voice.say(aside.say)), *below), state=state)
    said = content.glossary.said(name)
    if said is None:
        return None
    term, _, aspect = name.partition(".")
    texts = tuple(Text(text=text) for text in scene.voice.lines(said))
    below = _below(scene.voice, content.glossary.terms[term].places, scene.moment.now)
    if not below and content.glossary.terms[term].places and aspect in LOOKS_FOR_PLACE and not state.quiet:
        below = (_ask_staff(scene.voice),)
    return Answer(said=(*texts, *below), state=state)


def _afraid_child(scene: Scene, state: State) -> bool:
    """Whether a child writes, or may, where danger was told of."""
    young = scene.listened.minor or (scene.voice.kana and scene.voice.foreign is None)
    return young and (state.guarded or bool(state.flagged) or scene.listened.level is not RiskLevel.NONE)


def _below(voice: Voice, names: tuple[str, ...], now: dt.datetime) -> tuple[Message, ...]:
    """The card of those of these places that the desk has; none without one."""
    card = places.card(voice, names, voice.desk.content.glossary.title, now)
    return (card,) if card.contacts else ()


def _ask_staff(voice: Voice) -> Choices:
    words = voice.desk.content.glossary
    label = voice.line(words.ask_staff)
    option = Choice(label=label, action=Action.PERSON, argument="", shown=label)
    return Choices(text=voice.line(words.look_up), options=(option,))


def in_own_language(scene: Scene, state: State, texts: list[str]) -> Answer:
    """That the talk is in easy Japanese, said in the writer's language, and where others are spoken."""
    voice = scene.voice
    foreign = voice.foreign or voice.desk.content.languages.get(COMMON)
    card = places.card(voice, (IN_LANGUAGES,), voice.desk.content.listening.information.title, scene.moment.now)
    said = [voice.fill(foreign.language)] if foreign else []
    bubbles = tuple(Text(text=text) for text in (*said, *texts))
    return Answer(said=(*bubbles, card), state=replace(state, tone=Tone.KANA))


def person_in(voice: Voice, said: list[Message]) -> list[Message]:
    """That a person was asked for: in the writer's language where it is known, and then the less in Japanese, so that
    there is room for what is asked next."""
    return said if voice.foreign is None else [Text(text=voice.fill(voice.foreign.person)), *said[:1]]
