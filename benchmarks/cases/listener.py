"""The listener beside SudachiPy alone, and what loading it costs."""

from __future__ import annotations

from benchmarks.figures import Figure, Result, median, percentile, ratios, spread
from benchmarks.processes import worker

LOADS = 3


def measure() -> Result:
    """Speeds in one fresh process, loads in others."""
    heard = worker("benchmarks.workers.hearing")
    loads = [worker("benchmarks.workers.loading") for _ in range(LOADS)]
    rates, floors = heard["hear"], heard["tokenize"]
    found = ratios(rates, floors)
    seconds = [load["seconds"] for load in loads]
    return Result(
        figures=(
            Figure(
                name="messages heard, one thread",
                value=median(rates),
                unit="/s",
                floor=median(floors),
                ratio=median(found),
                noise=spread(found),
            ),
            Figure(name="~100 characters: p50", value=1000 * percentile(heard["hundred"], 0.5), unit="ms"),
            Figure(name="~100 characters: p99", value=1000 * percentile(heard["hundred"], 0.99), unit="ms"),
            Figure(
                name="5,000 characters",
                value=1000 * median(heard["long"]),
                floor=1000 * median(heard["long_tokenize"]),
                ratio=median(heard["long"]) / median(heard["long_tokenize"]),
                unit="ms",
                noise=spread(heard["long"]),
            ),
            Figure(name="cold load (import and Listener.load)", value=median(seconds), unit="s", noise=spread(seconds)),
            Figure(
                name="memory of a process with nlp only", value=median([load["memory"] for load in loads]), unit="MB"
            ),
        ),
        notes=(
            "floor: SudachiPy tokenize alone in the program's split mode, same messages, interleaved rounds",
            f"messages: {heard['messages']} of the training corpus",
        ),
    )
