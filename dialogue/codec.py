"""What is to be said, as JSON and back: the outbox keeps words in no channel's own format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dialogue.words import Card, Choice, Choices, Contact, Link, Message, Text


def to_json(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """One object per message, named by `type`."""
    return [_encode(message) for message in messages]


def from_json(data: Sequence[dict[str, Any]]) -> tuple[Message, ...]:
    """The messages of `to_json`. Raises KeyError or ValueError on anything else."""
    return tuple(_decode(item) for item in data)


def _encode(message: Message) -> dict[str, Any]:
    match message:
        case Text(text=text):
            return {"type": "text", "text": text}
        case Choices(text=text, options=options):
            return {"type": "choices", "text": text, "options": [_fields(o) for o in options]}
        case Card(notice=notice, title=title, lines=lines, contacts=contacts):
            shown = {"notice": notice, "title": title, "lines": list(lines)}
            return {"type": "card", **shown, "contacts": [_fields(c) for c in contacts]}
        case Link():
            return {"type": "link", **_fields(message)}


def _decode(item: dict[str, Any]) -> Message:
    match item["type"]:
        case "text":
            return Text(text=item["text"])
        case "choices":
            return Choices(text=item["text"], options=tuple(Choice(**o) for o in item["options"]))
        case "card":
            contacts = tuple(Contact(**c) for c in item["contacts"])
            return Card(notice=item["notice"], title=item["title"], lines=tuple(item["lines"]), contacts=contacts)
        case "link":
            return Link(**{name: item[name] for name in Link.__slots__})
        case other:
            raise ValueError(f"unknown kind of message: {other}")


def _fields(value: Choice | Contact | Link) -> dict[str, str]:
    return {name: getattr(value, name) for name in value.__slots__}
