"""LINE's signature: base64 of HMAC-SHA256 over the raw body (LINE docs «Verify webhook signature»)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence


def signature_ok(secrets: Sequence[bytes], body: bytes, signature: str | None) -> bool:
    """True when one of the channel secrets signed exactly these bytes. Several secrets serve a rotation.

    Every secret is tried in constant time, whichever fits.
    """
    if signature is None:
        return False
    try:
        given = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    fits = [hmac.compare_digest(hmac.digest(secret, body, hashlib.sha256), given) for secret in secrets]
    return any(fits)
