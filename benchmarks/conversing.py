"""A steady load through the whole program, against the simulator's API in a process of its own."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import SERVE, Server, scratch, server
from benchmarks.webhooks import messages, request_of, text_event
from benchmarks.wire import Sent, run, steadily

#: What is still unanswered this long after the last webhook counts as not answered.
PATIENCE = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What came of a load: every webhook, when its resident was answered (None: not), and other calls to LINE."""

    sent: tuple[Sent, ...]
    answered: tuple[float | None, ...]
    others: Counter[str]

    @property
    def ack_seconds(self) -> list[float]:
        return [sent.seconds for sent in self.sent]

    @property
    def refused(self) -> int:
        return sum(sent.status != 200 for sent in self.sent)

    @property
    def reply_seconds(self) -> list[float]:
        """From the planned moment of the webhook to its answer."""
        pairs = zip(self.sent, self.answered, strict=True)
        return [answered - sent.due for sent, answered in pairs if answered is not None]

    @property
    def unanswered(self) -> int:
        return sum(answered is None for answered in self.answered)

    @property
    def last_answer_after(self) -> float:
        """Seconds from the last webhook to the last answer."""
        return max((a for a in self.answered if a is not None), default=math.nan) - max(s.due for s in self.sent)


@contextmanager
def program(command: Sequence[str] = SERVE) -> Iterator[tuple[Server, Server]]:
    """The program and the LINE it talks to."""
    with (
        scratch() as folder,
        _line(folder) as line,
        server(command, folder / "program", ready="/readyz", line_api=line.url) as bot,
    ):
        yield bot, line


@contextmanager
def _line(folder: Path) -> Iterator[Server]:
    with server(("-m", "benchmarks.servers.line"), folder / "line", ready="/healthz") as line:
        yield line


def converse(bot: Server, line: Server, *, per_second: float, seconds: float) -> Heard:
    """One event a resident, each resident another one, each message another of the corpus."""
    count = int(per_second * seconds)
    texts = messages()
    people = line.ask("/bench/residents", count)
    tokens = [f"{people[0][1:9]}{number:024d}" for number in range(count)]
    plan = [(token, person, n / per_second) for n, (token, person) in enumerate(zip(tokens, people, strict=True))]
    line.ask("/bench/tokens", plan)
    requests = [request_of(text_event(p, texts[n % len(texts)], tokens[n])) for n, p in enumerate(people)]
    sent = run(steadily(bot.port, requests, per_second=per_second))
    replies, others = _collect(line, tokens)
    return Heard(sent=tuple(sent), answered=tuple(replies.get(token) for token in tokens), others=Counter(others))


def _collect(line: Server, tokens: Sequence[str]) -> tuple[dict[str, float], list[str]]:
    until = time.monotonic() + PATIENCE
    while True:
        seen = line.ask("/bench/arrivals")
        replies: dict[str, float] = seen["replies"]
        if time.monotonic() > until or all(token in replies for token in tokens):
            return replies, seen["others"]
        time.sleep(0.5)
