"""The few things staff would ask next, one at a time, after the case is waiting already.

Each may be left out, any word that means stop ends them, and they are taken up again where they were. What was said is
never read back, and numbers, addresses and whole names are told to be needless here. In a guarded talk only the way to
write safely is asked; children are asked for no name and no place.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from casework.consents import under_16
from config.contents.models import Line, Voiced
from dialogue import aftermath, beside, manner, private
from dialogue.actions import Action
from dialogue.beside import Beside
from dialogue.consent_state import Detail
from dialogue.effects import ContactNoted
from dialogue.intents import found_in, sentences
from dialogue.listening import taken_up
from dialogue.scene import MOST_BUBBLES, Answer, Scene
from dialogue.state import Pending, State
from dialogue.voice import Voice
from dialogue.words import Choice, Choices, Message, Text
from dialogue.writer import under_age
from nlp.findings import RiskLevel

#: Free words answer a question for a day; buttons for as long as it is open.
ANSWERED_WITHIN = dt.timedelta(hours=24)
#: Left lying, it is taken up again by itself after this, in a quiet moment.
AGAIN_AFTER = dt.timedelta(hours=1)
LONGEST = {Detail.NICKNAME: 20, Detail.AREA: 60}
LONGEST_TOLD = 300
FOR_CHILDREN = (Detail.CONTACT, Detail.KEPT_FROM, Detail.HOPE)
SMALL = frozenset({"greeting", "thanks", "short"})
NO_WRITING = re.compile(
    "(?:書か|かか|送ら|おくら|連絡し|れんらくし|こ)(?:ないで|んといて|んで|ない方|ないほう)|(?:見られ|みられ)(?:る|たく)|やめて"
)
MAY_WRITE = re.compile("(?:書いて|かいて)も?(?:いい|良い|よい|ええ|大丈夫|だいじょうぶ)(?!.*(?:けど|が、|ただ|でも))")
#: When and how to write: without a word of it, a worry is a worry.
ABOUT_WRITING = re.compile(
    "書[かいきくけこ]|かいて|送[らりるっ]|おくら|連絡|れんらく|返事|時|朝|昼|夜|夕|平日|土日|週末|いつでも|いつも|見られ|みられ"
    "|いいで|いいよ|大丈夫|だいじょうぶ|だめ|ダメ|やめ"
)
ABOUT_OTHERS = frozenset({Detail.CONTACT, Detail.KEPT_FROM, Detail.UNSEEN})
ASKS = re.compile("[か?？]$")
#: Words about the person who was asked for: heard before any answer.
CHANGES = frozenset({"not_meet", "refuses"})
#: What is asked for by who does not want to tell a name.
NAMELESS = frozenset({"name_needed"})
#: Rights that are answers where who must not know, and how to write, was asked.
TELLING = frozenset({"told_family", "told_outside", "told_by_others", "who_sees", "no_calls"})
NAMES_SOMEBODY = re.compile("知られ|しられ|ばれ|内緒|ないしょ|秘密|ひみつ|言わないで|見られ")


def remaining(scene: Scene, state: State) -> tuple[Detail, ...]:
    """What is still to be asked of this resident, in order."""
    if state.guarded:
        order: tuple[Detail, ...] = (Detail.CONTACT,)
    elif child(scene, state):
        order = FOR_CHILDREN
    else:
        order = tuple(Detail)
    return tuple(detail for detail in order if detail not in state.consent.done)


def in_danger(scene: Scene, state: State) -> bool:
    """Whether danger is being answered: nobody is asked to agree to anything, or for anything more, then."""
    return scene.listened.message.risk.level is RiskLevel.URGENT or aftermath.lately(state, scene.moment.now)


def child(scene: Scene, state: State) -> bool:
    """Under 16, or a child whose age is not known. Who was ever under age in this talk stays so here, even where later
    words sound grown up: a grandfather may be quoted, or hold the phone."""
    facts = scene.listened.facts
    ever = scene.listened.minor or manner.UNDER_AGE in state.roles
    return under_16(age=facts.writer_age, minor=ever or under_age(state, facts))


def begin(scene: Scene, answer: Answer) -> Answer:
    """After the yes: that the case is waiting already, and the first question. Nothing where nothing is left to ask."""
    state, voice = answer.state, scene.voice
    memory = state.consent
    busy = memory.stopped or state.staff or in_danger(scene, state)
    if busy or not remaining(scene, state) or len(answer.said) > MOST_BUBBLES - 2:
        return answer
    more = Text(text=voice.line(voice.desk.content.consent.more))
    return put(scene, replace(answer, said=(*answer.said, more)))


def put(scene: Scene, answer: Answer) -> Answer:
    """Put the next question behind what was said; after the last one, thanks."""
    state, words = answer.state, scene.voice.desk.content.consent
    left = remaining(scene, state)
    if not left:
        memory = replace(state.consent, step="", at=None)
        said = Text(text=scene.voice.line(words.finished))
        return replace(answer, said=(*answer.said, said), state=replace(state, consent=memory))
    memory = replace(state.consent, step=left[0].value, at=scene.moment.now, stopped=False)
    state = replace(state, consent=memory)
    if state.staff or in_danger(scene, state):
        return replace(answer, state=state)
    state = replace(state, pending=Pending.DETAIL, asked=False)
    return replace(answer, said=(*answer.said, question(scene.voice, left[0])), state=state)


def question(voice: Voice, detail: Detail) -> Choices:
    """One question with its answers to press; to leave it out is always one of them."""
    words = voice.desk.content.consent
    asked = next(item for name, item in words.details.items() if name == detail)
    labels: dict[str, Line] = dict(asked.labels.items())
    labels["skip"] = next(line for name, line in words.labels.items() if name == "skip")
    options = tuple(
        Choice(label=(label := voice.line(line)), action=Action.CONSENT, argument=f"{detail}.{name}", shown=label)
        for name, line in labels.items()
    )
    return Choices(text=voice.line(asked.ask), options=options)


def open_detail(state: State) -> Detail | None:
    """The question that waits for its answer."""
    step = state.consent.step
    return Detail(step) if step in set(Detail) else None


def pressed(scene: Scene, state: State, detail: Detail, name: str) -> Answer | None:
    """A button of a question. One that was answered already changes nothing."""
    words = scene.voice.desk.content.consent
    asked = next(item for key, item in words.details.items() if key == detail)
    label = next((line for key, line in asked.labels.items() if key == name), None)
    if detail not in remaining(scene, state) or (label is None and name != "skip"):
        return None
    if label is None:
        return _noted(scene, state, detail, None, words.skipped)
    safe = {"yes": True, "no": False}.get(name) if detail is Detail.CONTACT else None
    return _noted(scene, state, detail, label.plain, words.noted, safe=safe)


def typed(scene: Scene, state: State, texts: tuple[str, ...]) -> Answer | None:
    """The answer in somebody's own words; None when they say something else."""
    detail, intent = open_detail(state), scene.intent
    if detail is None or intent.commands or intent.wordless or _changes_the_wish(scene):
        return None
    if "skip" in intent.consent and set(intent.rights) <= NAMELESS:
        return _noted(scene, state, detail, None, scene.voice.desk.content.consent.skipped)
    if not _no_right(detail, intent.rights, texts):
        return None
    if "stop" in intent.consent:
        return stopped(scene, state)
    at = state.consent.at
    fresh = at is not None and scene.moment.now - at <= ANSWERED_WITHIN
    return _told(scene, state, detail, texts) if fresh else None


