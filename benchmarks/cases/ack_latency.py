"""How long LINE waits for its 200 while a hundred residents a second are being heard and answered."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.conversing import converse, program
from benchmarks.figures import Figure, Result, percentile, under

PER_SECOND = 100.0
SECONDS = 30.0
#: Seconds, the listening pause included: whoever answers later than this did not work at the pace of the events.
BEHIND = 5.0


def measure() -> Result:
    """Times of the acknowledgements, and whether the turns kept pace."""
    with program() as (bot, line):
        heard = converse(bot, line, per_second=PER_SECOND, seconds=SECONDS)
    acks = [1000 * seconds for seconds in heard.ack_seconds]
    p99 = under("ack p99", percentile(acks, 0.99), 200, unit="ms")
    longest = under("ack max", max(acks), 2000, unit="ms")
    behind = under("last answer after the last event", heard.last_answer_after, BEHIND, unit="s")
    # A program that answers nobody acknowledges fast: the targets hold only while the turns keep pace.
    kept_pace = not heard.unanswered and bool(behind.met)
    return Result(
        figures=(
            Figure(name="ack p50", value=percentile(acks, 0.5), unit="ms"),
            replace(p99, met=p99.met and kept_pace),
            replace(longest, met=longest.met and kept_pace),
            under("events not acknowledged", heard.refused, 1),
            under("events not answered", heard.unanswered, 1),
            behind,
        ),
        notes=(
            f"{PER_SECOND:g} events/s for {SECONDS:g} s, each from another, new resident, with a turn and a reply",
            "times count from the planned moment of sending; met only if the turns kept pace",
            "calls to LINE that were no accepted reply: " + (_shown(heard.others) or "none"),
        ),
    )


def _shown(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} × {name}" for name, count in sorted(counts.items()))
