"""What a decision asks the shell to do. Each effect is a value; `handlers/turn.py` carries them out together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from dialogue.words import Message
from nlp.findings import RiskKind, RiskLevel


class SayKind(StrEnum):
    """Why something is said: decides the order of delivery and how long it stays worth saying."""

    CRISIS = "crisis"
    RIGHTS = "rights"
    ANSWER = "answer"
    NOTICE = "notice"


@dataclass(frozen=True, kw_only=True, slots=True)
class Say:
    """Say these bubbles, together and in this order."""

    kind: SayKind
    messages: tuple[Message, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertStaff:
    """Tell the people on duty: `urgent` now, `watch` as a flag in the queue. `rule` names why, without words."""

    level: RiskLevel
    kinds: tuple[RiskKind, ...]
    rule: str


class OfferAnswer(StrEnum):
    """What somebody says to the offer of a person: yes (here), by telephone, face to face, rather go on here, no."""

    YES = "yes"
    CALL = "call"
    MEET = "meet"
    STAY = "stay"
    NO = "no"


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferMade:
    """A person was offered, the `count`-th time for this matter. For statistics and for staff."""

    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferAnswered:
    """The offer was answered, by button or in the resident's own words."""

    answer: OfferAnswer


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasePlanned:
    """Everything of this resident is hidden now and destroyed at `at` (aware), unless it is taken back before.

    What they write until then goes with it. Open alerts and counts without a name stay.
    """

    at: dt.datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class EraseCancelled:
    """The resident took the erasing back: what was hidden is there again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactStopped:
    """No check-in and no offer is ever sent by itself any more; planned ones are dropped. The talk stays open."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactResumed:
    """The resident asked for a person again after stopping: offers and check-ins are possible again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contested:
    """The resident says that this category is wrong. Staff see the tags with that mark; how high a danger is stands
    beside the tags and stays as it is: only staff lower it.
    """

    category: str


Effect = (
    Say
    | AlertStaff
    | OfferMade
    | OfferAnswered
    | ErasePlanned
    | EraseCancelled
    | ContactStopped
    | ContactResumed
    | Contested
)
