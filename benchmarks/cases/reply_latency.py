"""From the webhook to the answer at LINE, less the listening pause, at twenty residents a second."""

from __future__ import annotations

from benchmarks.conversing import Heard, converse, program
from benchmarks.figures import Figure, Result, percentile, under
from config.content import load_content

PER_SECOND = 20.0
SECONDS = 20.0
#: `start_program` takes a pause of nothing for the desk's own; this is as short as it gets.
SHORTEST_MS = 1


def measure() -> Result:
    """Both with hardly a pause and with the one that ships."""
    default = load_content().desk.listening_pause
    with program(("-m", "benchmarks.servers.program", str(SHORTEST_MS))) as (bot, line):
        at_once = converse(bot, line, per_second=PER_SECOND, seconds=SECONDS)
    with program() as (bot, line):
        paused = converse(bot, line, per_second=PER_SECOND, seconds=SECONDS)
    hurried = sum(seconds < default for seconds in paused.reply_seconds)
    return Result(
        figures=(
            *_figures("pause 1 ms", at_once, SHORTEST_MS / 1000),
            *_figures(f"pause {default:g} s", paused, default),
            under("webhooks without an answer", at_once.unanswered + paused.unanswered, 1),
        ),
        notes=(
            f"{PER_SECOND:g} events/s for {SECONDS:g} s, each from another, new resident",
            "from the planned moment of sending to the simulator's having taken the reply, less the pause",
            f"{hurried} of {len(paused.reply_seconds)} came without a pause (danger, rights) and count as they are",
        ),
    )


def _figures(name: str, heard: Heard, pause: float) -> tuple[Figure, ...]:
    times = [1000 * (seconds - pause if seconds >= pause else seconds) for seconds in heard.reply_seconds]
    return (
        Figure(name=f"{name}: reply p50", value=percentile(times, 0.5), unit="ms"),
        under(f"{name}: reply p95", percentile(times, 0.95), 300, unit="ms"),
        Figure(name=f"{name}: reply p99", value=percentile(times, 0.99), unit="ms"),
    )
