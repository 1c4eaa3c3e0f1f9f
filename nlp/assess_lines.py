"""`tsunagu assess`: JSON lines in, one JSON line out for each, in order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from nlp.listener import Listener


def assess_lines(lines: Iterable[str], listener: Listener) -> Iterator[tuple[str, bool]]:
    """Yield (JSON line, whether the input line was good). Lazily, so that a pipe answers as it is fed."""
    for number, line in enumerate(lines, 1):
        answer, good = _answer(line, number, listener)
        text = json.dumps(answer, ensure_ascii=False)
        # A lone surrogate cannot be written as UTF-8; the contract asks for valid output, not for the same nonsense.
        yield text.encode("utf-8", "replace").decode("utf-8"), good


def _answer(line: str, number: int, listener: Listener) -> tuple[dict[str, object], bool]:
    try:
        item = json.loads(line)
    except (ValueError, RecursionError):
        return {"error": f"line {number}: not JSON"}, False
    if not isinstance(item, dict):
        return {"error": f'line {number}: expected an object with "text" or "turns"'}, False
    try:
        return listener.assess(item), True
    except ValueError as error:
        return {"error": f"line {number}: {error}"}, False
