"""A LINE that fails often, and keeps exact books: which reply token and which retry key it accepted.

As LINE does it: a reply token is good once, and for a minute after its webhook was last delivered; a push with a retry
key that was accepted before is answered 409 (LINE reference «Send reply message», «Retry failed API requests»).
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

TOKEN_LIVES = 60.0
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_RETRY_KEY = re.compile(rb"x-line-retry-key: *([0-9a-f-]+)", re.IGNORECASE)


class Mood(StrEnum):
    """What one request meets."""

    WELL = "well"
    RATE_LIMITED = "429"
    ERROR_BEFORE = "500 before accepting"
    ERROR_AFTER = "500 after accepting"
    DROPPED_BEFORE = "dropped before accepting"
    DROPPED_AFTER = "dropped after accepting"
    SLOW = "slow"
    TOO_SLOW = "answered after the program gave up"


_ODDS = {
    Mood.RATE_LIMITED: 10,
    Mood.ERROR_BEFORE: 10,
    Mood.ERROR_AFTER: 10,
    Mood.DROPPED_BEFORE: 10,
    Mood.DROPPED_AFTER: 10,
    Mood.SLOW: 9,
    Mood.TOO_SLOW: 1,
}
_ACCEPTS = {Mood.WELL, Mood.ERROR_AFTER, Mood.DROPPED_AFTER, Mood.SLOW, Mood.TOO_SLOW}
_DELAYS = {Mood.SLOW: 2.0, Mood.TOO_SLOW: 12.0}


@dataclass
class MoodyLine:
    """`async with line.listening() as port:`; of a thousand requests that send, sixty go wrong."""

    chance: random.Random
    clock: Callable[[], float] = time.monotonic
    replies: Counter[str] = field(default_factory=Counter)
    pushes: Counter[str] = field(default_factory=Counter)
    moods: Counter[str] = field(default_factory=Counter)
    _delivered: dict[str, float] = field(default_factory=dict)

    def delivered(self, token: str) -> None:
        """A webhook with this token goes out now."""
        self._delivered[token] = self.clock()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1])) if length else b""
                answer = await self._answer(head, body)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        writer.close()

    async def _answer(self, head: bytes, body: bytes) -> bytes | None:
        """The answer, or None: the connection is cut."""
        path = head.split(b" ", 2)[1].decode()
        if not path.endswith(("/message/reply", "/message/push")):
            return _written(202 if path.endswith("/loading/start") else 200, {"type": "none", "totalUsage": 0})
        mood = self._mood()
        self.moods[mood] += 1
        status = self._take(path, head, body) if mood in _ACCEPTS else 0
        await asyncio.sleep(_DELAYS.get(mood, 0))
        match mood:
            case Mood.RATE_LIMITED:
                return _written(429, {"message": "The API rate limit has been exceeded."})
            case Mood.ERROR_BEFORE | Mood.ERROR_AFTER:
                return _written(500, {"message": "Internal error"})
            case Mood.DROPPED_BEFORE | Mood.DROPPED_AFTER:
                return None
        sent = {"sentMessages": [{"id": "1", "quoteToken": "q"}]} if status in {200, 409} else {"message": "no"}
        return _written(status, sent)

    def _mood(self) -> Mood:
        dice = self.chance.randrange(1000)
        for mood, share in _ODDS.items():
            dice -= share
            if dice < 0:
                return mood
        return Mood.WELL

    def _take(self, path: str, head: bytes, body: bytes) -> int:
        if path.endswith("/push"):
            key = _RETRY_KEY.search(head)
            assert key is not None, "each push carries a retry key"
            name = key[1].decode()
            if self.pushes[name]:
                return 409
            self.pushes[name] += 1
            return 200
        token = json.loads(body)["replyToken"]
        delivered = self._delivered.get(token)
        if self.replies[token] or delivered is None or self.clock() - delivered > TOKEN_LIVES:
            return 400
        self.replies[token] += 1
        return 200


def _written(status: int, content: dict[str, Any]) -> bytes:
    body = json.dumps(content).encode()
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body
