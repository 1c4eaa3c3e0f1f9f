"""What a decision asks the shell to do. Each effect is a value; `handlers/turn.py` carries them out together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from casework.consents import ConsentKind, NotAsked, Span
from casework.sheet_news import Held
from dialogue.consent_state import Detail
from dialogue.followups import CheckInPlan, QuietHours
from dialogue.words import Message
from nlp.findings import RiskKind, RiskLevel


class SayKind(StrEnum):
    """Why something is said: decides the order of delivery and how long it stays worth saying."""

    CRISIS = "crisis"
    RIGHTS = "rights"
    ANSWER = "answer"
    NOTICE = "notice"
    DOOR = "door"
    CHECK_IN = "check_in"


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


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceChosen:
    """The resident chose where the talk is held: in the room, or in LINE."""

    room: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class AskConsent:
    """Consent is asked for in these words, which are kept. `request`: the question of staff it belongs to."""

    kind: ConsentKind
    words: str
    request: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentGiven:
    """The resident agreed, having been asked in the words of this hash. `span` is for reading only."""

    kind: ConsentKind
    wording: str
    span: Span | None = None
    request: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentDeclined:
    """The resident did not agree, or not now. Nothing else follows from it."""

    kind: ConsentKind
    request: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentWithdrawn:
    """Every consent of this resident ends now, however it was given; what was handed over is called back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentNotAsked:
    """A question of staff was not put to the resident, and why."""

    why: NotAsked


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactNoted:
    """The resident answered a question that staff would ask next. `words` None: they would rather not say.

    `safe` is set by the question whether staff may write here.
    """

    detail: Detail
    words: str | None
    safe: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanCheckIns:
    """The resident wishes for check-ins like this: from now on this plan holds, and no other."""

    plan: CheckInPlan


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckInsPaused:
    """「しばらくお休み」: nothing goes out before `until`; then the plan goes on by itself."""

    until: dt.date


class EndedBy(StrEnum):
    """Who or what ended a plan of check-ins in the talk. `UNWELCOME`: they do not want to be written to here."""

    RESIDENT = "resident"
    STAFF = "staff"
    SILENCE = "silence"
    UNWELCOME = "unwelcome"


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckInsEnded:
    """The plan is over; the talk and everything else stays as it is."""

    why: EndedBy


class CheckInAnswer(StrEnum):
    """What came back to a check-in: one of its buttons, or words of the resident's own."""

    GOOD = "good"
    SO_SO = "so_so"
    HARD = "hard"
    TALK = "talk"
    PAUSE = "pause"
    WORDS = "words"


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckInAnswered:
    """The last check-in was answered. `occurrence` is the one that was asked about."""

    answer: CheckInAnswer
    occurrence: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietHoursSet:
    """The resident chose the hours in which nothing is sent to them by itself."""

    quiet: QuietHours


@dataclass(frozen=True, kw_only=True, slots=True)
class NewsHeld:
    """Something about a sheet was not said to the resident, and why."""

    why: Held


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
    | PlaceChosen
    | AskConsent
    | ConsentGiven
    | ConsentDeclined
    | ConsentWithdrawn
    | ConsentNotAsked
    | NewsHeld
    | ContactNoted
    | PlanCheckIns
    | CheckInsPaused
    | CheckInsEnded
    | CheckInAnswered
    | QuietHoursSet
)
