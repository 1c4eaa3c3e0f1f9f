"""Passwords of staff: argon2id, and what is no password.

Work is done on a thread, at most two at once: each takes 64 MiB and a tenth of a second, and residents' messages must
not wait behind somebody who tries passwords.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Without letters that look alike on paper.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
SHORTEST = 12
LONGEST = 128
_AT_ONCE = 2
#: What people choose first when they are asked for twelve letters.
_COMMON = ("password", "tsunagu", "shakyo", "qwerty", "123456", "abcdef", "administrator", "パスワード", "つなぐ")


def weakness(password: str, *, login: str) -> str | None:
    """The name of what is wrong with a new password; None when it will do."""
    plain = _plain(password)
    if len(plain) < SHORTEST:
        return "short"
    if len(plain) > LONGEST:
        return "long"
    if len(set(plain)) < 5:
        return "monotonous"
    folded = plain.casefold()
    rest = folded
    for word in (login.casefold(), *_COMMON):
        rest = rest.replace(word, "")
    # A word everybody tries, with a year behind it.
    return "common" if len(rest) < SHORTEST // 2 else None


def generated() -> str:
    """A first password for somebody, easy to read out: 79 random bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def _plain(password: str) -> str:
    """One spelling for what looks the same: half- and full-width letters of Japanese keyboards."""
    return unicodedata.normalize("NFKC", password)


class Passwords:
    """Hashing with argon2id; the hasher's cost is an argument."""

    def __init__(self, hasher: PasswordHasher | None = None, *, at_once: int = _AT_ONCE) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(at_once)
        self._nobodys = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """The hash to store."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, _bytes(password))

    async def fits(self, password: str, stored: str | None) -> bool:
        """Whether the password is the one that was hashed. Takes as long when there is nobody (None)."""
        async with self._turns:
            fitting = await asyncio.to_thread(self._verify, stored or self._nobodys, _bytes(password))
        return fitting and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made at another cost than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: bytes) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def _bytes(password: str) -> bytes:
    return _plain(password[: LONGEST * 4]).encode("utf-8", "surrogatepass")
