"""What our buttons carry: `v1|action|argument`. It comes back from somebody's phone, so nothing in it is trusted."""

from __future__ import annotations

import re

from dialogue.words import Choice

_SHAPE = re.compile(r"v1\|([a-z0-9_.-]{1,40})\|([^\x00-\x1f\ud800-\udfff]{0,200})")
#: A button this program did not make, or one of another version.
UNKNOWN = "unknown"


def encode(choice: Choice) -> str:
    """The data of a button; at most 300 characters on LINE."""
    return f"v1|{choice.action}|{choice.argument}"


def decode(data: str) -> tuple[str, str]:
    """Action and argument; anything else is the action `unknown`."""
    found = _SHAPE.fullmatch(data)
    return (found[1], found[2]) if found else (UNKNOWN, "")