def _told(scene: Scene, state: State, detail: Detail, texts: tuple[str, ...]) -> Answer | None:
    words, intent = scene.voice.desk.content.consent, scene.intent
    said = "\n".join(text.strip() for text in texts if text.strip())
    if _left_out(detail, intent.consent):
        return _noted(scene, state, detail, None, words.skipped)
    if private.tells_too_much(said, name=detail is Detail.NICKNAME):
        return _needless(scene, state, detail, said)
    if scene.listened.message.risk.level is RiskLevel.NONE and (other := beside.heard(scene, detail)) is not None:
        return _once_more(scene, state, detail, other)
    if not _is_answer(scene, detail, said):
        return None
    return _noted(scene, state, detail, said, words.noted, safe=_safe(scene, detail, said))


def _once_more(scene: Scene, state: State, detail: Detail, other: Beside) -> Answer | None:
    """The question again behind what was no answer to it. The second time it is left lying: nobody is pressed."""
    if not scene.voice.first_time(f"beside.{detail}") and other.noted is None:
        return None
    state = taken_up(state, scene.turn)
    if other.noted is None:
        return put(scene, Answer(said=(other.said,), state=state))
    if other.noted.detail is not Detail.CONTACT:
        state = _answered(state, other.noted.detail, other.noted.words or "")
    return put(scene, Answer(said=(other.said,), state=state, effects=(other.noted,)))


def _changes_the_wish(scene: Scene) -> bool:
    """Whether words say how the person who was asked for is met, or that nobody is: no answer to any question."""
    return bool(CHANGES & set(found_in(scene.voice.desk.content.intents.standing, scene.texts)))


def _no_right(detail: Detail, rights: tuple[str, ...], texts: tuple[str, ...]) -> bool:
    """Whether words ask for no right. 「夫に知られたくない」 answers who must not know; with a mark it would ask."""
    telling = detail in ABOUT_OTHERS and not ASKS.search("".join(texts).strip())
    return not rights or (telling and set(rights) <= TELLING)


