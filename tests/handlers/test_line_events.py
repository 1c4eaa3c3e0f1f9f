"""Reading LINE's events: every kind has a decided meaning, and nothing LINE may add makes it fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue.events import WordlessKind
from dialogue.words import Choice
from handlers.incoming import Follow, Incoming, NotForUs, Pressed, Said, TookBack, UnreadableEvent
from handlers.line import postback
from handlers.line.events import read_event
from storage.outbox import ReplyToken

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
USER = "U" + "a" * 32


def event(kind: str, **parts: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "mode": "active",
        "timestamp": int(NOW.timestamp() * 1000),
        "source": {"type": "user", "userId": USER},
        "webhookEventId": "01H",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": "token",
        **parts,
    }


def message(kind: str, **parts: Any) -> dict[str, Any]:
    return event("message", message={"type": kind, "id": "100", **parts})


def read(body: Any, *, later: float = 1) -> Incoming:
    return read_event(body, received_at=NOW + timedelta(seconds=later))


def test_words_are_read_with_their_sender_time_and_token() -> None:
    found = read(message("text", text="家賃が払えない", quoteToken="q"))
    assert found.what == Said(ref="100", text="家賃が払えない")
    assert (found.address, found.sent_at) == (USER, NOW)
    assert found.token == ReplyToken(token="token", at=NOW + timedelta(seconds=1))


@pytest.mark.parametrize("kind", ["sticker", "image", "video", "audio", "file", "location"])
def test_what_comes_without_words_is_only_a_kind(kind: str) -> None:
    body = message(kind, latitude=35.6, longitude=139.7, address="東京都", fileName="診断書.pdf", keywords=["泣"])
    assert read(body).what == Said(ref="100", wordless=WordlessKind(kind))


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (event("follow", follow={"isUnblocked": False}), Follow.ARRIVED),
        (event("follow", follow={"isUnblocked": True}), Follow.UNBLOCKED),
        (event("follow"), Follow.ARRIVED),
        (event("unfollow"), Follow.LEFT),
        (event("unsend", unsend={"messageId": "100"}), TookBack(ref="100")),
        (event("postback", postback={"data": "v1|notice|"}), Pressed(action="notice", argument="")),
        (event("postback", postback={"data": "buy=1"}), Pressed(action="unknown", argument="")),
        (message("text", text="x") | {"mode": "standby"}, NotForUs(reason="standby")),
        (message("text", text="x") | {"source": {"type": "group", "groupId": "C1"}}, NotForUs(reason="group")),
        (event("join"), NotForUs(reason="unused: join")),
        (event("accountLink", source=None), NotForUs(reason="unused: accountLink")),
        (event("aNewKind"), NotForUs(reason="unknown kind of event", known=False)),
        (message("hologram"), Said(ref="100", wordless=WordlessKind.OTHER)),
    ],
)
def test_every_kind_of_event_has_a_decided_meaning(body: dict[str, Any], what: object) -> None:
    assert read(body).what == what


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("words", "event"),
        ({}, "type"),
        (event("message"), "message"),
        (event("message", message=[]), "message"),
        (message("text"), "message.text"),
        (message("text", text=5), "message.text"),
        (event("message", message={"type": "text", "text": "x"}), "id"),
        (event("postback"), "postback"),
        (event("postback", postback={"data": 5}), "data"),
        (event("unsend", unsend={}), "messageId"),
        (message("text", text="x") | {"source": {"type": "user"}}, "source.userId"),
        (message("text", text="x") | {"timestamp": "now"}, "timestamp"),
        (message("text", text="x") | {"timestamp": True}, "timestamp"),
        (message("text", text="x") | {"timestamp": 10**30}, "timestamp"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_part(body: Any, part: str) -> None:
    with pytest.raises(UnreadableEvent, match=rf"^{part}$"):
        read(body)


def test_a_token_older_than_twenty_minutes_is_not_tried() -> None:
    assert read(message("text", text="x"), later=1201).token is None


def test_a_reply_token_of_the_wrong_kind_is_no_token() -> None:
    assert read(message("text", text="x") | {"replyToken": 5}).token is None


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789_.-", min_size=1, max_size=40), st.text(max_size=200))
def test_a_button_comes_back_as_it_was_made(action: str, argument: str) -> None:
    data = postback.encode(Choice(label="x", action=action, argument=argument))
    clean = not any(ord(c) < 0x20 or 0xD800 <= ord(c) <= 0xDFFF for c in argument)
    assert postback.decode(data) == ((action, argument) if clean else (postback.UNKNOWN, ""))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["message", "postback", "unsend", "follow", "unfollow", "x"]), st.data())
def test_no_field_of_a_wrong_kind_raises_anything_but_unreadable(kind: str, data: st.DataObject) -> None:
    body = message("text", text="x") | {"type": kind, "postback": {"data": "v1|a|"}, "unsend": {"messageId": "1"}}
    for name in data.draw(st.sets(st.sampled_from(sorted(body)))):
        body[name] = data.draw(json_values)
    try:
        read(body)
    except UnreadableEvent as error:
        assert len(str(error)) < 40
