"""An event from a resident, read from its channel: what `handlers.turn` works with, whichever door it came through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialogue.events import WordlessKind
from storage.outbox import ReplyToken

#: Marks a ref that is already the keyed index of a message's id, because its own page knows no other.
_KEPT = "#"


def kept_ref(index: bytes) -> str:
    """The ref of a message that is named by the index under which it is stored."""
    return _KEPT + index.hex()


def kept_index(ref: str) -> bytes | None:
    """The index in a `kept_ref`; None for the id of a channel's own. No channel's ids begin like that."""
    return bytes.fromhex(ref[1:]) if ref.startswith(_KEPT) else None


class UnreadableEvent(Exception):
    """The event cannot be read; the text says which part, and holds nothing of its content."""


class Follow(StrEnum):
    """Coming and going."""

    ARRIVED = "arrived"
    UNBLOCKED = "unblocked"
    LEFT = "left"


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A message: words, or something without words."""

    ref: str
    text: str | None = None
    wordless: WordlessKind | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Pressed:
    """A button of ours, as the device sent it back. `shown` are its words where our own page knows them, `ref` the
    press's own id where it has one beside that of its event.
    """

    action: str
    argument: str
    shown: str = ""
    ref: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TookBack:
    """A message the resident unsent."""

    ref: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NotForUs:
    """Nothing to decide: a group, a standby event, a kind of event we do not use. `reason` is its label."""

    reason: str
    known: bool = True


What = Said | Pressed | TookBack | Follow | NotForUs


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """One event: who sent it, when, and what it was. `easy`: whether they chose easy Japanese; None: not chosen."""

    address: str | None
    sent_at: datetime
    what: What
    token: ReplyToken | None = None
    easy: bool | None = None
