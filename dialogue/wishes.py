"""Rights and wishes, in any wording and at any step, and typed answers to what was asked last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from config.contents.models import Line
from dialogue import (
    checkin_plan,
    checkins,
    consent,
    crisis,
    details,
    erasing,
    explaining,
    listening,
    offer,
    places,
    plan_changes,
    remembering,
    sharing,
    sheet_news,
)
from dialogue.actions import LINE, MOVE
from dialogue.effects import AlertStaff, ConsentWithdrawn, ContactResumed, ContactStopped, Effect, SayKind
from dialogue.intents import sentences
from dialogue.scene import MOST_BUBBLES, Answer, Decision, Scene, done, notice, noticed, with_notice
from dialogue.state import Pending, State, Tone
from dialogue.voice import Voice
from dialogue.words import ROOM, Link, Message, Text
from nlp.findings import RiskLevel

Typed = tuple[SayKind, Answer]
#: The contact that answers in letters, day and night.
BY_LETTERS = "ibasho_chat"
# 「ちがう」 and no more: what is wrong has to be asked.
BARE = 10


def typed(scene: Scene, state: State, pending: Pending, texts: tuple[str, ...]) -> Typed | None:
    """The answer to what was asked last, if these words are one. `state` has nothing pending any more."""
    asked = replace(state, pending=pending)
    if "resume" in scene.intent.consent and not state.staff:
        return SayKind.ANSWER, consent.go_on(scene, state)
    match pending:
        case Pending.OFFER | Pending.OFFER_WORD | Pending.ACCEPTED:
            answer = offer.typed_answer(asked, scene.intent.answers, texts)
            if answer is not None:
                said, state, effects = offer.answered(scene.voice, state, answer, scene.moment)
                return SayKind.ANSWER, offered(scene, Answer(said=tuple(said), state=state, effects=effects))
        case Pending.READ | Pending.DETAIL | Pending.SHARE | Pending.CHECK_IN:
            agreed = _agreed(scene, state, pending, texts)
            return None if agreed is None else (SayKind.ANSWER, agreed)
        case Pending.ERASE | Pending.ERASE_WORD | Pending.KEEP:
            erased = _erase(scene, asked, pending)
            return None if erased is None else (SayKind.RIGHTS, erased)
        case Pending.MEMORY | Pending.WHICH:
            told = _memory(scene, state, pending, texts)
            return None if told is None else (SayKind.RIGHTS, told)
    return None


def offered(scene: Scene, answer: Answer) -> Answer:
    """After a person was newly accepted: whether they may read. Pressed twice, it is asked once."""
    new = any(isinstance(effect, AlertStaff) and effect.rule in offer.ACCEPTS for effect in answer.effects)
    return consent.after_accepting(scene, answer) if new else answer


def _agreed(scene: Scene, state: State, pending: Pending, texts: tuple[str, ...]) -> Answer | None:
    match pending:
        case Pending.READ:
            return consent.typed_read(scene, state, texts)
        case Pending.DETAIL:
            return details.typed(scene, state, texts)
        case Pending.CHECK_IN:
            return checkins.typed(scene, state)
    return sharing.typed(scene, state)


def _erase(scene: Scene, state: State, pending: Pending) -> Answer | None:
    commands, answers = scene.intent.commands, scene.intent.answers
    refused = "keep" in commands or "stop" in scene.intent.rights or bool({"no", "stay"} & set(answers))
    wanted = "erase" in commands or ("yes" in answers and pending is not Pending.ERASE_WORD)
    if pending is Pending.KEEP:
        # Here yes keeps and no goes on: the question was whether to keep.
        if "keep" in commands or ("yes" in answers and "no" not in answers):
            return erasing.keep(scene, state)
        return erasing.go_on(scene, state) if refused or wanted else None
    if refused and ("keep" in commands or pending is Pending.ERASE):
        return erasing.decided(scene, state, yes=False)
    return erasing.decided(scene, state, yes=True) if wanted else None


def _memory(scene: Scene, state: State, pending: Pending, texts: tuple[str, ...]) -> Answer | None:
    intent = scene.intent
    if intent.wordless or intent.commands or intent.rights:
        return None
    wrong = "wrong" in intent.styles
    if pending is Pending.MEMORY and not wrong:
        return None
    name = None if state.guarded else remembering.meant(scene.voice, scene.listened, texts)
    if name is not None:
        return remembering.correct(scene, state, name)
    if pending is Pending.MEMORY and len("".join(texts)) <= BARE:
        return remembering.which(scene, state)
    return remembering.fine(scene, state) if "fine" in intent.talk else remembering.note(scene, state)


def asked(scene: Scene, state: State, alerts: tuple[AlertStaff, ...], pending: Pending = Pending.NOTHING) -> Decision:
    """Rights and commands; a worry told in the same breath is taken up after, a worrying one is checked."""
    voice, intent = scene.voice, scene.intent
    checks = crisis.check_due(state, scene.listened)
    answer = _commanded(scene, state)
    if answer is None:
        answer = _plain(scene, state, most=1 if checks or voice.tone is Tone.ELDER else 2)
        said, state = _worry(scene, answer.state, answer.said)
        answer = replace(answer, said=said, state=listening.taken_up(state, scene.turn))
        # Beside numbers to call nobody is asked for anything.
        if not checks:
            answer = offered(scene, answer)
            answer = answer if "number" in intent.commands else consent.beside(scene, answer, pending)
            answer = checkins.after_resuming(scene, answer) if "resume" in intent.rights else answer
    elif checks:
        answer = _checked_first(scene, state, answer)
    answer = with_notice(scene, answer, whole=False)
    state = replace(answer.state, turns=answer.state.turns + 1, asked=False)
    kind = SayKind.CRISIS if "number" in intent.commands else SayKind.RIGHTS
    effects = [effect for effect in answer.effects if not (alerts and isinstance(effect, AlertStaff))]
    return done(scene, kind, replace(answer, state=state, effects=(*alerts, *effects)))


def _commanded(scene: Scene, state: State) -> Answer | None:
    """What takes steps of its own, and the whole answer."""
    commands = scene.intent.commands
    withdrawn = "withdraw" in commands
    answer = _steps(scene, consent.ended(state) if withdrawn else state)
    if withdrawn:
        return consent.withdraw(scene, state) if answer is None else _also_withdrawn(answer)
    asks = "person" in scene.intent.rights and not state.staff
    if answer is None and "allow" in commands and not asks and not crisis.check_due(state, scene.listened):
        return consent.allow(scene, state)
    return answer


def _also_withdrawn(answer: Answer) -> Answer:
    return replace(answer, effects=(*answer.effects, ConsentWithdrawn()))


def _steps(scene: Scene, state: State) -> Answer | None:
    commands = scene.intent.commands
    if "keep" in commands:
        return erasing.keep(scene, state)
    if "erase" in commands:
        return erasing.ask(scene, state)
    if "memory" in commands:
        return remembering.tell(scene, state)
    if "page" in commands:
        return sheet_news.asked(scene, state)
    return _about_check_ins(scene, state)


#: Wishes that need no plan.
_OF_CHECK_INS: Mapping[str, Callable[[Scene, State], Answer]] = {
    "no_letters": checkins.unwanted,
    "check_in": checkins.wanted,
    "quiet": checkins.quiet_wanted,
}


def _about_check_ins(scene: Scene, state: State) -> Answer | None:
    commands, plan = scene.intent.commands, checkin_plan.live(scene, state)
    if (wished := next((steps for name, steps in _OF_CHECK_INS.items() if name in commands), None)) is not None:
        return wished(scene, state)
    if "band" in commands and plan is not None:
        return checkins.band_wanted(scene, state)
    if "pause" in commands and plan is not None:
        return checkin_plan.pause(scene, state, plan)
    if "letters" in commands:
        changed = plan_changes.limited(scene, state) or plan_changes.weekday_changed(scene, state)
        changed = changed or checkins.changed(scene, state)
        return changed or checkin_plan.letters(scene, state)
    return None


def _checked_first(scene: Scene, state: State, answer: Answer) -> Answer:
    """Danger before everything: the check keeps its question, what was wished for goes without one."""
    checked, state = crisis.watch(scene.voice, state, scene.listened, scene.moment)
    if "erase" in scene.intent.commands:
        answer = erasing.beside_danger(scene, state)
        state = answer.state
    elif "check_in" in scene.intent.commands:
        answer = checkins.later(scene, state)
    state = replace(answer.state, flagged=state.flagged, closed_told=state.closed_told)
    return replace(answer, said=(*checked, *answer.said), state=listening.taken_up(state, scene.turn))


def _plain(scene: Scene, state: State, *, most: int) -> Answer:
    """Numbers or notice, and what was asked about rights."""
    said: list[Message] = []
    effects: tuple[Effect, ...] = ()
    if "number" in scene.intent.commands:
        said, state = crisis.numbers(scene.voice, state, scene.listened, scene.moment)
    elif "notice" in scene.intent.commands:
        said, state = notice(scene.voice, invite=True), noticed(scene.voice, state)
    for name in scene.intent.rights[:most]:
        more = right(scene, state, name)
        said, state, effects = [*said, *more.said], more.state, (*effects, *more.effects)
    return Answer(said=tuple(said), state=state, effects=effects)


def _worry(scene: Scene, state: State, said: tuple[Message, ...]) -> tuple[tuple[Message, ...], State]:
    moves = MOVE in scene.intent.rights
    if crisis.check_due(state, scene.listened):
        if moves and len(sentences(scene.texts)) == 1:
            # 「残したくない」 by itself is said of words, not of a life: staff are told all the same.
            return said, crisis.told(state, scene.listened)
        checked, state = crisis.watch(scene.voice, state, scene.listened, scene.moment)
        return (*said, *checked), state
    said_of_talk = moves or "language" in scene.intent.rights
    if scene.listened.message.concerns and len(said) < MOST_BUBBLES and not said_of_talk:
        # Where and in what language to talk is no worry to be taken up, whatever it sounds like; what to press or to
        # call stands last.
        return (*said, Text(text=listening.take_up(scene.voice, state, scene.turn))), state
    return said, state


def door_bubble(voice: Voice, line: Line) -> Link:
    """The way to the room."""
    return Link(text=voice.line(line), label=voice.line(voice.desk.content.door.label), purpose=ROOM)


def _texts(voice: Voice, name: str) -> list[str]:
    """The desk's answer. How long words stay is told as it is set."""
    content = voice.desk.content
    kept = content.desk.retention
    if name == "record" and kept.automatic:
        days, years = str(kept.anonymous_days), str(kept.consented_years)
        return voice.lines(content.memory.record_timed, days=days, years=years)
    if name == LINE and content.desk.conversation_place == "room":
        return [voice.line(content.door.only_door)]
    return voice.lines(content.rights[name])


