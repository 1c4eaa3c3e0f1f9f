"""「わたしのこと何を覚えてる?」: what is stored, in plain words, with the way to correct and to erase it.

In a guarded talk nothing disclosed is repeated: somebody else may hold the phone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from casework.consents import Span
from config.categories import categories
from config.contents.models import Line
from dialogue import erasing
from dialogue.actions import Action
from dialogue.checkin_plan import live, words_of
from dialogue.effects import Contested
from dialogue.intents import fold, sentences
from dialogue.listened import Listened
from dialogue.scene import Answer, Scene
from dialogue.state import Pending, State, Tone
from dialogue.voice import Voice
from dialogue.words import Choice, Choices, Message, Text
from nlp.findings import Facts

MOST_NAMED = 5
MOST_CHOICES = 4
BETWEEN = "、"
LABEL_PARTS = re.compile("[・（）等]|問題")


def tell(scene: Scene, state: State) -> Answer:
    """What is stored of them, kinds and contents, for how long, and what can be done about it."""
    voice, words = scene.voice, scene.voice.desk.content.memory
    if state.erasing is not None:
        at = voice.desk.hour_shown(state.erasing.at, kana=voice.kana)
        hidden = Text(text=voice.line(words.hidden, at=at))
        return Answer(said=(hidden, *erasing.ask(scene, state).said), state=state)
    said: list[Message] = [Text(text=text) for text in _told(scene, state)]
    keys = ("wrong", "erase", "fine")
    options = tuple(_choice(voice, key) for key in keys)
    said.append(Choices(text=voice.say(words.kept), options=options))
    return Answer(said=tuple(said), state=replace(state, pending=Pending.MEMORY, asked=False))


def _told(scene: Scene, state: State) -> list[str]:
    voice, listened = scene.voice, scene.listened
    words = voice.desk.content.memory
    if state.guarded:
        return [voice.line(words.guarded)]
    facts, parts = listened.facts, []
    if named := [voice.line(voice.desk.content.topics[name].word) for name in _named(voice, listened)]:
        parts.append(voice.line(words.concerns, list=_listed(voice, named)))
    if about := list(_writer(voice, facts)):
        parts.append(voice.line(words.writer, list=BETWEEN.join(about)))
    if people := list(_people(voice, facts)):
        parts.append(voice.line(words.people, list=_listed(voice, people)))
    parts += [*_agreed(voice, state), *_check_ins(scene, state)]
    if state.alerted:
        parts.append(voice.line(words.alert))
    return [voice.line(words.intro), "\n".join(parts)] if parts else [voice.line(words.empty)]


def _agreed(voice: Voice, state: State) -> Iterator[str]:
    """Who may read, and which places may be told something: what was said yes to here and stands."""
    words, memory = voice.desk.content.memory, state.consent
    if memory.readable:
        yield voice.line(words.reads_from_now if memory.reads == Span.FROM_NOW else words.reads)
    places = [share.place for share in memory.shares if share.answer == "yes" and share.place]
    if places:
        yield voice.line(words.shares, list=_listed(voice, list(dict.fromkeys(places))))


def _check_ins(scene: Scene, state: State) -> Iterator[str]:
    """The plan of check-ins that holds."""
    voice, plan = scene.voice, live(scene, state)
    if plan is not None:
        words = words_of(scene)
        rhythm = voice.line(words.labels[plan.rhythm.value])
        band = next(voice.line(line) for name, line in words.bands.items() if name == plan.band)
        yield voice.line(voice.desk.content.memory.check_ins, rhythm=rhythm, band=band)


def _named(voice: Voice, listened: Listened) -> list[str]:
    """The categories that are tagged, the surest first."""
    ranked = sorted(listened.overall.concerns, key=lambda concern: (-concern.score, concern.id))
    return [concern.id for concern in ranked if concern.id in voice.desk.content.topics]


def _listed(voice: Voice, names: list[str]) -> str:
    most = 3 if voice.tone is Tone.ELDER else MOST_NAMED
    rest = len(names) - most
    more = [voice.line(voice.desk.content.memory.more, count=str(rest))] if rest > 0 else []
    return BETWEEN.join([*names[:most], *more])


def _writer(voice: Voice, facts: Facts) -> Iterator[str]:
    words = voice.desk.content.memory
    if facts.writer_age is not None:
        yield voice.line(words.age, age=str(facts.writer_age))
    elif facts.writer_minor:
        yield voice.line(words.minor)
    if facts.writer_works is not None:
        yield voice.line(words.works if facts.writer_works else words.works_not)


def _people(voice: Voice, facts: Facts) -> Iterator[str]:
    words = voice.desk.content.memory
    for person in facts.people:
        if person.relation in words.relations:
            name = voice.line(words.relations[person.relation])
            yield name if person.age is None else f"{name}（{voice.line(words.age, age=str(person.age))}）"


def which(scene: Scene, state: State) -> Answer:
    """「ちがう」: which. Where nothing may be repeated, in the resident's own words only."""
    voice, words = scene.voice, scene.voice.desk.content.memory
    state = replace(state, pending=Pending.WHICH)
    named = [] if state.guarded or state.erasing is not None else _named(voice, scene.listened)[:MOST_CHOICES]
    if not named:
        return Answer(said=(Text(text=voice.say(words.which_guarded)),), state=state)
    topics = voice.desk.content.topics
    options = tuple(
        Choice(label=(label := voice.line(topics[name].word)), action=Action.MEMORY, argument=name, shown=label)
        for name in named
    )
    return Answer(
        said=(Choices(text=voice.say(words.which), options=(*options, _choice(voice, "other"))),), state=state
    )


