"""A mail server on a port of this machine, in a thread of its own, that can be told to fail in every way."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from enum import StrEnum
from types import TracebackType
from typing import Self, cast


class Fault(StrEnum):
    """What goes wrong with the next connection."""

    HANGS_UP = "hangs up at once"
    BUSY = "450 for the mail box"
    UNKNOWN = "550 for the mail box"
    FULL = "452 after the text"
    REFUSES = "554 after the text"
    DROPS = "takes the text and hangs up without a word"
    SILENT = "takes the text and says nothing"
    NO_ENTRY = "535 for the password"


@dataclass(frozen=True)
class Taken:
    """A mail as it came over the wire."""

    to: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return cast("EmailMessage", message_from_bytes(self.raw, policy=default))


class Mailbox:
    """`with Mailbox() as box:` — `box.taken` is everything that arrived, `box.fail(…)` what goes wrong next."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self._changed = threading.Condition()
        self._faults: deque[Fault] = deque()
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()), daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._loop.close()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def fail(self, *faults: Fault) -> None:
        self._faults.extend(faults)

    def wait_for(self, mails: int) -> None:
        """Until so many have arrived."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.taken) >= mails, 30), f"{len(self.taken)} mails"

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        talking = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault = self._faults.popleft() if self._faults else None
        try:
            # Cancelled only at the end, when nobody waits for an answer any more.
            with suppress(asyncio.CancelledError, ConnectionError):
                if fault is not Fault.HANGS_UP:
                    writer.write(b"220 mailbox ESMTP\r\n")
                    await self._answer(reader, writer, fault)
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault | None) -> None:
        to = ""
        while line := (await reader.readline()).decode():
            word = line.split()[0].upper() if line.split() else ""
            if word == "EHLO":
                writer.write(b"250-mailbox\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1000000\r\n")
            elif word == "AUTH":
                writer.write(b"535 no\r\n" if fault is Fault.NO_ENTRY else b"235 yes\r\n")
            elif word == "RCPT":
                to = line.split("<")[1].split(">")[0]
                writer.write({Fault.BUSY: b"450 later\r\n", Fault.UNKNOWN: b"550 nobody\r\n"}.get(fault, b"250 ok\r\n"))
            elif word == "DATA":
                writer.write(b"354 go on\r\n")
                raw = await reader.readuntil(b"\r\n.\r\n")
                if fault in {Fault.FULL, Fault.REFUSES}:
                    writer.write(b"452 full\r\n" if fault is Fault.FULL else b"554 no\r\n")
                    continue
                with self._changed:
                    self.taken.append(Taken(to, raw.removesuffix(b".\r\n")))
                    self._changed.notify_all()
                if fault is Fault.DROPS:
                    return
                if fault is Fault.SILENT:
                    await self._stop.wait()
                writer.write(b"250 taken\r\n")
            elif word == "QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:
                writer.write(b"250 ok\r\n")
