"""What residents do becomes webhook events as LINE makes them."""

from __future__ import annotations

import json
import re
from types import ModuleType

import httpx
import pytest
from simulator_cast import ListeningBot

from bot.simulator import Friendship, Platform, Reason, RefusedError, Side, SimulatorServer, signature


def test_signature_of_lines_own_test_vector() -> None:
    body = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
    expected = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="
    assert signature("8c570fa6dd201bb328f1c1eac23a96d8", body) == expected


def test_every_event_is_one_signed_post_in_order(sim: SimulatorServer, bot: ListeningBot) -> None:
    resident = sim.resident()
    resident.follow()
    resident.say("家賃が払えない")
    resident.block()
    received = bot.wait_for(3)
    assert [event["type"] for event in bot.events] == ["follow", "message", "unfollow"]
    for headers, raw in received:
        assert headers["x-line-signature"] == signature(sim.secret, raw)
        assert json.loads(raw)["destination"] == sim.platform.bot_user_id


def test_events_of_one_block_share_a_post(sim: SimulatorServer, bot: ListeningBot) -> None:
    first, second = sim.resident(), sim.resident()
    with sim.one_post():
        first.follow()
        second.follow()
        first.say("こんばんは")
    sim.wait_until_delivered()
    assert len(bot.received) == 1
    assert [event["source"]["userId"] for event in bot.events] == [first.user_id, second.user_id, first.user_id]


def test_events_carry_what_the_documentation_names(platform: Platform) -> None:
    resident = platform.residents.add()
    follow = platform.residents.follow(resident.user_id)
    assert re.fullmatch(r"U[0-9a-f]{32}", resident.user_id)
    assert re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", follow["webhookEventId"])
    assert follow["timestamp"] == int(platform.core.now().timestamp() * 1000)
    assert follow["deliveryContext"] == {"isRedelivery": False}
    assert follow["follow"] == {"isUnblocked": False}
    assert platform.residents.block(resident.user_id).get("replyToken") is None
    assert platform.residents.follow(resident.user_id)["follow"] == {"isUnblocked": True}


def test_every_event_passes_lines_own_schema(platform: Platform, openapi: ModuleType) -> None:
    residents = platform.residents
    user = residents.add().user_id
    residents.follow(user)
    said = residents.say(user, "こんにちは")
    residents.send_sticker(user, keywords=("かなしい",))
    for kind in ("image", "video", "audio", "file"):
        residents.send_media(user, kind)
    residents.send_location(user)
    residents.postback(user, "v1:done", {"date": "2026-11-20"})
    residents.unsend(user, said.id)
    residents.block(user)
    spec = openapi.load("webhook.yml")
    body = {"destination": platform.bot_user_id, "events": list(residents.events)}
    assert len(residents.events) == 11
    assert openapi.errors(spec, "CallbackRequest", body) == []


def test_standby_events_have_no_reply_token(platform: Platform) -> None:
    user = platform.residents.add().user_id
    platform.residents.standby = True
    event = platform.residents.follow(user)
    assert event["mode"] == "standby"
    assert "replyToken" not in event


def test_who_blocked_the_account_cannot_write(platform: Platform) -> None:
    user = platform.residents.add().user_id
    platform.residents.follow(user)
    platform.residents.block(user)
    with pytest.raises(RefusedError):
        platform.residents.say(user, "だれか")
    assert platform.residents.get(user).friendship is Friendship.BLOCKED


def test_an_unsent_message_keeps_no_words(platform: Platform) -> None:
    user = platform.residents.add().user_id
    said = platform.residents.say(user, "やっぱりやめます")
    event = platform.residents.unsend(user, said.id)
    entry = platform.residents.get(user).entry(said.id)
    assert event["unsend"] == {"messageId": said.id}
    assert entry.unsent
    assert entry.text == ""
    with pytest.raises(RefusedError):
        platform.residents.unsend(user, said.id)


def test_a_lone_surrogate_reaches_the_bot_escaped(sim: SimulatorServer, bot: ListeningBot) -> None:
    sim.resident().say("あ\ud83dい")
    bot.wait_for(1)
    assert bot.events[0]["message"]["text"] == "あ\ud83dい"


def test_a_message_is_read_once_the_bot_has_it(sim: SimulatorServer) -> None:
    resident = sim.resident()
    said = resident.say("読んでくれますか")
    sim.wait_until_delivered()
    assert [entry.read for entry in resident.entries if entry.id == said.id] == [True]


