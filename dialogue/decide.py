"""One decision: what is said and done about one event. Pure: the same arguments give the same decision."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass, replace

from config.contents.models import Voiced
from dialogue import crisis, listening, offer
from dialogue.actions import Action
from dialogue.crisis import Moment
from dialogue.desk import Desk
from dialogue.effects import AlertStaff, Effect, OfferAnswer, Say, SayKind
from dialogue.events import Arrived, Chosen, Event, Heard, Left, StaffCame, StaffLeft, Unsent, WordlessKind
from dialogue.intents import Intent, recognise
from dialogue.listened import STRANGERS, Listened
from dialogue.listening import Turn
from dialogue.state import State
from dialogue.voice import Voice
from dialogue.words import Message, Text
from nlp.findings import RiskLevel, SafetyRole

MOST_BUBBLES = 5
MAY_HARM = SafetyRole.MAY_HARM.value


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """The state after an event, and what the shell must carry out."""

    state: State
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scene:
    """Everything that stays the same during one decision."""

    voice: Voice
    moment: Moment
    listened: Listened
    intent: Intent

    @property
    def turn(self) -> Turn:
        return Turn(listened=self.listened, intent=self.intent)


def decide(
    desk: Desk, state: State, event: Event, assessment: Listened | None, now: dt.datetime, seed: int
) -> Decision:
    """At most one `Say` of at most five bubbles, and whom to alert.

    `now` must be aware; `seed` comes from the event's id; `assessment` is None when there were no words.
    """
    if now.tzinfo is None:
        raise ValueError("`now` must know its time zone")
    listened = assessment or Listened()
    state = _noticed_in_words(state, listened)
    voice = Voice.of(desk, state, seed, now, listened.facts.detected_language)
    texts = event.texts if isinstance(event, Heard) else ()
    intent = recognise(desk.content.intents, texts)
    moment = Moment(now=now, open=desk.is_open(now))
    scene = _Scene(voice=voice, moment=moment, listened=listened, intent=intent)
    match event:
        case Arrived():
            return _arrived(scene, state, event)
        case Heard():
            return _heard(scene, state, event)
        case Chosen():
            return _chosen(scene, state, event)
        case Left() | Unsent() | StaffCame() | StaffLeft():
            # Silence: a taken-back message is not remarked upon, and nobody is followed out of the door.
            return Decision(state=state)


def _noticed_in_words(state: State, listened: Listened) -> State:
    """What the words show about how to speak: once in kana, or guarded, it stays so."""
    foreign = listened.facts.detected_language not in {None, "ja"}
    own = listened.facts.writer_role not in STRANGERS
    easy = foreign or listened.minor or (own and any(c.id == "language" for c in listened.overall.concerns))
    roles = state.roles
    if listened.role == SafetyRole.MAY_HARM and MAY_HARM not in roles:
        roles = (*roles, MAY_HARM)
    # Who feared to do harm holds the phone alone, also in later words that do not say so again.
    exposed = listened.violent and (MAY_HARM not in roles or listened.role == SafetyRole.HARMED)
    return replace(state, kana=state.kana or easy, roles=roles, guarded=state.guarded or exposed)


def _done(scene: _Scene, state: State, kind: SayKind, messages: list[Message], *effects: Effect) -> Decision:
    say = Say(kind=kind, messages=tuple(messages[:MOST_BUBBLES]))
    return Decision(state=scene.voice.spoken(state), effects=(say, *effects))


def _arrived(scene: _Scene, state: State, event: Arrived) -> Decision:
    words = scene.voice.desk.content.notice
    if event.unblocked and state.noticed:
        return _done(scene, state, SayKind.NOTICE, [Text(text=scene.voice.say(words.welcome_back))])
    return _done(scene, replace(state, noticed=True), SayKind.NOTICE, _notice(scene.voice, invite=True))


def _notice(voice: Voice, *, invite: bool) -> list[Message]:
    words = voice.desk.content.notice
    full = voice.lines(words.full)
    if voice.foreign is not None:
        # The last bubble has the hours, which only the desk's own words can name.
        full = [voice.fill(voice.foreign.notice), full[-1]]
    texts = [*full, *([voice.line(words.invite)] if invite else [])]
    return [Text(text=text) for text in texts]


def _heard(scene: _Scene, state: State, event: Heard) -> Decision:
    intent, listened = scene.intent, scene.listened
    alert = crisis.alert(state, listened)
    alerts = () if alert is None else (alert,)
    typed = offer.typed_answer(state, intent.answers)
    state = replace(state, offered=False)
    if _in_crisis(scene, state):
        return _crisis(scene, state, alerts)
    if typed is not None and not _watch_due(scene, state):
        said, state, effects = offer.answered(scene.voice, state, typed)
        return _done(scene, replace(state, turns=state.turns + 1), SayKind.ANSWER, [said], *alerts, *effects)
    if intent.commands or intent.rights:
        return _asked(scene, state, alerts)
    return _listened_to(scene, state, event, alerts)


def _listened_to(scene: _Scene, state: State, event: Heard, alerts: tuple[AlertStaff, ...]) -> Decision:
    effects: tuple[Effect, ...] = alerts
    now = scene.moment.now
    may_offer = offer.due(scene.voice, state, scene.listened, now) and not _watch_due(scene, state)
    messages, state = _listening(scene, state, event)
    # The offer takes the place of a question: only an answer of two plain bubbles has room for it.
    if may_offer and len(messages) == 2 and all(isinstance(message, Text) for message in messages):
        choices, state, made = offer.make(scene.voice, state, scene.listened, now)
        messages, effects = [messages[0], choices], (*alerts, made)
    messages, state = _with_asides(scene, state, messages)
    messages, state = _with_notice(scene, state, messages, whole=True)
    return _done(scene, replace(state, turns=state.turns + 1), SayKind.ANSWER, messages, *effects)


def _in_crisis(scene: _Scene, state: State) -> bool:
    if scene.listened.level is not RiskLevel.URGENT:
        return False
    calm = scene.listened.message.risk.level is not RiskLevel.URGENT
    if calm and (scene.intent.commands or scene.intent.rights):
        return state.crisis is None
    # A day after the last card the tone of the talk may be an ordinary one again; the level stays with staff.
    return not calm or state.crisis is None or crisis.in_aftermath(state, scene.moment.now)


def _crisis(scene: _Scene, state: State, alerts: tuple[AlertStaff, ...]) -> Decision:
    voice, intent = scene.voice, scene.intent
    messages, state = crisis.answer(voice, state, scene.turn, scene.moment)
    for name in intent.rights[:1]:
        messages += [Text(text=text) for text in voice.lines(voice.desk.content.rights[name])[:1]]
    messages, state = _with_asides(scene, state, messages)
    messages, state = _with_notice(scene, state, messages, whole=False)
    flagged = tuple(sorted({*state.flagged, *(kind.value for kind in scene.listened.danger.kinds)}))
    state = replace(state, turns=state.turns + 1, flagged=flagged)
    return _done(scene, state, SayKind.CRISIS, messages, *alerts)


def _with_asides(scene: _Scene, state: State, messages: list[Message]) -> tuple[list[Message], State]:
    """What is said once when danger shows: to a minor the limit of secrecy, after violence how to erase the talk."""
    words = scene.voice.desk.content.crisis
    endangered = scene.listened.minor and scene.listened.level is not RiskLevel.NONE
    if endangered and not state.limit_told and len(messages) < MOST_BUBBLES:
        messages = [*messages, Text(text=scene.voice.line(words.limit_for_minors))]
        state = replace(state, limit_told=True)
    alone = scene.listened.role == SafetyRole.WITNESS and not scene.listened.minor
    if state.guarded and not state.guard_told and not alone and len(messages) < MOST_BUBBLES:
        messages = [*messages, Text(text=scene.voice.line(words.guard))]
        state = replace(state, guard_told=True)
    return messages, state


def _with_notice(scene: _Scene, state: State, messages: list[Message], *, whole: bool) -> tuple[list[Message], State]:
    """Before the first answer the notice, if it fits; else its short form after it; else it waits for the next."""
    if state.noticed:
        return messages, state
    full = _notice(scene.voice, invite=False)
    if whole and len(full) + len(messages) <= MOST_BUBBLES:
        return [*full, *messages], replace(state, noticed=True)
    if len(messages) < MOST_BUBBLES:
        voice = scene.voice
        short = voice.fill(voice.foreign.notice) if voice.foreign else voice.line(voice.desk.content.notice.short)
        return [*messages, Text(text=short)], replace(state, noticed=True)
    return messages, state


def _asked(scene: _Scene, state: State, alerts: tuple[AlertStaff, ...]) -> Decision:
    """Rights and commands, in any wording and at any step; a worry told in the same breath is taken up after."""
    voice, intent = scene.voice, scene.intent
    messages: list[Message] = []
    if "number" in intent.commands:
        messages, state = crisis.numbers(voice, state, scene.listened, scene.moment)
    elif "notice" in intent.commands:
        messages = _notice(voice, invite=True)
        state = replace(state, noticed=True)
    for name in intent.rights[: 1 if _watch_due(scene, state) else 2]:
        messages += _right(scene, name)
    if "stop" in intent.rights:
        state = replace(state, quiet=True)
    if "person" in intent.rights:
        state = replace(state, quiet=False)
        alerts = alerts or (AlertStaff(level=RiskLevel.WATCH, kinds=(), rule="asks_for_person"),)
    if _watch_due(scene, state):
        checked, state = crisis.watch(voice, state, scene.listened, scene.moment)
        messages, state = [*messages, *checked], listening.taken_up(state, scene.turn)
    elif scene.listened.message.concerns and len(messages) < MOST_BUBBLES:
        messages.append(Text(text=listening.take_up(voice, state, scene.turn)))
        state = listening.taken_up(state, scene.turn)
    messages, state = _with_notice(scene, state, messages, whole=False)
    kind = SayKind.CRISIS if "number" in intent.commands else SayKind.RIGHTS
    return _done(scene, replace(state, turns=state.turns + 1, asked=False), kind, messages, *alerts)


def _right(scene: _Scene, name: str) -> list[Message]:
    voice = scene.voice
    messages: list[Message] = [Text(text=text) for text in voice.lines(voice.desk.content.rights[name])]
    if name == "person":
        words = voice.desk.content.crisis
        places = ("local:desk", *words.watch_contacts)
        messages.append(crisis.contacts_card(voice, places, words.numbers_title, scene.moment.now))
    return messages


def _listening(scene: _Scene, state: State, event: Heard) -> tuple[list[Message], State]:
    listened = scene.listened
    spoken = any(text.strip() for text in event.texts) and not scene.intent.wordless
    if not spoken:
        return [Text(text=scene.voice.say(_kind_line(scene.voice, event)))], state
    if _watch_due(scene, state):
        messages, state = crisis.watch(scene.voice, state, listened, scene.moment)
        return messages, listening.taken_up(state, scene.turn)
    return listening.answer(scene.voice, state, scene.turn, scene.moment.now)


def _watch_due(scene: _Scene, state: State) -> bool:
    return scene.listened.level is RiskLevel.WATCH and bool(crisis.fresh_kinds(state, scene.listened))


def _kind_line(voice: Voice, event: Heard) -> Voiced:
    kinds = voice.desk.content.kinds
    # Emoji alone are a friendly sign like a sticker; with several kinds at once the last one is answered.
    drawn = any(unicodedata.category(letter) == "So" for text in event.texts for letter in text)
    kind = event.wordless[-1] if event.wordless else WordlessKind.STICKER if drawn else WordlessKind.OTHER
    line: Voiced = getattr(kinds, kind.value)
    return line


def _chosen(scene: _Scene, state: State, event: Chosen) -> Decision:
    voice = scene.voice
    rights = voice.desk.content.rights
    if event.action == Action.NUMBER:
        messages, state = crisis.numbers(voice, state, scene.listened, scene.moment)
        return _done(scene, state, SayKind.CRISIS, messages)
    if event.action == Action.NOTICE:
        return _done(scene, replace(state, noticed=True), SayKind.RIGHTS, _notice(voice, invite=True))
    if event.action == Action.RIGHTS and event.argument in rights and event.argument != "person":
        return _done(scene, state, SayKind.RIGHTS, _right(scene, event.argument))
    if event.action == Action.OFFER and event.argument in set(OfferAnswer) and state.offer is not None:
        said, state, effects = offer.answered(voice, replace(state, offered=False), OfferAnswer(event.argument))
        return _done(scene, state, SayKind.ANSWER, [said], *effects)
    return _done(scene, state, SayKind.ANSWER, [Text(text=voice.say(voice.desk.content.kinds.old_button))])
