"""The door: a talk in LINE at a desk that talks in a room. LINE only greets, opens, and helps in danger.

Nothing told here is kept: the state learns no matters, only what protects (that somebody else may hold the phone, that
a card was shown, which dangers staff know of), how somebody reads, and what was wished for. What this message shows
is looked at alone, for danger; nothing told in the room is ever taken up, listed or answered here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

from config.contents.door import Door
from config.contents.models import Voiced
from dialogue import buttons, consent, crisis, erasing, scam, wishes
from dialogue.actions import LINE, Action
from dialogue.decide import wish_beside
from dialogue.desk import Desk
from dialogue.effects import AlertStaff, ConsentWithdrawn, Effect, PlaceChosen, SayKind
from dialogue.events import Arrived, Chosen, Event, Heard
from dialogue.listened import Listened
from dialogue.scene import MOST_BUBBLES, Answer, Decision, Scene, done, notice, with_asides
from dialogue.setting import scene_of
from dialogue.state import Pending, State
from dialogue.words import ROOM, Card, Choice, Choices, Link, Message, Text
from nlp.findings import Assessment, RiskLevel

#: What is answered here as everywhere: it says nothing of the matter.
_HERE = frozenset(
    {"machine", "who_sees", "free", "hours", "name_needed", "stop", "resume", "record", "person", "phone", "by_text"}
)
_ERASES = frozenset({Pending.ERASE, Pending.ERASE_WORD, Pending.KEEP})
_NUMBERS = frozenset({Action.NUMBER, Action.URGENT})
BACK_TO_LINE = "line"


def decide_at_door(
    desk: Desk, state: State, event: Event, assessment: Listened | None, now: dt.datetime, seed: int, *, own: bool
) -> Decision:
    """What is said about one event in LINE. `own`: the desk talks in LINE, and the resident chose the room.

    Of `assessment` only this message counts, and none of it is kept.
    """
    message = assessment.message if assessment else Assessment()
    alone = Listened(message=message, overall=message)
    before = state.at(now)
    scene, seen = scene_of(desk, before, event, alone, now, seed)
    state = replace(before, guarded=seen.guarded, tone=seen.tone)
    match event:
        case Arrived():
            return _arrived(scene, state, event)
        case Heard():
            return _heard(scene, state, event, own=own)
        case Chosen():
            return _pressed(scene, state, event, own=own)
        case _:
            return Decision(state=state)


def _arrived(scene: Scene, state: State, event: Arrived) -> Decision:
    words, voice = scene.voice.desk.content.door, scene.voice
    again = event.unblocked and state.noticed
    said = _link(scene, voice.say(words.back) if again else voice.line(words.arrived))
    return done(scene, SayKind.DOOR, Answer(said=(said,), state=state))


def _heard(scene: Scene, state: State, event: Heard, *, own: bool) -> Decision:
    pending, state = state.pending, replace(state, pending=Pending.NOTHING)
    if scene.listened.message.risk.level is RiskLevel.URGENT:
        return _danger(scene, state)
    if (shown := scam.at_door(scene, state)) is not None:
        link = _link(scene, scene.voice.say(_words(scene).danger))
        return done(scene, SayKind.CRISIS, replace(shown, said=(*shown.said[: MOST_BUBBLES - 1], link)))
    answer = _answered(scene, state, pending, event.texts, own=own)
    if answer is None:
        words = scene.voice.desk.content.door
        answer = Answer(said=tuple(_opened(scene, words.typed, own=own)), state=state)
        return done(scene, SayKind.DOOR, answer)
    return done(scene, SayKind.CRISIS if "number" in scene.intent.commands else SayKind.DOOR, answer)


def _danger(scene: Scene, state: State) -> Decision:
    """The card at once, here. No question: an answer to it would be lost. The room is where it goes on."""
    voice, words = scene.voice, scene.voice.desk.content.door
    alert = crisis.alert(state, scene.listened, scene.intent, scene.moment.now)
    wish = wish_beside(scene, state)
    messages, after, _ = crisis.answer(voice, wish.state, scene.turn, scene.moment)
    shown = [message for message in messages[:-1] if isinstance(message, Card | Text)]
    carded = bool(shown) and isinstance(shown[0], Card)
    told = _told(scene) if carded else ""
    link = _link(scene, told + voice.say(words.danger if carded else words.danger_again))
    flagged = tuple(sorted({*state.flagged, *(kind.value for kind in scene.listened.danger.kinds)}))
    state = replace(wish.state, crisis=after.crisis, flagged=flagged)
    # What a child is told about secrecy, and after violence how to take these words out of the phone.
    aside = with_asides(scene, Answer(said=tuple(shown) if carded else (), state=state))
    most = MOST_BUBBLES - 1 - len(wish.said[:1])
    said: tuple[Message, ...] = (*aside.said[:most], link)
    state = aside.state if len(aside.said) <= most else state
    others = [effect for effect in wish.effects if not isinstance(effect, AlertStaff)]
    effects: tuple[Effect, ...] = (*([alert] if alert else []), *others)
    return done(scene, SayKind.CRISIS, Answer(said=(*said, *wish.said[:1]), state=state, effects=effects))


def _told(scene: Scene) -> str:
    words = scene.voice.desk.content.crisis
    return scene.voice.say(words.told if scene.moment.open else words.night) + "\n"


def _answered(scene: Scene, state: State, pending: Pending, texts: tuple[str, ...], *, own: bool) -> Answer | None:
    """Rights, in any wording: they work wherever somebody asks."""
    if pending in _ERASES and (typed := wishes.typed(scene, state, pending, texts)) is not None:
        return typed[1]
    asked = (rule for name, rule in _COMMANDS.items() if name in scene.intent.commands)
    rule = next(asked, None)
    if rule is None and LINE in scene.intent.rights:
        return _to_line(scene, state, own=own)
    return _right(scene, state) if rule is None else rule(scene, state)


def _to_line(scene: Scene, state: State, *, own: bool) -> Answer:
    """Back to LINE, for who moved by themselves; where all talk in rooms, why not."""
    if own:
        back = Text(text=scene.voice.say(_words(scene).returned))
        return Answer(said=(back,), state=state, effects=(PlaceChosen(room=False),))
    return Answer(said=(_link(scene, scene.voice.line(_words(scene).only_door)),), state=state)


def _erase(scene: Scene, state: State) -> Answer:
    if "withdraw" not in scene.intent.commands:
        return erasing.ask(scene, state)
    answer = erasing.ask(scene, consent.ended(state))
    return replace(answer, effects=(*answer.effects, ConsentWithdrawn()))


def _numbers(scene: Scene, state: State) -> Answer:
    said, state = crisis.numbers(scene.voice, state, scene.listened, scene.moment)
    return Answer(said=tuple(said), state=state)


def _notice(scene: Scene, state: State) -> Answer:
    link = _link(scene, scene.voice.line(_words(scene).arrived))
    return Answer(said=(*notice(scene.voice, invite=False), link), state=state)


#: Which command goes first, and what it does.
_COMMANDS: Mapping[str, Callable[[Scene, State], Answer]] = {
    "keep": erasing.keep,
    "erase": _erase,
    "withdraw": consent.withdraw,
    "number": _numbers,
    "notice": _notice,
}


def _right(scene: Scene, state: State) -> Answer | None:
    known = scene.voice.desk.content.rights
    asked = [name for name in scene.intent.rights if name in known]
    if not asked and not set(scene.intent.commands) & {"memory", "allow"}:
        return None
    name = asked[0] if asked else "memory"
    if name not in _HERE:
        return Answer(said=(_link(scene, scene.voice.say(_words(scene).in_room)),), state=state)
    return _true_here(scene, state, name)


def _true_here(scene: Scene, state: State, name: str) -> Answer:
    answer = wishes.right(scene, state, name)
    link = _link(scene, scene.voice.say(_words(scene).typed))
    return replace(answer, said=(*answer.said[: MOST_BUBBLES - 1], link))


def _pressed(scene: Scene, state: State, event: Chosen, *, own: bool) -> Decision:
    answer = _button(scene, state, event, own=own)
    if answer is None:
        answer = Answer(said=tuple(_opened(scene, _words(scene).in_room, own=own)), state=state)
    return done(scene, SayKind.CRISIS if event.action in _NUMBERS else SayKind.DOOR, answer)


def _button(scene: Scene, state: State, event: Chosen, *, own: bool) -> Answer | None:
    """What a button means that works here, too."""
    answer: Answer | None = None
    match event.action, event.argument:
        case ((Action.NUMBER | Action.URGENT), _):
            answer = _numbers(scene, state)
        case ((Action.NOTICE | Action.GUIDE), _):
            answer = _notice(scene, state)
        case Action.ERASE, argument:
            answer = buttons.erase(scene, state, argument)
        case Action.CONSENT, "withdraw":
            answer = consent.withdraw(scene, state)
        case ((Action.STOP | Action.PERSON), _):
            answer = _true_here(scene, state, event.action)
        case Action.RIGHTS, name if name in _HERE:
            answer = _true_here(scene, state, name)
        case Action.PLACE, argument if argument == BACK_TO_LINE and own:
            answer = _to_line(scene, state, own=own)
    return answer


def _words(scene: Scene) -> Door:
    return scene.voice.desk.content.door


def _opened(scene: Scene, group: Voiced, *, own: bool) -> list[Message]:
    """The way to the room; for who moved there by themselves, also the way back."""
    link = _link(scene, scene.voice.say(group))
    if not own:
        return [link]
    label = scene.voice.line(_words(scene).here)
    back = Choice(label=label, action=Action.PLACE, argument=BACK_TO_LINE, shown=label)
    return [link, Choices(text=scene.voice.line(_words(scene).or_here), options=(back,))]


def _link(scene: Scene, text: str) -> Link:
    return Link(text=text, label=scene.voice.line(_words(scene).label), purpose=ROOM)
