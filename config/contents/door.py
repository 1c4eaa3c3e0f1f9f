"""Typed, frozen models of the door: what LINE says of the private room, and the pages before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from config.contents.models import Line, Part, Phrase, Voiced


class Knocks(Part):
    """How often LINE may say that something is in the room, and what it says: nothing of the matter."""

    every_hours: Annotated[float, Field(ge=0, le=168)]
    #: A room whose page asked for news this lately needs no knock.
    open_seconds: Annotated[int, Field(ge=10, le=600)]
    text: Line
    label: Line


class Watchwords(Part):
    """What is no watchword, and what is proposed."""

    shortest: Annotated[int, Field(ge=4, le=20)]
    common: tuple[str, ...]
    proposed: Annotated[tuple[str, ...], Field(min_length=60)]


class Door(Part):
    """`typed` answers whatever is written in the talk of a desk that talks in the room. `pages` are plain sentences
    for everybody, in やさしい日本語; a reading may stand in 《 》 behind kanji.
    """

    link_minutes: Annotated[int, Field(ge=5, le=120)]
    label: Line
    arrived: Line
    back: Voiced
    typed: Voiced
    in_room: Voiced
    danger: Voiced
    danger_again: Voiced
    moving: Line
    or_here: Line
    here: Line
    returned: Voiced
    only_door: Line
    renewed: Line
    knocks: Knocks
    watchwords: Watchwords
    pages: Mapping[str, Phrase]
