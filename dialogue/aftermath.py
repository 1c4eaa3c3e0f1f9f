"""What is told after a danger, and what answers a safety question: it is met before anything is said by rotation.

It is heard only where a danger was answered lately, or where somebody else may see the screen.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from config.content import Content
from config.contents.aftermath import Told, ToldWhen
from config.contents.models import Voiced
from dialogue import places
from dialogue.effects import Say
from dialogue.intents import FEW, LONGEST_WISH, Intent, fold, holds, sentences
from dialogue.listened import Listened
from dialogue.state import State
from dialogue.voice import Voice
from dialogue.words import Card, Choices, Message, Text
from nlp.findings import Risk, RiskKind, RiskLevel

AFTERMATH = dt.timedelta(hours=24)
#: The safety question whose no means that nobody else sees the screen.
SCREEN = "screen"
#: The same said later, in so many words.
UNSEEN = "unseen"
NO_NUMBERS = "no_numbers"
#: Rights that give way to what was told.
LATER = frozenset({"no_calls"})
QUESTION = re.compile(r"[^。\n]*か。")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fitting:
    """The answer that fits: words, and the places below them."""

    words: Voiced
    contacts: tuple[str, ...] = ()
    #: Instead, while nobody reads.
    closed: Voiced | None = None


def lately(state: State, now: dt.datetime) -> bool:
    """Whether a crisis was answered lately enough for its tone to stay."""
    return state.crisis is not None and now - state.crisis.at < AFTERMATH


def understood(
    content: Content, state: State, intent: Intent, listened: Listened, texts: Iterable[str], now: dt.datetime
) -> Intent:
    """`intent` with what the words tell after a danger. What is asked of help there is no wish of another kind."""
    written = sentences(texts)
    said = [sentence for sentence in written if len(sentence) <= LONGEST_WISH]
    if not said or len(written) > FEW or not (state.guarded or lately(state, now)):
        return intent
    told = tuple(name for name, patterns in content.heard.told.items() if holds(patterns, said))
    intent = replace(intent, told=told, reply=_reply(content, state.safety, said), acts=holds(content.heard.acts, said))
    meant = _told(content, state, intent, listened)
    if meant is None:
        return intent
    if not meant.first:
        # What a word means, or that nobody is called from here, can be said another time.
        return replace(intent, rights=tuple(name for name in intent.rights if name in content.rights.keys() - LATER))
    return replace(intent, rights=(), commands=tuple(name for name in intent.commands if name != "number"))


def _reply(content: Content, question: str, said: Sequence[str]) -> str:
    """`yes` or `no` where the words answer the safety question asked last, else empty."""
    asked = content.heard.questions.get(question)
    if asked is None:
        return ""
    if holds(asked.no, said):
        return "no"
    if holds(asked.yes, said):
        return "yes"
    bare = content.heard.replies
    return "" if asked.own else "no" if holds(bare.no, said[:1]) else "yes" if holds(bare.yes, said[:1]) else ""


def noted(state: State, intent: Intent) -> State:
    """`state` with what was said of the screen and of numbers. Sending stays as careful as ever."""
    unwatched, numbers_off = state.unwatched, state.numbers_off
    if "watched" in intent.styles:
        unwatched = False
    elif state.guarded and (UNSEEN in intent.told or (state.safety == SCREEN and intent.reply == "no")):
        unwatched = True
    if NO_NUMBERS in intent.told:
        numbers_off = True
    elif "number" in intent.commands:
        numbers_off = False
    if (unwatched, numbers_off) == (state.unwatched, state.numbers_off):
        return state
    return replace(state, unwatched=unwatched, numbers_off=numbers_off)


def calmed(listened: Listened, intent: Intent) -> Listened:
    """What answers our own question shows no new danger by itself: 「ひとりの部屋です」 is none."""
    return replace(listened, message=replace(listened.message, risk=Risk())) if intent.reply else listened


def fitting(content: Content, state: State, intent: Intent, listened: Listened) -> Fitting | None:
    """The answer to what was told or replied; None where nothing was recognised."""
    meant = _told(content, state, intent, listened)
    if meant is not None and meant.first:
        return Fitting(words=meant, contacts=meant.contacts, closed=meant.closed)
    replied = content.aftermath.questions.get(state.safety) if intent.reply else None
    words = None if replied is None else replied.no if intent.reply == "no" else replied.yes
    if words is not None:
        return Fitting(words=words)
    return None if meant is None else Fitting(words=meant, contacts=meant.contacts, closed=meant.closed)


def said(voice: Voice, fit: Fitting, now: dt.datetime) -> tuple[str, list[Card]]:
    """The sentence, and the card of places where there are any."""
    title = voice.desk.content.listening.information.title
    cards = [places.card(voice, fit.contacts, title, now)] if fit.contacts else []
    words = fit.words if fit.closed is None or voice.desk.is_open(now) else fit.closed
    return voice.say(words), cards


def acted(state: State, intent: Intent, listened: Listened) -> bool:
    """Whether somebody who spoke of dying has done something, or is about to."""
    shown = state.crisis.kinds if state.crisis else ()
    spoken = RiskKind.SUICIDE.value in {*shown, *state.flagged} or RiskKind.SUICIDE in listened.message.risk.kinds
    return intent.acts and spoken


def question_in(content: Content, messages: Iterable[Message]) -> str:
    """The name of the safety question these messages ask; empty where they ask none."""
    texts = [message.text for message in messages if isinstance(message, Text | Choices)]
    asked = [fold(found) for text in texts for found in QUESTION.findall(text)]
    questions = content.heard.questions.items()
    return next((name for name, question in questions if holds(question.asked, asked)), "") if asked else ""


def remembered(content: Content, state: State, effects: Iterable[object]) -> State:
    """`state` with the safety question of the answer just given, where one matters."""
    say = next((effect for effect in effects if isinstance(effect, Say)), None)
    matters = say is not None and (state.crisis is not None or state.guarded)
    name = question_in(content, say.messages) if say is not None and matters else ""
    return state if name == state.safety else replace(state, safety=name)


def _told(content: Content, state: State, intent: Intent, listened: Listened) -> Told | None:
    calm = listened.message.risk.level is not RiskLevel.URGENT
    found = (told for told in content.aftermath.told.values() if told.heard in intent.told)
    return next((told for told in found if (calm or told.urgent) and _in(told.when, state, listened)), None)


def _in(when: ToldWhen, state: State, listened: Listened) -> bool:
    return (
        (not when.kinds or bool(set(when.kinds) & _kinds(state, listened)))
        and (not when.roles or listened.role in when.roles)
        and (not when.at_risk or listened.at_risk in when.at_risk)
        and (when.minor is None or when.minor == listened.minor)
        and (not when.cards or (state.crisis is not None and state.crisis.card in when.cards))
    )


def _kinds(state: State, listened: Listened) -> set[str]:
    """The kinds a card was shown for; without one, every kind there was word of. A guarded talk is one of violence."""
    if state.crisis is not None:
        return set(state.crisis.kinds)
    guarded = (RiskKind.VIOLENCE.value,) if state.guarded else ()
    return {*state.flagged, *(kind.value for kind in listened.danger.kinds), *guarded}
