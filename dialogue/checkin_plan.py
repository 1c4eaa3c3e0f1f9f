"""The plan of check-ins that holds: read back, shown, paused, ended; by the resident or by a coordinator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from config.contents.checkins import CheckIns
from config.contents.models import Line
from dialogue import aftermath, dates
from dialogue.actions import Action
from dialogue.consent_state import Detail
from dialogue.effects import (
    CheckInsEnded,
    CheckInsPaused,
    ContactNoted,
    ContactResumed,
    Effect,
    EndedBy,
    PlanCheckIns,
    QuietHoursSet,
    SayKind,
)
from dialogue.events import CheckInsCalledOff, CheckInSet
from dialogue.followups import ONCE, Band, CheckInPlan, DeskCalendar, QuietHours, Rhythm, band_kept, first_day, next_due
from dialogue.scene import Answer, Decision, Scene, done
from dialogue.state import Pending, State
from dialogue.words import Choice, Choices, Message, Text
from nlp.findings import RiskLevel

#: The step at which a mere yes or no is an answer.
OFFER = "offer"


def words_of(scene: Scene) -> CheckIns:
    """What is said about check-ins."""
    return scene.voice.desk.content.checkins


def today(scene: Scene) -> dt.date:
    """The day on the desk's wall clock."""
    return scene.voice.desk.local(scene.moment.now).date()


def endangered_child(scene: Scene) -> bool:
    """A child, or somebody who writes like one, in any danger."""
    return scene.listened.minor and scene.listened.level is not RiskLevel.NONE


def exposed(scene: Scene, state: State) -> bool:
    """Whether a notification may do harm, so that it is asked whether one may appear."""
    careful = state.guarded or state.checkins.unwelcome or endangered_child(scene)
    return careful or aftermath.lately(state, scene.moment.now)


def live(scene: Scene, state: State) -> CheckInPlan | None:
    """The plan, if it still has words to send: not after its end, nor after two words without an answer."""
    plan = state.checkins.plan
    over = plan is None or plan.count_left == 0 or (plan.until is not None and today(scene) > plan.until)
    return None if over or silent(scene, state) else plan


def silent(scene: Scene, state: State) -> bool:
    """Whether the second word has been without an answer for so long that it stopped by itself."""
    nudged_at = state.checkins.nudged_at
    patience = dt.timedelta(days=words_of(scene).timing.second_after_days)
    return nudged_at is not None and scene.moment.now >= nudged_at + patience


def options(scene: Scene, labels: Iterable[tuple[str, str]], **values: str) -> tuple[Choice, ...]:
    """Answers to press: pairs of a label's name and what the button means."""
    words = words_of(scene).labels
    return tuple(
        Choice(
            label=(label := scene.voice.line(words[name], **values)),
            action=Action.CHECK_IN,
            argument=argument,
            shown=label,
        )
        for name, argument in labels
    )


def settled(scene: Scene, state: State) -> Answer:
    """Everything is chosen: the plan holds, and is read back in one sentence."""
    memory = state.checkins
    rhythm, careful = Rhythm(memory.rhythm), exposed(scene, state)
    plan = CheckInPlan(
        rhythm=rhythm,
        band=Band(memory.band),
        starts=memory.on_day or first_day(rhythm, today(scene)),
        on_day=memory.on_day,
        quiet=memory.quiet or calendar_of(scene).quiet,
        minor=scene.listened.minor,
        agreed_to_be_seen=careful,
    )
    plan = _as_long(scene, plan, live(scene, state))
    effects: tuple[Effect, ...] = (PlanCheckIns(plan=plan),)
    if memory.unwelcome:
        # They did not want to be written to here, and now say that these words may come.
        noted = scene.voice.line(words_of(scene).noted, band=_band(scene, plan))
        effects = (ContactNoted(detail=Detail.CONTACT, words=noted, safe=True), *effects)
    if state.quiet:
        # Whoever wishes for check-ins may be contacted again.
        effects = (ContactResumed(), *effects)
    offered = "yes" if memory.offered == "made" else memory.offered
    memory = replace(memory.settled(), plan=plan, offered=offered, unwelcome=False, language=_language(scene))
    # Nothing is asked any more: what comes next may take it back in a word.
    state = replace(state, quiet=False, checkins=memory, pending=Pending.CHECK_IN, asked=False)
    return Answer(said=_read_back(scene, plan), state=state, effects=effects)


