"""How somebody is spoken to. The writing decides, not a single tag: a wrong one must not turn an old man into a child.

Another language, a child who writes without hard kanji, or a first worry about language is answered in kana; who
shows to be old, in the elders' voice; and it changes back when the writing shows otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from config.content import Content
from dialogue.intents import Intent
from dialogue.listened import STRANGERS, Listened
from dialogue.state import State, Tone
from nlp.findings import WriterRole

OLD = 65
# A child of that age reads kana best, whatever they can write.
SMALL = 12
# So many different kanji beyond the first two school years show a practised reader; fewer do where nothing else but
# kana spoke against it.
FLUENT = 4
AT_HOME = 2
YOUNG = "young"


def tone(content: Content, state: State, intent: Intent, listened: Listened, texts: Iterable[str]) -> Tone:
    """The voice for this turn and the following ones. Who chose easy Japanese keeps it, however they write."""
    written = [text for text in texts if text.strip()]
    if state.easy or not written:
        return state.tone
    facts = listened.facts
    kanji = {letter for text in written for letter in text if "一" <= letter <= "鿿"}
    hard = len(kanji - _easy(content))
    if facts.detected_language not in {None, "ja"}:
        return Tone.KANA
    if listened.minor:
        small = facts.writer_age is not None and facts.writer_age <= SMALL
        return Tone.KANA if small else _young(state, kanji, hard)
    if _old(intent, listened):
        return Tone.ELDER
    foreign = _foreign_to_it(state, listened) and hard < FLUENT
    if foreign or ("easy" in intent.styles and not kanji):
        return Tone.KANA
    enough = FLUENT if "language" in state.matters else AT_HOME
    practised = state.tone is Tone.KANA and hard >= enough
    younger = state.tone is Tone.ELDER and facts.writer_age is not None
    return Tone.PLAIN if practised or younger else state.tone


def sounds_young(intent: Intent, listened: Listened, texts: Iterable[str]) -> bool:
    """A child's words, in kana only, from somebody of whom no age is known: better one child too many than one
    who reads whom grown-ups may call."""
    facts = listened.facts
    unknown = facts.writer_age is None and facts.writer_minor is None and facts.writer_role not in STRANGERS
    return unknown and "child" in intent.styles and not any("一" <= letter <= "鿿" for text in texts for letter in text)


def _young(state: State, kanji: set[str], hard: int) -> Tone:
    """Kana for who writes it; who once wrote like a grown-up would feel talked down to."""
    if state.tone is Tone.KANA:
        return Tone.PLAIN if hard >= FLUENT else Tone.KANA
    begins = state.turns == 0 and not hard
    return Tone.KANA if begins or not kanji else Tone.PLAIN


def _old(intent: Intent, listened: Listened) -> bool:
    if listened.facts.writer_age is not None:
        return listened.facts.writer_age >= OLD
    return "elder" in intent.styles and listened.facts.writer_role is not WriterRole.PROFESSIONAL


def _foreign_to_it(state: State, listened: Listened) -> bool:
    """A worry about language, told for the first time and for oneself."""
    told = any(concern.id == "language" for concern in listened.message.concerns)
    return told and "language" not in state.matters and listened.facts.writer_role not in STRANGERS


@lru_cache(maxsize=8)
def _letters(easy_kanji: str) -> frozenset[str]:
    return frozenset(easy_kanji)


def _easy(content: Content) -> frozenset[str]:
    return _letters(content.forbidden.easy_kanji)
