"""Mail that tells staff to look: how it is put together, how it is handed in, and what each outcome means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from enum import StrEnum
from typing import Protocol

import aiosmtplib
from aiosmtplib.errors import SMTPAuthenticationError, SMTPException, SMTPResponseException

from config.mail import MailServer, Sender
from config.notices import MailWords
from storage.notice_tables import NoticeKind, NoticeState
from storage.notices import Change, Mail

#: A mail server that is silent for longer has not taken the mail, as far as we know.
TIMEOUT = 20.0
_FIRST_PAUSE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(minutes=5)
_AFTER_REFUSAL = timedelta(minutes=1)


class Fate(StrEnum):
    """What came of handing a mail in. REFUSED: this mail box never; LATER: not now; UNSURE: it may have been taken."""

    TAKEN = "taken"
    REFUSED = "refused"
    LATER = "later"
    UNSURE = "unsure"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """`reason` is a code or a name of ours: what servers write may name people."""

    fate: Fate
    reason: str | None = None


class Post(Protocol):
    """Where mails are handed in."""

    @property
    def sender(self) -> Sender: ...

    async def hand_in(self, message: EmailMessage, to: str) -> Answer:
        """Hand one mail in. Never raises for what a server does."""
        ...


def compose(mail: Mail, words: MailWords, *, sender: Sender, account: str, link: str, now: datetime) -> EmailMessage:
    """A mail without any content: which desk, how urgent, the number of the case, and where to look.

    EmailMessage refuses a line break in a header with ValueError; subjects are one line before that.
    """
    values = {"account": account, "number": mail.number or "", "link": link, "minutes": str(mail.minutes)}
    message = EmailMessage(policy=SMTP_POLICY)
    message["Subject"] = _filled(words.subject, values)
    message["From"] = Address(display_name=sender.name, addr_spec=sender.address)
    message["To"] = Address(addr_spec=mail.address)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = mail.message_id
    # Away notes must not answer, and lists must not.
    message["Auto-Submitted"] = "auto-generated"
    if mail.kind is NoticeKind.URGENT:
        message["Importance"] = "high"
        message["X-Priority"] = "1"
    message.set_content(_filled(words.text, values), charset="utf-8", cte="base64")
    return message


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


class SmtpPost:
    """A mail server."""

    def __init__(self, server: MailServer, sender: Sender, *, timeout: float = TIMEOUT) -> None:
        self._server = server
        self._sender = sender
        self._timeout = timeout

    @property
    def sender(self) -> Sender:
        return self._sender

    async def hand_in(self, message: EmailMessage, to: str) -> Answer:
        """One connection for one mail. Until its last byte is out, it surely was not taken."""
        client = self._client()
        try:
            await self._open(client)
            await client.mail(self._sender.address)
            answer = await self._addressed(client, to)
            return answer or await self._handed(client, message.as_bytes())
        except SMTPAuthenticationError:
            return Answer(fate=Fate.LATER, reason="sign_in_refused")
        except SMTPResponseException as error:
            return Answer(fate=Fate.LATER, reason=str(error.code))
        except (SMTPException, OSError, ValueError) as error:
            return Answer(fate=Fate.LATER, reason=_named(error))
        finally:
            client.close()

    async def check(self) -> Answer:
        """Whether the server answers and lets us in."""
        client = self._client()
        try:
            await self._open(client)
        except SMTPAuthenticationError:
            return Answer(fate=Fate.REFUSED, reason="sign_in_refused")
        except SMTPResponseException as error:
            return Answer(fate=Fate.REFUSED, reason=str(error.code))
        except (SMTPException, OSError, ValueError) as error:
            return Answer(fate=Fate.LATER, reason=_named(error))
        finally:
            client.close()
        return Answer(fate=Fate.TAKEN)

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            # None: where the server has it. With a password: or nothing is said at all.
            start_tls=False if server.tls else (True if server.must_encrypt else None),
            timeout=self._timeout,
            local_hostname=self._sender.domain,
        )

    async def _open(self, client: aiosmtplib.SMTP) -> None:
        await client.connect()
        if self._server.user is not None and self._server.password is not None:
            await client.login(self._server.user, self._server.password)

    @staticmethod
    async def _addressed(client: aiosmtplib.SMTP, to: str) -> Answer | None:
        """What the server says against this mail box; None when it takes it."""
        try:
            await client.rcpt(to)
        except SMTPResponseException as error:
            fate = Fate.REFUSED if error.code >= 500 else Fate.LATER
            return Answer(fate=fate, reason=str(error.code))
        return None

    @staticmethod
    async def _handed(client: aiosmtplib.SMTP, raw: bytes) -> Answer:
        try:
            await client.data(raw)
        except SMTPResponseException as error:
            fate = Fate.REFUSED if error.code >= 500 else Fate.LATER
            return Answer(fate=fate, reason=str(error.code))
        except (SMTPException, OSError) as error:
            return Answer(fate=Fate.UNSURE, reason=_named(error))
        return Answer(fate=Fate.TAKEN)


def _named(error: Exception) -> str:
    return type(error).__name__[:40]


def pause(tries: int) -> timedelta:
    """How long to wait after the n-th failure: 10, 20, 40 … seconds up to five minutes."""
    doublings = min(max(tries, 1) - 1, 10)
    return min(_FIRST_PAUSE * (1 << doublings), _LONGEST_PAUSE)


def after_try(mail: Mail, answer: Answer, *, now: datetime) -> Change:
    """What one try changes. A doubled mail beats silence: what may have been taken is sent again, with the same
    Message-ID, and counted.
    """
    # Whether it was sent a second time although the first may have arrived.
    doubled = mail.maybe_doubled or (mail.unsure and answer.fate in {Fate.TAKEN, Fate.UNSURE})
    unsure = mail.unsure or answer.fate is Fate.UNSURE
    if answer.fate is Fate.TAKEN:
        return Change(state=NoticeState.SENT, unsure=mail.unsure, maybe_doubled=doubled)
    if answer.fate is Fate.REFUSED:
        return Change(state=NoticeState.FAILED, unsure=unsure, maybe_doubled=doubled, reason=answer.reason)
    again = now + (_AFTER_REFUSAL if answer.reason == "sign_in_refused" else pause(mail.tries))
    if again >= mail.expires_at:
        return Change(state=NoticeState.EXPIRED, unsure=unsure, maybe_doubled=doubled, reason=answer.reason)
    return Change(
        state=NoticeState.WAITING, next_try_at=again, unsure=unsure, maybe_doubled=doubled, reason=answer.reason
    )


@dataclass(slots=True)
class MailHealth:
    """How mail goes, as this process last saw it: for the banner of every page, which asks no table."""

    configured: bool
    unreachable: tuple[str, ...] = ()
    #: By desk.
    stuck: Mapping[str, int] = field(default_factory=dict)
    in_vain: Mapping[str, int] = field(default_factory=dict)
    unanswered: Mapping[str, int] = field(default_factory=dict)
