"""What our buttons mean when they come back. Anything else that comes back is an old or made-up button."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """`notice`: read the notice again. `number`: show the numbers. `rights`: the argument names the question.
    `offer`: the argument is the answer to the offer of a person."""

    NOTICE = "notice"
    NUMBER = "number"
    RIGHTS = "rights"
    OFFER = "offer"