def _left_out(detail: Detail, meant: tuple[str, ...]) -> bool:
    """Whether words leave a question out. 「ない」 may be the answer itself, and 「いいです」 that staff may write."""
    if detail in {Detail.KEPT_FROM, Detail.UNSEEN} and "none" in meant:
        return False
    declines = {"bare", "unclear"} & set(meant) and detail is not Detail.CONTACT
    # There is no 「いない」 to a name, a town or a hope.
    nothing = "none" in meant and detail in {Detail.NICKNAME, Detail.AREA, Detail.HOPE}
    return "skip" in meant or nothing or bool(declines)


def _is_answer(scene: Scene, detail: Detail, said: str) -> bool:
    """Whether words answer this question rather than tell something, ask something, or greet."""
    message, intent = scene.listened.message, scene.intent
    if len(said) > LONGEST.get(detail, LONGEST_TOLD) or message.risk.level is not RiskLevel.NONE:
        return False
    if {"question", "where", "apology", "test"} & set(intent.talk):
        return False
    if _only_thanks(scene) and not (detail is Detail.CONTACT and ABOUT_WRITING.search(said)):
        return False
    if {"greeting", "bye"} & set(intent.talk) and detail is not Detail.NICKNAME:
        return False
    if detail is Detail.CONTACT and message.concerns and not ABOUT_WRITING.search(said):
        return False
    short = detail in LONGEST
    return not (short and (message.concerns or intent.feelings or {"greeting", "thanks", "bye"} & set(intent.talk)))


def _only_thanks(scene: Scene) -> bool:
    thanks = {"thanks": scene.voice.desk.content.intents.talk["thanks"]}
    return all(found_in(thanks, [sentence]) for sentence in sentences(scene.texts))


def _safe(scene: Scene, detail: Detail, said: str) -> bool | None:
    """Whether staff may write here, where the words say so clearly. A no beside a yes is a no."""
    if detail is not Detail.CONTACT:
        return None
    intent = scene.intent
    if NO_WRITING.search(said) or beside.seen_at_home(scene) or {"not_yet"} & set(intent.consent):
        return False
    agreed = {"all", "bare", "unclear"} & set(intent.consent) or "yes" in intent.answers or MAY_WRITE.search(said)
    if agreed:
        return True
    return False if "no" in intent.answers else None


def _needless(scene: Scene, state: State, detail: Detail, said: str) -> Answer:
    """A number, an address, a whole name: not kept as the answer, and gently said to be needless here."""
    words = scene.voice.desk.content.consent
    gently = Text(text=scene.voice.line(words.not_here))
    town = private.town_of(said) if detail is Detail.AREA else ""
    if town and len(town) <= LONGEST[Detail.AREA] and not private.tells_too_much(town, name=False):
        answer = Answer(said=(gently,), state=_answered(state, detail, town))
        return put(scene, replace(answer, effects=(ContactNoted(detail=detail, words=town),)))
    return put(scene, Answer(said=(gently,), state=state))


def _noted(
    scene: Scene, state: State, detail: Detail, words: str | None, group: Voiced, *, safe: bool | None = None
) -> Answer:
    said: tuple[Message, ...] = (Text(text=scene.voice.say(group)),)
    state = taken_up(_answered(state, detail, words or ""), scene.turn)
    effect = ContactNoted(detail=detail, words=words, safe=safe)
    return put(scene, Answer(said=said, state=state, effects=(effect,)))


def _answered(state: State, detail: Detail, words: str) -> State:
    """`state` with a question done; who must not know is not asked again when the answer before named them."""
    done = {*state.consent.done, detail.value}
    if detail is Detail.CONTACT and NAMES_SOMEBODY.search(words):
        done.add(Detail.KEPT_FROM.value)
    kept = tuple(one.value for one in Detail if one.value in done)
    return replace(state, consent=replace(state.consent, done=kept))


def stopped(scene: Scene, state: State) -> Answer:
    """Enough asked: the question stays open, and is put again only on request."""
    said = Text(text=scene.voice.line(scene.voice.desk.content.consent.stopped))
    memory = replace(state.consent, stopped=True)
    return Answer(said=(said,), state=replace(state, consent=memory, pending=Pending.NOTHING))


def left_lying(scene: Scene, state: State) -> bool:
    """Whether an open question may be taken up again by itself: later, and in a quiet moment."""
    memory = state.consent
    if not memory.step or memory.stopped or memory.at is None or state.quiet or state.staff:
        return False
    calm = scene.listened.message.risk.level is RiskLevel.NONE and not scene.listened.message.concerns
    small = bool(SMALL & set(scene.intent.talk)) and not scene.intent.feelings
    return calm and small and scene.moment.now - memory.at >= AGAIN_AFTER
