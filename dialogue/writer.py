"""Who writes, as far as the words show it for good: a child or a grown-up, and who else may hold the phone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dialogue import manner, voice
from dialogue.intents import Intent
from dialogue.listened import MAJORITY, Listened
from dialogue.state import State, Tone
from nlp.findings import Facts, SafetyRole

MAY_HARM = SafetyRole.MAY_HARM.value
# Words that hardly anybody under age uses of themselves: a husband, grandchildren, 「わし」.
GROWN = "grown"
# They told of being touched, or of pictures: the place for it is shown as soon as they are known to be under age.
TOUCHED = "touched"
# They cannot hear or speak on the telephone; they asked for short and easy sentences.
KEPT_STYLES = (voice.BY_LETTERS, manner.PLAIN_WORDS)
# What happens around somebody: of this moment only.
AROUND = frozenset({"fire", "missing", "disaster", "trapped"})


def known(state: State, intent: Intent, listened: Listened, texts: Iterable[str]) -> tuple[State, Listened]:
    """What is kept of the words, and what was found as it holds for this writer."""
    listened = _believed(state, listened)
    state = _with_roles(_exposed(state, listened), _shown(state, intent, listened, texts))
    if GROWN in state.roles:
        listened = listened.grown()
    elif manner.YOUNG in state.roles:
        listened = listened.young()
    tells = ({TOUCHED} & set(state.roles)) | (AROUND & set(intent.styles))
    return state, replace(listened, tells=frozenset(tells))


def spoken_to(state: State, listened: Listened, tone: Tone) -> State:
    """`state` with the voice chosen; for who is under age it is chosen once."""
    state = state if tone is state.tone else replace(state, tone=tone)
    return _with_roles(state, (manner.UNDER_AGE,) if listened.minor else ())


def under_age(state: State, facts: Facts) -> bool:
    """Whether who wrote all this is under age, by what was found and by how they write."""
    if GROWN in state.roles:
        return False
    return bool(facts.writer_minor) or (manner.YOUNG in state.roles and facts.writer_age is None)


def age_of(state: State, facts: Facts) -> int | None:
    """The writer's age; none where their words speak against the one that was read."""
    age = facts.writer_age
    return None if age is not None and age < MAJORITY and GROWN in state.roles else age


def _believed(state: State, listened: Listened) -> Listened:
    """What is known without what the resident called wrong, and without what is hidden because it will be erased."""
    if state.erasing is not None:
        return listened.alone()
    return listened.without(state.denied)


def _shown(state: State, intent: Intent, listened: Listened, texts: Iterable[str]) -> tuple[str, ...]:
    styles = set(intent.styles)
    grown = GROWN in styles or "elder" in styles
    shown = ((GROWN, grown), (TOUCHED, TOUCHED in styles))
    young = not grown and GROWN not in state.roles and manner.sounds_young(intent, listened, texts)
    kept = tuple((name, name in styles) for name in KEPT_STYLES)
    return tuple(name for name, holds in (*shown, (manner.YOUNG, young), *kept) if holds)


def _with_roles(state: State, names: tuple[str, ...]) -> State:
    fresh = tuple(name for name in names if name not in state.roles)
    return replace(state, roles=(*state.roles, *fresh)) if fresh else state


def _exposed(state: State, listened: Listened) -> State:
    """That somebody else may hold the phone."""
    roles = state.roles
    if listened.role == SafetyRole.MAY_HARM and MAY_HARM not in roles:
        roles = (*roles, MAY_HARM)
    # Who feared to do harm holds the phone alone, also in later words that do not say so again.
    exposed = listened.violent and (MAY_HARM not in roles or listened.role == SafetyRole.HARMED)
    same = roles == state.roles and (state.guarded or not exposed)
    return state if same else replace(state, roles=roles, guarded=state.guarded or exposed)
