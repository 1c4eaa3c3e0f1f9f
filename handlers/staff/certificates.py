"""The client certificate a browser showed to the proxy: one more thing somebody has, where a desk wants that.

The proxy asks for the certificate and checks it; it tells us which one it was in a header. An account that is bound to
a certificate is let in with that one only, at the sign-in and at every request.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from urllib.parse import unquote

from fastapi import Request

from handlers.staff.console import Console
from storage.staff import Account

_HEX = re.compile(r"[0-9a-f]{64}")
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


def fingerprint_of(value: str) -> str | None:
    """SHA-256 of a certificate in hex, from a fingerprint (colons allowed) or from the certificate itself as PEM, plain
    or percent-encoded; None for anything else. A SHA-1 is too weak to be bound to.
    """
    found = _PEM.search(unquote(value) if "%" in value else value)
    if found is None:
        plain = value.replace(":", "").strip().lower()
        return plain if _HEX.fullmatch(plain) else None
    try:
        der = base64.b64decode("".join(found[1].split()), validate=True)
    except binascii.Error:
        return None
    return hashlib.sha256(der).hexdigest()


def shown_by(console: Console, request: Request) -> str | None:
    """The certificate of this request; None without one, or where the desk does not ask for any."""
    if console.certificate_header is None:
        return None
    values = request.headers.getlist(console.certificate_header)
    # Two of them: somebody added one.
    return fingerprint_of(values[0]) if len(values) == 1 else None


def fits(console: Console, account: Account, shown: str | None) -> bool:
    """Whether somebody may come in with what they showed: always, for an account that is bound to none."""
    if console.certificate_header is None or account.certificate is None:
        return True
    return shown is not None and hmac.compare_digest(account.certificate, shown)
