"""What the dialogue remembers of one resident between turns: a small, versioned value.

It holds no words and no facts of the resident, only what has been said to them and when.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

VERSION = 1
USED_KEPT = 240
MATTERS_KEPT = 60


class StateError(ValueError):
    """A stored state cannot be read: not one of ours, or written by a newer program."""


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
class State:
    """`used` are ids of phrases already said, oldest first; `matters` categories taken up; `flagged` kinds of
    danger staff have been told of; `guarded` means that nothing disclosed may be repeated in the talk;
    `quiet` that the resident wants to be offered nothing; `offered` that the offer of a person was the last word."""

    noticed: bool = False
    kana: bool = False
    turns: int = 0
    asked: bool = False
    guarded: bool = False
    guard_told: bool = False
    limit_told: bool = False
    quiet: bool = False
    offered: bool = False
    crisis: CrisisShown | None = None
    offer: OfferMemory | None = None
    matters: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()
    used: tuple[str, ...] = ()

    @classmethod
    def new(cls) -> Self:
        return cls()

    def to_json(self) -> dict[str, Any]:
        """Only what differs from a new state, with the version."""
        out: dict[str, Any] = {"version": VERSION}
        flags = ("noticed", "kana", "asked", "guarded", "guard_told", "limit_told", "quiet", "offered")
        out |= {name: True for name in flags if getattr(self, name)}
        out |= {name: list(value) for name in _LISTS if (value := getattr(self, name))}
        if self.turns:
            out["turns"] = self.turns
        if self.crisis is not None:
            shown = self.crisis
            out["crisis"] = {"card": shown.card, "kinds": list(shown.kinds), "at": int(shown.at.timestamp())}
        if self.offer is not None:
            made = self.offer
            at = int(made.at.timestamp())
            out["offer"] = {"at": at, "count": made.count, "matters": list(made.matters), "answer": made.answer}
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
        return cls._read(value)

    @classmethod
    def _read(cls, value: dict[str, Any]) -> Self:
        try:
            fields: dict[str, Any] = {name: _texts(value.pop(name)) for name in _LISTS if name in value}
            if (crisis := value.pop("crisis", None)) is not None:
                at = dt.datetime.fromtimestamp(crisis["at"], dt.UTC)
                fields["crisis"] = CrisisShown(card=str(crisis["card"]), kinds=_texts(crisis["kinds"]), at=at)
            if (offer := value.pop("offer", None)) is not None:
                fields["offer"] = OfferMemory(
                    at=dt.datetime.fromtimestamp(offer["at"], dt.UTC),
                    count=int(offer["count"]),
                    matters=_texts(offer["matters"]),
                    answer=str(offer["answer"]),
                )
            for name, item in value.items():
                if type(item) is not (int if name == "turns" else bool):
                    raise StateError(f"a state's {name!r} has the wrong type")
            return cls(**fields, **value)
        except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
            raise StateError("a state that was not written by this program") from error

    def remember(self, *phrases: str) -> Self:
        """With these phrase ids noted as just said."""
        kept = [phrase for phrase in self.used if phrase not in phrases]
        return replace(self, used=tuple([*kept, *phrases][-USED_KEPT:]))


_LISTS = ("matters", "roles", "flagged", "used")


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise StateError("a state's list holds something else than texts")
    return tuple(value)


def _from_0(value: dict[str, Any]) -> dict[str, Any]:
    """Version 0 is the empty state of conversations stored before there was a dialogue."""
    return {"noticed": True} if value.get("noticed") else {}


_MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {0: _from_0}
