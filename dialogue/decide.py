"""One decision: what is said and done about one event. Pure: the same arguments give the same decision."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import replace

from config.contents.models import Voiced
from dialogue import (
    aftermath,
    buttons,
    checkin_plan,
    checkins,
    children,
    consent,
    crisis,
    erasing,
    labels,
    listening,
    offer,
    reaching,
    scam,
    sharing,
    sheet_news,
    staffing,
    standing,
    wishes,
)
from dialogue.desk import Desk
from dialogue.effects import AlertStaff, ConsentWithdrawn, Effect, SayKind
from dialogue.events import (
    Arrived,
    CheckInDue,
    CheckInsCalledOff,
    CheckInSet,
    Chosen,
    Event,
    Heard,
    Left,
    PageOffered,
    PageWithdrew,
    SheetTold,
    StaffAsksConsent,
    StaffCame,
    StaffLeft,
    StaffRead,
    Unsent,
    WordlessKind,
)
from dialogue.listened import Listened
from dialogue.scene import Answer, Decision, Scene, done, notice, noticed, with_asides, with_notice
from dialogue.setting import scene_of
from dialogue.state import Pending, State
from dialogue.voice import Voice
from dialogue.words import Message, Text
from nlp.findings import RiskLevel

__all__ = ["Decision", "decide"]

ByStaff = (
    StaffCame
    | StaffLeft
    | StaffRead
    | StaffAsksConsent
    | SheetTold
    | PageOffered
    | PageWithdrew
    | CheckInSet
    | CheckInsCalledOff
)
# Asked about what is stored: the answer is none to a safety question.
ABOUT_PERSON = frozenset({Pending.OFFER, Pending.OFFER_WORD, Pending.ACCEPTED})
ABOUT_RECORDS = frozenset(Pending) - ABOUT_PERSON - {Pending.NOTHING}


def decide(
    desk: Desk,
    state: State,
    event: Event,
    assessment: Listened | None,
    now: dt.datetime,
    seed: int,
    *,
    resting_until: dt.datetime | None = None,
) -> Decision:
    """At most one `Say` of at most five bubbles, and whom to alert.

    `now` must be aware; `seed` comes from the event's id; `assessment` is None when there were no words;
    `resting_until` (aware) is the end of a pause in which this resident is sent nothing by itself.
    """
    if now.tzinfo is None:
        raise ValueError("`now` must know its time zone")
    state = state.at(now)
    event, assessment = _as_pressed(desk, state, event, assessment)
    scene, state = scene_of(desk, state, event, assessment, now, seed)
    scene = scene if resting_until is None else scene.resting(resting_until)
    decision = _decided(scene, state, event)
    if isinstance(event, Heard | Chosen):
        decision = reaching.counted(scene, state, decision)
    decision = standing.counted(state, event, decision)
    after, effects = checkin_plan.unwelcome(decision.state, decision.effects)
    after = aftermath.remembered(desk.content, after, effects)
    return decision if after is decision.state else Decision(state=after, effects=effects)


def _as_pressed(desk: Desk, state: State, event: Event, assessment: Listened | None) -> tuple[Event, Listened | None]:
    """A label that was typed is a press. Where danger was heard in it all the same, it is met as words."""
    if not isinstance(event, Heard) or event.wordless or state.staff:
        return event, assessment
    calm = assessment is None or assessment.message.risk.level is RiskLevel.NONE
    press = labels.pressed(desk.content, state, event.texts) if calm else None
    return (event, assessment) if press is None else (press, assessment)


def _decided(scene: Scene, state: State, event: Event) -> Decision:
    match event:
        case Arrived():
            return _arrived(scene, state, event)
        case Heard():
            return _heard(scene, state, event)
        case Chosen():
            return buttons.chosen(scene, state, event)
        case CheckInDue():
            return reaching.due(scene, state, event)
        case Left() | Unsent():
            # Silence: a taken-back message is not remarked upon, and nobody is followed out of the door.
            return Decision(state=state)
    return _by_staff(scene, state, event)


def _by_staff(scene: Scene, state: State, event: ByStaff) -> Decision:
    match event:
        case StaffCame() | StaffLeft() | StaffRead():
            return staffing.noticed(scene, state, event)
        case StaffAsksConsent():
            return sharing.asked(scene, state, event)
        case SheetTold():
            return sheet_news.told(scene, state, event)
        case PageOffered():
            return sheet_news.offered(scene, state, event)
        case PageWithdrew():
            return Decision(state=consent.ended(state))
        case CheckInSet() | CheckInsCalledOff():
            return checkin_plan.by_staff(scene, state, event)


def _arrived(scene: Scene, state: State, event: Arrived) -> Decision:
    words = scene.voice.desk.content.notice
    if event.unblocked and state.noticed:
        said: tuple[Message, ...] = (Text(text=scene.voice.say(words.welcome_back)),)
    else:
        said, state = tuple(notice(scene.voice, invite=True)), noticed(scene.voice, state)
    return done(scene, SayKind.NOTICE, Answer(said=said, state=state))


def _heard(scene: Scene, state: State, event: Heard) -> Decision:
    alert = crisis.alert(state, scene.listened, scene.intent, scene.moment.now)
    alerts = () if alert is None else (alert,)
    state = replace(state, pending=Pending.NOTHING, read_told=False)
    if not crisis.check_due(state, scene.listened):
        state = crisis.noted(state, scene.listened)
    danger = RiskLevel.URGENT in {scene.listened.message.risk.level, *(each.level for each in alerts)}
    scammed = None if danger else scam.heard(scene, state, alerts)
    return _met(scene, state, event, alerts) if scammed is None else scammed


def _met(scene: Scene, state: State, event: Heard, alerts: tuple[AlertStaff, ...]) -> Decision:
    # 「電話は無理」 after a danger refuses the telephone, not the person who was offered beside the card.
    told = bool(scene.intent.told) and scene.pending in ABOUT_PERSON
    pending = Pending.NOTHING if told else scene.pending
    calm = scene.listened.message.risk.level is not RiskLevel.URGENT
    about = standing.meant(scene, state, pending)
    about = None if scene.intent.told and about not in standing.GRAVE else about
    answerable = pending in ABOUT_RECORDS or (pending in ABOUT_PERSON and state.crisis is not None)
    answerable = answerable or (state.crisis is not None and about in standing.GRAVE)
    if _in_crisis(scene, state) and not (calm and answerable):
        return _crisis(scene, state, alerts)
    checks = crisis.check_due(state, scene.listened)
    # Words about a person and no more are answered whatever danger they seem to show; staff hear of it.
    only = about is not None and standing.nothing_else(scene)
    typed = None if checks and not only else _typed(scene, state, pending, about)
    if typed is not None and checks:
        typed = typed[0], replace(typed[1], state=crisis.told(typed[1].state, scene.listened))
    if typed is None and _in_crisis(scene, state):
        return _crisis(scene, state, alerts)
    if typed is None and (answer := reaching.typed(scene, state)) is not None:
        typed = SayKind.ANSWER, answer
    if typed is not None:
        kind, answer = typed
        counted = replace(answer.state, turns=answer.state.turns + 1)
        return done(scene, kind, replace(answer, state=counted, effects=(*alerts, *answer.effects)))
    if _wished(scene, state):
        # What was called wrong and is told again is believed again.
        return wishes.asked(scene, _told_again(scene, state), alerts, pending)
    state = _told_again(scene, state)
    if state.staff:
        return _silent(scene, state, alerts)
    return _listened_to(scene, state, event, alerts)


def _typed(scene: Scene, state: State, pending: Pending, about: str | None) -> wishes.Typed | None:
    """What was asked last is answered first, but for taking back; then words about a person some messages ago."""
    if about == "back":
        return SayKind.RIGHTS, standing.taken_back(scene, state)
    answered = wishes.typed(scene, state, pending, scene.texts)
    if answered is not None or about is None:
        return answered
    return SayKind.ANSWER, standing.typed(scene, state, about)


def _wished(scene: Scene, state: State) -> bool:
    """Rights and commands. Asking for a person, or what a word means, is said to the person who writes, if one does."""
    known = scene.voice.desk.content.rights.keys() - {"person"}
    rights = [name for name in scene.intent.rights if not state.staff or name in known]
    return bool(scene.intent.commands or rights)


def _told_again(scene: Scene, state: State) -> State:
    if not state.denied:
        return state
    told = {concern.id for concern in scene.listened.message.concerns}
    return replace(state, denied=tuple(name for name in state.denied if name not in told))


def _silent(scene: Scene, state: State, alerts: tuple[AlertStaff, ...]) -> Decision:
    """A person is writing: the program only keeps its own memory of what was told."""
    flagged = tuple(dict.fromkeys((*state.flagged, *(kind for alert in alerts for kind in alert.kinds))))
    state = replace(listening.taken_up(state, scene.turn), turns=state.turns + 1, flagged=tuple(map(str, flagged)))
    return Decision(state=state, effects=alerts)


def _listened_to(scene: Scene, state: State, event: Heard, alerts: tuple[AlertStaff, ...]) -> Decision:
    if (scammed := scam.goes_on(scene, state, alerts)) is not None:
        return scammed
    effects: tuple[Effect, ...] = alerts
    voice, now, checks = scene.voice, scene.moment.now, crisis.check_due(state, scene.listened)
    younger = None if checks else children.since_known(voice, state, scene.listened, scene.intent, scene.moment)
    if younger is not None:
        said, state = younger
        return _answered(scene, Answer(said=tuple(said), state=listening.taken_up(state, scene.turn), effects=effects))
    # That nobody is there comes first: an offer would stand in its place.
    declined = "declines" in scene.intent.talk
    free = not (checks or declined or _untold(scene, state) or standing.bare(scene))
    may_offer = free and offer.due(voice, state, scene.listened, now)
    goes = not checks and not may_offer and _goes_unasked(scene, state)
    messages, state = _listening(scene, state, event, inform=not may_offer, hours=not goes)
    # An offer takes the place of a question: only an answer of two plain bubbles has room for one.
    if (may_offer or goes) and _has_closing(messages):
        voice.unsay()
        if may_offer:
            made = offer.make(voice, state, scene.listened, now)
            messages, state, effects = [messages[0], offer.bubble(made)], made.state, (*alerts, made.effect)
        else:
            choices, state = erasing.meanwhile(voice, state)
            messages = [messages[0], choices]
    answer = Answer(said=tuple(messages), state=state, effects=effects)
    if len(messages) == 1:
        answer = consent.taken_up_again(scene, answer)
    return _answered(scene, checkins.at_rest(scene, answer))


def _answered(scene: Scene, answer: Answer) -> Decision:
    answer = with_notice(scene, with_asides(scene, answer), whole=True)
    return done(scene, SayKind.ANSWER, replace(answer, state=replace(answer.state, turns=answer.state.turns + 1)))


def _has_closing(messages: list[Message]) -> bool:
    """Whether the second of two plain bubbles may give way to something else."""
    return len(messages) == 2 and all(isinstance(message, Text) for message in messages)


def _untold(scene: Scene, state: State) -> bool:
    """Whether nobody is there, and that was not said since somebody was."""
    told = state.closed_told
    if scene.moment.open:
        return False
    return told is None or scene.voice.desk.opened_between(told, scene.moment.now)


def _goes_unasked(scene: Scene, state: State) -> bool:
    """Whether a new worry is told that would be erased with the rest, and it was not asked yet whether to keep on."""
    return state.erasing is not None and not state.erasing.asked and bool(scene.listened.message.concerns)


def _listening(scene: Scene, state: State, event: Heard, *, inform: bool, hours: bool) -> tuple[list[Message], State]:
    spoken = any(text.strip() for text in event.texts) and not scene.intent.wordless
    if not spoken:
        return [Text(text=scene.voice.say(_kind_line(scene.voice, event)))], state
    fit = aftermath.fitting(scene.voice.desk.content, state, scene.intent, scene.listened)
    if fit is not None and not (state.guarded and "watched" in scene.intent.styles):
        text, cards = aftermath.said(scene.voice, fit, scene.moment.now)
        state = crisis.told(state, scene.listened) if crisis.check_due(state, scene.listened) else state
        return [Text(text=text), *cards], replace(listening.taken_up(state, scene.turn), asked=False)
    if crisis.check_due(state, scene.listened):
        messages, state = crisis.watch(scene.voice, state, scene.listened, scene.moment)
        return messages, listening.taken_up(state, scene.turn)
    messages, state = listening.answer(scene.voice, state, scene.turn, scene.moment.now, inform=inform)
    return _after_hours(scene, state, messages) if hours and _untold(scene, state) else (messages, state)


def _after_hours(scene: Scene, state: State, messages: list[Message]) -> tuple[list[Message], State]:
    """Once in a night: nobody is there, when somebody is, and for a worrying matter two places that answer now."""
    if scene.listened.level is not RiskLevel.NONE:
        if _has_closing(messages):
            scene.voice.unsay()
        night, state = crisis.by_night(scene.voice, state, scene.listened, scene.moment)
        return [messages[0], *night], replace(state, asked=False)
    asked = {"question", "where"} & set(scene.intent.talk)
    if _has_closing(messages) and not asked:
        scene.voice.unsay()
        closed = Text(text=scene.voice.say(scene.voice.desk.content.listening.states.closed))
        return [messages[0], closed], replace(state, asked=False, closed_told=scene.moment.now)
    return messages, state


def _in_crisis(scene: Scene, state: State) -> bool:
    if scene.listened.level is not RiskLevel.URGENT:
        return False
    calm = scene.listened.message.risk.level is not RiskLevel.URGENT
    if calm and (scene.intent.commands or scene.intent.rights):
        return state.crisis is None
    if calm and state.staff:
        return False
    # A day after the last card the tone of the talk may be an ordinary one again; the level stays with staff.
    return not calm or state.crisis is None or aftermath.lately(state, scene.moment.now)


def _crisis(scene: Scene, state: State, alerts: tuple[AlertStaff, ...]) -> Decision:
    wish, before = wish_beside(scene, state), state
    messages, state, made = crisis.answer(scene.voice, wish.state, scene.turn, scene.moment)
    others = [effect for effect in wish.effects if not (alerts and isinstance(effect, AlertStaff))]
    effects = (*alerts, *others, *made)
    if _goes_unasked(scene, state) and len(messages) == 1 and not wish.said:
        choices, state = erasing.meanwhile(scene.voice, state)
        messages = [*messages, choices]
    answer = with_asides(scene, Answer(said=(*messages, *wish.said), state=state, effects=effects))
    answer = with_notice(scene, answer, whole=False)
    state = answer.state
    beside = crisis.another_kind(before, scene.listened)
    flagged = tuple(sorted({*state.flagged, *(kind.value for kind in (*scene.listened.danger.kinds, *beside))}))
    state = replace(state, turns=state.turns + 1, flagged=flagged)
    return done(scene, SayKind.CRISIS, replace(answer, state=state))


def wish_beside(scene: Scene, state: State) -> Answer:
    """What was wished for in the same breath as danger: done, and answered in one bubble."""
    withdrawn = "withdraw" in scene.intent.commands
    if "erase" in scene.intent.commands:
        answer = erasing.beside_danger(scene, consent.ended(state) if withdrawn else state)
        return replace(answer, effects=(*answer.effects, ConsentWithdrawn())) if withdrawn else answer
    if withdrawn:
        answer = consent.withdraw(scene, state)
        return replace(answer, said=answer.said[:1])
    for name in scene.intent.rights[:1]:
        answer = wishes.right(scene, state, name)
        return replace(answer, said=answer.said[:1])
    return Answer(said=(), state=state)


def _kind_line(voice: Voice, event: Heard) -> Voiced:
    kinds = voice.desk.content.kinds
    # Emoji alone are a friendly sign like a sticker; with several kinds at once the last one is answered.
    drawn = any(unicodedata.category(letter) == "So" for text in event.texts for letter in text)
    kind = event.wordless[-1] if event.wordless else WordlessKind.STICKER if drawn else WordlessKind.OTHER
    line: Voiced = getattr(kinds, kind.value)
    return line