def _as_long(scene: Scene, plan: CheckInPlan, held: CheckInPlan | None) -> CheckInPlan:
    """`plan` with the end of the one that holds: another rhythm is no wish for more of them. An end that would leave
    no word of it falls away."""
    if held is None or plan.rhythm in ONCE or held.rhythm in ONCE:
        return plan
    ending = replace(plan, until=held.until, count_left=held.count_left)
    return plan if next_due(ending, scene.moment.now, calendar_of(scene)) is None else ending


def _language(scene: Scene) -> str:
    """The resident's, where check-ins have words in it."""
    return scene.listened.facts.detected_language or "" if scene.voice.foreign is not None else ""


def _read_back(scene: Scene, plan: CheckInPlan) -> tuple[Message, ...]:
    words = words_of(scene).agreed
    once = plan.rhythm in ONCE
    sentence = _sentence(scene, words.once if once else words.again, plan) + _how_long(scene, plan, begins=True)
    behind = scene.voice.line(words.only if once else words.first, at=_next_shown(scene, plan))
    return (Text(text=sentence), Text(text=_with_told(scene, f"{behind}{_after_school(scene, plan)}")))


def _after_school(scene: Scene, plan: CheckInPlan) -> str:
    """That words come later than the band on days of school, where it lies in them."""
    calendar = calendar_of(scene)
    band, school = calendar.bands[plan.band], calendar.school
    if not plan.minor or band.ends <= school.begins or band.begins >= school.ends:
        return ""
    line = scene.voice.line(words_of(scene).agreed.school, ends=dates.clock_shown(school.ends))
    return f" {line}" if scene.voice.kana else line


def _how_long(scene: Scene, plan: CheckInPlan, *, begins: bool) -> str:
    """Until when a plan holds, or for how many words; as it is told when it `begins`, or later."""
    words, lines = words_of(scene).ending, []
    if plan.until is not None:
        lines.append(scene.voice.line(words.until, at=dates.day_shown(plan.until, kana=scene.voice.kana)))
    if plan.count_left is not None and plan.rhythm not in ONCE:
        count = words.times if begins else words.left
        lines.append(scene.voice.line(count, count=str(plan.count_left)))
    return "".join(f" {line}" if scene.voice.kana else line for line in lines)


def is_last(scene: Scene, plan: CheckInPlan) -> bool:
    """Whether no word follows today's of a plan of several, `plan` being what is left of it. Its hour today is another
    one for each plan, so the next is looked for from tomorrow on.
    """
    if plan.rhythm in ONCE or (plan.until is None and plan.count_left is None):
        # Most plans have no end: nobody has to look for it.
        return False
    calendar = calendar_of(scene)
    ends = dt.datetime.combine(today(scene), dt.time.max, calendar.zone)
    return next_due(plan, ends, calendar) is None


def _with_told(scene: Scene, text: str) -> str:
    """`text`, and that staff see which answers are chosen, where they do."""
    told = words_of(scene).answers_told
    return text if told is None else f"{text}\n{scene.voice.line(told)}"


def _sentence(scene: Scene, line: Line, plan: CheckInPlan, **values: str) -> str:
    rhythm = scene.voice.line(words_of(scene).labels[plan.rhythm.value])
    at = _next_shown(scene, plan)
    return scene.voice.line(line, rhythm=rhythm, band=_band(scene, plan), at=at, **values)


def _band(scene: Scene, plan: CheckInPlan) -> str:
    kept = band_kept(plan, calendar_of(scene))
    return next(scene.voice.line(line) for name, line in words_of(scene).bands.items() if name == kept)


