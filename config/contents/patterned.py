"""Words that are understood by patterns: regular expressions in which named parts are filled in."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Self

from pydantic import model_validator

from config.contents.models import Part

#: A named piece of a pattern; `(?P<…>` and `(?<…` are not meant.
PART = re.compile(r"(?<!\(\?)(?<!\(\?P)<([a-z]+)>")


def filled_in(value: object, parts: Mapping[str, object]) -> object:
    """`value` with `<name>` replaced by the part of that name, everywhere below it."""
    if isinstance(value, dict):
        return {key: item if key == "parts" else filled_in(item, parts) for key, item in value.items()}
    if isinstance(value, list):
        return [filled_in(item, parts) for item in value]
    return re.sub(PART, lambda found: str(parts.get(found[1], found[0])), value) if isinstance(value, str) else value


class Patterned(Part):
    """A file of patterns; what is wrong with one is said by its name."""

    parts: Mapping[str, str] = {}

    @abstractmethod
    def patterns(self) -> Iterator[tuple[str, str]]:
        """Every pattern, with the name of its group."""

    @model_validator(mode="before")
    @classmethod
    def _with_parts(cls, read: object) -> object:
        parts = read.get("parts") if isinstance(read, dict) else None
        return filled_in(read, parts) if isinstance(parts, dict) else read

    @model_validator(mode="after")
    def _patterns_compile(self) -> Self:
        for name, pattern in self.patterns():
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{name} の「{pattern}」は、型(正規表現)として読めません") from error
        return self
