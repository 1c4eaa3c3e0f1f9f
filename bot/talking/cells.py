"""Text in the cells of a terminal, where a Japanese letter takes two: wrapped, padded, laid side by side."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import zip_longest

# Letters of ambiguous width, such as rules, are narrow in most terminals.
_WIDE = frozenset("WF")
#: These must not begin a line.
_CLOSING = frozenset("、。，．）」』】〉》・ー？！,.)]}?!")

_PIECE = re.compile(r"[!-~]+|.", re.DOTALL)


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
    """Lines of at most `room` cells: broken anywhere as Japanese is, but not before a closing mark or inside a word
    of Latin letters. What follows stands as far in as the first line; for a mark it may be two cells longer."""
    lines: list[str] = []
    for paragraph in clean(text).split("\n"):
        indent = paragraph[: len(paragraph) - len(paragraph.lstrip(" "))]
        line, taken = "", 0
        for piece in _pieces(paragraph, room - len(indent)):
            size = width(piece)
            if taken + size > room and piece not in _CLOSING:
                lines.append(line.rstrip())
                line, taken = indent, len(indent)
                piece = piece.lstrip()  # noqa: PLW2901 - a line does not begin with the gap it was broken at
            line, taken = line + piece, taken + width(piece)
        lines.append(line)
    return lines


def _pieces(text: str, room: int) -> list[str]:
    """What stays together: a Latin word that fits into a line, else single letters."""
    found = _PIECE.findall(text)
    return [part for piece in found for part in ([piece] if width(piece) <= room else piece)]


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
