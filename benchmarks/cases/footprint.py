"""How soon the program is ready, and how much memory it holds."""

from __future__ import annotations

from benchmarks.conversing import converse, program
from benchmarks.figures import Figure, Result, median, spread, under
from benchmarks.processes import SERVE, scratch, server

STARTS = 5
PER_SECOND = 100.0
SECONDS = 10.0


def measure() -> Result:
    """Starts on one database (the first one makes it), then one start under load."""
    starts = []
    with scratch() as folder:
        for _ in range(STARTS):
            with server(SERVE, folder, ready="/readyz", own_end=True) as started:
                starts.append(started.ready_after)
    with program() as (bot, line):
        fresh = bot.memory()
        heard = converse(bot, line, per_second=PER_SECOND, seconds=SECONDS)
        loaded, files = bot.memory(), bot.shared()
    return Result(
        figures=(
            Figure(name="start to /readyz 200", value=median(starts), unit="s", noise=spread(starts)),
            under("memory after the start", fresh, 450, unit="MB"),
            under("memory after the load", loaded, 450, unit="MB"),
            Figure(name="of it files, shared by processes", value=files, unit="MB"),
        ),
        notes=(
            f"median of {STARTS} starts, the first of which makes its database ({max(starts):.1f} s the slowest)",
            f"load: {len(heard.sent)} new residents at {PER_SECOND:g}/s, {heard.unanswered} of them unanswered",
        ),
    )
