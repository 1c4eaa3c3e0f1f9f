"""Typed, frozen models of what takes more than one step: erasing, remembering, people coming and going, consent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from config.contents.models import Line, Part, Voiced


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
    alert: Line
    kept: Voiced
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
    """One consent, asked in one sentence, with the answers to press."""

    ask: Line
    labels: Mapping[Literal["yes", "from_now", "not_yet"], Line]


class Consent(Part):
    """What is asked before anybody else may know. `{place}` is the organisation that would be told."""

    read: Question
    ask_around: Question
    tell_name: Question


class Menu(Part):
    """What the cells of the menu answer that are no question of their own."""

    talk: Voiced
    letters: Voiced
    settings: Voiced
    labels: Mapping[Literal["memory", "stop", "erase", "person"], Line]
