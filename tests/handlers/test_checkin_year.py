"""A year of check-ins: nothing at a wrong time, nothing twice, nothing after a stop, and no reason left out.

The same simulation with 10,000 residents is `make soak`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.figures import median
from benchmarks.year import live_through
from nlp import Listener

pytestmark = pytest.mark.anyio


async def test_a_year_with_crashes_blocks_pauses_and_downtime_sends_nothing_wrong(tmp_path: Path) -> None:
    report = await live_through(tmp_path, Listener.load(), residents=24, days=365, seed=20261126)
    assert report.wrong == dict.fromkeys(report.wrong, 0), report.to_json()
    assert median(report.lateness) < 120
    # It was a year in which things happened.
    assert report.sent > 240, report.to_json()
    assert (report.kills > 0, report.repeated > 0) == (True, True), report.to_json()
    assert {"late", "blocked"} <= set(report.skips), report.to_json()
    assert {"silent", "done", "edited"} <= set(report.ends), report.to_json()
