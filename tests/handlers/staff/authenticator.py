"""A security key in software: makes and uses keys as WebAuthn level 2 says, with ES256 and no attestation."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, MADE = 0x01, 0x41


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Authenticator:
    """One key on somebody's key ring; `count` is its own counter."""

    def __init__(self, credential_id: bytes = b"c" * 32) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._id = credential_id
        self.count = 0

    def make(self, options: dict[str, Any], *, origin: str) -> str:
        """What `navigator.credentials.create` gives."""
        numbers = self._private.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        credential = bytes(16) + struct.pack(">H", len(self._id)) + self._id + public
        data = self._data(options["rp"]["id"], MADE) + credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"], origin)
        return self._answer(clientDataJSON=client, attestationObject=attestation)

    def use(self, options: dict[str, Any], *, origin: str) -> str:
        """What `navigator.credentials.get` gives."""
        self.count += 1
        data = self._data(options["rpId"], PRESENT)
        client = self._client("webauthn.get", options["challenge"], origin)
        signature = self._private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)

    def _data(self, site: str, flags: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()

    def _answer(self, **response: bytes) -> str:
        own = encoded(self._id)
        fields = {name: encoded(raw) for name, raw in response.items()}
        return json.dumps({"id": own, "rawId": own, "type": "public-key", "response": fields})
