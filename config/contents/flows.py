"""Typed, frozen models of what takes more than one step: erasing, remembering, people coming and going, consent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.contents.models import Line, Part, Said, Voiced

DETAILS = ("contact", "nickname", "area", "secret", "unseen", "hope")
AGREED = ("all", "from_now", "ask_around", "tell_name")


class Erase(Part):
    """What will go, what must stay and why, and the way back. `{at}` is when it is destroyed."""

    goes: Line
    stays: Line
    stays_alert: Line
    phone: Line
    ask: Voiced
    labels: Mapping[Literal["yes", "no", "keep", "go_on"], Line]
    done: Line
    back: Voiced
    kept: Voiced
    cancelled: Voiced
    nothing: Voiced
    already: Voiced
    meanwhile: Voiced
    go_on: Voiced
    in_crisis: Line


class Memory(Part):
    """What is stored, in a resident's own terms, and how a mistake is put right."""

    intro: Line
    empty: Line
    guarded: Line
    hidden: Line
    concerns: Line
    writer: Line
    people: Line
    reads: Line
    reads_from_now: Line
    shares: Line
    alert: Line
    check_ins: Line
    kept: Voiced
    record_timed: Said
    labels: Mapping[Literal["wrong", "erase", "fine", "other"], Line]
    which: Voiced
    which_guarded: Voiced
    corrected: Voiced
    noted: Voiced
    still_there: Line
    age: Line
    minor: Line
    works: Line
    works_not: Line
    more: Line
    relations: Mapping[str, Line]


class Staffed(Part):
    """Who writes now. `{who}` is the name or title the desk gave its person."""

    came: Voiced
    reading: Voiced
    read: Voiced
    left: Voiced
    silent: Voiced


class Question(Part):
    """One consent: what would happen, and the question in one sentence, with the answers to press."""

    explain: Line
    ask: Line
    labels: Mapping[Literal["yes", "from_now", "not_yet"], Line]


class Asked(Part):
    """One of the few things that staff would ask next; each may be left out."""

    ask: Line
    labels: Mapping[Literal["yes", "no", "none"], Line] = {}


class Consent(Part):
    """What is asked before anybody else may know. `{place}` is the organisation that would be told."""

    valid_days: Mapping[Literal["read", "ask_around", "tell_name", "meeting"], Annotated[int, Field(ge=1, le=3650)]]
    read: Question
    ask_around: Question
    tell_name: Question
    agreed: Mapping[Literal["all", "from_now", "ask_around", "tell_name"], Line]
    guarded: Line
    declined: Line
    share_declined: Line
    by_people: Line
    more: Line
    details: Mapping[Literal["contact", "nickname", "area", "secret", "unseen", "hope"], Asked]
    labels: Mapping[Literal["skip", "withdraw", "go_on"], Line]
    noted: Voiced
    skipped: Voiced
    not_here: Line
    unclear: Voiced
    finished: Line
    stopped: Line
    again: Line
    nothing_open: Line
    withdrawn: Said
    reads_now: Line

    @model_validator(mode="after")
    def _complete(self) -> Self:
        lacking = [name for name in DETAILS if name not in self.details]
        lacking += [name for name in AGREED if name not in self.agreed]
        lacking += [name for name in ("skip", "withdraw", "go_on") if name not in self.labels]
        lacking += [name for name in ("read", "ask_around", "tell_name", "meeting") if name not in self.valid_days]
        if lacking:
            raise ValueError(f"足りません: {', '.join(lacking)}")
        return self


class Menu(Part):
    """What the cells of the menu answer that are no question of their own."""

    talk: Voiced
    settings: Voiced
    labels: Mapping[Literal["memory", "stop", "erase", "person", "move"], Line]
