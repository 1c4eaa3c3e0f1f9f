"""Mail addresses and the server that takes our mail, read strictly: a line break in a header is a second header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_LONGEST_ADDRESS = 254
_LONGEST_LOCAL = 64
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_address(text: str) -> bool:
    """Whether this is one plain mail address: no name, no comment, no quotes, nothing invisible."""
    fits = len(text) <= _LONGEST_ADDRESS and text.partition("@")[0] == text[:_LONGEST_LOCAL].partition("@")[0]
    return fits and _ADDRESS.fullmatch(text) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """Whose name a mail bears."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What comes after the @."""
        return self.address.rpartition("@")[2]


def read_sender(text: str) -> Sender:
    """`窓口 <a@b.example>` or a bare address. Raises ValueError."""
    if any(not letter.isprintable() for letter in text):
        raise ValueError("not printable")
    name, address = parseaddr(text)
    if not is_address(address) or ("<" in text) != bool(name or text.strip().startswith("<")):
        raise ValueError("not an address")
    return Sender(address=address, name=name)


@dataclass(frozen=True, kw_only=True, slots=True)
class MailServer:
    """Where mail is handed in. `tls` from the first byte, else STARTTLS where the server has it.

    `must_encrypt`: a password never crosses a network in the clear.
    """

    host: str
    port: int
    tls: bool
    user: str | None = None
    password: str | None = None

    @property
    def must_encrypt(self) -> bool:
        """Whether nothing may be said before the line is encrypted."""
        return self.user is not None and self.host not in _LOOPBACK


def read_server(url: str) -> MailServer:
    """`smtp://user:password@host:587` or `smtps://…`. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("not a mail server")
    if (parts.username is None) != (parts.password is None):
        raise ValueError("user and password belong together")
    tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if tls else 587),
        tls=tls,
        user=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )
