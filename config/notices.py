"""Mail to staff: the steps of an alert, and the words of each mail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from config.contents.models import Part
from config.contents.reading import read_yaml
from config.contents.refusals import refused

FILE = Path(__file__).parent / "content" / "notices.yaml"
PLACEHOLDERS = frozenset({"account", "number", "link", "minutes"})

KINDS = frozenset({"urgent", "watch", "hand_off", "test", "day", "handed", "recalled"})


def _known_places(text: str) -> str:
    unknown = set(re.findall(r"\{([^{}]*)\}", text)) - PLACEHOLDERS
    if unknown or re.sub(r"\{[a-z]+\}", "", text).count("{"):
        raise ValueError(f"この差しこみは使えません: {', '.join(sorted(unknown)) or '{'}")
    return text


def _one_line(text: str) -> str:
    if not text.strip() or any(not letter.isprintable() for letter in text):
        raise ValueError("件名は、改行のない一行にしてください")
    return _known_places(text)


class MailWords(Part):
    """Subject and text of one mail."""

    subject: Annotated[str, AfterValidator(_one_line)]
    text: Annotated[str, Field(min_length=1), AfterValidator(_known_places)]


class StepWords(Part):
    """One step: whom, and after how many minutes without a reaction."""

    to: Literal["on_call", "area", "supervisors", "desk"]
    after_minutes: Annotated[int, Field(ge=0, le=10080)]


def _rising(steps: tuple[StepWords, ...]) -> tuple[StepWords, ...]:
    minutes = [step.after_minutes for step in steps]
    if minutes[0] != 0 or minutes != sorted(minutes):
        raise ValueError("一つ目は0分に、次からはその後の分数にしてください")
    return steps


Steps = Annotated[tuple[StepWords, ...], Field(min_length=1, max_length=6), AfterValidator(_rising)]


class NoticeWords(Part):
    """All of `notices.yaml`."""

    urgent: Steps
    calm: Steps
    daily: bool
    again_minutes: Annotated[int, Field(ge=0, le=1440)]
    expires_hours: Mapping[str, Annotated[int, Field(ge=1, le=168)]]
    mails: Mapping[str, MailWords]
    escalated: Mapping[str, MailWords]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for name, given in (("expires_hours", self.expires_hours), ("mails", self.mails)):
            if set(given) != KINDS:
                raise ValueError(f"「{name}」には、これだけを全部書いてください: {', '.join(sorted(KINDS))}")
        if set(self.escalated) != {"urgent", "calm"}:
            raise ValueError("「escalated」には、urgent と calm を書いてください")
        return self

    def expires(self, kind: str) -> timedelta:
        """How long a mail of this kind is worth sending."""
        return timedelta(hours=self.expires_hours[kind])

    def words(self, kind: str, step: int, minutes: int = 0) -> MailWords:
        """The words of a mail: of the matter, or — at a later step, and some minutes on — of nobody having looked. A
        step that follows at once, because nobody was there before it, is its reader's first word of it.
        """
        if step == 0 or minutes == 0:
            return self.mails[kind]
        return self.escalated["urgent" if kind == "urgent" else "calm"]


def notice_words(file: Path = FILE) -> NoticeWords:
    """The words as written in `file`. Raises `ContentError` naming line and reason."""
    read = read_yaml(file)
    try:
        return NoticeWords.model_validate(read.value)
    except ValidationError as error:
        raise refused(read, error) from None
