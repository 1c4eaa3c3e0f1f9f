"""An event from a resident, read from its channel: what `handlers.turn` works with, whichever door it came through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialogue.events import WordlessKind
from storage.outbox import ReplyToken


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
    """A button of ours, as the device sent it back."""

    action: str
    argument: str


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
    """One event: who sent it, when, and what it was."""

    address: str | None
    sent_at: datetime
    what: What
    token: ReplyToken | None = None