def _to_call(scene: Scene) -> tuple[str, ...]:
    """The desk's own number, where it has one, and those for somebody who worries. The first one for who writes in
    another language is the one where it may be spoken, as their sentence says."""
    words = scene.voice.desk.content.crisis
    if scene.voice.by_letters:
        return (BY_LETTERS,)
    if scene.voice.foreign is not None:
        return (explaining.IN_LANGUAGES, "local:desk", BY_LETTERS)
    return ("local:desk", *(words.watch_contacts_minor if scene.listened.minor else words.watch_contacts))


def _to_write(_scene: Scene) -> tuple[str, ...]:
    return (BY_LETTERS,)


#: Which places stand under the answer to a right.
_CARDS: Mapping[str, Callable[[Scene], tuple[str, ...]]] = {"phone": _to_call, "by_text": _to_write}


def _beside_rights(scene: Scene, state: State, name: str) -> Answer | None:
    """What is answered as a whole: an explanation, the writer's language, and that a person is here already."""
    if state.staff and name == "person":
        reading = scene.voice.say(scene.voice.desk.content.staff.reading, who=state.staff)
        return Answer(said=(Text(text=reading),), state=state)
    if name == "person" and state.consent.wants and state.near and not crisis.check_due(state, scene.listened):
        return _told_already(scene, state)
    if name == "language":
        return explaining.in_own_language(scene, state, _texts(scene.voice, name))
    return explaining.explained(scene, state, name)


