"""What can be said to a resident, in no channel's own format: LINE bubbles and room pages are made from these."""

from __future__ import annotations

from dataclasses import dataclass

#: The purpose of a link to the resident's own room.
ROOM = "room"


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One answer a resident can press. `shown` is what then stands in the talk as their own words."""

    label: str
    action: str
    argument: str = ""
    shown: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """One bubble of plain words."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """One bubble with answers to press. Typed answers must be understood as well: buttons vanish."""

    text: str
    options: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """A place to call or write to. `uri` is `tel:…` or `https://…`; `hours` and `note` are words for people."""

    name: str
    uri: str
    shown: str
    hours: str
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A card of contacts. `notice` is what a locked screen may show, so it names nothing."""

    notice: str
    title: str
    lines: tuple[str, ...]
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """One bubble with one button that opens a page of ours. `purpose` names the page, `text` and `label` nothing of
    what is on it. The shell makes the address (`url`) when it delivers, because it works for a short time only.
    """

    text: str
    label: str
    purpose: str
    url: str = ""


Message = Text | Choices | Card | Link
