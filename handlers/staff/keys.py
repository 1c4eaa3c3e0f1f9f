"""Security keys (WebAuthn) as a second factor: what to ask a browser for, and whether its answer holds.

The challenge is bound to the session's cookie, which changes with every step, so nothing has to be stored for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from handlers.staff.access import Signed
from handlers.staff.console import Console
from storage.security_keys import NewKey, StoredKey

_LARGEST = 20_000
#: The key is what somebody has; what they know, they have typed already.
_VERIFY = UserVerificationRequirement.DISCOURAGED


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """Where the browser thinks it is. Keys answer for one name only: no look-alike page gets an answer."""

    name: str
    origin: str

    @classmethod
    def of(cls, console: Console, request: Request) -> Site:
        """The configured address, or the one the request was made to."""
        origin = console.origin or f"{request.url.scheme}://{request.headers.get('host', '')}"
        return cls(name=urlsplit(origin).hostname or "", origin=origin)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyUse:
    """A key that has signed, and the counter it showed."""

    key: StoredKey
    sign_count: int


def _challenge(console: Console, signed: Signed, purpose: str) -> bytes:
    return console.keyring.index.of("key", purpose, signed.cookie)


def ask_for_new(console: Console, site: Site, signed: Signed, known: Sequence[StoredKey]) -> str:
    """Options for making a key, as JSON."""
    options = generate_registration_options(
        rp_id=site.name,
        rp_name=next(iter(console.desks.values())).content.desk.account,
        user_name=signed.account.login,
        user_display_name=signed.account.shown_name,
        user_id=signed.account.id.bytes,
        challenge=_challenge(console, signed, "new"),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=_VERIFY
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in known],
    )
    return options_to_json(options)


def new_key(console: Console, site: Site, signed: Signed, answer: str) -> NewKey | None:
    """The key that was made; None when the answer does not hold."""
    try:
        made = verify_registration_response(
            credential=answer[:_LARGEST],
            expected_challenge=_challenge(console, signed, "new"),
            expected_rp_id=site.name,
            expected_origin=site.origin,
        )
    except (WebAuthnException, ValueError):
        return None
    return NewKey(credential_id=made.credential_id, public_key=made.credential_public_key, sign_count=made.sign_count)


def ask_for_use(console: Console, site: Site, signed: Signed, known: Sequence[StoredKey]) -> str:
    """Options for using one of the keys, as JSON."""
    options = generate_authentication_options(
        rp_id=site.name,
        challenge=_challenge(console, signed, "use"),
        allow_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in known],
        user_verification=_VERIFY,
    )
    return options_to_json(options)


def used_key(console: Console, site: Site, signed: Signed, known: Sequence[StoredKey], answer: str) -> KeyUse | None:
    """Which key has signed; None when none has. A counter that went back is refused: the key was copied."""
    try:
        credential = parse_authentication_credential_json(answer[:_LARGEST])
        key = next((key for key in known if key.credential_id == credential.raw_id), None)
        if key is None:
            return None
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=_challenge(console, signed, "use"),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
        )
    except (WebAuthnException, ValueError):
        return None
    return KeyUse(key=key, sign_count=verified.new_sign_count)
