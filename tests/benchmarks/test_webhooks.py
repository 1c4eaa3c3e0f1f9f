"""The load generator's requests are what LINE sends, and the program takes them."""

from __future__ import annotations

from datetime import UTC, datetime

from benchmarks.webhooks import BOT, SECRET, body_of, many_requests, messages, request_of, text_event, user
from handlers.incoming import Said
from handlers.line.events import read_event
from handlers.line.signature import signature_ok
from handlers.line.webhook import parse_envelope


def test_a_request_is_signed_and_whole() -> None:
    head, _, body = request_of(text_event(user(1), "こんにちは", "token")).partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().splitlines()[1:])
    assert signature_ok([SECRET.encode()], body, fields["x-line-signature"])
    assert int(fields["content-length"]) == len(body)
    assert BOT.encode() in body


def test_the_event_is_read_as_a_message_with_its_token() -> None:
    (event,) = parse_envelope(body_of(text_event(user(7), "家賃が払えない", "token")))
    read = read_event(event, received_at=datetime.now(UTC))
    assert isinstance(read.what, Said)
    assert read.what.text == "家賃が払えない"
    assert read.address == user(7)
    assert read.token is not None


def test_no_two_events_share_an_id_and_residents_take_turns() -> None:
    events = [parse_envelope(r.partition(b"\r\n\r\n")[2])[0] for r in many_requests(30, users=10)]
    assert len({event["webhookEventId"] for event in events}) == 30
    assert len({event["source"]["userId"] for event in events}) == 10


def test_the_messages_are_many_and_always_in_the_same_order() -> None:
    assert len(messages()) > 500
    assert messages()[0] == messages.__wrapped__()[0]