def test_copies_and_wrong_signatures_on_demand(sim: SimulatorServer, bot: ListeningBot) -> None:
    sim.platform.webhook.faults.copies = 1
    sim.platform.webhook.faults.wrong_signatures = 1
    sim.resident().say("二重に届く")
    sim.wait_until_delivered()
    (bad, raw), (good, again) = bot.received
    assert raw == again
    assert bad["x-line-signature"] != signature(sim.secret, raw)
    assert good["x-line-signature"] == signature(sim.secret, raw)


def test_reordering_lets_the_newer_event_overtake(sim: SimulatorServer, bot: ListeningBot) -> None:
    sim.platform.webhook.faults.reorder = True
    sim.platform.webhook.faults.reorder_within = 5
    resident = sim.resident()
    resident.say("いち")
    resident.say("に")
    sim.wait_until_delivered()
    assert [event["message"]["text"] for event in bot.events] == ["に", "いち"]


def test_nothing_is_redelivered_by_default(sim: SimulatorServer, bot: ListeningBot) -> None:
    bot.statuses = [500]
    sim.resident().say("一度だけ")
    sim.wait_until_delivered()
    assert [(d.reason, d.status) for d in sim.platform.webhook.deliveries] == [(Reason.ERROR_STATUS_CODE, 500)]


def test_redelivery_repeats_the_event_until_it_is_taken(sim: SimulatorServer, bot: ListeningBot) -> None:
    bot.statuses = [500, 503]
    sim.platform.webhook.faults.redelivery = True
    sim.platform.webhook.faults.redelivery_after = 0.01
    sim.resident().say("もう一度")
    bot.wait_for(3)
    first, second, third = bot.events
    assert [e["deliveryContext"]["isRedelivery"] for e in bot.events] == [False, True, True]
    assert first["webhookEventId"] == second["webhookEventId"] == third["webhookEventId"]
    assert first["replyToken"] == third["replyToken"]


def test_a_bot_that_is_away_is_noted_and_nothing_breaks(sim: SimulatorServer) -> None:
    sim.webhook_url = "http://127.0.0.1:9/nobody"
    sim.resident().say("いますか")
    sim.wait_until_delivered()
    assert sim.platform.webhook.deliveries[0].reason is Reason.COULD_NOT_CONNECT


def test_the_webhook_url_can_be_set_later(bot: ListeningBot) -> None:
    with SimulatorServer() as sim:
        sim.resident().say("まだ誰もいない")
        sim.wait_until_delivered()
        sim.webhook_url = bot.url
        sim.resident().say("いまはいる")
        bot.wait_for(1)
        assert [d.reason for d in sim.platform.webhook.deliveries][:1] == [Reason.NO_WEBHOOK_URL]


def test_ready_made_events_go_out_as_they_are(sim: SimulatorServer, bot: ListeningBot) -> None:
    sim.send_events({"type": "somethingNew"}, {"type": "message", "message": {"type": "text"}})
    bot.wait_for(1)
    assert bot.events == [{"type": "somethingNew"}, {"type": "message", "message": {"type": "text"}}]


def test_the_verification_ping_has_no_events(sim: SimulatorServer, bot: ListeningBot) -> None:
    answer = httpx.post(
        f"{sim.api_url}/v2/bot/channel/webhook/test", headers={"authorization": f"Bearer {sim.token}"}, json={}
    )
    assert answer.json()["success"] is True
    assert bot.events == []
    assert len(bot.received) == 1


def test_a_postback_shows_its_display_text_but_does_not_send_it(platform: Platform) -> None:
    user = platform.residents.add().user_id
    platform.residents.postback(user, "v1:yes", shown="はい、お願いします")
    resident = platform.residents.get(user)
    assert [(entry.side, entry.text) for entry in resident.entries] == [(Side.RESIDENT, "はい、お願いします")]
    assert [event["type"] for event in platform.residents.events] == ["postback"]
    assert platform.residents.events[0]["postback"] == {"data": "v1:yes"}


def test_two_platforms_with_one_seed_make_the_same_ids() -> None:
    from bot.simulator import PlatformSettings

    def made() -> list[str]:
        platform = Platform(PlatformSettings(channel_secret="s", access_token="t"), seed=3)
        return [platform.bot_user_id, platform.residents.add().user_id]

    assert made() == made()
