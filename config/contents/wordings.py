"""Known wordings of rights and commands, and tellings that ask for none: what likeness is learned from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from config.contents.models import Part


class Wordings(Part):
    """Residents' own words. All of them are tried in the tests: understood, or taken for no wish at all."""

    #: Endings of a sentence that asks, wishes or forbids. Only such a sentence, or one with a question mark, is
    #: compared: a telling shares many words with a question, seldom its end.
    asking: tuple[str, ...]
    known: Mapping[str, tuple[str, ...]]
    #: Beside words of ordinary life: tellings and questions about something else than this desk.
    others: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        for pattern in self.asking:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"「{pattern}」は、型(正規表現)として読めません") from error
        names: dict[str, str] = dict.fromkeys(self.others, "others")
        for name, wordings in self.known.items():
            for wording in wordings:
                if names.setdefault(wording, name) != name:
                    raise ValueError(f"「{wording}」が、{names[wording]} と {name} の両方にあります")
        return self

    @cached_property
    def digest(self) -> str:
        """Changes with any word."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def __hash__(self) -> int:
        # Lets what was learned be kept by its wordings, without reading thousands of them at each look.
        return hash(self.digest)
