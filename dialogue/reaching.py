"""A check-in goes out, and what comes back to it.

Its words never name anything that was told: somebody else may see the screen. Nobody gets more than two of them
without an answer, and the second is the last.
"""

from __future__ import annotations

from dataclasses import replace

from dialogue import aftermath, checkins, crisis, offer
from dialogue import checkin_plan as plans
from dialogue.actions import Action
from dialogue.checkin_plan import exposed, live, today, words_of
from dialogue.checkin_words import answer_in, told_in
from dialogue.effects import (
    AlertStaff,
    CheckInAnswer,
    CheckInAnswered,
    CheckInsEnded,
    Effect,
    EndedBy,
    SayKind,
)
from dialogue.events import CheckInDue
from dialogue.followups import ONCE, CheckInPlan
from dialogue.scene import Answer, Decision, Scene, done
from dialogue.state import Pending, State
from dialogue.voice import phrase_id
from dialogue.words import Choice, Choices, Message, Text
from nlp.findings import RiskLevel

#: So short are words with nothing in them to take up.
LONGEST_NOD = 14
NODS = frozenset({"short"})
MORE = ("ほしい", "欲しい", "ください", "下さい")
#: How somebody writes who tells something all the same.
TELLING = frozenset({"wrong", "watched", "means"})


def due(scene: Scene, state: State, event: CheckInDue) -> Decision:
    """One word, or none: where no plan is remembered, contact was stopped, a person writes, danger was answered
    lately, somebody else may see it and it was not asked, or two words are without an answer already."""
    memory = state.checkins
    plan = memory.plan if event.second else live(scene, state)
    careful = exposed(scene, state) and not (plan is not None and plan.agreed_to_be_seen)
    held = state.quiet or bool(state.staff) or state.erasing is not None
    if plan is None or careful or held or aftermath.lately(state, scene.moment.now):
        return Decision(state=state)
    twice = memory.waiting and memory.nudged_at is not None
    if twice or (event.second and not memory.waiting):
        # Never a third word.
        return Decision(state=state)
    return _said(scene, state, event, plan)


def _said(scene: Scene, state: State, event: CheckInDue, plan: CheckInPlan) -> Decision:
    voice, words = scene.voice, words_of(scene)
    gentle = event.second or bool(state.checkins.waiting)
    if state.checkins.last and state.checkins.last not in voice.used:
        # Said long ago, but it was the last one: it must not come twice in a row.
        voice.used.insert(0, state.checkins.last)
    second = words.second_once if plan.rhythm in ONCE else words.second
    text = voice.say(second if gentle else words.openings)
    last = phrase_id(text)
    if not event.second:
        plan = _counted_down(plan)
        if not gentle and plans.is_last(scene, plan):
            text = f"{text}\n{voice.line(words.ending.last)}"
    if (foreign := voice.desk.content.languages.get(state.checkins.language)) is not None:
        text = f"{voice.fill(foreign.check_in.word)}\n{text}"
    said: list[Message] = [Choices(text=text, options=_replies(scene, event.occurrence, ending=gentle))]
    if event.personal and not exposed(scene, state):
        signed = f"\n{voice.line(words.signed, who=event.signed)}" if event.signed else ""
        said = [Text(text=f"{event.personal}{signed}"), *said]
    nudged_at = scene.moment.now if gentle else None
    memory = state.checkins.gone_out(plan, event.occurrence, phrase=last, nudged_at=nudged_at)
    # An old question is not answered by what comes back to this.
    state = replace(state, checkins=memory, pending=Pending.NOTHING, asked=False)
    return done(scene, SayKind.CHECK_IN, Answer(said=tuple(said), state=state))


def unsaid(state: State) -> State:
    """`state` after a check-in that never came. Was it the second word, the first one still has no answer."""
    memory = state.checkins
    waiting = "" if memory.nudged_at is None else memory.waiting
    return replace(state, checkins=replace(memory, waiting=waiting, nudged_at=None))


def _counted_down(plan: CheckInPlan) -> CheckInPlan:
    """`plan` with one word less."""
    if plan.rhythm in ONCE:
        return replace(plan, count_left=0)
    return plan if plan.count_left is None else replace(plan, count_left=plan.count_left - 1)


