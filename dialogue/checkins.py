"""Check-ins in the talk: how they are offered, and chosen one thing at a time.

They are offered once, when a talk that was not light has come to rest. Where somebody else may hold the phone, beside
danger, to whoever wants no offers and while a person writes, nothing is offered; on request it is settled all the
same, with the question whether a notification may appear at that time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from config.contents.checkins import RHYTHMS
from config.contents.models import Voiced
from dialogue import checkin_plan as plans
from dialogue import dates
from dialogue.checkin_plan import OFFER, exposed, live, options, today, words_of
from dialogue.checkin_words import only_ends
from dialogue.effects import OfferAnswer
from dialogue.followups import ONCE, Band, Rhythm
from dialogue.intents import found_in
from dialogue.scene import MOST_BUBBLES, Answer, Scene
from dialogue.state import Pending, State
from dialogue.words import Choice, Choices, Text
from nlp.findings import RiskLevel

EXCHANGES_BEFORE = 3
# Words with which a talk comes to rest; the others only after a person was offered and declined: a no is answered by
# nothing more, but what follows it may be the end.
AT_REST = frozenset({"thanks", "bye"})
AFTER_NO = frozenset({"short", "fine"})
RHYTHM, DAY, BAND, SEEN, QUIET = "rhythm", "day", "band", "seen", "quiet"
QUESTIONS = frozenset({RHYTHM, DAY, BAND})
#: Nobody offered them: the resident asked.
ASKED_FOR = "asked"
BANDS = tuple(band.value for band in Band)
#: Rhythms that go on.
TURNS = tuple(rhythm.value for rhythm in Rhythm if rhythm not in ONCE)
#: Days that can be chosen by one press.
DAYS_AHEAD = (2, 3, 7, 14)


def offer_due(scene: Scene, state: State) -> bool:
    """Whether check-ins may be offered by the program itself, now that the talk rests."""
    memory = state.checkins
    refused = bool(memory.offered) or memory.plan is not None or state.quiet or exposed(scene, state)
    busy = bool(state.staff or state.consent.step) or state.erasing is not None or state.pending is not Pending.NOTHING
    heavy = bool(state.matters) and state.turns >= EXCHANGES_BEFORE
    return not (refused or busy or _just_offered(scene, state)) and heavy and _rests(scene, state)


def _just_offered(scene: Scene, state: State) -> bool:
    """A person was offered in the last breath, and these words do not answer it: one offer at a time."""
    return scene.pending in {Pending.OFFER, Pending.OFFER_WORD} and state.offer is not None and not state.offer.answer


def _rests(scene: Scene, state: State) -> bool:
    """Whether these words close the talk and tell nothing new."""
    talk, message = set(scene.intent.talk), scene.listened.message
    calm = not message.concerns and message.risk.level is RiskLevel.NONE and not scene.intent.feelings
    declined = state.offer is not None and state.offer.answer == OfferAnswer.NO
    return calm and "question" not in talk and bool(talk & AT_REST or (declined and talk & AFTER_NO))


def at_rest(scene: Scene, answer: Answer) -> Answer:
    """`answer` with the offer behind its first bubble, where it is due and nothing else stands there."""
    said, plain = answer.said, all(isinstance(message, Text) for message in answer.said)
    asks = len(said) == 2 and answer.state.asked
    if not (plain and (len(said) == 1 or asks) and offer_due(scene, answer.state)):
        return answer
    if asks:
        # The offer takes the place of the question.
        scene.voice.unsay()
    text = scene.voice.say(words_of(scene).offer)
    if scene.voice.foreign is not None:
        text = f"{scene.voice.fill(scene.voice.foreign.check_in.offer)}\n{text}"
    memory = replace(answer.state.checkins, offered="made", step=OFFER)
    state = replace(answer.state, checkins=memory, pending=Pending.CHECK_IN, asked=False)
    bubble = Choices(text=text, options=options(scene, [("yes", "offer.yes"), ("no", "offer.no")]))
    return replace(answer, said=(said[0], bubble), state=state)


def wanted(scene: Scene, state: State) -> Answer:
    """Asked for in the resident's own words: what these already say is not asked again."""
    if state.erasing is not None or state.staff:
        return later(scene, state)
    begun = _begun(state)
    # Who asks for them is not offered them again as something new.
    memory = replace(begun.checkins, offered=begun.checkins.offered or ASKED_FOR)
    return _next(scene, _chosen(scene, replace(begun, checkins=memory), _found(scene)))


