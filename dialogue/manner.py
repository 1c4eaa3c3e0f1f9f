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
from nlp.romaji import is_romaji

OLD = 65
# A child of that age reads kana best, whatever they can write.
SMALL = 12
# So many different kanji beyond the first two school years show a practised reader; fewer do where nothing else but
# kana spoke against it.
FLUENT = 4
AT_HOME = 2
YOUNG = "young"
# Known to be under age in an earlier turn: the register was chosen then.
UNDER_AGE = "under_age"

# They asked for short and easy sentences.
PLAIN_WORDS = "plain_words"


def tone(content: Content, state: State, intent: Intent, listened: Listened, texts: Iterable[str]) -> Tone:
    """The voice for this turn and the following ones. Who chose easy Japanese keeps it, however they write."""
    written = [text for text in texts if text.strip()]
    if state.easy or not written:
        return state.tone
    facts = listened.facts
    kanji = {letter for text in written for letter in text if "一" <= letter <= "鿿"}
    hard = len(kanji - _easy(content))
    # Who types Japanese in Latin letters has learned it by ear.
    learned = facts.detected_language not in {None, "ja"} or all(map(is_romaji, written))
    if learned or PLAIN_WORDS in {*state.roles, *intent.styles}:
        return Tone.KANA
    if listened.minor:
        return _young(state, listened, kanji, hard)
    if _old(intent, listened):
        return Tone.ELDER
    if state.tone is Tone.ELDER:
        # An old neighbour who once writes in kana did not turn into somebody who learns Japanese.
        return Tone.ELDER if facts.writer_age is None else Tone.PLAIN
    # Chinese has kanji only: it shows no reader of Japanese.
    japanese = any("ぁ" <= letter <= "ん" for text in written for letter in text)
    return _grown(state, intent, listened, kanji, hard if japanese else 0)


def _grown(state: State, intent: Intent, listened: Listened, kanji: set[str], hard: int) -> Tone:
    """Kana for who is new to the language, until the writing shows otherwise."""
    foreign = _foreign_to_it(state, listened) and hard < FLUENT
    if foreign or ("easy" in intent.styles and not kanji):
        return Tone.KANA
    enough = FLUENT if "language" in state.matters else AT_HOME
    return Tone.PLAIN if state.tone is Tone.KANA and hard >= enough else state.tone


def sounds_young(intent: Intent, listened: Listened, texts: Iterable[str]) -> bool:
    """A child's words, in kana only, from somebody of whom no age is known: better one child too many than one
    who reads whom grown-ups may call."""
    facts = listened.facts
    unknown = facts.writer_age is None and facts.writer_minor is None and facts.writer_role not in STRANGERS
    return unknown and "child" in intent.styles and not any("一" <= letter <= "鿿" for text in texts for letter in text)


def _young(state: State, listened: Listened, kanji: set[str], hard: int) -> Tone:
    """One register for the whole talk: kana for the small, plain for those at 中学 and 高校, who would feel talked
    down to. Where no age is known, the first words decide, and later only that they are written like a grown-up's."""
    age = listened.facts.writer_age
    if age is not None and age <= SMALL:
        return Tone.KANA
    if state.tone is Tone.KANA:
        return Tone.PLAIN if hard >= (FLUENT if age is None else AT_HOME) else Tone.KANA
    first = state.turns == 0
    if age is not None:
        # A first message without any kanji is the only one that speaks for kana.
        return Tone.KANA if first and not kanji else Tone.PLAIN
    chosen = UNDER_AGE in state.roles
    return Tone.PLAIN if chosen or hard or (kanji and not first) else Tone.KANA


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
