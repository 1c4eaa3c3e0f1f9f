"""What a turn means for the people who look after the resident: from a decision to `casework.standing.News`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from casework.consents import ConsentKind
from casework.queue import Level, SafeContact
from casework.standing import Alarm, News
from dialogue import Decision
from dialogue.effects import (
    AlertStaff,
    ConsentDeclined,
    ConsentGiven,
    ConsentWithdrawn,
    ContactNoted,
    EraseCancelled,
    ErasePlanned,
    Say,
)
from dialogue.writer import age_of, under_age
from nlp import Known

#: The rules by which staff are told that somebody wants a person: no danger in themselves.
ASKS = frozenset({"accepts_person", "accepts_meeting", "asks_for_person"})
TAKES_BACK = "takes_back_person"


def case_news(decision: Decision, known: Known, *, at: dt.datetime, turn: int, wrote: bool, left: bool = False) -> News:
    """`known` is all that is known of the talk after the turn; `wrote` says that a message came."""
    state, facts, risk = decision.state, known.assessment.facts, known.assessment.risk
    alerts = [effect for effect in decision.effects if isinstance(effect, AlertStaff)]
    rules = {alert.rule for alert in alerts}
    safety = facts.safety
    denied = set(state.denied)
    return News(
        at=at,
        turn=turn,
        wrote=wrote,
        answered=any(isinstance(effect, Say) for effect in decision.effects),
        alarm=_alarm(alerts),
        asks=next(iter(sorted(rules & ASKS)), None),
        takes_back=TAKES_BACK in rules,
        level=Level(risk.level.value),
        kinds=tuple(kind.value for kind in risk.kinds),
        categories=tuple(concern.id for concern in known.assessment.concerns if concern.id not in denied),
        safety_role=None if safety is None else safety.role.value,
        at_risk=None if safety is None else safety.at_risk.value,
        danger_now=safety is not None and safety.now,
        minor=under_age(state, facts),
        age=age_of(state, facts),
        language=facts.detected_language,
        guarded=state.guarded,
        card_at=None if state.crisis is None else state.crisis.at,
        left=left,
        hides=_hides(decision),
        hidden=state.erasing is not None,
        safe_contact=_safe_contact(decision),
        consent=_consent(decision),
    )


def _alarm(alerts: Sequence[AlertStaff]) -> Alarm | None:
    dangers = [alert for alert in alerts if alert.rule not in ASKS and alert.rule != TAKES_BACK]
    if not dangers:
        return None
    worst = max(dangers, key=lambda alert: alert.level.rank)
    kinds = dict.fromkeys(kind.value for alert in dangers for kind in alert.kinds)
    return Alarm(level=Level(worst.level.value), kinds=tuple(kinds), rule=worst.rule)


def _safe_contact(decision: Decision) -> SafeContact | None:
    said = [effect.safe for effect in decision.effects if isinstance(effect, ContactNoted)]
    known = [safe for safe in said if safe is not None]
    return None if not known else SafeContact.YES if all(known) else SafeContact.NO


def _consent(decision: Decision) -> str | None:
    """What the timeline says: that something was agreed to, declined or ended, not what."""
    for effect in decision.effects:
        match effect:
            case ConsentWithdrawn():
                return "consent_withdrawn"
            case ConsentGiven(kind=kind):
                return "consent_read" if kind is ConsentKind.READ else "consent_given"
            case ConsentDeclined():
                return "consent_declined"
    return None


def _hides(decision: Decision) -> bool | None:
    for effect in decision.effects:
        if isinstance(effect, ErasePlanned):
            return True
        if isinstance(effect, EraseCancelled):
            return False
    return None
