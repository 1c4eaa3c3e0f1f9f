"""How wordings of residents are recognised: typed patterns, each a regular expression over one normalised sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from config.contents.glossary import Glossary
from config.contents.models import Answer
from config.contents.patterned import Patterned
from config.contents.wordings import Wordings


class Intents(Patterned):
    """How wordings are recognised: each pattern is a regular expression over one normalised sentence.

    `<name>` in a pattern stands for the piece of that name under `parts`.
    """

    commands: Mapping[
        Literal[
            "notice",
            "number",
            "erase",
            "keep",
            "memory",
            "withdraw",
            "allow",
            "check_in",
            "letters",
            "no_letters",
            "pause",
            "page",
        ],
        tuple[str, ...],
    ]
    rights: Mapping[str, tuple[str, ...]]
    #: A right that is meant more narrowly where one of these stands in the sentence: by right, then by narrower one.
    nearer: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
    #: What is asked of the program itself, or of what it just said: by its answer in `itself.yaml`.
    asides: Mapping[str, tuple[str, ...]]
    #: Words that are enough for a right in a short sentence that asks or forbids something (`asking`, not `advice`).
    asked: Mapping[str, tuple[str, ...]]
    asking: tuple[str, ...]
    advice: tuple[str, ...]
    answers: Mapping[Answer, tuple[str, ...]]
    #: Answers to questions of consent and what staff would ask next: read only while one of them is open.
    consent: Mapping[
        Literal["all", "from_now", "not_yet", "bare", "unclear", "skip", "none", "stop", "resume"], tuple[str, ...]
    ]
    #: Answers to questions about check-ins, and to check-ins: read only where one of them is open.
    check_in: Mapping[
        Literal[
            "tomorrow",
            "weekly",
            "fortnightly",
            "monthly",
            "on_day",
            "morning",
            "noon",
            "evening",
            "seen",
            "unseen",
            "good",
            "so_so",
            "hard",
            "talk",
            "end",
            "need",
            "until",
            "again",
            "pause",
        ],
        tuple[str, ...],
    ]
    talk: Mapping[
        Literal[
            "greeting",
            "thanks",
            "test",
            "good_news",
            "fine",
            "declines",
            "bye",
            "question",
            "apology",
            "short",
            "where",
            "alive",
            "returns",
            "eased",
            "leaves",
            "not_dying",
        ],
        tuple[str, ...],
    ]
    #: Words about a person who was offered, is waited for or wished for. Some are read always, the others for a while.
    standing: Mapping[
        Literal[
            "back",
            "leaves_it",
            "refuses",
            "no_visit",
            "wishes",
            "prefers",
            "by_letters",
            "not_meet",
            "nod",
            "yes",
            "no",
            "annoyed",
            "silent",
            "hours",
            "asks_hours",
            "asks_when",
            "no_calls",
            "bare",
        ],
        tuple[str, ...],
    ]
    #: What is no answer to a question of ours about a person, and what it is instead.
    beside: Mapping[Literal["nods", "hopes", "calls", "when", "asks", "seen", "known", "refuses"], tuple[str, ...]]
    feelings: Mapping[str, tuple[str, ...]]
    #: How somebody writes, where it tells how to answer.
    styles: Mapping[
        Literal[
            "elder",
            "grown",
            "child",
            "touched",
            "fire",
            "missing",
            "disaster",
            "trapped",
            "easy",
            "wrong",
            "no",
            "by_letters",
            "plain_words",
            "watched",
            "means",
            "rhythm",
            "wished_rhythm",
            "hours",
            "night",
            "working",
            "ends",
            "rest",
        ],
        tuple[str, ...],
    ]

    #: What likeness is learned from: `wordings.yaml`, put here when all files are read.
    wordings: Wordings | None = None
    #: What is explained, and how it is asked about: `glossary.yaml`, put here in the same way.
    glossary: Glossary | None = None

    def patterns(self) -> Iterator[tuple[str, str]]:
        """Every pattern, with the name of its group."""
        asking = {"asking": self.asking, "advice": self.advice}
        groups: tuple[Mapping[Any, tuple[str, ...]], ...] = (
            self.commands,
            self.rights,
            *self.nearer.values(),
            self.asides,
            self.asked,
            asking,
            self.answers,
            self.consent,
            self.check_in,
            self.talk,
            self.standing,
            self.beside,
            self.feelings,
            self.styles,
        )
        for group in groups:
            yield from ((name, pattern) for name, patterns in group.items() for pattern in patterns)
