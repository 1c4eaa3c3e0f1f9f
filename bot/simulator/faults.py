"""What the Messaging API does wrong on purpose, for the next requests or until it is switched off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

SENDING = ("/v2/bot/message/reply", "/v2/bot/message/push")


class FaultKind(StrEnum):
    """`…_BEFORE`: nothing was accepted. `…_AFTER`: the message went out, the bot just does not hear so."""

    RATE_LIMIT = "rate_limit"
    SERVER_ERROR = "server_error"
    SERVER_ERROR_AFTER = "server_error_after"
    SLOW_BEFORE = "slow_before"
    SLOW_AFTER = "slow_after"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    ODD_JSON = "odd_json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """`times` None: until switched off. `path` None: replies and pushes; otherwise exactly this path."""

    kind: FaultKind
    seconds: float = 0.0
    times: int | None = None
    path: str | None = None

    def hits(self, path: str) -> bool:
        return path == self.path if self.path is not None else path in SENDING


class Faults:
    def __init__(self) -> None:
        self._queue: list[Fault] = []

    def add(self, kind: FaultKind, *, times: int | None = 1, seconds: float = 0.0, path: str | None = None) -> None:
        self._queue.append(Fault(kind=kind, seconds=seconds, times=times, path=path))

    def clear(self) -> None:
        self._queue.clear()

    def planned(self) -> tuple[Fault, ...]:
        return tuple(self._queue)

    def take(self, path: str) -> Fault | None:
        """The fault for this request, if any; the first planned one goes first."""
        for position, fault in enumerate(self._queue):
            if not fault.hits(path):
                continue
            if fault.times is not None:
                self._queue[position] = replace(fault, times=fault.times - 1)
                if fault.times <= 1:
                    del self._queue[position]
            return fault
        return None
