"""Where acknowledged events wait when the database is gone: sealed lines in a file, safe before LINE gets its 200.

One file per process, one JSON line per event. A line cut off by a power cut was never acknowledged and is left out.
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from storage.inbox import NewEvent
from storage.tables import Channel


class Spool:
    """The spool folder of one data directory."""

    def __init__(self, folder: Path, *, process: UUID) -> None:
        self._folder = folder
        self._own = folder / f"{process}.spool"
        self._lock = threading.Lock()

    def append(self, events: Sequence[NewEvent]) -> None:
        """Write the events and force them to the disk. Raises OSError when that fails too."""
        lines = "".join(json.dumps(_encode(e), separators=(",", ":")) + "\n" for e in events).encode("ascii")
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            fd = os.open(self._own, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                _write_all(fd, lines)
                os.fsync(fd)
            finally:
                os.close(fd)
            _sync_folder(self._folder)

    @property
    def empty(self) -> bool:
        """True when nothing waits here."""
        return not self._files()

    @contextmanager
    def take(self) -> Iterator[list[NewEvent]]:
        """All waiting events; the files go when the block ends without an error."""
        with self._lock:
            # Renamed first, so that an event spooled meanwhile goes to a new file and is not lost with the old one.
            for file in self._folder.glob("*.spool"):
                file.rename(file.with_suffix(f".{uuid4()}.taken"))
        files = sorted(self._folder.glob("*.taken"))
        yield [event for file in files for event in _read(file)]
        for file in files:
            file.unlink()

    def _files(self) -> list[Path]:
        return sorted(f for kind in ("*.taken", "*.spool") for f in self._folder.glob(kind))


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _read(file: Path) -> Iterator[NewEvent]:
    for line in file.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield _decode(json.loads(line))


def _encode(event: NewEvent) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "desk": event.desk_id,
        "channel": event.channel.value,
        "event": event.event_id,
        "sender": None if event.sender is None else base64.b64encode(event.sender).decode(),
        "at": event.event_at,
        "received": event.received_at.isoformat(),
        "body": base64.b64encode(event.body_sealed).decode(),
    }


def _decode(line: dict[str, Any]) -> NewEvent:
    return NewEvent(
        id=UUID(line["id"]),
        desk_id=line["desk"],
        channel=Channel(line["channel"]),
        event_id=line["event"],
        sender=None if line["sender"] is None else base64.b64decode(line["sender"]),
        event_at=line["at"],
        received_at=datetime.fromisoformat(line["received"]),
        body_sealed=base64.b64decode(line["body"]),
    )
