"""Consent to be read, asked for when a person was accepted; and the way out of every consent, at any moment.

Beside danger nothing is asked. A no is heard at most three times, and changes nothing about the talk. What was agreed
to is read back in one sentence, but in a guarded talk nothing is.
"""

from __future__ import annotations

import re
from dataclasses import replace

from casework.consents import MOST_ASKED, ConsentKind, Span, wording_hash
from config.contents.flows import Question
from dialogue import beside as beside_question
from dialogue import details, offer
from dialogue.actions import Action
from dialogue.consent_state import READ, Detail
from dialogue.effects import (
    AskConsent,
    ConsentDeclined,
    ConsentGiven,
    ConsentWithdrawn,
    Effect,
    OfferAnswer,
)
from dialogue.intents import sentences
from dialogue.scene import MOST_BUBBLES, Answer, Scene
from dialogue.state import Pending, State
from dialogue.voice import Voice
from dialogue.words import Choice, Choices, Message, Text
from nlp.findings import RiskLevel

ASKED = frozenset({Pending.READ, Pending.DETAIL, Pending.SHARE})
NOT_YET = "not_yet"
ALLOWS = re.compile("(?:読んで|よんで)も?(?:いい|良い|よい|ええ|大丈夫|かまいません)(?:です|よ|ので|から|ね)*$")


def meaning(scene: Scene) -> str | None:
    """What typed words say to a question of consent: `from_now`, `not_yet`, `all`, `bare`, `unclear` or nothing."""
    intent = scene.intent
    for name in ("from_now", NOT_YET, "all", "bare", "unclear"):
        if name in intent.consent:
            return name
    if {"no", "stay"} & set(intent.answers):
        return NOT_YET
    return "all" if "yes" in intent.answers else None


def due(scene: Scene, state: State) -> bool:
    """Whether reading may be asked for by the program itself."""
    memory = state.consent
    free = not memory.readable and memory.asked < MOST_ASKED
    return free and not state.staff and state.erasing is None and not details.in_danger(scene, state)


def after_accepting(scene: Scene, answer: Answer) -> Answer:
    """A person was accepted or asked for: the first question is whether they may read. Staff know of it already."""
    state = answer.state
    state = replace(state, consent=replace(state.consent, wants=True))
    answer = replace(answer, state=state)
    if state.consent.readable and not details.in_danger(scene, state) and state.erasing is None:
        return details.begin(scene, answer)
    if _allows(scene, state) and len(answer.said) <= MOST_BUBBLES - 2:
        return _allowed(scene, answer)
    if not due(scene, state) or len(answer.said) >= MOST_BUBBLES:
        return answer
    # What it means was said when it was asked a moment ago.
    open_ = state.consent.step == READ
    return put(scene, answer, count=0 if open_ else 1, explain=not (open_ and state.near))


def _allows(scene: Scene, state: State) -> bool:
    """Whether 「読んでいい」 is said in the same breath as a person is asked for."""
    free = not state.consent.readable and state.erasing is None
    return free and bool(ALLOWS.search("".join(sentences(scene.texts)))) and "withdraw" not in scene.intent.commands


def put(scene: Scene, answer: Answer, *, count: int, explain: bool = True) -> Answer:
    """The question whether staff may read, with what it means where there is room."""
    voice, state = scene.voice, answer.state
    room = MOST_BUBBLES - len(answer.said)
    bubbles = bubbles_of(voice, ConsentKind.READ, prefix=READ)[0 if explain and room > 1 else 1 :]
    words = "\n".join(bubble.text for bubble in bubbles)
    memory = replace(state.consent, asked=state.consent.asked + count, step=READ, at=scene.moment.now)
    memory = replace(memory, wording=wording_hash(words))
    state = replace(state, consent=memory, pending=Pending.READ, asked=False)
    effects = (*answer.effects, AskConsent(kind=ConsentKind.READ, words=words))
    return replace(answer, said=(*answer.said, *bubbles), state=state, effects=effects)


def bubbles_of(
    voice: Voice, kind: ConsentKind, *, prefix: str, suffix: str = "", place: str = ""
) -> list[Text | Choices]:
    """What a consent means, and the question; beside it the same in the resident's language where it is known."""
    asked: Question = getattr(voice.desk.content.consent, kind.value)
    ask = voice.line(asked.ask, place=place)
    if voice.foreign is not None:
        ask = f"{voice.fill(getattr(voice.foreign.consent, kind.value), place=place)}\n{ask}"
    options = tuple(
        Choice(
            label=(label := voice.line(line)), action=Action.CONSENT, argument=f"{prefix}.{name}{suffix}", shown=label
        )
        for name, line in asked.labels.items()
    )
    return [Text(text=voice.line(asked.explain, place=place)), Choices(text=ask, options=options)]


