"""The benchmarks by name, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.cases import ack_latency, acks, decide, footprint, listener, papers, reply_latency, webhook_parts
from benchmarks.figures import Result

CASES: dict[str, Callable[[], Result]] = {
    "acks": acks.measure,
    "ack_latency": ack_latency.measure,
    "reply_latency": reply_latency.measure,
    "footprint": footprint.measure,
    "listener": listener.measure,
    "decide": decide.measure,
    "webhook_parts": webhook_parts.measure,
    "papers": papers.measure,
}
