"""A mail server that really speaks TLS, with a certificate of a certificate authority of our own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


class Ways(StrEnum):
    """How the server begins."""

    TLS = "TLS from the first byte"
    STARTTLS = "STARTTLS as it should be"
    STRIPPED = "STARTTLS taken out of the greeting"
    REFUSED = "STARTTLS offered and refused"
    PLAIN_AFTERWARDS = "STARTTLS agreed to, and then no TLS"


@dataclass
class TlsOffice:
    """What the server heard: in the clear, and inside TLS."""

    port: int = 0
    clear: list[bytes] = field(default_factory=list)
    inside: list[bytes] = field(default_factory=list)

    @property
    def words_in_the_clear(self) -> list[str]:
        """The commands anybody on the line could read."""
        return [line.split()[0].decode("latin-1").upper() for line in self.clear if line.split()]


class Authority:
    """A certificate authority: `authority.file` is what clients trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of a test")])
        self._now = datetime.now(UTC)
        builder = self._builder(self._name, self._name, self._key, ends=self._now + DAY)
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
            decipher_only=False,
        )  # fmt: skip
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        builder = builder.add_extension(usage, critical=True)
        own = builder.sign(self._key, hashes.SHA256())
        self.file = folder / "authority.pem"
        self.file.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def _builder(
        self, subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, *, ends: datetime
    ) -> x509.CertificateBuilder:
        begin = min(self._now, ends) - 2 * DAY
        public = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(ends)
            .add_extension(public, critical=False)
            .add_extension(authority, critical=False)
        )

    def context(self, address: str, *, ends: timedelta = DAY) -> ssl.SSLContext:
        """A server's side, with a certificate for an address that ends after so long (negative: has ended)."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of a test")])
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        builder = self._builder(subject, self._name, key, ends=self._now + ends).add_extension(names, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        file = self._folder / f"server-{certificate.serial_number}.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@asynccontextmanager
async def opened(address: str, context: ssl.SSLContext, way: Ways) -> AsyncIterator[TlsOffice]:
    """The server at a port of this address, until the block ends."""
    office, talks = TlsOffice(), set[asyncio.Task[None]]()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own = asyncio.current_task()
        assert own is not None
        talks.add(own)
        with suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            writer.write(b"220 office ESMTP\r\n")
            await _talk(office, reader, writer, context, way)
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    outer = context if way is Ways.TLS else None
    server = await asyncio.start_server(talk, address, 0, ssl=outer)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        # A handshake that failed was no talk.
        await asyncio.gather(*talks)


async def _talk(
    office: TlsOffice,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    context: ssl.SSLContext,
    way: Ways,
) -> None:
    safe = way is Ways.TLS
    while line := await reader.readline():
        (office.inside if safe else office.clear).append(line)
        word = line.split()[0].upper() if line.split() else b""
        if word == b"EHLO":
            offered = b"" if safe or way is Ways.STRIPPED else b"250-STARTTLS\r\n"
            writer.write(b"250-office\r\n" + offered + b"250-AUTH PLAIN LOGIN\r\n250 SIZE 1000000\r\n")
        elif word == b"STARTTLS":
            writer.write(b"454 not now\r\n" if way is Ways.REFUSED else b"220 go on\r\n")
            if way is Ways.STARTTLS:
                await writer.start_tls(context)
                safe = True
        elif word == b"AUTH":
            writer.write(b"235 yes\r\n")
        elif word == b"DATA":
            writer.write(b"354 go on\r\n")
            (office.inside if safe else office.clear).append(await reader.readuntil(b"\r\n.\r\n"))
            writer.write(b"250 taken\r\n")
        else:
            writer.write(b"250 ok\r\n")
