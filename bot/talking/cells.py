"""Text in the cells of a terminal, where a Japanese letter takes two: wrapped, padded, laid side by side."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import zip_longest

# Letters of ambiguous width, such as rules, are narrow in most terminals.
_WIDE = frozenset("WF")
#: These must not begin a line.
_CLOSING = frozenset("、。，．）」』】〉》・ー？！,.)]}?!")


def width(text: str) -> int:
    """How many cells `text` takes."""
    return sum(_cells(letter) for letter in text)


def _cells(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in {"Mn", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in _WIDE else 1


def clean(text: str) -> str:
    """Without letters that steer a terminal: what somebody types or pastes is shown, never obeyed."""
    shown = text.replace("\t", " ")
    return "".join("\ufffd" if unicodedata.category(c) in {"Cc", "Cs", "Co"} and c != "\n" else c for c in shown)


def wrap(text: str, room: int) -> list[str]:
    """Lines of at most `room` cells, broken anywhere as Japanese is, but not before a closing mark."""
    lines: list[str] = []
    for paragraph in clean(text).split("\n"):
        line, taken = "", 0
        for letter in paragraph:
            size = _cells(letter)
            if taken + size > room and letter not in _CLOSING:
                lines.append(line)
                line, taken = "", 0
            line, taken = line + letter, taken + size
        lines.append(line)
    return lines


def hang(label: str, text: str, room: int, indent: int) -> list[str]:
    """`label` once, and `text` beside it, all lines `indent` cells in."""
    wrapped = wrap(text, room - indent)
    head = label + " " * max(1, indent - width(label))
    return [(head if number == 0 else " " * indent) + line for number, line in enumerate(wrapped)]


def beside(left: Sequence[str], right: Sequence[str], room: int) -> list[str]:
    """Two columns with a rule between them, the left one `room` cells wide."""
    return [
        f"{first}{' ' * max(0, room - width(first))} │ {second}".rstrip()
        for first, second in zip_longest(left, right, fillvalue="")
    ]
