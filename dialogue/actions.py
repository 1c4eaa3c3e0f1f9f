"""What our buttons mean when they come back. Anything else that comes back is an old or made-up button."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """`rights`: the argument names the question. `offer`: the argument is the answer to the offer of a person.
    `erase`: `yes`, `no`, or `keep` to take it back; without an argument it asks. `memory`: without an argument it
    tells, `wrong` asks what is wrong, anything else is the category that is. `person`: wants to talk to one. `consent`:
    `<question>.<answer>`, or `withdraw`, `go_on`. `place`: `line` brings the talk back from the
    room. The others are cells of the menu."""

    NOTICE = "notice"
    NUMBER = "number"
    RIGHTS = "rights"
    OFFER = "offer"
    ERASE = "erase"
    MEMORY = "memory"
    PERSON = "person"
    TALK = "talk"
    LETTERS = "letters"
    GUIDE = "guide"
    SETTINGS = "settings"
    CONSENT = "consent"
    CHECK_IN = "check_in"
    URGENT = "urgent"
    STOP = "stop"
    PLACE = "place"


#: Of `rights`: to talk in the room, where nothing stays with LINE.
MOVE = "move"
#: Of `rights`: to talk in LINE again.
LINE = "line"
