"""Handing mails in, to a real server over TCP that fails in every way; what each outcome means; what a mail says."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st
from post_office import Fault, Mailbox

from config.mail import MailServer, Sender, read_server
from config.notices import MailWords, notice_words
from handlers.mail import Answer, Fate, SmtpPost, after_try, compose, pause
from storage.ids import new_id
from storage.notice_tables import NoticeKind, NoticeState
from storage.notices import Mail

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
SENDER = Sender(address="tsunagu@shakyo.example", name="つなぐ")
MAIL = Mail(
    id=new_id(),
    desk_id="default",
    kind=NoticeKind.URGENT,
    call_id=new_id(),
    case_id=new_id(),
    number="2026-0001",
    step=0,
    minutes=0,
    address="aoki@shakyo.example",
    message_id="<1@shakyo.example>",
    created_at=NOW,
    expires_at=NOW + timedelta(hours=12),
    tries=1,
    unsure=False,
    maybe_doubled=False,
)
LINK = "https://soudan.example/staff/cases/1"


def composed(mail: Mail = MAIL, words: MailWords | None = None, account: str = "つなぐ"):
    words = words or notice_words().words(mail.kind.value, mail.step, mail.minutes)
    return compose(mail, words, sender=SENDER, account=account, link=LINK, now=NOW)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with Mailbox() as running:
        yield running


def post(box: Mailbox, *, user: str | None = None, timeout: float = 10.0) -> SmtpPost:
    server = replace(read_server(box.url), user=user, password=None if user is None else "secret")
    return SmtpPost(server, SENDER, timeout=timeout)


async def test_a_mail_arrives_as_it_was_written(box: Mailbox) -> None:
    assert await post(box, user="tsunagu").hand_in(composed(), MAIL.address) == Answer(fate=Fate.TAKEN)
    (taken,) = box.taken
    assert taken.to == "aoki@shakyo.example"
    assert taken.message["Subject"] == "【つなぐ】緊急の相談があります(2026-0001)"
    assert str(taken.message["From"]) == "つなぐ <tsunagu@shakyo.example>"
    assert (taken.message["Message-ID"], taken.message["Importance"]) == ("<1@shakyo.example>", "high")
    assert LINK in taken.message.get_content()
    assert taken.raw.isascii()


@pytest.mark.parametrize(
    ("fault", "fate", "reason", "arrived"),
    [
        (Fault.HANGS_UP, Fate.LATER, None, 0),
        (Fault.BUSY, Fate.LATER, "450", 0),
        (Fault.UNKNOWN, Fate.REFUSED, "550", 0),
        (Fault.FULL, Fate.LATER, "452", 0),
        (Fault.REFUSES, Fate.REFUSED, "554", 0),
        (Fault.NO_ENTRY, Fate.LATER, "sign_in_refused", 0),
        (Fault.DROPS, Fate.UNSURE, None, 1),
    ],
)
async def test_each_fault_is_told_for_what_it_is(
    box: Mailbox, fault: Fault, fate: Fate, reason: str | None, arrived: int
) -> None:
    box.fail(fault)
    answer = await post(box, user="tsunagu").hand_in(composed(), MAIL.address)
    assert answer.fate is fate
    assert reason is None or answer.reason == reason
    assert len(box.taken) == arrived
    assert (await post(box).hand_in(composed(), MAIL.address)).fate is Fate.TAKEN


async def test_a_server_that_falls_silent_after_the_text_may_have_taken_it(box: Mailbox) -> None:
    box.fail(Fault.SILENT)
    answer = await post(box, timeout=0.3).hand_in(composed(), MAIL.address)
    assert (answer.fate, len(box.taken)) == (Fate.UNSURE, 1)


async def test_nobody_listens_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    nobody = SmtpPost(MailServer(host="127.0.0.1", port=port, tls=False), SENDER)
    assert (await nobody.hand_in(composed(), MAIL.address)).fate is Fate.LATER
    assert (await nobody.check()).fate is Fate.LATER


async def test_a_password_never_goes_out_in_the_clear(box: Mailbox) -> None:
    """The server has no STARTTLS; by its address it is not this machine."""
    server = MailServer(host="localhost.", port=box.port, tls=False, user="tsunagu", password="secret")
    assert server.must_encrypt
    answer = await SmtpPost(server, SENDER).hand_in(composed(), MAIL.address)
    assert (answer.fate, box.taken) == (Fate.LATER, [])


async def test_the_way_in_is_tried_without_a_mail(box: Mailbox) -> None:
    assert (await post(box, user="tsunagu").check()).fate is Fate.TAKEN
    box.fail(Fault.NO_ENTRY)
    assert (await post(box, user="tsunagu").check()).reason == "sign_in_refused"
    assert box.taken == []


@given(st.text(max_size=60), st.text(max_size=30))
def test_no_name_makes_a_second_header(account: str, number: str) -> None:
    """Whatever a desk is called: it is refused, or it stays in its line."""
    mail = replace(MAIL, number=number)
    try:
        raw = composed(mail, account=account.replace("\ud800", "")).as_bytes()
    except ValueError:
        return
    head = message_from_bytes(raw, policy=default)
    wanted = {"Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "Importance", "X-Priority"}
    made = {"MIME-Version", "Content-Type", "Content-Transfer-Encoding"}
    assert set(head.keys()) == wanted | made
    assert str(head["To"]) == MAIL.address


@pytest.mark.parametrize("account", ["つなぐ\r\nBcc: x@y.example", "つなぐ\nX: y"])
def test_a_line_break_in_a_subject_is_refused(account: str) -> None:
    with pytest.raises(ValueError):
        composed(account=account)


# What an outcome changes


def test_what_was_taken_is_done() -> None:
    change = after_try(MAIL, Answer(fate=Fate.TAKEN), now=NOW)
    assert (change.state, change.maybe_doubled) == (NoticeState.SENT, False)


def test_what_may_have_been_taken_is_sent_again_and_counted_once_it_is() -> None:
    first = after_try(MAIL, Answer(fate=Fate.UNSURE), now=NOW)
    assert (first.state, first.unsure, first.maybe_doubled) == (NoticeState.WAITING, True, False)
    again = after_try(replace(MAIL, unsure=True, tries=2), Answer(fate=Fate.TAKEN), now=NOW)
    assert (again.state, again.maybe_doubled) == (NoticeState.SENT, True)


def test_a_mail_box_that_is_none_is_not_tried_again() -> None:
    change = after_try(MAIL, Answer(fate=Fate.REFUSED, reason="550"), now=NOW)
    assert (change.state, change.reason) == (NoticeState.FAILED, "550")


@given(st.integers(1, 10_000))
def test_tries_come_later_and_later_but_never_after_the_end(tries: int) -> None:
    assert timedelta(seconds=10) <= pause(tries) <= pause(tries + 1) <= timedelta(minutes=5)
    for minutes in (0, 60, 719, 720, 1000):
        now = NOW + timedelta(minutes=minutes)
        change = after_try(replace(MAIL, tries=tries), Answer(fate=Fate.LATER, reason="450"), now=now)
        if change.state is NoticeState.WAITING:
            assert change.next_try_at is not None
            assert now < change.next_try_at < MAIL.expires_at
        else:
            assert change.state is NoticeState.EXPIRED
