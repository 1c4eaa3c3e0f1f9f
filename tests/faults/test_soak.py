"""`make soak` in short: servers and workers are killed under load, LINE fails and delivers twice, late, out of order.

The run in full and what came of it: docs/reliability.md.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from benchmarks.nursery import Nursery
from benchmarks.soak.__main__ import KINDS
from benchmarks.soak.running import Run, Size

SHORT = Size(
    events=120, kills=3, residents=8, per_second=120, minutes=1, pause_ms=20, lease_seconds=6, longest_delay=3.0
)


def test_whatever_dies_each_event_is_answered_once(nursery: Nursery, database_url: str, tmp_path: Path) -> None:
    kinds = KINDS["sqlite" if database_url.startswith("sqlite") else "postgresql"]
    run = Run(nursery=nursery, size=SHORT, url=database_url, folder=tmp_path, kinds=kinds)
    report = asyncio.run(run())
    print(report.to_json())
    assert report.wrong == {}
    assert report.counts["kills"] > 0
    assert report.reckoning.acknowledged >= SHORT.events
    assert report.reckoning.turns >= SHORT.residents
    assert sum(report.counts["line"].values()) > report.counts["line"]["well"]