def _replies(scene: Scene, occurrence: str, *, ending: bool) -> tuple[Choice, ...]:
    choices = tuple(
        Choice(
            label=(label := scene.voice.line(line)),
            action=Action.CHECK_IN,
            argument=f"answer.{name}.{occurrence}",
            shown=label,
        )
        for name, line in words_of(scene).replies.items()
    )
    return (*choices, *plans.options(scene, [("end", "end")])) if ending else choices


def pressed(scene: Scene, state: State, argument: str) -> Answer | None:
    """A button below a check-in. While one waits, the buttons of any of them answer it: people press what they find.
    Later an old 「しんどい」 or 「話したい」 is still heard; the others mean nothing any more."""
    _, _, rest = argument.partition(".")
    name, _, _ = rest.partition(".")
    if name not in set(CheckInAnswer) - {CheckInAnswer.WORDS} or state.erasing is not None:
        return None
    answer = CheckInAnswer(name)
    if not state.checkins.waiting and answer not in {CheckInAnswer.HARD, CheckInAnswer.TALK}:
        return None
    return answered(scene, state, answer)


def typed(scene: Scene, state: State) -> Answer | None:
    """The answer of a button in typed words, where they say no more than it; a wish for more of them; and a short word
    that tells no worry, which is asked nothing."""
    calm = scene.listened.message.risk.level is RiskLevel.NONE and not crisis.check_due(state, scene.listened)
    if not calm or not (state.checkins.waiting or state.checkins.plan):
        return None
    meaning = None if _wishes(scene, state) else answer_in(scene.voice.desk.content.intents, scene.texts)
    if meaning == "again" and (state.checkins.waiting or _asks_for_more(scene, state)):
        return _again(scene, state)
    return _meant(scene, state, meaning) if state.checkins.waiting else None


def _meant(scene: Scene, state: State, meaning: str | None) -> Answer | None:
    """What follows from words with this meaning, said to the check-in that waits."""
    if meaning == "end":
        return _enough(scene, state)
    if meaning in {"need", "until"}:
        return _asked(scene, state, meaning)
    if meaning is not None:
        return answered(scene, state, CheckInAnswer(meaning))
    return answered(scene, state, CheckInAnswer.WORDS) if _says_little(scene, state) else None


def _wishes(scene: Scene, state: State) -> bool:
    """Whether something is asked for that goes beyond a check-in. 「また送って」 is no more than that, unless contact
    was stopped."""
    within = {"pause", *(() if state.quiet else ("resume",))}
    return bool({*scene.intent.commands, *scene.intent.rights} - within)


def _says_little(scene: Scene, state: State) -> bool:
    """Whether there is nothing in these words to take up: a question about it would press."""
    intent, told = scene.intent, told_in(scene.voice.desk.content.intents, scene.texts)
    short = len(told) == 1 and len(told[0]) <= LONGEST_NOD
    heard = scene.listened.message.concerns or intent.feelings or intent.wordless or _wishes(scene, state)
    return short and not heard and set(intent.talk) <= NODS and not set(intent.styles) & TELLING


def _asks_for_more(scene: Scene, state: State) -> bool:
    """「またほしい」 where no check-in waits any more. 「またお願いします」 closes any talk."""
    return not state.staff and any(word in text for text in scene.texts for word in MORE)


def _again(scene: Scene, state: State) -> Answer:
    """They go on as they are, or another one is settled."""
    effects: tuple[Effect, ...] = ()
    if waiting := state.checkins.waiting:
        state, effects = _came_back(scene, state, CheckInAnswered(answer=CheckInAnswer.WORDS, occurrence=waiting))
    plan = live(scene, state)
    if plan is None or state.staff or state.erasing is not None:
        answer = checkins.wanted(scene, state)
    elif plan.paused_until is not None:
        answer = plans.go_on(scene, state, plan)
    else:
        answer = Answer(said=(plans.next_told(scene, plan),), state=state)
    if state.staff:
        # It may be said to the person who writes.
        answer = replace(answer, said=())
    return replace(answer, effects=(*effects, *answer.effects))


def _asked(scene: Scene, state: State, meaning: str) -> Answer:
    """Whether an answer is expected, or how long they go on: what was promised with the plan."""
    answer = CheckInAnswered(answer=CheckInAnswer.WORDS, occurrence=state.checkins.waiting)
    state, effects = _came_back(scene, state, answer)
    if state.staff:
        return Answer(said=(), state=state, effects=effects)
    if meaning == "until":
        return replace(plans.letters(scene, state), effects=effects)
    return Answer(said=(Text(text=scene.voice.line(words_of(scene).agreed.only)),), state=state, effects=effects)