def typed_read(scene: Scene, state: State, texts: tuple[str, ...]) -> Answer | None:
    """The answer to the question whether staff may read, in any wording."""
    if (back := _taken_back(scene, state, texts)) is not None:
        return back
    meant = meaning(scene)
    others = {*scene.intent.commands} - {"allow"}
    if others == {"withdraw"} and not any(share.answer in {"yes", ""} for share in state.consent.shares):
        # Nothing is given or asked beside it: not to want to be read is the answer.
        return decided(scene, state, NOT_YET)
    if meant is None and not others and not scene.intent.rights:
        return _once_more(scene, state)
    if meant is None or ((others or scene.intent.rights) and meant != Span.FROM_NOW):
        return None
    if meant == "unclear":
        again = Answer(said=(Text(text=scene.voice.say(scene.voice.desk.content.consent.unclear)),), state=state)
        return put(scene, again, count=0, explain=False)
    return decided(scene, state, "all" if meant == "bare" else meant)


def _once_more(scene: Scene, state: State) -> Answer | None:
    """A question in the place of an answer: answered, and the own one put once more."""
    calm = scene.listened.message.risk.level is RiskLevel.NONE
    other = beside_question.heard(scene, None) if calm else None
    if other is None or not scene.voice.first_time(f"beside.{READ}"):
        return None
    return put(scene, Answer(said=(other.said,), state=state), count=0, explain=False)


def _taken_back(scene: Scene, state: State, texts: tuple[str, ...]) -> Answer | None:
    """「やっぱりやめます」 right after a person was accepted takes the person back, and with it the question."""
    if state.offer is None or state.offer.answer not in {OfferAnswer.YES, OfferAnswer.MEET}:
        return None
    asked = replace(state, pending=Pending.ACCEPTED)
    if offer.typed_answer(asked, scene.intent.answers, texts) is not OfferAnswer.NO:
        return None
    state = replace(state, consent=replace(state.consent, step="", wants=False))
    said, state, effects = offer.answered(scene.voice, state, OfferAnswer.NO, scene.moment)
    return Answer(said=tuple(said), state=state, effects=effects)


def decided(scene: Scene, state: State, meant: str) -> Answer:
    """The answer to the question, typed or pressed; said twice, it is done once."""
    voice, memory = scene.voice, state.consent
    words = voice.desk.content.consent
    state = replace(state, pending=Pending.NOTHING)
    if meant == NOT_YET:
        memory = replace(memory, reads=memory.reads or "no", step="", at=None)
        said: tuple[Message, ...] = (Text(text=voice.line(words.declined)),)
        effects: tuple[Effect, ...] = (ConsentDeclined(kind=ConsentKind.READ),)
        return Answer(said=said, state=replace(state, consent=memory), effects=effects)
    line = words.guarded if state.guarded else next(line for name, line in words.agreed.items() if name == meant)
    said = (Text(text=voice.line(line)),)
    if memory.reads == meant:
        return Answer(said=said, state=state)
    span = Span(meant)
    given = ConsentGiven(kind=ConsentKind.READ, span=span, wording=memory.wording)
    memory = replace(memory, reads=span.value, asked=0, step="", at=None)
    answer = Answer(said=said, state=replace(state, consent=memory), effects=(given,))
    return details.begin(scene, answer) if memory.wants else answer


def pressed(scene: Scene, state: State, argument: str) -> Answer | None:
    """A button of these questions; None when it means nothing (any more)."""
    if argument == "withdraw":
        return withdraw(scene, state)
    if state.erasing is not None:
        return None
    if argument == "go_on":
        return go_on(scene, state)
    question, _, name = argument.partition(".")
    if question == READ and name in {*Span, NOT_YET, "yes"}:
        return _pressed_read(scene, state, "all" if name == "yes" else name)
    if question in set(Detail) and state.consent.wants:
        return details.pressed(scene, state, Detail(question), name)
    return None


def _pressed_read(scene: Scene, state: State, meant: str) -> Answer:
    """An open question is answered; a button found in an old talk asks anew."""
    if state.consent.step == READ or state.consent.reads == meant:
        return decided(scene, state, meant)
    return put(scene, Answer(said=(), state=state), count=0)


