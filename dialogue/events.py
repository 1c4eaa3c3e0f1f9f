"""What can happen in a conversation, seen from the dialogue: values without any channel in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from casework.consents import ConsentKind
from casework.sheet_news import NewsKind
from dialogue.followups import CheckInPlan


class WordlessKind(StrEnum):
    """A message without words. Only its kind is known here: pictures are not fetched, places not kept."""

    STICKER = "sticker"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"
    LOCATION = "location"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived:
    """The resident added the account, or (`unblocked`) came back after blocking it."""

    unblocked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """The resident blocked the account: nothing reaches them any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One burst of a resident's messages, in order: their words, and what came without words."""

    texts: tuple[str, ...] = ()
    wordless: tuple[WordlessKind, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """A button of ours that came back from the resident's device: untrusted, maybe old, maybe pressed twice.

    `action` names what the button meant (see `dialogue.actions`), `argument` is its free part.
    """

    action: str
    argument: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsent:
    """The resident took a message back. What it said is already gone."""

    after_answer: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffCame:
    """A person begins to write in this talk. `shown` is how they are introduced: role and first name, or title."""

    shown: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffLeft:
    """The person left the talk, or (`silent`) did not write for longer than the desk allows."""

    silent: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffRead:
    """A person opened and read the talk. `shown` is how they are introduced."""

    shown: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffAsksConsent:
    """Staff ask the resident for a consent. `request` is the id under which the question is kept, `org` that of the
    organisation and `place` its name as the resident will read it; `reason` is needed to ask anew after a no, and is
    said in the words of the person who asks.
    """

    kind: ConsentKind
    request: str
    org: str = ""
    place: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckInDue:
    """A check-in may go out now. `occurrence` is its id, which its answers bring back; `second`: the one gentle word
    after a first one that got no answer. `personal` is a line that a coordinator added, `signed` how they are shown.
    """

    occurrence: str
    second: bool = False
    personal: str = ""
    signed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckInSet:
    """A coordinator set this plan of check-ins. `shown` is how they are introduced."""

    plan: CheckInPlan
    shown: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckInsCalledOff:
    """A coordinator ended the check-ins. `shown` is how they are introduced; `quietly`: the resident cannot be told."""

    shown: str
    quietly: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetTold:
    """Something about the resident's sheet is to be told. `place` are organisations by name, `received` and `at` days
    in words; `discreet`: nobody knows who else sees the screen. ANSWERED is told in a person's own words.
    """

    kind: NewsKind
    place: str = ""
    received: str = ""
    at: str = ""
    discreet: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class PageOffered:
    """The button to the private page, because a member of staff wants the resident to look, or the old one ran out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PageWithdrew:
    """The resident took everything back on the private page. The talk says nothing: they are not in it."""


Event = (
    Arrived
    | Left
    | Heard
    | Chosen
    | Unsent
    | StaffCame
    | StaffLeft
    | StaffRead
    | StaffAsksConsent
    | CheckInDue
    | CheckInSet
    | CheckInsCalledOff
    | SheetTold
    | PageOffered
    | PageWithdrew
)
