"""A storm: a thousand events a second offered for half a minute. What is taken is acknowledged soon and answered later.

What cannot be taken is turned away with 503 at once; LINE delivers it again, and so does this load, after the storm.
"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from benchmarks.figures import Figure, Result, percentile, under
from benchmarks.processes import SERVE, scratch, server
from benchmarks.webhooks import many_requests
from benchmarks.wire import Sent, run, steadily

PER_SECOND = 1000.0
SECONDS = 30.0
USERS = 2000
#: As many as LINE would have waiting: the storm must not be held up by who makes it.
WIRES = 1000
#: Afterwards, so that all of it can be counted.
CALM_PER_SECOND = 100.0
ROUNDS = 20
PATIENCE = 900.0


def measure(per_second: float = PER_SECOND, seconds: float = SECONDS) -> Result:
    """Times of the acknowledgements in the storm, and what is left when all is quiet."""
    requests = list(many_requests(int(per_second * seconds), USERS))
    with (
        scratch() as folder,
        server(("-m", "benchmarks.servers.null_line"), folder / "line", ready="/") as line,
        server(SERVE, folder / "bot", ready="/readyz", line_api=line.url) as bot,
    ):
        storm = run(steadily(bot.port, requests, per_second=per_second, wires=WIRES))
        again = [request for request, sent in zip(requests, storm, strict=True) if sent.status != 200]
        for _ in range(ROUNDS):
            later = run(steadily(bot.port, again, per_second=CALM_PER_SECOND, wires=WIRES)) if again else []
            again = [request for request, sent in zip(again, later, strict=True) if sent.status != 200]
            if not again:
                break
        begun = time.monotonic()
        path = folder / "bot" / "tsunagu.db"
        while (left := _waiting(path)) and time.monotonic() < begun + PATIENCE:
            time.sleep(1)
        stored = _stored(path)
    return _result(storm, refused_for_good=len(again), left=left, lost=len(requests) - len(again) - stored)


def _result(storm: list[Sent], *, refused_for_good: int, left: int, lost: int) -> Result:
    statuses = Counter(sent.status for sent in storm)
    taken = [1000 * sent.seconds for sent in storm if sent.status == 200]
    refused = [1000 * sent.seconds for sent in storm if sent.status == 503]
    return Result(
        figures=(
            Figure(name="ack p50", value=percentile(taken, 0.5), unit="ms"),
            under("ack p99", percentile(taken, 0.99), 500, unit="ms"),
            Figure(name="turned away p99", value=percentile(refused, 0.99), unit="ms"),
            Figure(name="taken in the storm", value=len(taken) / len(storm)),
            under("answered neither 200 nor 503", len(storm) - statuses[200] - statuses[503], 1),
            under("never taken", refused_for_good, 1),
            under("acknowledged and lost", lost, 1),
            under("acknowledged and not worked off", left, 1),
        ),
        notes=(
            f"{len(storm)} events of {USERS} residents, at a fixed pace; times from the planned moment of sending",
            "the load and the program share the machine's cores; LINE takes everything at once",
        ),
    )


def _waiting(path: Path) -> int:
    """Events and letters that wait."""
    with closing(sqlite3.connect(path)) as file:
        counts = [
            file.execute(f"SELECT count(*) FROM {table} WHERE state = 'waiting'").fetchone()[0]
            for table in ("inbox", "outbox")
        ]
    return int(sum(counts))


def _stored(path: Path) -> int:
    with closing(sqlite3.connect(path)) as file:
        return int(file.execute("SELECT count(*) FROM inbox").fetchone()[0])
