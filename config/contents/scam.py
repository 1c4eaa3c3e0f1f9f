"""A scam that is going on now: how it is heard, whom to call, and what is said while it lasts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from config.contents.models import Line, Part, Said, Voiced
from config.contents.patterned import Patterned

#: What is answered to later lines of the same talk, first to last: what comes first is more pressing.
Reply = Literal[
    "unpaid",
    "paid",
    "coming",
    "calling",
    "past",
    "prevent",
    "done",
    "asks",
    "ordered",
    "alone",
    "blame",
    "trusts",
    "drawn",
    "told",
    "reach",
    "fear",
    "number",
    "lost",
]
Patterns = tuple[str, ...]


class ScamHeard(Patterned):
    """Regular expressions over a whole message, folded: no spaces, no marks, hiragana.

    `begins` is enough by itself, by telephone or at the door; `acts` where the talk was tagged as one of a scam, `soon`
    and `sent` where this message was. `now`: it is no memory and no news, whatever else the message holds, but what
    is `known`.
    """

    begins: Mapping[Literal["phone", "visit"], Patterns]
    marks: Mapping[Literal["acts", "soon", "sent", "now", "old", "calm", "known", "wonders"], Patterns]
    replies: Mapping[Reply, Patterns]

    def patterns(self) -> Iterator[tuple[str, str]]:
        """Every pattern, with the name of its group."""
        for group in (self.begins, self.marks, self.replies):
            yield from ((name, pattern) for name, patterns in group.items() for pattern in patterns)


class Scam(Part):
    """The card and the sentences. Nobody is blamed, and nothing is asked: every second counts."""

    heard: ScamHeard
    contacts: Annotated[tuple[str, ...], Field(min_length=1, max_length=3)]
    notice: Line
    title: Line
    lines: Said
    #: Besides, while nobody reads here: which of the numbers answer at every hour.
    closed: Line
    #: The sentence under the card: by telephone, at the door, after money went, to a mere question.
    phone: Voiced
    visit: Voiced
    paid: Voiced
    wonders: Voiced
    #: What is said to what no reply fits, before and after money went.
    further: Voiced
    further_paid: Voiced
    lost_paid: Voiced
    #: To each reply, except `paid`, which has the sentence of the card.
    replies: Mapping[str, Voiced]
