"""The benchmarks by name, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.cases import (
    ack_latency,
    acks,
    checkins,
    console,
    decide,
    footprint,
    listener,
    papers,
    private_page,
    reply_latency,
    room,
    storm,
    two_processes,
    webhook_parts,
)
from benchmarks.figures import Result

CASES: dict[str, Callable[[], Result]] = {
    "acks": acks.measure,
    "ack_latency": ack_latency.measure,
    "reply_latency": reply_latency.measure,
    "storm": storm.measure,
    "two_processes": two_processes.measure,
    "footprint": footprint.measure,
    "listener": listener.measure,
    "decide": decide.measure,
    "webhook_parts": webhook_parts.measure,
    "checkins": checkins.measure,
    "console": console.measure,
    "papers": papers.measure,
    "private_page": private_page.measure,
    "room": room.measure,
}
