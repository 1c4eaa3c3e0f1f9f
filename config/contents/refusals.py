"""What a check of the words has found, said in Japanese: the person who reads it runs a desk, and knows no pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from config.contents.reading import ContentError, Key, Read

_MINE = "Value error, "
#: By pydantic's own name of a mistake; `{…}` are what it tells of it.
_REASONS: Mapping[str, str] = {
    "missing": "がありません",
    "extra_forbidden": "という項目は、ここにはありません(つづりを確かめてください)",
    "too_short": "は、{min_length}個以上書いてください",
    "too_long": "は、{max_length}個までにしてください",
    "string_too_short": "は、{min_length}文字以上にしてください",
    "string_too_long": "は、{max_length}文字までにしてください",
    "string_pattern_mismatch": "の書き方が違います(この形にしてください: {pattern})",
    "string_type": "には、言葉を一つ書いてください",
    "literal_error": "には、このどれかを書いてください: {expected}",
    "enum": "には、このどれかを書いてください: {expected}",
    "greater_than_equal": "は、{ge}以上の数にしてください",
    "greater_than": "は、{gt}より大きい数にしてください",
    "less_than_equal": "は、{le}以下の数にしてください",
    "less_than": "は、{lt}より小さい数にしてください",
}
#: The same, for families of names.
_FAMILIES: Mapping[str, str] = {
    "bool": "は、true か false にしてください",
    "int": "は、数で書いてください",
    "float": "は、数で書いてください",
    "date": "は、実際にある日を 2026-04-01 の形で書いてください",
    "time": "は、時刻を 09:00 の形で書いてください",
    "tuple": "は、「- 」で始まる行を並べて書いてください",
    "list": "は、「- 」で始まる行を並べて書いてください",
    "mapping": "は、「名前: 値」の形で、下に並べて書いてください",
    "dict": "は、「名前: 値」の形で、下に並べて書いてください",
    "model": "は、「名前: 値」の形で、下に並べて書いてください",
}


def refused(read: Read, error: ValidationError) -> ContentError:
    """The refusal of a file: one line a finding, each with file and line."""
    lines = [f"{read.place(found['loc'])}: {_plainly(found['loc'], found)}" for found in error.errors()]
    return ContentError("\n".join(lines))


def _plainly(key: Key, found: Mapping[str, Any]) -> str:
    # What pydantic puts into a key of a mapping that it refuses as a key is no name of ours.
    name = ".".join(str(part) for part in key if part != "[key]") or "ファイル全体"
    kind, message = str(found["type"]), str(found["msg"])
    if message.startswith(_MINE):
        return f"「{name}」: {message.removeprefix(_MINE)}"
    if kind in {"too_short", "too_long"} and isinstance(found["input"], str):
        kind = f"string_{kind}"
    reason = _REASONS.get(kind) or _FAMILIES.get(kind.split("_", maxsplit=1)[0], "の書き方が違います")
    return f"「{name}」{reason.format(**_told(found))}"


def _told(found: Mapping[str, Any]) -> dict[str, str]:
    """What pydantic tells of a mistake, without its English “or” between choices."""
    context = {name: str(value) for name, value in found.get("ctx", {}).items()}
    if "expected" in context:
        context["expected"] = context["expected"].replace(" or ", ", ").replace("'", "")
    return context
