"""The road of a message, whole: from a resident's phone through the bot and back, on both databases."""

from __future__ import annotations

import json

import pytest
from line_openapi import ABSENT, openapi, wrong_bodies
from road import Bot, said
from sqlalchemy import select

from bot.simulator import SimulatorServer
from dialogue.actions import Action
from dialogue.words import Choice
from handlers.line.postback import encode
from storage.tables import (
    Alert,
    Finding,
    InboxEvent,
    InboxState,
    OutboxMessage,
    OutboxState,
    Resident,
    ResidentMessage,
    Tag,
    Turn,
)

HUNGRY = "家賃が払えなくて、きのうから何も食べてない"


def test_a_resident_who_arrives_reads_the_notice_and_is_heard(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    resident.follow()
    notice = "".join(entry.text for entry in resident.answer())
    assert "プログラム" in notice
    assert "119" in notice
    resident.say("母の介護で眠れない日が続いています")
    assert resident.answer()
    assert {entry.via for entry in resident.bubbles} == {"reply"}


def test_hunger_is_answered_with_numbers_to_press_and_staff_are_alerted(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    resident.follow()
    resident.answer()
    resident.say(HUNGRY)
    card = resident.answer()[0].message
    assert card["type"] == "flex"
    assert "tel:" in json.dumps(card)
    bot.settle()
    (alert,) = bot.rows(select(Alert.level, Alert.kinds, Alert.rule))
    assert (alert.level, alert.kinds) == ("urgent", ["lifeline"])
    assert HUNGRY not in alert.rule


def test_what_was_found_is_stored_with_the_message_it_stands_in(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    resident.say(HUNGRY)
    resident.answer()
    bot.settle()
    (message,) = bot.rows(select(ResidentMessage.id))
    (finding,) = bot.rows(select(Finding))
    tags = bot.rows(select(Tag.category, Tag.message_id))
    assert "poverty" in {tag.category for tag in tags}
    assert {tag.message_id for tag in tags} == {message.id} == {finding.message_id}
    assert (finding.risk_level, finding.risk_kinds) == ("urgent", ["lifeline"])


def test_a_burst_gets_one_answer(sim: SimulatorServer, database_url: str, tmp_path) -> None:
    with Bot(sim, database_url, tmp_path, pause=0.4) as bot:
        resident = sim.resident()
        resident.follow()
        resident.answer()
        before = len(resident.bubbles)
        for words in ("あの", "仕事のことで", "上司に毎日どなられていて"):
            resident.say(words)
        resident.answer()
        bot.settle()
        turns = bot.rows(select(Turn.id))
        messages = bot.rows(select(ResidentMessage.turn_id).order_by(ResidentMessage.number))
        assert len(turns) == 2
        assert len({m.turn_id for m in messages}) == 1
        assert len(messages) == 3
        assert before < len(resident.bubbles) <= before + 2


def test_while_the_desk_listens_on_the_talk_shows_that_an_answer_is_coming(
    sim: SimulatorServer, database_url: str, tmp_path
) -> None:
    with Bot(sim, database_url, tmp_path, pause=1.3) as bot:
        resident = sim.resident()
        resident.follow()
        resident.answer()
        resident.say("あの")
        resident.wait_for(lambda: resident.loading)
        resident.say("仕事のことで")
        resident.answer()
        assert not resident.loading
        bot.settle()
        assert len(sim.requests("/chat/loading/start")) == 1


def test_danger_is_answered_without_waiting_for_more_words(sim: SimulatorServer, database_url: str, tmp_path) -> None:
    with Bot(sim, database_url, tmp_path, pause=9.0):
        resident = sim.resident()
        resident.say(HUNGRY)
        assert resident.answer(timeout=5)[0].message["type"] == "flex"


def test_the_same_event_delivered_three_times_gives_one_answer(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    resident.follow()
    resident.answer()
    event = said(resident.user_id, "ひとりで子どもを育てています", "EVENT1", token="never valid")
    for _ in range(2):
        sim.send_events(event, event)
        bot.settle()
    resident.wait_for_bubbles(5)
    sim.send_events({**event, "deliveryContext": {"isRedelivery": True}})
    bot.settle()
    assert len(bot.rows(select(InboxEvent.id))) == 2
    assert len(bot.rows(select(OutboxMessage.id).where(OutboxMessage.state == OutboxState.SENT))) == 2


def test_events_in_the_wrong_order_are_taken_in_the_order_in_which_they_happened(
    sim: SimulatorServer, bot: Bot
) -> None:
    resident = sim.resident()
    resident.follow()
    resident.answer()
    first = said(resident.user_id, "息子は46歳で", "FIRST", at=1_000)
    second = said(resident.user_id, "ずっと家にいます", "SECOND", at=2_000)
    sim.send_events(second, first)
    bot.settle()
    rows = bot.rows(select(ResidentMessage.sent_at).order_by(ResidentMessage.number))
    assert [row.sent_at for row in rows] == sorted(row.sent_at for row in rows)


def test_an_unsent_message_is_gone_with_all_that_was_found_in_it(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    message = resident.say("借金が300万あって督促がとまりません")
    resident.answer()
    bot.settle()
    assert bot.rows(select(Tag.id))
    resident.unsend(message)
    bot.settle()
    (row,) = bot.rows(select(ResidentMessage.text_sealed, ResidentMessage.unsent_at))
    assert row.text_sealed is None
    assert row.unsent_at is not None
    assert bot.rows(select(Tag.id)) == []
    assert bot.rows(select(Finding.message_id)) == []
    assert "debt" not in json.dumps(known_of(bot))


def known_of(bot: Bot) -> object:
    from storage.vault import Place

    (row,) = bot.rows(select(Resident.id, Resident.key_id, Resident.known_sealed))

    async def read(connection):
        key = await bot.program.keyring.resident_key(connection, row.key_id)
        return key.open_json(Place(table="residents", column="known", row=row.id), row.known_sealed)

    return bot.within(read)


def test_a_message_unsent_before_it_comes_is_never_kept(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    resident.follow()
    resident.answer()
    before = len(resident.bubbles)
    unsend = {**said(resident.user_id, "", "UNSEND", at=5), "type": "unsend", "unsend": {"messageId": "LATE"}}
    del unsend["message"], unsend["replyToken"]
    sim.send_events(unsend)
    bot.settle()
    sim.send_events(said(resident.user_id, "やっぱり言わない", "LATE"))
    bot.settle()
    (row,) = bot.rows(select(ResidentMessage.text_sealed, ResidentMessage.unsent_at))
    assert row.text_sealed is None
    assert row.unsent_at is not None
    assert len(resident.bubbles) == before


def test_what_comes_without_words_is_answered_and_a_place_is_not_kept(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    resident.follow()
    resident.answer()
    resident.send_sticker()
    assert resident.answer()
    for kind in ("image", "video", "audio", "file"):
        resident.send_media(kind)
        assert resident.answer()
    resident.send_location()
    assert resident.answer()
    bot.settle()
    rows = bot.rows(select(ResidentMessage.kind, ResidentMessage.text_sealed).order_by(ResidentMessage.number))
    assert [row.kind for row in rows] == ["sticker", "image", "video", "audio", "file", "location"]
    assert {row.text_sealed for row in rows} == {None}


def test_nothing_goes_to_somebody_who_blocked_and_coming_back_is_welcomed(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    resident.follow()
    resident.answer()
    before = len(resident.bubbles)
    resident.block()
    bot.settle()
    (row,) = bot.rows(select(Resident.blocked_at))
    assert row.blocked_at is not None
    assert len(resident.bubbles) == before
    resident.unblock()
    assert "おかえり" in resident.answer()[0].text
    bot.settle()
    (row,) = bot.rows(select(Resident.blocked_at))
    assert row.blocked_at is None


def test_what_is_remembered_can_be_asked_for_with_a_button(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    resident.say("借金が300万あります")
    resident.answer()
    bot.settle()
    before = len(resident.bubbles)
    resident.postback(encode(Choice(label="x", action=Action.MEMORY)))
    remembered = "".join(entry.text for entry in resident.wait_for_bubbles(1, after=before))
    assert "借" in remembered or "お金" in remembered


def test_strange_buttons_standby_groups_and_new_kinds_never_break_the_talk(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    resident.follow()
    resident.answer()
    event = said(resident.user_id, "聞かないでください", "STANDBY")
    sim.send_events(
        {**event, "mode": "standby"},
        {**event, "webhookEventId": "GROUP", "source": {"type": "group", "groupId": "C1", "userId": resident.user_id}},
        {**event, "webhookEventId": "NEW", "type": "hologram"},
        {**event, "webhookEventId": "BROKEN", "message": "words"},
        {**event, "webhookEventId": "ODD", "message": {"type": "hologram", "id": "9"}},
        {**event, "webhookEventId": "OLD", "type": "postback", "postback": {"data": "v0|buy|1"}},
    )
    bot.settle()
    states = {row.event_id: row.state for row in bot.rows(select(InboxEvent.event_id, InboxEvent.state))}
    assert {name: states[name] for name in ("STANDBY", "GROUP", "NEW", "BROKEN", "ODD", "OLD")} == {
        "STANDBY": InboxState.IGNORED,
        "GROUP": InboxState.IGNORED,
        "NEW": InboxState.UNKNOWN,
        "BROKEN": InboxState.ASIDE,
        "ODD": InboxState.UNKNOWN,
        "OLD": InboxState.DONE,
    }
    resident.say("仕事をさがしています")
    assert resident.answer()


@pytest.mark.parametrize(
    "words",
    ["あ" * 5000, "🍎🍊🍇", "   ", "\u202eabc\u202c", "か\u200dき", "x\x00y", "\ud83d", "\x07\x1b[31m", "<script>"],
)
def test_any_words_are_answered(sim: SimulatorServer, bot: Bot, words: str) -> None:
    resident = sim.resident()
    resident.follow()
    resident.answer()
    before = len(resident.bubbles)
    sim.send_events(said(resident.user_id, words, "ODD"))
    bot.settle()
    states = {row.state for row in bot.rows(select(InboxEvent.state))}
    assert states == {InboxState.DONE}
    assert len(resident.bubbles) >= before


def test_every_acknowledged_event_belongs_to_one_turn_and_each_turn_speaks_at_most_once(
    sim: SimulatorServer, bot: Bot
) -> None:
    residents = [sim.resident() for _ in range(5)]
    for resident in residents:
        resident.follow()
    for words in ("こんにちは", "眠れなくて", "もう5日", "仕事も休みがち"):
        for resident in residents:
            resident.say(words)
    bot.settle()
    events = bot.rows(select(InboxEvent.state, InboxEvent.turn_id))
    assert len(events) == 25
    assert all(row.state is InboxState.DONE and row.turn_id is not None for row in events)
    letters = [row.turn_id for row in bot.rows(select(OutboxMessage.turn_id))]
    assert len(letters) == len(set(letters))
    assert {row.state for row in bot.rows(select(OutboxMessage.state))} == {OutboxState.SENT}


def test_bodies_follow_lines_openapi(sim: SimulatorServer, bot: Bot) -> None:
    if openapi() is None:
        pytest.skip(ABSENT)
    resident = sim.resident()
    resident.follow()
    resident.answer()
    resident.say(HUNGRY)
    resident.answer()
    assert len(sim.requests("/message/reply")) == 2
    assert wrong_bodies(sim) == []
