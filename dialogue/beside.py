"""What is said in the place of an answer to a question about a person: it is answered, and the own one put once more.

A question is no name and no town; nor is a refusal. That somebody at home may see the screen, or is known at the desk,
is what staff must hear, whatever was asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from config.contents.models import Voiced
from dialogue.consent_state import Detail
from dialogue.effects import ContactNoted
from dialogue.intents import found_in
from dialogue.scene import Scene
from dialogue.words import Text

ASKED_WITH_A_MARK = re.compile(r"[?？]\s*$")
QUESTIONS = ("when", "calls", "asks")
#: Names and towns are short; who refuses them is not called so.
NAMES = frozenset({Detail.NICKNAME, Detail.AREA})
#: What such words tell, whatever they were said to.
TELLS: Mapping[str, Detail] = {
    "seen": Detail.CONTACT,
    "known": Detail.UNSEEN,
    "hours": Detail.CONTACT,
    "hopes": Detail.HOPE,
}
#: Where they are the answer to the question itself.
OWN: Mapping[str, frozenset[Detail]] = {
    "seen": frozenset({Detail.CONTACT, Detail.KEPT_FROM, Detail.UNSEEN}),
    "known": frozenset({Detail.KEPT_FROM, Detail.UNSEEN}),
    "hours": frozenset({Detail.CONTACT}),
    "hopes": frozenset({Detail.CONTACT, Detail.HOPE}),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """What is said to it, and what staff are told: nothing where `noted` is None."""

    said: Text
    noted: ContactNoted | None = None


def heard(scene: Scene, detail: Detail | None) -> Beside | None:
    """What these words are, if they are no answer to the question about `detail` (None: whether staff may read)."""
    words = scene.voice.desk.content.standing
    name = _name(scene, detail)
    if name is None:
        return None
    groups: Mapping[str, Voiced] = {
        "when": words.when_written,
        "calls": words.no_calls,
        "asks": words.unsure,
        "seen": words.told,
        "known": words.told,
        "hours": words.noted_hours,
        "hopes": words.told,
    }
    said = Text(text=scene.voice.say(groups.get(name, words.aside)))
    if name not in TELLS:
        return Beside(said=said)
    told = "\n".join(text.strip() for text in scene.texts if text.strip())
    safe = False if name == "seen" else None
    return Beside(said=said, noted=ContactNoted(detail=TELLS[name], words=told, safe=safe))


def seen_at_home(scene: Scene) -> bool:
    """Whether words say that somebody else may see what is written."""
    return "seen" in found_in(scene.voice.desk.content.intents.beside, scene.texts)


def _name(scene: Scene, detail: Detail | None) -> str | None:
    intents = scene.voice.desk.content.intents
    names = found_in(intents.beside, scene.texts)
    if "hours" in found_in(intents.standing, scene.texts):
        names = (*names, "hours")
    if found := next((name for name in QUESTIONS if name in names), None):
        return found
    if any(ASKED_WITH_A_MARK.search(text) for text in scene.texts):
        return "asks"
    if detail is None:
        return None
    if found := next((name for name in TELLS if name in names and detail not in OWN[name]), None):
        return found
    if "nods" in names and detail is not Detail.CONTACT:
        return "nods"
    return "refuses" if "refuses" in names and detail in NAMES else None
