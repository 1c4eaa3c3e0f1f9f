"""How long LINE waits for its 200 while a hundred residents a second are being heard and answered."""

from __future__ import annotations

from benchmarks.conversing import converse, program
from benchmarks.figures import Figure, Result, percentile, under

PER_SECOND = 100.0
SECONDS = 30.0


def measure() -> Result:
    """Times of the acknowledgements, and whether the turns kept pace."""
    with program() as (bot, line):
        heard = converse(bot, line, per_second=PER_SECOND, seconds=SECONDS)
    acks = [1000 * seconds for seconds in heard.ack_seconds]
    return Result(
        figures=(
            Figure(name="ack p50", value=percentile(acks, 0.5), unit="ms"),
            under("ack p99", percentile(acks, 0.99), 200, unit="ms"),
            under("ack max", max(acks), 2000, unit="ms"),
            under("events not acknowledged", heard.refused, 1),
            under("events not answered", heard.unanswered, 1),
            Figure(name="last answer after the last event", value=heard.last_answer_after, unit="s"),
        ),
        notes=(
            f"{PER_SECOND:g} events/s for {SECONDS:g} s, each from another, new resident, with a turn and a reply",
            "times count from the planned moment of sending",
            "calls to LINE that were no accepted reply: " + (_shown(heard.others) or "none"),
        ),
    )


def _shown(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} × {name}" for name, count in sorted(counts.items()))
