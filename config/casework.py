"""How a desk works on its cases: its promises, its way of signing, and the phrases it has ready."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from config.contents.models import Part, Phrase
from config.contents.reading import ContentError, read_yaml

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
        lines = [
            f"{read.place(found['loc'])}: {found['msg'].removeprefix('Value error, ')}" for found in error.errors()
        ]
        raise ContentError("\n".join(lines)) from None