def after_resuming(scene: Scene, answer: Answer) -> Answer:
    """Contact may begin again: how often, unless a plan holds already or something else is asked. A plan that rests
    goes on."""
    state = answer.state
    plan = live(scene, state)
    busy = state.pending is not Pending.NOTHING or state.staff or state.erasing is not None
    rests = plan is not None and plan.paused_until is not None and today(scene) < plan.paused_until
    if busy or (plan is not None and not rests) or len(answer.said) >= MOST_BUBBLES - 1:
        return answer
    if plan is not None:
        asked = plans.go_on(scene, state, plan)
    else:
        asked = _next(scene, _chosen(scene, _begun(state), _found(scene)))
    return replace(
        answer, said=(*answer.said, *asked.said), state=asked.state, effects=(*answer.effects, *asked.effects)
    )


def later(scene: Scene, state: State) -> Answer:
    """It cannot be settled now; what holds stays as it is."""
    return Answer(said=(Text(text=scene.voice.say(words_of(scene).later)),), state=state)


def typed(scene: Scene, state: State) -> Answer | None:
    """The answer to the open question, if these words are one. `state` has nothing pending any more."""
    intent, step = scene.intent, state.checkins.step
    if intent.commands or intent.rights or intent.wordless or state.staff:
        return None
    if not step:
        held = state.checkins.plan is not None and _taken_back(scene)
        return plans.end(scene, state) if held else None
    said = _found(scene)
    yes, no = "yes" in intent.answers, bool({"no", "stay"} & set(intent.answers)) and "yes" not in intent.answers
    if step == SEEN:
        answers = {"seen": True, "unseen": False}
        agreed = next((answers[name] for name in said if name in answers), yes if yes or no else None)
        return None if agreed is None else _seen(scene, state, yes=agreed)
    return _typed_quiet(scene, state, no=no) if step == QUIET else _typed_choice(scene, state, said, yes=yes, no=no)


def _typed_choice(scene: Scene, state: State, said: tuple[str, ...], *, yes: bool, no: bool) -> Answer | None:
    """What is wanted, and when; a mere yes to that names nothing, and the question is put once more."""
    step, chosen = state.checkins.step, _chosen(scene, state, said)
    undecided = len([name for name in said if name in RHYTHMS]) > 1
    if undecided or chosen.checkins != state.checkins or (step == OFFER and yes):
        return _next(scene, chosen)
    if step == DAY and (unclear := _unclear(scene, state, words_of(scene).day.unclear)) is not None:
        return unclear
    if yes and step in QUESTIONS:
        return _next(scene, state)
    return decline(scene, state) if no else None


def _taken_back(scene: Scene) -> bool:
    """「やっぱりやめる」, right after a plan was read back."""
    intents = scene.voice.desk.content.intents
    return bool({"leaves_it", "back"} & set(found_in(intents.standing, scene.texts))) or only_ends(intents, scene.texts)


def unwanted(scene: Scene, state: State) -> Answer:
    """No check-ins: a plan ends, and without one none is offered. Everything else stays as it is."""
    if state.checkins.plan is not None:
        return plans.end(scene, replace(state, pending=Pending.NOTHING))
    memory = replace(state.checkins.settled(), offered="no")
    said = Text(text=scene.voice.say(words_of(scene).declined))
    return Answer(said=(said,), state=replace(state, checkins=memory, pending=Pending.NOTHING))


def pressed(scene: Scene, state: State, argument: str) -> Answer | None:
    """A button of these questions; None when it means nothing (any more)."""
    if state.erasing is not None or state.staff:
        return later(scene, state)
    if argument in {"offer.no", "rhythm.no"}:
        return decline(scene, state)
    question, _, name = argument.partition(".")
    if question == SEEN and name in {"seen", "unseen"}:
        return _seen(scene, state, yes=name == "seen") if state.checkins.step == SEEN else None
    chosen = _picked(scene, state, question, name)
    return _settings(scene, state, question, name) if chosen is None else _next(scene, chosen)


