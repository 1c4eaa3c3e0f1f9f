"""Breaking the glass: what is enough to read without consent. Pure rules.

In danger one press is enough, also for one person alone at night; somebody else is told and looks afterwards. For
everything else a reason in words is needed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from casework.people import Role, Viewer
from casework.permissions import CaseFacts
from casework.queue import Level
from casework.reading import ONE_PRESS, REASONED_OPEN, URGENT_OPEN, Reason

SHORTEST_REASON = 10
LONGEST_REASON = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """Glass that may be broken: without `words` it shows only the sentence that raised the alarm and what is around
    it, with them everything."""

    reason: Reason
    words: str | None
    lasts: dt.timedelta


def may_press(level: Level, alert_turn: int | None) -> bool:
    """Whether one press is enough: there is a danger, and a sentence that raised it."""
    return level is Level.URGENT and alert_turn is not None


def is_on_duty(viewer: Viewer, about: CaseFacts, *, anybody: bool) -> bool:
    """Whether one press is for this person, where a desk narrows it: who is on call, who has the case, supervisors of
    the desk. While nobody is on call (`anybody`) it is for everybody who may break the glass: a danger does not wait.
    """
    if viewer.on_call or not anybody or about.owner_id in viewer.acts_for:
        return True
    return any(grant.role is Role.SUPERVISOR and grant.is_at(about.desk_id) for grant in viewer.grants)


def asked(reason: str, words: str, *, level: Level, alert_turn: int | None, on_duty: bool = True) -> Opening | str:
    """What the form asks for, or what is missing in it."""
    if reason not in set(Reason):
        return "理由を選んでください。"
    chosen = Reason(reason)
    if not words and chosen in ONE_PRESS:
        if not may_press(level, alert_turn):
            return "ひと押しで開けるのは、緊急の相談だけです。理由を書いてください。"
        if not on_duty:
            return "ひと押しで開けるのは、当番・担当者・主任相談員です。理由を書くと開けます。"
        return Opening(reason=chosen, words=None, lasts=URGENT_OPEN)
    if not SHORTEST_REASON <= len(words) <= LONGEST_REASON:
        return f"理由を{SHORTEST_REASON}文字以上で書いてください。"
    return Opening(reason=chosen, words=words, lasts=REASONED_OPEN)
