"""Acknowledgements a second with one and two servers on PostgreSQL, and answers a second with one and two workers.

The floor is a bare route with one INSERT and COMMIT for each request: the same driver, the same database server.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.figures import Figure, Result, at_least, median, ratios, spread, under
from benchmarks.postgres import postgres
from benchmarks.processes import SERVE, Server, scratch, server
from benchmarks.webhooks import many_requests, messages, request_of, text_event
from benchmarks.wire import as_fast_as_possible, run

ROUNDS = 6
SECONDS = 3.0
WIRES = 16
USERS = 2000
ANSWERS = 300
PATIENCE = 60.0
_REQUESTS = 12_000
WORKER = ("-m", "benchmarks.servers.worker")


def measure() -> Result:
    """Medians of interleaved rounds; answers once each."""
    with scratch() as folder, postgres(folder) as database:
        floors, one, two = _acks(folder, database)
        alone = _answers(folder / "embedded", database, workers=0)
        answers = [_answers(folder / f"workers-{count}", database, workers=count) for count in (1, 2)]
    return Result(
        figures=(
            _against("acks, one server", one, floors, target=0.6),
            _against("acks, two servers", two, one, target=1.0),
            Figure(name="bare route with one INSERT and COMMIT", value=median(floors), unit="/s", noise=spread(floors)),
            Figure(name="answers, one process with the embedded engine", value=alone[0], unit="/s"),
            Figure(name="answers, one server and one worker", value=answers[0][0], unit="/s"),
            Figure(name="answers, one server and two workers", value=answers[1][0], unit="/s"),
            under("events not answered", sum(lost for _, lost in (alone, *answers)), 1),
        ),
        notes=(
            f"{ROUNDS} interleaved rounds of {SECONDS:g} s, {WIRES} keep-alive connections, one event per request",
            "servers: JOB_ENGINE=procrastinate without workers, each event with its job in one commit",
            "one server is measured against the floor, two against one; ratio: the median of the rounds' own",
            f"answers: {ANSWERS} residents write at once; from the first webhook to the last reply LINE has taken",
            "the load, LINE and PostgreSQL share the machine's cores with the program",
        ),
    )


def _acks(folder: Path, database: Callable[[], str]) -> tuple[list[float], list[float], list[float]]:
    with ExitStack() as stack:
        begin = stack.enter_context
        plain = {"DATABASE_URL": database()}
        floor = begin(server(("-m", "benchmarks.servers.inserting"), folder / "floor", ready="/healthz", more=plain))
        single = begin(_server(folder / "single", database()))
        shared = database()
        pair = [begin(_server(folder / name, shared)) for name in ("first", "second")]
        for each in ([floor], [single], pair):
            _rate(each, seconds=0.5)
        rounds = [(_rate([floor]), _rate([single]), _rate(pair)) for _ in range(ROUNDS)]
    floors, one, two = (list(column) for column in zip(*rounds, strict=True))
    return floors, one, two


@contextmanager
def _server(folder: Path, url: str, line_api: str | None = None) -> Iterator[Server]:
    more = {"DATABASE_URL": url, "JOB_ENGINE": "procrastinate"}
    where = {} if line_api is None else {"line_api": line_api}
    with server(SERVE, folder, ready="/readyz", more=more, **where) as running:
        yield running


def _rate(targets: list[Server], seconds: float = SECONDS) -> float:
    """All of them at the same time, with the same number of connections together."""
    count, wires = int(_REQUESTS * seconds / SECONDS), WIRES // len(targets)
    loads = [iter(list(many_requests(count, USERS))) for _ in targets]

    async def together() -> float:
        pairs = zip(targets, loads, strict=True)
        work = [as_fast_as_possible(one.port, load, seconds=seconds, wires=wires) for one, load in pairs]
        return sum(await asyncio.gather(*work))

    return run(together())


def _answers(folder: Path, database: Callable[[], str], *, workers: int) -> tuple[float, int]:
    """Answers a second, and how many did not come. Without workers: one process does it all."""
    with ExitStack() as stack:
        begin, url = stack.enter_context, database()
        line = begin(server(("-m", "benchmarks.servers.line"), folder / "line", ready="/healthz"))
        if workers:
            bot = begin(_server(folder / "server", url, line.url))
        else:
            command = ("-m", "benchmarks.servers.program", "1")
            more = {"DATABASE_URL": url}
            bot = begin(server(command, folder / "bot", ready="/readyz", line_api=line.url, more=more))
        shared = {"DATABASE_URL": url, "JOB_ENGINE": "procrastinate"}
        for number in range(workers):
            begin(server(WORKER, folder / f"worker-{number}", ready="/readyz", line_api=line.url, more=shared))
        return _answered(bot, line)


def _answered(bot: Server, line: Server) -> tuple[float, int]:
    texts, people = messages(), line.ask("/bench/residents", ANSWERS)
    tokens = [f"{people[0][1:9]}{number:024d}" for number in range(ANSWERS)]
    line.ask("/bench/tokens", [(token, person, 0) for token, person in zip(tokens, people, strict=True)])
    requests = [request_of(text_event(p, texts[n % len(texts)], tokens[n])) for n, p in enumerate(people)]
    begun = time.monotonic()
    run(as_fast_as_possible(bot.port, iter(requests), seconds=PATIENCE, wires=WIRES))
    replies: dict[str, float] = {}
    while len(replies) < ANSWERS and time.monotonic() < begun + PATIENCE:
        time.sleep(0.2)
        replies = line.ask("/bench/arrivals")["replies"]
    last = max(replies.values(), default=begun + PATIENCE)
    return len(replies) / (last - begun), ANSWERS - len(replies)


def _against(name: str, values: list[float], floors: list[float], *, target: float) -> Figure:
    found = ratios(values, floors)
    judged = at_least(name, median(found), target)
    return replace(
        judged,
        value=median(values),
        unit="/s",
        floor=median(floors),
        ratio=median(found),
        noise=spread(found),
        target=f"ratio {judged.target}",
    )
