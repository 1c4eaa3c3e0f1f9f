"""From channel-neutral words to LINE messages (LINE reference «Message objects»)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dialogue.words import Card, Choice, Choices, Contact, Link, Message, Text
from handlers.line import postback

_INK = "#1F2A33"
_SOFT = "#56646F"
_LEAF = "#1B6B4A"


def render(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """LINE's message objects, in order. LINE shows quick replies only at the last message, so they move there."""
    shown = [_bubble(message) for message in messages]
    options = [m.options for m in messages if isinstance(m, Choices)]
    if options:
        shown[-1]["quickReply"] = {"items": [_chip(option) for option in options[-1]]}
    return shown


def _bubble(message: Message) -> dict[str, Any]:
    match message:
        case Text(text=text) | Choices(text=text):
            return {"type": "text", "text": text}
        case Card():
            return {"type": "flex", "altText": message.notice, "contents": _card(message)}
        case Link():
            return {"type": "flex", "altText": message.text, "contents": _door(message)}


def _chip(option: Choice) -> dict[str, Any]:
    action = {"type": "postback", "label": option.label, "data": postback.encode(option)}
    return {"type": "action", "action": {**action, "displayText": option.shown or option.label}}


def _card(card: Card) -> dict[str, Any]:
    words = [_words(card.title, size="lg", weight="bold", color=_INK)]
    words += [_words(line, size="md", color=_INK, margin="md") for line in card.lines]
    for contact in card.contacts:
        words += _contact(contact)
    return {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": words}}


def _contact(contact: Contact) -> list[dict[str, Any]]:
    shown = [
        {"type": "separator", "margin": "lg"},
        _words(contact.name, size="md", weight="bold", color=_INK, margin="lg"),
    ]
    shown += [_words(text, size="sm", color=_SOFT, margin="xs") for text in (contact.hours, contact.note) if text]
    action = {"type": "uri", "label": contact.shown, "uri": contact.uri}
    button = {"type": "button", "style": "primary", "color": _LEAF, "height": "sm", "margin": "md", "action": action}
    return [*shown, button]


def _door(link: Link) -> dict[str, Any]:
    """Words and one button. LINE draws a preview of an address in a text, and none of a button's."""
    action = {"type": "uri", "label": link.label, "uri": link.url}
    button = {"type": "button", "style": "primary", "color": _LEAF, "margin": "lg", "action": action}
    words = _words(link.text, size="md", color=_INK)
    return {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": [words, button]}}


def _words(text: str, **style: str) -> dict[str, Any]:
    return {"type": "text", "text": text, "wrap": True, **style}
