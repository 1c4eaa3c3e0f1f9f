"""Ids in the shapes LINE gives them, from one injected source of randomness."""

from __future__ import annotations

import random
import uuid
from datetime import datetime

# https://github.com/ulid/spec: Crockford's Base32 leaves out I, L, O and U.
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


class Ids:
    """Every id of the platform. The caller holds the platform's lock."""

    def __init__(self, source: random.Random) -> None:
        self._source = source
        self._message = 500_000_000_000_000_000 + source.randrange(10**15)

    def user(self) -> str:
        return f"U{self._source.getrandbits(128):032x}"

    def message(self) -> str:
        """LINE's message ids are growing numbers in a string."""
        self._message += self._source.randrange(1, 10_000)
        return str(self._message)

    def ulid(self, at: datetime) -> str:
        value = milliseconds(at) << 80 | self._source.getrandbits(80)
        return "".join(_CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))

    def token(self, length: int = 32) -> str:
        return "".join(self._source.choices(_ALPHABET, k=length))

    def request(self) -> str:
        return str(uuid.UUID(int=self._source.getrandbits(128), version=4))

    def rich_menu(self) -> str:
        return f"richmenu-{self._source.getrandbits(128):032x}"
