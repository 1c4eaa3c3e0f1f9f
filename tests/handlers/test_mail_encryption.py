"""Mail over TLS against a real server: who is not who they say they are hears neither a password nor a mail."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from tls_office import Authority, TlsOffice, Ways, opened

from config.mail import Sender, read_server
from handlers.mail import Answer, Fate, SmtpPost

pytestmark = pytest.mark.anyio

#: Of this machine, and not one of the names at which a password may be said without encryption.
HERE = "127.0.0.2"
PASSWORD = "ume-sakura-momiji"
SENDER = Sender(address="tsunagu@shakyo.example", name="つなぐ")
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """What this process trusts for the length of a test."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


async def sent(office: TlsOffice, *, scheme: str, address: str = HERE, password: bool = True) -> Answer:
    """One mail handed in."""
    user = f"desk:{PASSWORD}@" if password else ""
    post = SmtpPost(read_server(f"{scheme}://{user}{address}:{office.port}"), SENDER, timeout=5)
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "x", SENDER.address, "aoki@shakyo.example"
    message.set_content("開いてください")
    return await post.hand_in(message, "aoki@shakyo.example")


def said(lines: list[bytes]) -> bytes:
    return b"".join(lines)


def knows(lines: list[bytes]) -> bool:
    """Whether the password is in what was heard, in any of the ways it is written."""
    heard, plain = said(lines), f"\0desk\0{PASSWORD}".encode()
    ways = (PASSWORD.encode(), base64.b64encode(PASSWORD.encode()), base64.b64encode(plain))
    return any(way in heard for way in ways)


WAYS = [("smtps", Ways.TLS), ("smtp", Ways.STARTTLS)]


@pytest.mark.parametrize(("scheme", "way"), WAYS)
async def test_a_good_certificate_gets_the_mail_inside_tls(authority: Authority, scheme: str, way: Ways) -> None:
    async with opened(HERE, authority.context(HERE), way) as office:
        assert await sent(office, scheme=scheme) == Answer(fate=Fate.TAKEN)
    assert knows(office.inside)
    assert b"aoki@shakyo.example" in said(office.inside)
    assert set(office.words_in_the_clear) <= {"EHLO", "STARTTLS"}


@pytest.mark.parametrize(("scheme", "way"), WAYS)
@pytest.mark.parametrize("flaw", ["another's name", "ended", "nobody's"])
async def test_a_certificate_that_does_not_hold_hears_nothing(
    authority: Authority, tmp_path: Path, scheme: str, way: Ways, flaw: str
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    context = {
        "another's name": lambda: authority.context("127.0.0.3"),
        "ended": lambda: authority.context(HERE, ends=timedelta(days=-1)),
        "nobody's": lambda: Authority(other).context(HERE),
    }[flaw]()
    async with opened(HERE, context, way) as office:
        answer = await sent(office, scheme=scheme)
    assert answer.fate is Fate.LATER
    assert answer.reason is not None
    assert office.inside == []
    assert set(office.words_in_the_clear) <= {"EHLO", "STARTTLS"}
    assert not knows(office.clear)


@pytest.mark.parametrize("way", [Ways.STRIPPED, Ways.REFUSED, Ways.PLAIN_AFTERWARDS])
async def test_whoever_takes_the_encryption_away_gets_no_password_and_no_mail(authority: Authority, way: Ways) -> None:
    async with opened(HERE, authority.context(HERE), way) as office:
        answer = await sent(office, scheme="smtp")
    assert answer.fate is Fate.LATER
    heard = said(office.clear)
    assert not knows(office.clear)
    assert b"AUTH" not in heard
    assert b"MAIL FROM" not in heard.upper()


async def test_without_a_password_a_false_certificate_gets_no_mail_either(authority: Authority) -> None:
    """Where a server says that it can encrypt, it has to be able to."""
    async with opened(HERE, authority.context("127.0.0.3"), Ways.STARTTLS) as office:
        answer = await sent(office, scheme="smtp", password=False)
    assert answer.fate is Fate.LATER
    assert b"MAIL FROM" not in said(office.clear).upper()


async def test_a_server_that_only_speaks_in_the_clear_is_no_smtps_server(authority: Authority) -> None:
    async with opened(HERE, authority.context(HERE), Ways.STRIPPED) as office:
        answer = await sent(office, scheme="smtps")
    assert answer.fate is Fate.LATER
    assert not knows(office.clear)


async def test_the_check_of_the_doctor_says_the_same(authority: Authority) -> None:
    async with opened(HERE, authority.context("127.0.0.3"), Ways.STARTTLS) as office:
        server = read_server(f"smtp://desk:{PASSWORD}@{HERE}:{office.port}")
        answer = await SmtpPost(server, SENDER, timeout=5).check()
    assert answer.fate is Fate.LATER
    assert not knows(office.clear)