def correct(scene: Scene, state: State, name: str) -> Answer:
    """The correction is believed, and what has really changed is said."""
    voice, words = scene.voice, scene.voice.desk.content.memory
    topic = voice.line(voice.desk.content.topics[name].word)
    state = replace(state, denied=tuple(dict.fromkeys((*state.denied, name))), pending=Pending.NOTHING, asked=False)
    texts = [voice.say(words.corrected, topic=topic), voice.line(words.still_there)]
    said = tuple(Text(text=text) for text in texts)
    return Answer(said=said, state=state, effects=(Contested(category=name),))


def note(scene: Scene, state: State) -> Answer:
    """A correction in words of their own: it stands in the record behind what it corrects."""
    said = Text(text=scene.voice.say(scene.voice.desk.content.memory.noted))
    return Answer(said=(said,), state=replace(state, pending=Pending.NOTHING, asked=False))


def fine(scene: Scene, state: State) -> Answer:
    """Nothing is wrong."""
    said = Text(text=scene.voice.say(scene.voice.desk.content.listening.states.fine))
    return Answer(said=(said,), state=replace(state, pending=Pending.NOTHING, asked=False))


def meant(voice: Voice, listened: Listened, texts: tuple[str, ...]) -> str | None:
    """The category that a typed correction names: by our word for it, or by what the listener hears in it."""
    said = "".join(sentences(texts)).replace("のこと", "")
    named, heard = _named(voice, listened), {concern.id for concern in listened.message.concerns}
    topics = voice.desk.content.topics
    near = {name: max(_shared(said, word) for word in _words_for(name, topics[name].word)) for name in named}
    if named and max(near.values()) > 1:
        return max(named, key=lambda name: near[name])
    return next((name for name in named if name in heard), None)


def _words_for(name: str, line: Line) -> tuple[str, ...]:
    """The words for a category without what all of them share: ours, and the ones staff and residents also use."""
    usual = (fold(part) for part in LABEL_PARTS.split(categories()[name].label))
    ours = (fold(line.plain).removesuffix("のこと"), fold(line.kana).removesuffix("のこと"))
    return (*ours, *(word for word in usual if len(word) > 1))


def _shared(said: str, word: str) -> int:
    """How many letters in a row of `word` were said: 「お金」 of 「暮らしのお金」. One letter may be the whole word."""
    if word in said:
        return max(len(word), 2)
    return next(
        (
            size
            for size in range(len(word) - 1, 1, -1)
            for at in range(len(word) - size + 1)
            if word[at : at + size] in said
        ),
        0,
    )


def _choice(voice: Voice, key: str) -> Choice:
    """Erasing is the erasing's own button; 「ほかのこと」 and 「このままでいい」 name no category."""
    label = next(voice.line(line) for name, line in voice.desk.content.memory.labels.items() if name == key)
    if key == "erase":
        return Choice(label=label, action=Action.ERASE, shown=label)
    return Choice(label=label, action=Action.MEMORY, argument=key, shown=label)
