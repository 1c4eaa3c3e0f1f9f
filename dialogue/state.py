"""What the dialogue remembers of one resident between turns: a small, versioned value.

It holds no words and no facts of the resident, only what has been said to them and when.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from dialogue.checkin_state import CheckInMemory
from dialogue.consent_state import ConsentMemory
from dialogue.scam_state import ScamMemory

#: Raised when something known means something else. What a newer program merely adds is left out, so that old and new
#: ones work side by side during an update.
VERSION = 5
USED_KEPT = 240
MATTERS_KEPT = 60


class StateError(ValueError):
    """A stored state cannot be read: not one of ours, or written by a newer program."""


class Tone(StrEnum):
    """How somebody is spoken to: for grown-ups, in kana (children, やさしい日本語), or for elders."""

    PLAIN = "plain"
    KANA = "kana"
    ELDER = "elder"


class Pending(StrEnum):
    """What was asked last and may be answered in typed words: only the next words answer it.

    `ACCEPTED`: a person was accepted just now, which may be taken back in the next words. `ERASE_WORD`: beside another
    question, so that only the word itself counts and no yes; so `OFFER_WORD`: 「お願いします」, but not 「はい」.
    `READ`, `DETAIL` and `SHARE` are questions of consent; `CHECK_IN` is one of those that settle a plan of check-ins.
    """

    NOTHING = ""
    OFFER = "offer"
    OFFER_WORD = "offer_word"
    ACCEPTED = "accepted"
    ERASE = "erase"
    ERASE_WORD = "erase_word"
    KEEP = "keep"
    MEMORY = "memory"
    WHICH = "which"
    READ = "read"
    DETAIL = "detail"
    SHARE = "share"
    CHECK_IN = "check_in"


@dataclass(frozen=True, kw_only=True, slots=True)
class CrisisShown:
    """The last crisis card: which, for which kinds of danger, and when."""

    card: str
    kinds: tuple[str, ...]
    at: dt.datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferMemory:
    """The last offer of a person: when, the how manieth for these matters, and what was said to it."""

    at: dt.datetime
    count: int
    matters: tuple[str, ...]
    answer: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasing:
    """Everything goes at `at`; `asked` says whether it was asked, after a new worry, to keep on instead."""

    at: dt.datetime
    asked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """`used` are ids of phrases already said, oldest first; `matters` categories taken up, `sides` the sides of
    them (`pet.died`); `denied` those the resident called wrong; `easy` that they chose easy Japanese on the page;
    `flagged` kinds of danger staff have been told of, and the resident was asked about; `noted` kinds that only
    staff have been told of, as likely; `near` for how many more messages words may be meant for a person who was
    spoken of; `foreign_told` that the notice was said in the resident's own language; `guarded` means that nothing
    disclosed may be repeated in the talk; `unwatched` that by their word nobody else sees the screen; `quiet` that
    the resident wants to be offered nothing; `numbers_off` that they want no more numbers; `safety` the question
    of safety asked last; `staff` who writes now, as shown to the resident; `closed_told` when it was last said
    that nobody is there.
    """

    noticed: bool = False
    foreign_told: bool = False
    tone: Tone = Tone.PLAIN
    easy: bool = False
    turns: int = 0
    near: int = 0
    asked: bool = False
    guarded: bool = False
    guard_told: bool = False
    limit_told: bool = False
    quiet: bool = False
    unwatched: bool = False
    numbers_off: bool = False
    read_told: bool = False
    pending: Pending = Pending.NOTHING
    staff: str = ""
    safety: str = ""
    crisis: CrisisShown | None = None
    offer: OfferMemory | None = None
    scam: ScamMemory | None = None
    erasing: Erasing | None = None
    closed_told: dt.datetime | None = None
    consent: ConsentMemory = field(default_factory=ConsentMemory)
    checkins: CheckInMemory = field(default_factory=CheckInMemory)
    matters: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    used: tuple[str, ...] = ()

    @classmethod
    def new(cls) -> Self:
        return cls()

    def to_json(self) -> dict[str, Any]:
        """Only what differs from a new state, with the version."""
        out: dict[str, Any] = {"version": VERSION}
        out |= {name: True for name in _FLAGS if getattr(self, name)}
        out |= {name: list(value) for name in _LISTS if (value := getattr(self, name))}
        if self.tone is not Tone.PLAIN:
            out["tone"] = self.tone.value
        out |= {name: str(value) for name in ("pending", "staff", "safety") if (value := getattr(self, name))}
        out |= {name: value for name in ("turns", "near") if (value := getattr(self, name))}
        if self.crisis is not None:
            shown = self.crisis
            out["crisis"] = {"card": shown.card, "kinds": list(shown.kinds), "at": int(shown.at.timestamp())}
        if self.offer is not None:
            made = self.offer
            at = int(made.at.timestamp())
            out["offer"] = {"at": at, "count": made.count, "matters": list(made.matters), "answer": made.answer}
        if self.scam is not None:
            out["scam"] = self.scam.to_json()
        if self.erasing is not None:
            out["erasing"] = {"at": int(self.erasing.at.timestamp()), "asked": self.erasing.asked}
        if self.closed_told is not None:
            out["closed_told"] = int(self.closed_told.timestamp())
        if consent := self.consent.to_json():
            out["consent"] = consent
        if checkins := self.checkins.to_json():
            out["checkins"] = checkins
        return out

    @classmethod
    def from_json(cls, stored: object) -> Self:
        """Reads any version this program knows. Raises `StateError`."""
        if not isinstance(stored, Mapping):
            raise StateError("a state is a JSON object")
        value = dict(stored)
        version = value.pop("version", None)
        if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version <= VERSION:
            raise StateError(f"a state of version {version!r} cannot be read by this program")
        while version < VERSION:
            value, version = _MIGRATIONS[version](value), version + 1
        try:
            return cls(**{name: _READERS[name](item) for name, item in value.items() if name in _READERS})
        except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
            raise StateError("a state that was not written by this program") from error

    def remember(self, *phrases: str) -> Self:
        """With these phrase ids noted as just said."""
        kept = [phrase for phrase in self.used if phrase not in phrases]
        return replace(self, used=tuple([*kept, *phrases][-USED_KEPT:]))

    def at(self, now: dt.datetime) -> Self:
        """The state at `now`: once the time to take the erasing back is over, only the wish to be left in peace."""
        if self.erasing is None or now < self.erasing.at:
            return self
        return replace(self.new(), quiet=self.quiet)

    @property
    def hushed(self) -> bool:
        """Whether the talk itself must hold nothing that was disclosed: guarded, and not known to be unseen."""
        return self.guarded and not self.unwatched

    @property
    def alerted(self) -> bool:
        """Whether staff were told of a danger."""
        return self.crisis is not None or bool(self.flagged or self.noted)


_FLAGS = (
    *("noticed", "foreign_told", "easy", "asked", "guarded", "guard_told", "limit_told", "quiet", "read_told"),
    *("unwatched", "numbers_off"),
)
_LISTS = ("matters", "sides", "denied", "roles", "flagged", "noted", "used")


def _exactly(kind: type) -> Callable[[Any], Any]:
    """A reader that takes nothing for something else: True is no number here."""

    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{kind.__name__} is expected")
        return value

    return read


_flag, _number, _text = _exactly(bool), _exactly(int), _exactly(str)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    return tuple(_text(item) for item in value)


def _time(value: object) -> dt.datetime:
    return dt.datetime.fromtimestamp(_number(value), dt.UTC)


def _crisis(value: Any) -> CrisisShown:
    return CrisisShown(card=_text(value["card"]), kinds=_texts(value["kinds"]), at=_time(value["at"]))


def _offer(value: Any) -> OfferMemory:
    count, answer = _number(value["count"]), _text(value["answer"])
    return OfferMemory(at=_time(value["at"]), count=count, matters=_texts(value["matters"]), answer=answer)


def _erasing(value: Any) -> Erasing:
    return Erasing(at=_time(value["at"]), asked=_flag(value["asked"]))


_READERS: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_FLAGS, _flag),
    **dict.fromkeys(_LISTS, _texts),
    "tone": Tone,
    "pending": Pending,
    "staff": _text,
    "safety": _text,
    **dict.fromkeys(("turns", "near"), _number),
    "crisis": _crisis,
    "offer": _offer,
    "scam": ScamMemory.from_json,
    "erasing": _erasing,
    "closed_told": _time,
    "consent": ConsentMemory.from_json,
    "checkins": CheckInMemory.from_json,
}


def _from_0(value: dict[str, Any]) -> dict[str, Any]:
    """Version 0 is the empty state of conversations stored before there was a dialogue."""
    return {"noticed": True} if value.get("noticed") else {}


def _from_1(value: dict[str, Any]) -> dict[str, Any]:
    """Version 1 knew two voices, and only the offer as something to be answered."""
    tone = {"tone": Tone.KANA.value} if value.get("kana") else {}
    pending = {"pending": Pending.OFFER.value} if value.get("offered") else {}
    rest = {name: item for name, item in value.items() if name not in {"kana", "offered"}}
    return rest | tone | pending


def _from_2(value: dict[str, Any]) -> dict[str, Any]:
    """Version 2 knew nothing of consent: nothing was asked, nothing agreed to."""
    return value


def _from_3(value: dict[str, Any]) -> dict[str, Any]:
    """Version 3 knew no check-ins: none was offered, none planned."""
    return value


def _from_4(value: dict[str, Any]) -> dict[str, Any]:
    """Version 4 did not know which question of safety was asked last, nor what was answered to it."""
    return value


_MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    0: _from_0,
    1: _from_1,
    2: _from_2,
    3: _from_3,
    4: _from_4,
}
