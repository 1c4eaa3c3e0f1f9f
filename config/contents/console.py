"""The words and limits of the staff console."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Self

from pydantic import Field, model_validator

from config.contents.models import Part, Phrase


class Area(Part):
    """A part of the town that somebody is responsible for (圏域)."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]
    name: Phrase


class ConsoleWords(Part):
    """What the console needs to know of a desk."""

    areas: tuple[Area, ...] = ()
    #: Hours after which everybody signs in again, whatever they do.
    session_hours: Annotated[float, Field(ge=1, le=24)] = 12.0
    #: Minutes without a sign of life after which a session ends.
    idle_minutes: Annotated[float, Field(ge=5, le=240)] = 30.0

    @model_validator(mode="after")
    def _each_area_once(self) -> Self:
        ids = [area.id for area in self.areas]
        if twice := {name for name in ids if ids.count(name) > 1}:
            raise ValueError(f"圏域「{min(twice)}」が二度書かれています")
        return self

    @property
    def session_lasts(self) -> dt.timedelta:
        """The absolute limit of a session."""
        return dt.timedelta(hours=self.session_hours)

    @property
    def session_idles(self) -> dt.timedelta:
        """The idle limit of a session."""
        return dt.timedelta(minutes=self.idle_minutes)

    def area_name(self, area_id: str) -> str:
        """How an area is called; its id when it is no longer listed."""
        return next((area.name for area in self.areas if area.id == area_id), area_id)
