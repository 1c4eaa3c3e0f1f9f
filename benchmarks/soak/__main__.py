"""`python -m benchmarks.soak [sqlite|postgresql …]`: kill processes and the database under load, and count.

Exit 1 on a wrong count.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.nursery import Nursery
from benchmarks.postgres import Restart, postgres
from benchmarks.processes import scratch
from benchmarks.soak.running import Report, Run, Size

KINDS = {"sqlite": ("serve",), "postgresql": ("serve", "serve", "worker", "worker")}


def known(name: str) -> str:
    """One of the databases. `choices` would refuse naming none of them."""
    if name not in KINDS:
        raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(KINDS)}")
    return name


@contextmanager
def database(name: str, folder: Path) -> Iterator[tuple[str, Callable[[Restart], None] | None]]:
    """A fresh database: its address, and what restarts its server where it has one."""
    if name == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/tsunagu.db", None
        return
    with postgres(folder) as server:
        yield server(), server.restart


def soak(name: str, size: Size) -> Report:
    """One run over one database."""
    with scratch() as folder, database(name, folder) as (url, restart), Nursery() as nursery:
        run = Run(
            nursery=nursery, size=size, url=url, folder=folder, kinds=KINDS[name], restart_database=restart, say=True
        )
        return asyncio.run(run())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("databases", nargs="*", type=known, help="both, unless named")
    parser.add_argument("--events", type=int, default=50_000, help="acknowledged events for each database")
    parser.add_argument("--kills", type=int, default=100, help="processes killed for each database")
    parser.add_argument(
        "--restarts", type=int, default=10, help="restarts of PostgreSQL, half of them as by a power cut"
    )
    parser.add_argument("--residents", type=int, default=400)
    parser.add_argument("--per-second", type=float, default=400.0, help="events offered, while few wait")
    parser.add_argument("--minutes", type=float, default=240.0, help="no new events after this")
    told = parser.parse_args()
    wrong = False
    for name in told.databases or KINDS:
        size = Size(
            events=told.events,
            kills=told.kills,
            restarts=0 if name == "sqlite" else told.restarts,
            residents=told.residents,
            per_second=told.per_second,
            minutes=told.minutes,
        )
        report = soak(name, size)
        print(json.dumps({name: report.to_json(), "wrong": report.wrong}, indent=1), flush=True)
        wrong = wrong or bool(report.wrong)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
