"""How a desk works on its cases: its promises, its way of signing, and the phrases it has ready."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from config.contents.models import Part, Phrase
from config.contents.reading import read_yaml
from config.contents.refusals import refused

FILE = Path(__file__).parent / "content" / "casework.yaml"


class Ready(Part):
    """A phrase staff may begin an answer with: for grown-ups, and in やさしい日本語."""

    label: Annotated[str, Field(min_length=1, max_length=10)]
    plain: Phrase
    kana: Phrase


class CaseWords(Part):
    """What the work on cases needs to know of a desk. `most_letters` is the length of one message to a resident."""

    urgent_minutes: Annotated[int, Field(ge=1, le=1440)]
    silent_minutes: Annotated[int, Field(ge=1, le=1440)]
    second_person: bool
    #: 自動割当: cases that are nobody's are given to somebody at work, to each at most so many.
    assigns: bool = False
    most_cases: Annotated[int, Field(ge=1, le=500)] | None = None
    #: One press opens the glass only for who is on call, who has the case, and supervisors.
    glass_on_call: bool = False
    signed: Literal["role_and_name", "role"]
    most_letters: Annotated[int, Field(ge=50, le=2000)]
    long_sentence: Annotated[int, Field(ge=10, le=200)]
    phrases: Annotated[tuple[Ready, ...], Field(max_length=40)]


def case_words(file: Path = FILE) -> CaseWords:
    """The settings as written in `file`. Raises `ContentError` naming line and reason."""
    read = read_yaml(file)
    try:
        return CaseWords.model_validate(read.value)
    except ValidationError as error:
        raise refused(read, error) from None
