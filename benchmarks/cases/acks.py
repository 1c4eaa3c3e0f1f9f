"""Durable acknowledgements per second beside a bare route that keeps nothing.

Three servers take turns for eight rounds: the bare route (the floor), the real door and intake with the engine
asleep, and the whole program, which from its third second on works off a growing queue at the same time.
"""

from __future__ import annotations

from contextlib import ExitStack

from benchmarks.figures import Figure, Result, at_least, median, ratios, spread
from benchmarks.processes import SERVE, Server, scratch, server
from benchmarks.webhooks import many_requests
from benchmarks.wire import as_fast_as_possible, run

ROUNDS = 8
SECONDS = 3.0
WIRES = 16
USERS = 2000
#: More than any server here acknowledges in a round.
_REQUESTS = 24_000


def measure() -> Result:
    """Median rates, and the ratios of neighbouring rounds."""
    with scratch() as folder, ExitStack() as stack:
        line = stack.enter_context(server(("-m", "benchmarks.servers.null_line"), folder / "line", ready="/"))
        bare = stack.enter_context(server(("-m", "benchmarks.servers.bare"), folder / "bare", ready="/healthz"))
        door = stack.enter_context(server(("-m", "benchmarks.servers.door"), folder / "door", ready="/healthz"))
        whole = stack.enter_context(server(SERVE, folder / "whole", ready="/readyz", line_api=line.url))
        for each in (bare, door):
            _rate(each, seconds=0.5)
        rounds = [(_rate(bare), _rate(door), _rate(whole)) for _ in range(ROUNDS)]
    floors, alone, everything = (list(column) for column in zip(*rounds, strict=True))
    return Result(
        figures=(
            _figure("acks, engine asleep", alone, floors, target=0.3),
            _figure("acks, engine working off the queue", everything, floors),
            Figure(name="bare route (signature, SDK parse)", value=median(floors), unit="/s", noise=spread(floors)),
        ),
        notes=(
            f"{ROUNDS} interleaved rounds of {SECONDS:g} s, {WIRES} keep-alive connections, one event per request",
            "ratio: the median of the rounds' own ratios",
            "engine asleep: the real WebhookDoor and Intake with a JobEngine whose wake() does nothing",
            f"worst round: asleep {min(ratios(alone, floors)):.2f}, working {min(ratios(everything, floors)):.2f}",
        ),
    )


def _rate(target: Server, seconds: float = SECONDS) -> float:
    requests = iter(list(many_requests(int(_REQUESTS * seconds / SECONDS), USERS)))
    return run(as_fast_as_possible(target.port, requests, seconds=seconds, wires=WIRES))


def _figure(name: str, values: list[float], floors: list[float], target: float | None = None) -> Figure:
    found = ratios(values, floors)
    ratio = median(found)
    if target is None:
        return Figure(
            name=name, value=median(values), unit="/s", floor=median(floors), ratio=ratio, noise=spread(found)
        )
    judged = at_least(name, ratio, target)
    return Figure(
        name=name,
        value=median(values),
        unit="/s",
        floor=median(floors),
        ratio=ratio,
        noise=spread(found),
        target=f"ratio {judged.target}",
        met=judged.met,
    )
