"""Codes of the second factor: RFC 6238, six digits, every thirty seconds."""

from __future__ import annotations

import hmac
import unicodedata
from datetime import datetime

import pyotp
import segno

STEP_SECONDS = 30
DIGITS = 6
#: Clocks of phones and people's typing: one step before and after.
_STEPS = (0, -1, 1)


def new_secret() -> str:
    """A fresh secret, as authenticator apps take it."""
    return pyotp.random_base32()


def plain(code: str) -> str:
    """A code without the spaces people type, in half-width letters."""
    return "".join(unicodedata.normalize("NFKC", code[:64]).split())


def is_totp(code: str) -> bool:
    """Whether a plain code has the form of an app's."""
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def matching_counter(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is; None for a wrong code. Takes the same time for every code."""
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    current = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in _STEPS:
        fits = hmac.compare_digest(totp.generate_otp(current + step), code)
        found = current + step if fits else found
    return found


def picture(secret: str, *, login: str, issuer: str) -> str:
    """The QR code that an app reads, as an image address without any host."""
    uri = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(name=login, issuer_name=issuer)
    return str(segno.make(uri, error="m").svg_data_uri(scale=5, border=3))


def in_groups(secret: str) -> str:
    """The secret for typing by hand."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