def _next_shown(scene: Scene, plan: CheckInPlan) -> str:
    """The day of the next word, after any pause; for a plan that has none left, its own first day."""
    calendar, now = calendar_of(scene), scene.moment.now
    moment = next_due(plan, max(now, scene.moment.resting_until or now), calendar)
    day = plan.starts if moment is None else moment.astimezone(calendar.zone).date()
    return dates.day_shown(day, kana=scene.voice.kana)


def calendar_of(scene: Scene) -> DeskCalendar:
    """The desk's days and clock."""
    content = scene.voice.desk.content
    return DeskCalendar.of(content.desk, content.checkins.timing)


def letters(scene: Scene, state: State) -> Answer:
    """おたより: what is set now, and what can be done about it."""
    words, plan = words_of(scene).shown, live(scene, state)
    state = replace(state, checkins=state.checkins.settled())
    if plan is None or next_due(plan, scene.moment.now, calendar_of(scene)) is None:
        text = scene.voice.say(words.none)
        if state.quiet or state.staff or state.erasing is not None:
            # Who stopped offers is shown none.
            return Answer(said=(Text(text=text),), state=state)
        memory = replace(state.checkins, step=OFFER)
        state = replace(state, checkins=memory, pending=Pending.CHECK_IN, asked=False)
        return Answer(said=(Choices(text=text, options=options(scene, [("yes", "start")])),), state=state)
    paused = plan.paused_until is not None and today(scene) < plan.paused_until
    once, rest = plan.rhythm in ONCE, ("again", "again") if paused else ("rest", "rest")
    ways = [("change", "start"), *([] if once else [rest]), ("quiet", "quiet"), ("end", "end")]
    text = _sentence(scene, words.once if once else words.again, plan) + _how_long(scene, plan, begins=False)
    if paused and plan.paused_until is not None:
        text = scene.voice.line(words.paused, at=dates.day_shown(plan.paused_until, kana=scene.voice.kana))
    return Answer(said=(Choices(text=text, options=options(scene, ways)),), state=state)


def pause(scene: Scene, state: State, plan: CheckInPlan) -> Answer:
    """「しばらくお休み」: for some weeks, then it goes on by itself; or it ends, by one press. One word alone cannot
    rest: what is set is shown, with the way to end it."""
    if plan.rhythm in ONCE:
        return letters(scene, state)
    until = today(scene) + dt.timedelta(days=words_of(scene).timing.pause_days)
    plan = replace(plan, paused_until=until)
    text = scene.voice.line(words_of(scene).paused, at=dates.day_shown(until, kana=scene.voice.kana))
    said = Choices(text=text, options=options(scene, [("again", "again"), ("end", "end")]))
    state = replace(state, checkins=replace(state.checkins.settled(), plan=plan))
    return Answer(said=(said,), state=state, effects=(CheckInsPaused(until=until),))


def next_told(scene: Scene, plan: CheckInPlan) -> Text:
    """That they go on, and when the next one comes."""
    return Text(text=scene.voice.say(words_of(scene).going_on, at=_next_shown(scene, plan)))


def go_on(scene: Scene, state: State, plan: CheckInPlan) -> Answer:
    """The pause is over before its time."""
    plan = replace(plan, paused_until=None)
    said = next_told(scene, plan)
    state = replace(state, checkins=replace(state.checkins.settled(), plan=plan))
    return Answer(said=(said,), state=state, effects=(PlanCheckIns(plan=plan),))


def limit(scene: Scene, state: State, plan: CheckInPlan) -> Answer:
    """The plan goes on as `plan`, up to an end of its own. With no word left before that end it stops now."""
    if next_due(plan, scene.moment.now, calendar_of(scene)) is None:
        return end(scene, state)
    state = replace(state, checkins=replace(state.checkins.settled(), plan=plan))
    shown = letters(scene, state)
    return replace(shown, effects=(PlanCheckIns(plan=plan),))