def _picked(scene: Scene, state: State, question: str, name: str) -> State | None:
    """`state` with what a button chose; one found in an old talk begins anew where nothing is being asked."""
    match question, name:
        case ("offer", "yes") | ("start", ""):
            return _begun(state)
        case ("rhythm", _) if name in RHYTHMS:
            return _chosen(scene, _begun(state), [name])
        case ("band", _) if name in BANDS:
            return _chosen(scene, state, [name])
        case ("day", _) if (day := dates.day_at(name, today(scene))) is not None:
            return _on(state, day)
    return None


def _settings(scene: Scene, state: State, question: str, name: str) -> Answer | None:
    """What can be done about a plan that holds."""
    plan = live(scene, state)
    match question, name:
        case ("quiet", ""):
            return _ask_quiet(scene, state)
        case ("quiet", _) if (quiet := dates.hours_at(name)) is not None:
            return plans.quiet_set(scene, state, quiet)
        case ("end", "") if state.checkins.plan is not None:
            return plans.end(scene, state)
        case ("rest", "") if plan is not None:
            return plans.pause(scene, state, plan)
        case ("again", "") if plan is not None:
            return plans.go_on(scene, state, plan)
    return None


def decline(scene: Scene, state: State) -> Answer:
    """No check-ins, or the plan stays as it is."""
    if live(scene, state) is not None:
        return plans.letters(scene, replace(state, pending=Pending.NOTHING))
    offered = "no" if state.checkins.offered == "made" else state.checkins.offered
    memory = replace(state.checkins.settled(), offered=offered)
    said = Text(text=scene.voice.say(words_of(scene).declined))
    return Answer(said=(said,), state=replace(state, checkins=memory, pending=Pending.NOTHING))


def changed(scene: Scene, state: State) -> Answer | None:
    """「月1にして」, 「夕方がいい」: the plan that holds with another rhythm or band, the rest as it was. None where
    neither is named."""
    plan, texts = live(scene, state), [dates.meant_instead(text) for text in scene.texts]
    named = [name for name in found_in(scene.voice.desk.content.intents.check_in, texts) if name in (*TURNS, *BANDS)]
    if plan is None or not named:
        return None
    memory = replace(state.checkins.settled(), rhythm=plan.rhythm.value, band=plan.band.value, on_day=plan.on_day)
    chosen = _chosen(scene, replace(state, checkins=memory), named)
    return None if chosen.checkins == memory else _next(scene, chosen)


def band_wanted(scene: Scene, state: State) -> Answer:
    """「仕事中は困る」: which part of the day suits, for the plan that holds."""
    plan = live(scene, state)
    if plan is None or state.staff or state.erasing is not None:
        return later(scene, state)
    memory = replace(state.checkins.settled(), rhythm=plan.rhythm.value, on_day=plan.on_day)
    return _next(scene, replace(state, checkins=memory))


def _found(scene: Scene) -> tuple[str, ...]:
    """What the words say of rhythm, band, and of being seen."""
    return found_in(scene.voice.desk.content.intents.check_in, scene.texts)


def _begun(state: State) -> State:
    return replace(state, checkins=state.checkins.settled())


def _chosen(scene: Scene, state: State, said: Iterable[str]) -> State:
    """`state` with what was said of rhythm, day and band. Two of a kind at once are none."""
    rhythms = [name for name in said if name in RHYTHMS]
    bands = [name for name in said if name in BANDS]
    memory = state.checkins
    if len(bands) == 1:
        memory = replace(memory, band=bands[0])
    if len(rhythms) == 1:
        memory = replace(memory, rhythm=rhythms[0], on_day=None)
    elif not rhythms and (day := _day_said(scene)) is not None and memory.rhythm in {"", Rhythm.ON_DAY.value}:
        memory = replace(memory, rhythm=Rhythm.ON_DAY.value, on_day=day)
    return state if memory == state.checkins else replace(state, checkins=memory)


def _day_said(scene: Scene) -> dt.date | None:
    found = (dates.day_in(text, today(scene)) for text in scene.texts)
    return next((day for day in found if day is not None), None)


def _on(state: State, day: dt.date) -> State:
    memory = replace(state.checkins, rhythm=Rhythm.ON_DAY.value, on_day=day)
    return replace(state, checkins=memory)


