"""Sealing: AES-256-GCM over every text and id of a person, bound to the place where it is stored.

A sealed value is `version (1 byte) | nonce (12) | ciphertext and tag`. The additional data names table, column and
row, so that a value copied to another row does not open. Nothing here touches the database.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = b"\x01"
_NONCE = 12
KEY_BYTES = 32


class UnsealError(Exception):
    """A sealed value does not open: wrong key, wrong place, or damaged."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a sealed value stands."""

    table: str
    column: str
    row: UUID

    def bound(self) -> bytes:
        """The additional authenticated data."""
        return f"{self.table}\0{self.column}\0".encode() + self.row.bytes


class SealingKey:
    """One AES key that can seal and open. Its bytes are not shown in logs or errors."""

    __slots__ = ("_aes", "_raw")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_BYTES:
            raise ValueError("a key has 32 bytes")
        self._raw = raw
        self._aes = AESGCM(raw)

    def __repr__(self) -> str:
        return "SealingKey(…)"

    def seal(self, place: Place, plain: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return _VERSION + nonce + self._aes.encrypt(nonce, plain, place.bound())

    def open(self, place: Place, sealed: bytes) -> bytes:
        if sealed[:1] != _VERSION:
            raise UnsealError(f"unknown seal in {place.table}.{place.column}")
        try:
            return self._aes.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], place.bound())
        except (InvalidTag, ValueError) as error:
            raise UnsealError(f"cannot open {place.table}.{place.column}") from error

    def seal_json(self, place: Place, value: Any) -> bytes:
        """Seal a JSON value. ASCII escapes keep lone surrogates and NUL exactly as they came."""
        return self.seal(place, json.dumps(value, separators=(",", ":")).encode("ascii"))

    def open_json(self, place: Place, sealed: bytes) -> Any:
        return json.loads(self.open(place, sealed))

    def wrap(self, place: Place, other: SealingKey) -> bytes:
        """Seal another key with this one."""
        return self.seal(place, other._raw)

    def unwrap(self, place: Place, wrapped: bytes) -> SealingKey:
        return SealingKey(self.open(place, wrapped))

    def derived(self, purpose: str) -> SealingKey:
        """A key of its own for another purpose (HKDF-SHA256), found again from this one alone."""
        return SealingKey(HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(self._raw))

    @classmethod
    def fresh(cls) -> SealingKey:
        return cls(secrets.token_bytes(KEY_BYTES))


class Chain(SealingKey):
    """A key that seals, and older ones that still open: while everything is being sealed anew."""

    __slots__ = ("_older",)

    def __init__(self, newest: SealingKey, older: Sequence[SealingKey]) -> None:
        super().__init__(newest._raw)
        self._older = tuple(older)

    def open(self, place: Place, sealed: bytes) -> bytes:
        try:
            return super().open(place, sealed)
        except UnsealError:
            for key in self._older:
                with suppress(UnsealError):
                    return key.open(place, sealed)
            raise


class IndexKey:
    """Keyed one-way index of ids: equal ids meet, and a copy of the database shows none of them."""

    __slots__ = ("_raw",)

    def __init__(self, key: SealingKey) -> None:
        self._raw = key._raw

    def __repr__(self) -> str:
        return "IndexKey(…)"

    def of(self, *parts: str) -> bytes:
        """HMAC-SHA256 of the parts, 32 bytes. Parts are joined by NUL after escaping surrogates."""
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hmac.digest(self._raw, text, hashlib.sha256)


def open_with_any(keys: Sequence[SealingKey], place: Place, wrapped: bytes) -> tuple[int, SealingKey]:
    """Unwrap with the first master key that fits; its position tells whether to wrap anew. Raises UnsealError."""
    for position, key in enumerate(keys):
        try:
            return position, key.unwrap(place, wrapped)
        except UnsealError:
            continue
    raise UnsealError("none of the keys in DATA_KEY opens this database")
