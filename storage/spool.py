"""Where acknowledged events wait when the database is gone: sealed lines in a file, safe before LINE gets its 200.

One file per process, one JSON line per event. A line cut off by a power cut was never acknowledged and is left out.
Several processes may share the folder: its lock keeps who takes files away from those that are just being written.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
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
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._alone() as folder:
            fd = os.open(self._own, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                _write_whole(fd, lines)
            finally:
                os.close(fd)
            os.fsync(folder)

    @property
    def empty(self) -> bool:
        """True when nothing waits here."""
        return not self._files()

    @contextmanager
    def take(self) -> Iterator[list[NewEvent]]:
        """All waiting events; the files go when the block ends without an error.

        Of two that take at the same time both get what is there.
        """
        with self._alone():
            # Renamed first, so that an event spooled meanwhile goes to a new file and is not lost with the old one.
            for file in self._folder.glob("*.spool"):
                file.rename(file.with_suffix(f".{uuid4()}.taken"))
        files = sorted(self._folder.glob("*.taken"))
        yield [event for file in files for event in _read(file)]
        for file in files:
            file.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """Nobody else of this process or another is in such a block. The open folder."""
        with self._lock:
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                yield folder
            finally:
                os.close(folder)

    def _files(self) -> list[Path]:
        return sorted(f for kind in ("*.taken", "*.spool") for f in self._folder.glob(kind))


def _write_whole(fd: int, data: bytes) -> None:
    """All of it and on the disk, or nothing: half a line would spoil the one that is written after it."""
    size, view = os.fstat(fd).st_size, memoryview(data)
    try:
        while view:
            view = view[os.write(fd, view) :]
        os.fsync(fd)
    except OSError:
        os.ftruncate(fd, size)
        raise


def _read(file: Path) -> Iterator[NewEvent]:
    # Gone: another process has brought it in meanwhile.
    with suppress(FileNotFoundError):
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