def _enough(scene: Scene, state: State) -> Answer:
    """「もういいです」 to a check-in is a no to the next ones: nothing is asked back."""
    answer = CheckInAnswered(answer=CheckInAnswer.WORDS, occurrence=state.checkins.waiting)
    state, effects = _came_back(scene, state, answer)
    ended = plans.end(scene, state)
    return replace(ended, effects=effects if len(effects) > 1 else (*effects, *ended.effects))


def answered(scene: Scene, state: State, answer: CheckInAnswer) -> Answer:
    """What follows from an answer. While a person writes it is theirs to take up."""
    waiting = state.checkins.waiting
    effects: tuple[Effect, ...] = ()
    if waiting:
        state, effects = _came_back(scene, state, CheckInAnswered(answer=answer, occurrence=waiting))
    result = _answer(scene, state, answer)
    if state.staff:
        result = replace(result, said=())
    return replace(result, effects=(*effects, *result.effects))


def _answer(scene: Scene, state: State, answer: CheckInAnswer) -> Answer:
    voice, words = scene.voice, words_of(scene).answers
    match answer:
        case CheckInAnswer.HARD:
            return _hard(scene, state)
        case CheckInAnswer.TALK:
            return Answer(said=(Text(text=voice.say(voice.desk.content.menu.talk)),), state=state)
        case CheckInAnswer.PAUSE if (plan := live(scene, state)) is not None:
            return plans.pause(scene, state, plan)
        case CheckInAnswer.PAUSE:
            return Answer(said=(Text(text=voice.say(words_of(scene).ended)),), state=plans.without(state))
    plain = {CheckInAnswer.GOOD: words.good, CheckInAnswer.SO_SO: words.so_so}
    return Answer(said=(Text(text=voice.say(plain.get(answer, words.words))),), state=state)


def _hard(scene: Scene, state: State) -> Answer:
    """「しんどい」: it is taken up, a person is offered, and after any worry staff are told, once a day."""
    voice, words, now = scene.voice, words_of(scene).answers, scene.moment.now
    effects: tuple[Effect, ...] = ()
    if scene.listened.level is not RiskLevel.NONE and state.checkins.hard_on != today(scene):
        effects = (AlertStaff(level=RiskLevel.WATCH, kinds=(), rule="check_in_hard"),)
        state = replace(state, checkins=replace(state.checkins, hard_on=today(scene)))
    opening = Text(text=voice.say(words.hard))
    if state.staff or not offer.due_in_danger(voice, state, now):
        return Answer(said=(opening, Text(text=voice.say(words.hard_invite))), state=state, effects=effects)
    made = offer.make(voice, state, scene.listened, now)
    return Answer(said=(opening, offer.bubble(made)), state=made.state, effects=(*effects, made.effect))


def counted(scene: Scene, before: State, decision: Decision) -> Decision:
    """Whatever comes from the resident answers the check-in that waits; danger in it is told to staff in any case."""
    waiting = before.checkins.waiting
    if not waiting or any(isinstance(effect, CheckInAnswered) for effect in decision.effects):
        return decision
    answer = CheckInAnswered(answer=CheckInAnswer.WORDS, occurrence=waiting)
    state, ending = _came_back(scene, decision.state, answer)
    effects, risk = (*decision.effects, *ending), scene.listened.message.risk
    if risk.level is not RiskLevel.NONE and not any(isinstance(effect, AlertStaff) for effect in effects):
        effects = (*effects, AlertStaff(level=risk.level, kinds=risk.kinds, rule="check_in_worry"))
    return replace(decision, state=state, effects=effects)


def _came_back(scene: Scene, state: State, answer: CheckInAnswered) -> tuple[State, tuple[Effect, ...]]:
    """Nothing waits any more. Had it stopped by itself already, it does not begin again by itself."""
    if plans.silent(scene, state):
        return plans.without(state), (answer, CheckInsEnded(why=EndedBy.SILENCE))
    return replace(state, checkins=replace(state.checkins, waiting="", nudged_at=None)), (answer,)
