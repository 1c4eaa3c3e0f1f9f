"""From what was said to what a page shows: bubbles in order, buttons only where they still lead somewhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dialogue.actions import MOVE, Action
from dialogue.words import ROOM, Card, Choice, Choices, Contact, Link, Message, Text
from handlers.room.events import press_value
from storage.room_talk import By, Line

_CALL = re.compile(r"tel:[0-9%+*A-Fa-f-]{2,24}")
_PAGE = re.compile(r"https://[^\s<>\"]{1,500}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    """An answer to press: what it sends, and what then stands in the talk."""

    label: str
    value: str
    shown: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A contact of a card. `href` is empty where an address is none that a page may lead to."""

    name: str
    hours: str
    note: str
    shown: str
    href: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Bubble:
    """One bubble: words, or a card with a title, lines and places, or words with a page to open (`opens`)."""

    text: str = ""
    title: str = ""
    lines: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    opens: str = ""
    label: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A line of the talk as the page shows it. `mark` changes with anything that can be seen of it."""

    by: By
    key: str
    time: str
    iso: str
    bubbles: tuple[Bubble, ...]
    buttons: tuple[Button, ...] = ()
    pressed: bool = False
    unsent: bool = False
    waits: bool = False

    @property
    def can_unsend(self) -> bool:
        """Whether its words can be taken back."""
        return self.by is By.RESIDENT and not self.unsent and not self.pressed and bool(self.key)

    @property
    def mark(self) -> str:
        """Eight letters to compare what a page has with what it should have."""
        seen = repr((self.bubbles, self.buttons, self.unsent, self.waits))
        return hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def shown(lines: Sequence[Line], *, zone: ZoneInfo, newest: bool) -> list[Shown]:
    """The lines of a talk. Only the answer at the very end has its buttons: older ones lead nowhere any more."""
    last = len(lines) - 1
    return [_line(line, zone, with_buttons=newest and number == last) for number, line in enumerate(lines)]


def _line(line: Line, zone: ZoneInfo, *, with_buttons: bool) -> Shown:
    said = tuple(_bubble(message) for message in line.messages if not _leads_here(message))
    if line.by is By.RESIDENT:
        said = () if line.text is None else (Bubble(text=line.text),)
    local = line.at.astimezone(zone)
    return Shown(
        by=line.by,
        key=line.key,
        time=_time(local),
        iso=local.isoformat(timespec="minutes"),
        bubbles=said,
        buttons=_buttons(line.messages) if with_buttons else (),
        pressed=line.pressed,
        unsent=line.unsent,
        waits=line.waits,
    )


def _time(local: datetime) -> str:
    return f"{local:%-m/%-d %H:%M}"


def _bubble(message: Message) -> Bubble:
    match message:
        case Text(text=text) | Choices(text=text):
            return Bubble(text=text)
        case Card(title=title, lines=lines, contacts=contacts):
            return Bubble(title=title, lines=lines, places=tuple(_place(contact) for contact in contacts))
        case Link(text=text, label=label, purpose=purpose):
            return Bubble(text=text, label=label, opens=purpose)


def _leads_here(message: Message) -> bool:
    """The way into the room, in a talk that began in LINE: whoever reads it is there."""
    return isinstance(message, Link) and message.purpose == ROOM


def _moves_here(option: Choice) -> bool:
    return (option.action, option.argument) == (Action.RIGHTS, MOVE)


def _place(contact: Contact) -> Place:
    leads = _CALL.fullmatch(contact.uri) or _PAGE.fullmatch(contact.uri)
    href = contact.uri if leads else ""
    return Place(name=contact.name, hours=contact.hours, note=contact.note, shown=contact.shown, href=href)


def _buttons(messages: Sequence[Message]) -> tuple[Button, ...]:
    """The answers to press of the last question, as on LINE."""
    options: tuple[Choice, ...] = ()
    for message in messages:
        if isinstance(message, Choices):
            options = tuple(option for option in message.options if not _moves_here(option))
    return tuple(Button(label=o.label, value=press_value(o), shown=o.shown or o.label) for o in options)