def end(scene: Scene, state: State) -> Answer:
    """No check-in any more. Everything else of the talk stays as it is."""
    said = Text(text=scene.voice.say(words_of(scene).ended))
    return Answer(said=(said,), state=without(state), effects=(CheckInsEnded(why=EndedBy.RESIDENT),))


def without(state: State) -> State:
    """`state` without a plan, and with nothing asked about one."""
    memory = replace(state.checkins.settled(), plan=None, waiting="", nudged_at=None)
    pending = Pending.NOTHING if state.pending is Pending.CHECK_IN else state.pending
    return replace(state, checkins=memory, pending=pending)


def quiet_set(scene: Scene, state: State, quiet: QuietHours) -> Answer:
    """The resident chose hours in which nothing is sent; a plan that holds keeps its rhythm."""
    begins, ends = dates.clock_shown(quiet.begins), dates.clock_shown(quiet.ends)
    said = Text(text=scene.voice.line(words_of(scene).quiet.set, begins=begins, ends=ends))
    plan = live(scene, state)
    plan = None if plan is None else replace(plan, quiet=quiet)
    memory = replace(state.checkins.settled(), quiet=quiet, plan=plan)
    state = replace(state, checkins=memory, pending=Pending.NOTHING)
    return Answer(said=(said,), state=state, effects=(QuietHoursSet(quiet=quiet),))


def unwelcome(state: State, effects: tuple[Effect, ...]) -> tuple[State, tuple[Effect, ...]]:
    """What a resident says about being written to here, kept: a no ends check-ins, a yes lets them be offered."""
    said = [effect.safe for effect in effects if isinstance(effect, ContactNoted) and effect.safe is not None]
    if not said or said[-1] is not state.checkins.unwelcome:
        return state, effects
    ended = () if said[-1] or state.checkins.plan is None else (CheckInsEnded(why=EndedBy.UNWELCOME),)
    state = state if said[-1] else without(state)
    return replace(state, checkins=replace(state.checkins, unwelcome=not said[-1])), (*effects, *ended)


def by_staff(scene: Scene, state: State, event: CheckInSet | CheckInsCalledOff) -> Decision:
    """A coordinator set or ended check-ins: the resident is told, and how to change it. Nothing is set for somebody
    who stopped contact, whose talk will be erased, or who may be seen by others and was not asked."""
    if isinstance(event, CheckInsCalledOff):
        return _called_off(scene, state, event)
    refused = state.quiet or state.erasing is not None or not state.noticed
    if refused or (exposed(scene, state) and not event.plan.agreed_to_be_seen):
        return Decision(state=state)
    quiet = state.checkins.quiet
    plan = event.plan if quiet is None else replace(event.plan, quiet=quiet)
    words = words_of(scene).by_staff
    line = words.once if plan.rhythm in ONCE else words.again
    said = (
        Text(text=_sentence(scene, line, plan, who=event.shown) + _how_long(scene, plan, begins=True)),
        Text(text=_with_told(scene, scene.voice.line(words.way_out))),
    )
    memory = replace(state.checkins.settled(), plan=plan, waiting="", nudged_at=None, language=_language(scene))
    answer = Answer(said=said, state=replace(state, checkins=memory), effects=(PlanCheckIns(plan=plan),))
    return done(scene, SayKind.NOTICE, answer)


def _called_off(scene: Scene, state: State, event: CheckInsCalledOff) -> Decision:
    if state.checkins.plan is None:
        return Decision(state=state)
    ended, effect = without(state), CheckInsEnded(why=EndedBy.STAFF)
    if event.quietly or state.quiet or state.erasing is not None or exposed(scene, state):
        return Decision(state=ended, effects=(effect,))
    said = (Text(text=scene.voice.line(words_of(scene).by_staff.ended, who=event.shown)),)
    return done(scene, SayKind.NOTICE, Answer(said=said, state=ended, effects=(effect,)))
