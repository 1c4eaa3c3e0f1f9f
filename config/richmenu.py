"""The words of the menu under the talk: what its bar and its six cells say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError

from config.contents.models import Part, Phrase
from config.contents.reading import read_yaml
from config.contents.refusals import refused

FILE = Path(__file__).parent / "content" / "richmenu.yaml"

# LINE shows at most 14 letters on the bar; longer labels would not fit into a cell of the picture.
Bar = Annotated[Phrase, Field(max_length=14)]
Label = Annotated[Phrase, Field(max_length=12)]


class MenuCell(Part):
    """One cell: what it means to the dialogue, its word in the picture, and what then stands in the talk."""

    action: Literal["talk", "letters", "guide", "settings", "urgent", "stop"]
    label: Label
    shown: Annotated[Phrase, Field(max_length=20)]


def _each_once(cells: tuple[MenuCell, ...]) -> tuple[MenuCell, ...]:
    if len({cell.action for cell in cells}) != len(cells):
        raise ValueError("同じ action は、一つのマスにだけ書けます")
    return cells


class RichMenuWords(Part):
    """The whole menu, its cells in reading order."""

    bar: Bar
    cells: Annotated[tuple[MenuCell, ...], Field(min_length=6, max_length=6), AfterValidator(_each_once)]


def rich_menu(file: Path = FILE) -> RichMenuWords:
    """The menu as written in `file`. Raises `ContentError` naming line and reason."""
    read = read_yaml(file)
    try:
        return RichMenuWords.model_validate(read.value)
    except ValidationError as error:
        raise refused(read, error) from None
