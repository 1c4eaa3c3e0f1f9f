"""Residents and their talk, as the platform remembers them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

Json = dict[str, Any]


class Side(StrEnum):
    """Who put an entry into the talk. `NOTE` is the platform itself, for example the date a friend was added."""

    RESIDENT = "resident"
    BOT = "bot"
    NOTE = "note"


class Friendship(StrEnum):
    """How a resident stands to the account. A stranger may write, but has not added it."""

    STRANGER = "stranger"
    FRIEND = "friend"
    BLOCKED = "blocked"


class RefusedError(Exception):
    """A resident cannot do this on LINE: write while blocking, press a button that has vanished, unsend twice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One bubble (or note) of a talk. `message` is LINE's own JSON of it; an unsent one keeps only its type."""

    id: str
    side: Side
    message: Json
    at: datetime
    via: str = ""
    read: bool = False
    unsent: bool = False
    chips_used: bool = False

    @property
    def kind(self) -> str:
        return str(self.message.get("type", ""))

    @property
    def text(self) -> str:
        """The words a reader sees first: of a text the text, of a card its alternative text."""
        return str(self.message.get("text") or self.message.get("altText") or "")


@dataclass(kw_only=True, slots=True)
class Resident:
    """One person with a phone. Changed only under the platform's lock."""

    user_id: str
    name: str
    friendship: Friendship = Friendship.STRANGER
    entries: list[Entry] = field(default_factory=list)
    loading_until: datetime | None = None
    wrote_at: datetime | None = None
    rich_menu_id: str | None = None

    def change(self, entry_id: str, **values: Any) -> Entry:
        for position, entry in enumerate(self.entries):
            if entry.id == entry_id:
                self.entries[position] = replace(entry, **values)
                return self.entries[position]
        raise RefusedError(f"no entry {entry_id} in this talk")

    def entry(self, entry_id: str) -> Entry:
        for entry in self.entries:
            if entry.id == entry_id:
                return entry
        raise RefusedError(f"no entry {entry_id} in this talk")

    def bubbles(self) -> list[Entry]:
        """What the bot has said, oldest first."""
        return [entry for entry in self.entries if entry.side is Side.BOT]

    def chips(self) -> list[Json]:
        """The quick replies on the screen: only those of the very last message, until one is pressed.

        https://developers.line.biz/en/docs/messaging-api/using-quick-reply/
        """
        last = self.entries[-1] if self.entries else None
        if last is None or last.side is not Side.BOT or last.chips_used:
            return []
        return list((last.message.get("quickReply") or {}).get("items", []))


def actions_in(value: Any) -> Iterator[Json]:
    """Every action a message carries outside its quick replies, in reading order."""
    if isinstance(value, list):
        for item in value:
            yield from actions_in(item)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key in ("action", "defaultAction") and isinstance(part, dict):
                yield part
            elif key == "actions" and isinstance(part, list):
                yield from (item for item in part if isinstance(item, dict))
            elif key != "quickReply":
                yield from actions_in(part)
