"""LINE's signature over the raw body."""

from __future__ import annotations

import base64
import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from handlers.line.signature import signature_ok

SECRET = b"8c570fa6dd201bb328f1c1eac23a96d8"
BODY = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
SIGNATURE = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="


def test_the_example_of_lines_documentation_fits() -> None:
    assert signature_ok([SECRET], BODY, SIGNATURE)


def test_during_a_rotation_any_of_the_secrets_fits() -> None:
    assert signature_ok([b"new", SECRET], BODY, SIGNATURE)
    assert not signature_ok([b"new"], BODY, SIGNATURE)


def test_one_changed_byte_does_not_fit() -> None:
    assert not signature_ok([SECRET], BODY + b" ", SIGNATURE)


@given(st.none() | st.text(max_size=60))
def test_no_other_signature_fits(given_signature: str | None) -> None:
    assert not signature_ok([SECRET], BODY, given_signature)


@given(st.binary(max_size=200), st.binary(min_size=1, max_size=40))
def test_what_was_signed_fits_whatever_it_is(body: bytes, secret: bytes) -> None:
    made = base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()
    assert signature_ok([secret], body, made)
