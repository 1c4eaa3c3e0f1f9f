"""From channel-neutral words to LINE's message objects, within the limits LINE sets."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.content import load_content
from config.contents.wording import filled
from dialogue import Desk, State
from dialogue.state import Tone
from dialogue.voice import Voice
from dialogue.words import Card, Choice, Choices, Contact, Message, Text
from handlers.line import postback
from handlers.line.render import render

CONTENT = load_content()
#: LINE's own limits («Message objects», «Action objects»).
LABEL, ALT_TEXT, BUTTON = 20, 1500, 40
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)

YES = Choice(label="はい", action="offer", argument="yes", shown="はい、おねがいします")
NO = Choice(label="いいえ", action="offer", argument="no")
POLICE = Contact(name="警察", uri="tel:110", shown="110に電話する", hours="24時間", note="無料")
CARD = Card(
    notice="お知らせ", title="すぐに電話できるところ", lines=("ひとりでいなくて大丈夫です。",), contacts=(POLICE,)
)


def chips(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [item["action"] for item in message.get("quickReply", {}).get("items", [])]


def walk(value: Any) -> list[dict[str, Any]]:
    """Every object within a message."""
    if isinstance(value, dict):
        return [value, *(inner for item in value.values() for inner in walk(item))]
    return [inner for item in value for inner in walk(item)] if isinstance(value, list) else []


def test_words_become_one_bubble_each_in_their_order() -> None:
    assert render([Text(text="一"), Text(text="二")]) == [
        {"type": "text", "text": "一"},
        {"type": "text", "text": "二"},
    ]


def test_answers_to_press_send_what_was_meant_and_show_what_was_said() -> None:
    (message,) = render([Choices(text="どうしますか。", options=(YES, NO))])
    first, second = chips(message)
    assert (first["type"], first["label"], first["displayText"]) == ("postback", "はい", "はい、おねがいします")
    assert second["displayText"] == "いいえ"
    assert postback.decode(first["data"]) == ("offer", "yes")


def test_answers_to_press_stand_at_the_last_bubble_only_where_line_shows_them() -> None:
    shown = render([Choices(text="どうしますか。", options=(YES,)), Text(text="いつでもどうぞ。"), CARD])
    assert [len(chips(message)) for message in shown] == [0, 0, 1]
    assert shown[0] == {"type": "text", "text": "どうしますか。"}


def test_of_two_questions_the_last_ones_answers_count() -> None:
    shown = render([Choices(text="一", options=(YES,)), Choices(text="二", options=(NO,)), Text(text="三")])
    assert [[chip["label"] for chip in chips(message)] for message in shown] == [[], [], ["いいえ"]]


def test_a_locked_screen_shows_of_a_card_only_the_notice() -> None:
    (message,) = render([CARD])
    assert (message["type"], message["altText"]) == ("flex", "お知らせ")
    outside = json.dumps({name: value for name, value in message.items() if name != "contents"}, ensure_ascii=False)
    assert "電話" not in outside


def test_every_contact_of_a_card_can_be_pressed() -> None:
    (message,) = render([CARD])
    (action,) = [part["action"] for part in walk(message) if part.get("type") == "button"]
    assert action == {"type": "uri", "label": "110に電話する", "uri": "tel:110"}
    shown = [part["text"] for part in walk(message) if part.get("type") == "text"]
    assert shown == ["すぐに電話できるところ", "ひとりでいなくて大丈夫です。", "警察", "24時間", "無料"]


def test_what_a_contact_does_not_have_leaves_no_empty_line() -> None:
    bare = Contact(name="警察", uri="tel:110", shown="110", hours="")
    (message,) = render([Card(notice="お知らせ", title="t", lines=(), contacts=(bare,))])
    assert all(part["text"] for part in walk(message) if part.get("type") == "text")


def test_long_words_in_a_card_are_wrapped_and_not_cut() -> None:
    (message,) = render([CARD])
    assert all(part["wrap"] for part in walk(message) if part.get("type") == "text")


contacts = st.builds(Contact, name=st.text(min_size=1), uri=st.just("tel:1"), shown=st.text(), hours=st.text())
words = st.text(min_size=1, max_size=50)
options = st.lists(st.builds(Choice, label=words, action=st.just("offer"), argument=st.just("yes")), max_size=5)
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(Text, text=words),
    st.builds(Choices, text=words, options=options.map(tuple)),
    st.builds(Card, notice=words, title=words, lines=st.tuples(words), contacts=st.lists(contacts).map(tuple)),
)


@given(st.lists(messages, min_size=1, max_size=5))
def test_every_message_is_one_bubble_and_only_the_last_has_answers(said: list[Message]) -> None:
    shown = render(said)
    assert len(shown) == len(said)
    assert not any("quickReply" in message for message in shown[:-1])


def labels() -> list[str]:
    """Every text of the shipped words that stands on an answer to press."""
    parts = [getattr(CONTENT, field.name) for field in dataclasses.fields(CONTENT)]
    lines = [line for part in parts for line in getattr(part, "labels", {}).values()]
    lines += [topic.word for topic in CONTENT.topics.values()]
    return [filled(CONTENT, text) for line in lines for text in (line.plain, line.kana, line.elder) if text]


def test_the_shipped_answers_fit_on_lines_buttons() -> None:
    assert len(labels()) > len(CONTENT.topics)
    assert [label for label in labels() if len(label) > LABEL] == []


@pytest.mark.parametrize("tone", list(Tone))
def test_the_shipped_contacts_make_cards_that_line_takes(tone: Tone) -> None:
    desk = Desk(id="default", content=CONTENT)
    voice = Voice.of(desk, replace(State.new(), tone=tone), 1, NOW, None)
    for place in CONTENT.contacts.values():
        (message,) = render([Card(notice="お知らせ", title="t", lines=(), contacts=(voice.contact(place),))])
        (action,) = [part["action"] for part in walk(message) if part.get("type") == "button"]
        assert len(action["label"]) <= BUTTON
        assert action["uri"].startswith(("tel:", "https://"))
        assert len(message["altText"]) <= ALT_TEXT
