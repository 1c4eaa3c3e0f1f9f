"""What a check of an installation finds: a mark, plain words, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a check came out: fine, worth knowing, must be put right."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    mark: Mark
    subject: str
    words: str
    advice: str = ""
