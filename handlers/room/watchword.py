"""Watchwords (合言葉): what is too weak, what is proposed, and how tries are checked and slowed down.

Children choose them, so they need not be strong against a stolen database alone: the hash is slow, and every try costs
its address and its room time. Whoever tries for long delays others for minutes, never for ever, and the button of LINE
and staff lead in beside it.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from config import aliases
from config.contents.door import Watchwords as Words
from handlers.guarding import network_of
from handlers.room.security import TooFast
from storage import sessions
from storage.database import Database
from storage.keyring import Keyring
from storage.passwords import LONGEST, Passwords
from storage.sessions import TryKey, TryKind

#: Tries that may wait for the slow hash at the same time; more are sent away at once.
MOST_WAITING = 24
PROPOSED = 3
#: So many different letters at least.
FEWEST = 4
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


def plain(word: str) -> str:
    """One spelling for what is the same when it is said: no spaces and marks, hiragana, small letters."""
    folded = unicodedata.normalize("NFKC", word).casefold().translate(_TO_HIRAGANA)
    return "".join(letter for letter in folded if letter.isalnum() or letter == "ー")


def weakness(word: str, *, name: str, words: Words) -> str | None:
    """The name of what is wrong with a new watchword; None when it will do."""
    told = plain(word)
    rest = told
    for common in words.common:
        rest = rest.replace(plain(common), "")
    problems = {
        "long": len(word) > LONGEST,
        "short": len(told) < words.shortest,
        "numbers": told.isdecimal(),
        "monotonous": len(set(told)) < FEWEST,
        "common": len(rest) < min(FEWEST, words.shortest),
        "name": plain(name) in told or told in plain(name),
    }
    return next((problem for problem, holds in problems.items() if holds), None)


def proposal(words: Words) -> str:
    """Three words that have nothing to do with each other."""
    chosen: list[str] = []
    while len(chosen) < PROPOSED:
        word = secrets.choice(words.proposed)
        if word not in chosen:
            chosen.append(word)
    return " ".join(chosen)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """What came of a try: it fits, or how long to wait before the next one counts."""

    fits: bool = False
    wait: timedelta = timedelta(0)

    @property
    def minutes(self) -> int:
        """The wait in whole minutes, rounded up."""
        return max(1, -(-round(self.wait.total_seconds()) // 60))


class Watchwords:
    """Hashing and checking, beside the passwords of staff, so that neither waits for the other."""

    def __init__(self, passwords: Passwords | None = None) -> None:
        # One at a time: a crowd that guesses must leave the other cores to who writes.
        self._passwords = passwords or Passwords(at_once=1)
        self._waiting = 0

    async def hash(self, word: str) -> str:
        """The hash to store."""
        with _Place(self):
            return await self._passwords.hash(plain(word))

    async def fits(self, word: str, stored: str | None) -> bool:
        """Whether it is the word that was hashed. Takes as long where there is none. Raises TooFast in a crowd."""
        with _Place(self):
            return await self._passwords.fits(plain(word), stored)

    async def attempt(
        self,
        database: Database,
        keys: Sequence[TryKey],
        word: str,
        stored: str | None,
        *,
        clock: Callable[[], datetime],
    ) -> Tried:
        """One try, counted under all of `keys` before it is looked at."""
        if self._waiting >= MOST_WAITING:
            raise TooFast(timedelta(seconds=5))
        async with database.write() as connection:
            wait = await sessions.attempt(connection, list(keys), clock())
        if wait:
            return Tried(wait=wait)
        if not await self.fits(word, stored):
            return Tried()
        async with database.write() as connection:
            await sessions.succeeded(connection, list(keys))
        return Tried(fits=True)


class _Place:
    """A place in the line before the slow hash."""

    def __init__(self, line: Watchwords) -> None:
        self._line = line

    def __enter__(self) -> None:
        if self._line._waiting >= MOST_WAITING:
            raise TooFast(timedelta(seconds=5))
        self._line._waiting += 1

    def __exit__(self, *_: object) -> None:
        self._line._waiting -= 1


def keys_by_name(keyring: Keyring, *, desk_id: str, name: str, address: str) -> list[TryKey]:
    """What a try by name is counted under: the same for a room that exists and for one that does not."""
    index, network = keyring.index, network_of(address)
    room = (desk_id, aliases.spelled(name))
    return [
        TryKey.of(index, TryKind.ROOM_HERE, *room, network),
        TryKey.of(index, TryKind.ROOM_ADDRESS, network),
        TryKey.of(index, TryKind.ROOM, *room),
    ]


def keys_by_link(keyring: Keyring, *, resident: str) -> list[TryKey]:
    """Behind a button of LINE: whoever guesses elsewhere does not slow down who holds this phone."""
    return [TryKey.of(keyring.index, TryKind.ROOM_HERE, "link", resident)]
