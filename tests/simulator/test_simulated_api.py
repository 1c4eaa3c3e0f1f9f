"""The Messaging API takes and refuses what LINE would, seen through the real SDK."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import timedelta
from types import ModuleType
from typing import Any

import aiohttp
import httpx
import pytest
from linebot.v3.messaging import (
    ApiException,
    AsyncApiClient,
    AsyncMessagingApi,
    AsyncMessagingApiBlob,
    MessageAction,
    PushMessageRequest,
    QuickReply,
    QuickReplyItem,
    ReplyMessageRequest,
    RichMenuArea,
    RichMenuBounds,
    RichMenuRequest,
    RichMenuSize,
    ShowLoadingAnimationRequest,
    StickerMessage,
    TextMessage,
    ValidateMessageRequest,
)
from pydantic.v1 import ValidationError
from simulator_cast import ListeningBot, Sdk, png

from bot.simulator import FaultKind, ResidentHandle, SimulatorServer

HELLO = TextMessage(text="聞いています")


def reply_to(event: dict[str, Any], *messages: Any) -> ReplyMessageRequest:
    return ReplyMessageRequest(replyToken=event["replyToken"], messages=list(messages or (HELLO,)))


def push_to(resident: ResidentHandle | str, *messages: Any) -> PushMessageRequest:
    to = resident if isinstance(resident, str) else resident.user_id
    return PushMessageRequest(to=to, messages=list(messages or (HELLO,)))


def post(sim: SimulatorServer, path: str, body: Any, **headers: str) -> httpx.Response:
    given = {"authorization": f"Bearer {sim.token}", "content-type": "application/json", **headers}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(sim.api_url + path, content=content, headers=given)


def refused(sdk: Sdk, call: Any) -> ApiException:
    with pytest.raises(ApiException) as caught:
        sdk(call)
    return caught.value


@pytest.fixture
def friend(sim: SimulatorServer) -> ResidentHandle:
    resident = sim.resident()
    resident.follow()
    return resident


def test_a_reply_token_works_once(sim: SimulatorServer, sdk: Sdk, friend: ResidentHandle, bot: ListeningBot) -> None:
    bot.wait_for(1)
    sent = sdk(lambda api: api.reply_message(reply_to(bot.events[0])))
    assert [bubble.id for bubble in friend.bubbles] == [sent.sent_messages[0].id]
    error = refused(sdk, lambda api: api.reply_message(reply_to(bot.events[0])))
    assert (error.status, json.loads(error.body)) == (400, {"message": "Invalid reply token"})
    assert len(friend.bubbles) == 1


@pytest.mark.parametrize(("age", "works"), [(59, True), (61, False)])
def test_a_reply_token_lives_a_minute(
    sim: SimulatorServer, sdk: Sdk, friend: ResidentHandle, bot: ListeningBot, age: int, works: bool
) -> None:
    sim.wait_until_delivered()
    sim.advance(timedelta(seconds=age))
    if works:
        sdk(lambda api: api.reply_message(reply_to(bot.events[0])))
    else:
        assert refused(sdk, lambda api: api.reply_message(reply_to(bot.events[0]))).status == 400


def test_a_retry_key_is_taken_once_and_then_answered_409(
    sim: SimulatorServer, sdk: Sdk, friend: ResidentHandle
) -> None:
    key = str(uuid.UUID(int=5, version=4))
    first = sdk(lambda api: api.push_message_with_http_info(push_to(friend), x_line_retry_key=key))
    again = refused(sdk, lambda api: api.push_message(push_to(friend), x_line_retry_key=key))
    assert again.status == 409
    assert again.headers["x-line-accepted-request-id"] == first.headers["x-line-request-id"]
    assert json.loads(again.body)["sentMessages"][0]["id"] == first.data.sent_messages[0].id
    assert len(friend.bubbles) == 1
    sim.advance(timedelta(hours=24))
    sdk(lambda api: api.push_message(push_to(friend), x_line_retry_key=key))
    assert len(friend.bubbles) == 2


def test_a_retry_key_must_be_a_uuid_and_is_not_for_replies(
    sim: SimulatorServer, friend: ResidentHandle, bot: ListeningBot
) -> None:
    bot.wait_for(1)
    push = {"to": friend.user_id, "messages": [{"type": "text", "text": "あ"}]}
    reply = {"replyToken": bot.events[0]["replyToken"], "messages": push["messages"]}
    assert post(sim, "/v2/bot/message/push", push, **{"x-line-retry-key": "mine"}).status_code == 400
    assert post(sim, "/v2/bot/message/reply", reply, **{"x-line-retry-key": str(uuid.uuid4())}).status_code == 400
    assert friend.bubbles == []


def test_a_blocked_resident_hears_nothing_and_the_bot_is_not_told(sdk: Sdk, friend: ResidentHandle) -> None:
    friend.block()
    assert sdk(lambda api: api.push_message(push_to(friend))).sent_messages
    assert friend.bubbles == []


def test_a_stranger_can_be_pushed_to_for_a_week(sim: SimulatorServer, sdk: Sdk) -> None:
    stranger = sim.resident()
    stranger.say("登録はしていません")
    sdk(lambda api: api.push_message(push_to(stranger)))
    sim.advance(timedelta(days=7))
    sdk(lambda api: api.push_message(push_to(stranger)))
    assert len(stranger.bubbles) == 1


def test_a_push_to_nobody_is_refused(sdk: Sdk) -> None:
    assert refused(sdk, lambda api: api.push_message(push_to("U" + "0" * 32))).status == 400


def test_the_monthly_limit_is_told_apart_from_the_rate_limit(
    sim: SimulatorServer, sdk: Sdk, friend: ResidentHandle
) -> None:
    sim.platform.quota.limit = 2
    for _ in range(2):
        sdk(lambda api: api.push_message(push_to(friend, HELLO, HELLO)))
    spent = refused(sdk, lambda api: api.push_message(push_to(friend)))
    assert (spent.status, json.loads(spent.body)["message"]) == (429, "You have reached your monthly limit.")
    assert sdk(lambda api: api.get_message_quota()).value == 2
    assert sdk(lambda api: api.get_message_quota_consumption()).total_usage == 2
    sim.platform.quota.limit = None
    sim.fail_next(FaultKind.RATE_LIMIT)
    limited = refused(sdk, lambda api: api.push_message(push_to(friend)))
    assert json.loads(limited.body)["message"].startswith("The API rate limit has been exceeded")


def test_replies_and_blocked_residents_cost_nothing(
    sim: SimulatorServer, sdk: Sdk, friend: ResidentHandle, bot: ListeningBot
) -> None:
    bot.wait_for(1)
    sdk(lambda api: api.reply_message(reply_to(bot.events[0])))
    friend.block()
    sdk(lambda api: api.push_message(push_to(friend)))
    assert sdk(lambda api: api.get_message_quota_consumption()).total_usage == 0


def test_the_quota_starts_anew_with_the_month(sim: SimulatorServer, sdk: Sdk, friend: ResidentHandle) -> None:
    sim.platform.quota.limit = 1
    sdk(lambda api: api.push_message(push_to(friend)))
    sim.advance(timedelta(days=32))
    sdk(lambda api: api.push_message(push_to(friend)))
    assert len(friend.bubbles) == 2


@pytest.mark.parametrize(
    ("kind", "arrives"),
    [
        (FaultKind.RATE_LIMIT, 0),
        (FaultKind.SERVER_ERROR, 0),
        (FaultKind.SERVER_ERROR_AFTER, 1),
        (FaultKind.DROP_BEFORE, 0),
        (FaultKind.DROP_AFTER, 1),
        (FaultKind.SLOW_BEFORE, 1),
        (FaultKind.SLOW_AFTER, 1),
        (FaultKind.ODD_JSON, 1),
    ],
)
def test_a_fault_hits_once_and_either_accepts_or_not(
    sim: SimulatorServer, sdk: Sdk, friend: ResidentHandle, kind: FaultKind, arrives: int
) -> None:
    sim.fail_next(kind, seconds=0.05)
    seen: list[BaseException] = []
    try:
        sdk(lambda api: api.push_message(push_to(friend)))
    except (ApiException, aiohttp.ClientError, ValidationError) as error:
        seen.append(error)
    assert bool(seen) == (kind not in (FaultKind.SLOW_BEFORE, FaultKind.SLOW_AFTER))
    assert len(friend.bubbles) == arrives
    assert [(request.fault, request.accepted) for request in sim.requests("/push")] == [(kind, arrives == 1)]
    sdk(lambda api: api.push_message(push_to(friend)))
    assert len(friend.bubbles) == arrives + 1


def test_a_lasting_fault_ends_when_healed(sim: SimulatorServer, sdk: Sdk, friend: ResidentHandle) -> None:
    sim.fail_next(FaultKind.SERVER_ERROR, times=None)
    assert [refused(sdk, lambda api: api.push_message(push_to(friend))).status for _ in range(3)] == [500] * 3
    sim.heal()
    sdk(lambda api: api.push_message(push_to(friend)))


def test_a_stopping_simulator_does_not_wait_for_slow_answers(bot: ListeningBot) -> None:
    with SimulatorServer(webhook_url=bot.url) as sim:
        sim.fail_next(FaultKind.SLOW_AFTER, seconds=600)
        friend = sim.resident()
        friend.follow()
        body = {"to": friend.user_id, "messages": [{"type": "text", "text": "あ"}]}
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(
                f"{sim.api_url}/v2/bot/message/push",
                headers={"authorization": f"Bearer {sim.token}"},
                json=body,
                timeout=0.2,
            )
        assert len(friend.bubbles) == 1


def test_a_wrong_token_is_turned_away_and_every_answer_has_an_id(sim: SimulatorServer) -> None:
    answer = httpx.get(f"{sim.api_url}/v2/bot/info", headers={"authorization": "Bearer wrong"})
    assert answer.status_code == 401
    assert answer.headers["x-line-request-id"]


def test_bodies_that_are_not_ours_to_read(sim: SimulatorServer) -> None:
    push = "/v2/bot/message/push"
    assert post(sim, push, b"{").status_code == 400
    assert post(sim, push, b"[]").status_code == 400
    assert post(sim, push, b"[" * 100_000).status_code == 400
    assert post(sim, push, {}, **{"content-type": "text/plain"}).status_code == 415
    assert post(sim, push, b'{"to": "' + b"x" * 2_200_000 + b'"}').status_code == 413


LONG_LABEL = {"type": "action", "action": {"type": "message", "label": "あ" * 21, "text": "あ"}}
CHIP = {"type": "action", "action": {"type": "message", "label": "はい", "text": "はい"}}
POSTBACK = {"type": "postback", "label": "はい", "data": "x" * 301}


@pytest.mark.parametrize(
    ("message", "where"),
    [
        ({"type": "text", "text": ""}, "messages[0].text"),
        ({"type": "text", "text": "🌸" * 2_501}, "messages[0].text"),
        ({"type": "telepathy"}, "messages[0].type"),
        ({"type": "sticker", "packageId": "446"}, "messages[0].stickerId"),
        ({"type": "image", "originalContentUrl": "http://x", "previewImageUrl": "https://x"}, ".originalContentUrl"),
        ({"type": "text", "text": "あ", "quickReply": {"items": [CHIP] * 14}}, "messages[0].quickReply.items"),
        ({"type": "text", "text": "あ", "quickReply": {"items": [LONG_LABEL]}}, "items[0].action.label"),
        ({"type": "text", "text": "あ", "quickReply": {"items": [{"action": POSTBACK}]}}, "action.data"),
        ({"type": "text", "text": "あ", "sender": {"name": "LINE相談"}}, "messages[0].sender.name"),
        ({"type": "flex", "altText": "", "contents": {"type": "bubble"}}, "messages[0].altText"),
        (
            {"type": "template", "altText": "あ", "template": {"type": "confirm", "text": "あ", "actions": []}},
            "template.actions",
        ),
    ],
)
def test_a_message_line_would_refuse_is_refused_with_its_place(
    sim: SimulatorServer, friend: ResidentHandle, message: dict[str, Any], where: str
) -> None:
    answer = post(sim, "/v2/bot/message/push", {"to": friend.user_id, "messages": [message]})
    assert answer.status_code == 400
    assert any(str(detail["property"]).endswith(where) for detail in answer.json()["details"])
    assert friend.bubbles == []


def test_five_messages_and_the_longest_text_are_taken(sdk: Sdk, friend: ResidentHandle) -> None:
    longest = TextMessage(text="あ" * 5_000)
    sdk(
        lambda api: api.push_message(
            push_to(friend, longest, HELLO, HELLO, HELLO, StickerMessage(packageId="1", stickerId="1"))
        )
    )
    assert len(friend.bubbles) == 5


def test_six_messages_are_refused(sim: SimulatorServer, friend: ResidentHandle) -> None:
    body = {"to": friend.user_id, "messages": [{"type": "text", "text": "あ"}] * 6}
    assert post(sim, "/v2/bot/message/push", body).status_code == 400


def test_the_dry_run_says_what_a_send_would(sim: SimulatorServer, sdk: Sdk) -> None:
    sdk(lambda api: api.validate_push(ValidateMessageRequest(messages=[HELLO])))
    assert post(sim, "/v2/bot/message/validate/reply", {"messages": []}).status_code == 400


def test_quick_replies_show_only_under_the_last_message(sdk: Sdk, friend: ResidentHandle) -> None:
    asking = TextMessage(
        text="どちらですか",
        quickReply=QuickReply(
            items=[
                QuickReplyItem(action=MessageAction(label="はい", text="はい、そうです")),
                QuickReplyItem(action=MessageAction(label="いいえ", text="いいえ")),
            ]
        ),
    )
    sdk(lambda api: api.push_message(push_to(friend, asking, HELLO)))
    assert friend.chips == []
    sdk(lambda api: api.push_message(push_to(friend, asking)))
    assert friend.chips == ["はい", "いいえ"]
    friend.tap("はい")
    assert friend.chips == []
    assert friend.entries[-1].text == "はい、そうです"
    sdk(lambda api: api.push_message(push_to(friend, asking)))
    friend.say("自分で書く")
    assert friend.chips == []


def test_the_loading_animation_ends_with_the_next_message(sdk: Sdk, friend: ResidentHandle) -> None:
    sdk(lambda api: api.show_loading_animation(ShowLoadingAnimationRequest(chatId=friend.user_id, loadingSeconds=5)))
    assert friend.loading
    sdk(lambda api: api.push_message(push_to(friend)))
    assert not friend.loading


def test_the_loading_animation_takes_steps_of_five(sim: SimulatorServer, friend: ResidentHandle) -> None:
    body = {"chatId": friend.user_id, "loadingSeconds": 7}
    assert post(sim, "/v2/bot/chat/loading/start", body).status_code == 400


def test_content_of_an_unsent_message_is_gone(sim: SimulatorServer, friend: ResidentHandle) -> None:
    image = friend.send_media("image")
    headers = {"authorization": f"Bearer {sim.token}"}
    url = f"{sim.api_url}/v2/bot/message/{image.id}/content"
    assert httpx.get(url, headers=headers).status_code == 404
    friend.unsend(image)
    assert httpx.get(url, headers=headers).status_code == 410


def test_the_webhook_endpoint_can_be_read_and_set(sdk: Sdk, sim: SimulatorServer, bot: ListeningBot) -> None:
    from linebot.v3.messaging import SetWebhookEndpointRequest

    assert sdk(lambda api: api.get_webhook_endpoint()).endpoint == bot.url
    sdk(lambda api: api.set_webhook_endpoint(SetWebhookEndpointRequest(endpoint="https://example.jp/line")))
    assert sim.webhook_url == "https://example.jp/line"
    assert sdk(lambda api: api.get_bot_info()).chat_mode == "bot"


def test_every_request_is_kept_for_tests(
    sim: SimulatorServer, sdk: Sdk, friend: ResidentHandle, openapi: ModuleType
) -> None:
    sdk(lambda api: api.push_message(push_to(friend)))
    (request,) = sim.wait_for_requests(1, "/push")
    assert request.body["messages"] == [{"type": "text", "text": "聞いています"}]
    schema = openapi.request_schema(openapi.load(), "post", request.path)
    assert openapi.errors(openapi.load(), schema, request.body) == []


def test_a_resident_waits_for_an_answer_without_sleeping(
    sim: SimulatorServer, sdk: Sdk, friend: ResidentHandle
) -> None:
    sdk(lambda api: api.push_message(push_to(friend, HELLO, HELLO)))
    assert [bubble.text for bubble in friend.wait_for_bubbles(2)] == ["聞いています"] * 2
    assert len(friend.answer()) == 2
    with pytest.raises(TimeoutError, match="1 bubbles after 2"):
        friend.wait_for_bubbles(1, timeout=0.01, after=2)


def test_an_endpoint_line_does_not_have_is_not_found(sim: SimulatorServer) -> None:
    answer = post(sim, "/v2/bot/message/telepathy", {})
    assert (answer.status_code, answer.json()) == (404, {"message": "Not found"})
    assert post(sim, "//v2/bot/message/push", {}).status_code == 404
    assert answer.headers["x-line-request-id"]


def test_a_rich_menu_is_put_up_with_the_sdk(sim: SimulatorServer, sdk: Sdk) -> None:
    bounds = RichMenuBounds(x=0, y=0, width=800, height=270)
    menu = RichMenuRequest(
        size=RichMenuSize(width=800, height=270),
        selected=False,
        name="main",
        chatBarText="メニュー",
        areas=[RichMenuArea(bounds=bounds, action=MessageAction(label="はなす", text="はなす"))],
    )

    async def put_up() -> str:
        async with AsyncApiClient(sdk.configuration) as client:
            api = AsyncMessagingApi(client)
            await api.validate_rich_menu_object(menu)
            menu_id = (await api.create_rich_menu(menu)).rich_menu_id
            await AsyncMessagingApiBlob(client).set_rich_menu_image(
                menu_id, body=bytearray(png(800, 270)), _headers={"Content-Type": "image/png"}
            )
            await api.set_default_rich_menu(menu_id)
            return str((await api.get_default_rich_menu_id()).rich_menu_id)

    assert asyncio.run(put_up()) in sim.platform.menus.images
