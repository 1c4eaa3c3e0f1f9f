"""Who plays in these tests: a bot that only listens, a clock that stands still, the real SDK."""

from __future__ import annotations

import asyncio
import json
import struct
import threading
import zlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

from linebot.v3.messaging import AsyncApiClient, AsyncMessagingApi, Configuration

T = TypeVar("T")


class ListeningBot:
    """Takes webhooks and answers with the statuses it was told, 200 at the end."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.changed = threading.Condition()
        bot = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                with bot.changed:
                    bot.received.append(({k.lower(): v for k, v in self.headers.items()}, raw))
                    status = bot.statuses.pop(0) if bot.statuses else 200
                    bot.changed.notify_all()
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/line/default/webhook"

    def wait_for(self, count: int, timeout: float = 10.0) -> list[tuple[dict[str, str], bytes]]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.received) >= count, timeout), f"{len(self.received)} webhooks"
            return list(self.received)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for _, raw in self.received for event in json.loads(raw)["events"]]


class SettableClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


class Sdk:
    """The real SDK, one call at a time."""

    def __init__(self, url: str, token: str) -> None:
        self.configuration = Configuration(host=url, access_token=token)

    def __call__(self, call: Callable[[AsyncMessagingApi], Awaitable[T]]) -> T:
        async def once() -> T:
            async with AsyncApiClient(self.configuration) as client:
                return await call(AsyncMessagingApi(client))

        return asyncio.run(once())


def png(width: int, height: int) -> bytes:
    """A white picture of this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xff" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