def _told_already(scene: Scene, state: State) -> Answer:
    """Asked for again a few messages later: staff hear of it once more, and the long announcement is not repeated."""
    said = Text(text=scene.voice.say(scene.voice.desk.content.standing.told_already))
    again = AlertStaff(level=RiskLevel.WATCH, kinds=(), rule="asks_for_person")
    return Answer(said=(said,), state=replace(state, asked=False), effects=(again,))


def _when_read(scene: Scene, said: list[Message]) -> list[Message]:
    """That a person was asked for. While nobody is there: from when on; to who cannot telephone, nothing of calls."""
    voice = scene.voice
    if not scene.moment.open:
        said = [Text(text=voice.line(voice.desk.content.crisis.person_later)), *said[1:]]
    return said[:1] if voice.by_letters else said


def right(scene: Scene, state: State, name: str) -> Answer:
    """One true, short answer, and what follows from asking for it."""
    voice = scene.voice
    if (answer := _beside_rights(scene, state, name)) is not None:
        return answer
    texts = _texts(voice, name)
    if name == "who_sees" and state.consent.readable:
        texts[0] = voice.line(voice.desk.content.consent.reads_now)
    if state.staff and name in {"machine", "who_sees"}:
        texts[0] = voice.say(voice.desk.content.staff.reading, who=state.staff)
    said: list[Message] = [Text(text=text) for text in texts]
    effects: tuple[Effect, ...] = ()
    if name == "stop" and not state.quiet:
        effects = (ContactStopped(),)
    if name in {"person", "resume"} and state.quiet:
        effects = (ContactResumed(),)
    if name in {"stop", "person", "resume"}:
        stopped = replace(state.consent, stopped=name == "stop" or state.consent.stopped)
        state = replace(state, quiet=name == "stop", consent=stopped)
        state = checkin_plan.without(state) if name == "stop" else state
    if name == MOVE:
        said.append(door_bubble(voice, voice.desk.content.door.moving))
    if name in _CARDS:
        title = voice.desk.content.listening.information.title
        said.append(places.card(voice, _CARDS[name](scene), title, scene.moment.now))
    if name == "person":
        said = explaining.person_in(voice, _when_read(scene, said))
        words = voice.desk.content.crisis
        said.append(places.card(voice, _to_call(scene), words.numbers_title, scene.moment.now))
        effects = (*effects, AlertStaff(level=RiskLevel.WATCH, kinds=(), rule="asks_for_person"))
    return Answer(said=tuple(said), state=state, effects=effects)