def _next(scene: Scene, state: State) -> Answer:
    """The next question, or the plan read back."""
    memory, words = state.checkins, words_of(scene)
    if not memory.rhythm:
        labels = [*((name, f"rhythm.{name}") for name in RHYTHMS), ("no", "rhythm.no")]
        return _ask(scene, state, RHYTHM, words.rhythm.ask, options(scene, labels))
    if memory.rhythm == Rhythm.ON_DAY and memory.on_day is None:
        return _ask(scene, state, DAY, words.day.ask, _days(scene))
    if not memory.band:
        return _ask(scene, state, BAND, words.band.ask, _bands(scene))
    if exposed(scene, state):
        labels = [("seen", "seen.seen"), ("unseen", "seen.unseen")]
        return _ask(scene, state, SEEN, words.seen.ask, options(scene, labels))
    return plans.settled(scene, state)


def _ask(scene: Scene, state: State, step: str, group: Voiced, choices: tuple[Choice, ...]) -> Answer:
    text, foreign = scene.voice.say(group), scene.voice.foreign
    if foreign is not None and step in {RHYTHM, SEEN}:
        text = f"{foreign.check_in.often if step == RHYTHM else foreign.check_in.seen}\n{text}"
    memory = replace(state.checkins, step=step)
    state = replace(state, checkins=memory, pending=Pending.CHECK_IN, asked=False)
    return Answer(said=(Choices(text=text, options=choices),), state=state)


def _days(scene: Scene) -> tuple[Choice, ...]:
    days = [today(scene) + dt.timedelta(days=ahead) for ahead in DAYS_AHEAD]
    shown = {day: dates.day_shown(day, kana=scene.voice.kana) for day in days}
    return tuple(
        choice for day in days for choice in options(scene, [("day", f"day.{day.isoformat()}")], at=shown[day])
    )


def _bands(scene: Scene) -> tuple[Choice, ...]:
    spans = words_of(scene).timing.bands
    return tuple(
        choice
        for name, span in spans.items()
        for choice in options(
            scene,
            [(name, f"band.{name}")],
            begins=dates.clock_shown(span.begins),
            ends=dates.clock_shown(span.ends),
        )
    )


def _seen(scene: Scene, state: State, *, yes: bool) -> Answer:
    """Whether a notification may appear. No plan without a yes; one made before a no ends with it."""
    if yes:
        return plans.settled(scene, state)
    held = state.checkins.plan is not None
    return plans.end(scene, replace(state, pending=Pending.NOTHING)) if held else decline(scene, state)


def _ask_quiet(scene: Scene, state: State) -> Answer:
    choices = tuple(
        choice
        for hours in words_of(scene).timing.quiet_choices
        for choice in options(
            scene,
            [("hours", f"quiet.{hours.begins:%H%M}-{hours.ends:%H%M}")],
            begins=dates.clock_shown(hours.begins),
            ends=dates.clock_shown(hours.ends),
        )
    )
    return _ask(scene, _begun(state), QUIET, words_of(scene).quiet.ask, choices)


def quiet_wanted(scene: Scene, state: State) -> Answer:
    """Hours without check-ins, in the resident's own words: set where they say which, else asked for."""
    for text in scene.texts:
        if (quiet := dates.hours_in(text)) is not None:
            return plans.quiet_set(scene, state, quiet)
    if state.staff or state.erasing is not None:
        return later(scene, state)
    if state.checkins.step != QUIET:
        return _ask_quiet(scene, state)
    return _ask_again(scene, state, words_of(scene).quiet.unclear)


def _typed_quiet(scene: Scene, state: State, *, no: bool) -> Answer | None:
    for text in scene.texts:
        if (quiet := dates.hours_in(text)) is not None:
            return plans.quiet_set(scene, state, quiet)
    if any(dates.names_hours(text) for text in scene.texts):
        return _ask_again(scene, state, words_of(scene).quiet.unclear)
    return plans.letters(scene, state) if no else None


def _unclear(scene: Scene, state: State, group: Voiced) -> Answer | None:
    """The question stays open for words that were meant as an answer and cannot be read."""
    if not any(dates.names_a_day(text) for text in scene.texts):
        return None
    return _ask_again(scene, state, group)


def _ask_again(scene: Scene, state: State, group: Voiced) -> Answer:
    said = Text(text=scene.voice.say(group))
    return Answer(said=(said,), state=replace(state, pending=Pending.CHECK_IN))