def allow(scene: Scene, state: State) -> Answer:
    """「読んでいいです」 said unasked: what it means is put as a question all the same, and answered by one press."""
    if state.erasing is not None:
        return _nothing(scene, state)
    if state.consent.reads == Span.ALL:
        return decided(scene, state, Span.ALL)
    if state.consent.step == READ and not state.staff:
        # What it means was said when it was asked.
        return decided(scene, state, Span.ALL)
    if state.near and state.consent.wants and not state.consent.reads and not state.staff:
        return _allowed(scene, Answer(said=(), state=state))
    return put(scene, Answer(said=(), state=state), count=0)


def _allowed(scene: Scene, answer: Answer) -> Answer:
    """「読んでいい」 beside 「相談員よんで」 is the answer itself. What it means is said with it."""
    bubbles = bubbles_of(scene.voice, ConsentKind.READ, prefix=READ)
    words = "\n".join(bubble.text for bubble in bubbles)
    memory = replace(answer.state.consent, wording=wording_hash(words), wants=False)
    given = decided(scene, replace(answer.state, consent=memory), Span.ALL)
    asked = AskConsent(kind=ConsentKind.READ, words=words)
    together = Answer(
        said=(*answer.said, bubbles[0], *given.said),
        state=replace(given.state, consent=replace(given.state.consent, wants=True)),
        effects=(*answer.effects, asked, *given.effects),
    )
    return details.begin(scene, together)


def ended(state: State) -> State:
    """`state` after a withdrawal: nothing is agreed to, open questions are closed."""
    memory = state.consent
    shares = tuple(share.over("no") for share in memory.shares)
    step = "" if memory.step == READ else memory.step
    reads = "no" if memory.readable else memory.reads
    return replace(state, consent=replace(memory, reads=reads, step=step, shares=shares), pending=Pending.NOTHING)


def withdraw(scene: Scene, state: State) -> Answer:
    """Done at once, whatever was given and however, with what cannot be taken back said as it is."""
    texts = scene.voice.lines(scene.voice.desk.content.consent.withdrawn)
    if state.consent.wants and not state.staff:
        # The wish to talk is another matter: it is not kept behind anybody's back.
        texts = [*texts, scene.voice.line(scene.voice.desk.content.standing.request_stays)]
    said = tuple(Text(text=text) for text in texts)
    return Answer(said=said, state=ended(state), effects=(ConsentWithdrawn(),))


def go_on(scene: Scene, state: State) -> Answer:
    """「続き」: the open question again; else the next of what staff would ask; else that there is none."""
    memory = state.consent
    if details.in_danger(scene, state) or state.staff or state.erasing is not None:
        return _nothing(scene, state)
    if memory.step == READ:
        return put(scene, Answer(said=(), state=state), count=0)
    if memory.wants and memory.readable and details.remaining(scene, state):
        again = Text(text=scene.voice.line(scene.voice.desk.content.consent.again))
        return details.put(scene, Answer(said=(again,), state=state))
    return _nothing(scene, state)


def _nothing(scene: Scene, state: State) -> Answer:
    said = Text(text=scene.voice.line(scene.voice.desk.content.consent.nothing_open))
    return Answer(said=(said,), state=state)


def beside(scene: Scene, answer: Answer, pending: Pending) -> Answer:
    """The open question once more behind the answer to another one, so that it is not lost."""
    state, room = answer.state, len(answer.said) < MOST_BUBBLES
    busy = state.pending is not Pending.NOTHING or state.staff or state.erasing is not None
    if pending not in ASKED or busy or not room or details.in_danger(scene, state):
        return answer
    if pending is Pending.READ and state.consent.step == READ:
        return put(scene, answer, count=0, explain=False)
    if pending is Pending.SHARE and state.consent.open_share is not None:
        return replace(answer, state=replace(state, pending=pending))
    if pending is Pending.DETAIL and details.open_detail(state) in details.remaining(scene, state):
        return answer if state.consent.stopped else details.put(scene, answer)
    return answer


def taken_up_again(scene: Scene, answer: Answer) -> Answer:
    """An open question that was left lying, in a quiet moment."""
    state = answer.state
    if not details.left_lying(scene, state) or details.in_danger(scene, state) or state.erasing is not None:
        return answer
    again = Text(text=scene.voice.line(scene.voice.desk.content.consent.again))
    with_it = replace(answer, said=(*answer.said, again))
    if state.consent.step == READ:
        return put(scene, with_it, count=1, explain=False) if due(scene, state) else answer
    readable = state.consent.readable and details.remaining(scene, state)
    return details.put(scene, with_it) if readable else answer
