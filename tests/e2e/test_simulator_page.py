"""The chat page in a real browser, with a bot that answers from a short script."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bot.simulator import Friendship, SimulatorServer

pytestmark = pytest.mark.e2e

HOSTILE = "<img src=x onerror=\"document.title='broken'\"><b>太字</b>"
CHIPS = {
    "items": [
        {
            "type": "action",
            "action": {"type": "postback", "label": "はい", "data": "v1:yes", "displayText": "はい、お願いします"},
        },
        {"type": "action", "action": {"type": "message", "label": "いまはいい", "text": "いまはいいです"}},
        {"type": "action", "action": {"type": "datetimepicker", "label": "日を選ぶ", "data": "v1:day", "mode": "date"}},
    ]
}
CARD = {
    "type": "flex",
    "altText": "ご案内があります",
    "contents": {
        "type": "bubble",
        "body": {
            "type": "box",
            "layout": "vertical",
            "contents": [
                {"type": "text", "text": "よりそいホットライン", "weight": "bold", "size": "lg", "wrap": True},
                {"type": "image", "url": "https://example.jp/picture.png", "size": "full"},
            ],
        },
        "footer": {
            "type": "box",
            "layout": "vertical",
            "contents": [
                {"type": "button", "action": {"type": "uri", "label": "電話する", "uri": "tel:0120-279-338"}},
                {"type": "button", "action": {"type": "postback", "label": "連絡がほしい", "data": "v1:human"}},
            ],
        },
    },
}


def script(event: dict[str, Any]) -> list[dict[str, Any]]:
    words = event.get("message", {}).get("text", "")
    if event["type"] == "follow":
        return [{"type": "text", "text": "はじめまして。電話は 03-1234-5678 です。", "quickReply": CHIPS}]
    if "食べてない" in words:
        return [{"type": "text", "text": "書いてくださってありがとうございます。"}, CARD]
    return [{"type": "text", "text": f"聞いています。{words}", "quickReply": CHIPS}]


class ScriptedBot:
    """Answers every event that can be answered, over the simulator's own API."""

    def __init__(self, sim: SimulatorServer) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()
                for event in json.loads(raw)["events"]:
                    if "replyToken" in event:
                        body = {"replyToken": event["replyToken"], "messages": script(event)}
                        headers = {"authorization": f"Bearer {sim.token}"}
                        httpx.post(f"{sim.api_url}/v2/bot/message/reply", headers=headers, json=body)

            def log_message(self, *args: object) -> None:
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)


@pytest.fixture
def sim() -> Iterator[SimulatorServer]:
    with SimulatorServer() as server:
        bot = ScriptedBot(server)
        bot.thread.start()
        server.webhook_url = f"http://127.0.0.1:{bot.server.server_port}/"
        yield server
        bot.server.shutdown()
        bot.server.server_close()
        bot.thread.join()


@pytest.fixture(params=[(1280, 860), (390, 844)], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, sim: SimulatorServer) -> Iterator[Page]:
    """An open talk of 住民 A. Whatever the page asks for elsewhere, and any script error, fails the test."""
    width, height = request.param
    opened = browser.new_page(viewport={"width": width, "height": height})
    trouble: list[str] = []
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on("request", lambda asked: None if asked.url.startswith((sim.url, "data:")) else trouble.append(asked.url))
    opened.goto(sim.page_url)
    expect(opened.get_by_text("住民 Aのスマートフォン")).to_be_visible()
    yield opened
    opened.close()
    assert trouble == []


def talk(page: Page) -> Locator:
    """The bubbles; the list of residents shows the last words too."""
    return page.get_by_role("log")


def write(page: Page, words: str) -> None:
    page.get_by_label("メッセージ", exact=True).fill(words)
    page.get_by_role("button", name="送信", exact=True).click()


def chip(page: Page, label: str) -> Locator:
    return page.get_by_role("group", name="返事の候補").get_by_role("button", name=label, exact=True)


def follow(page: Page) -> None:
    page.get_by_role("button", name="友だち追加").click()
    expect(talk(page).get_by_text("はじめまして")).to_be_visible()


def test_a_greeting_comes_with_chips_that_vanish_when_pressed(page: Page, sim: SimulatorServer) -> None:
    follow(page)
    expect(page.get_by_role("link", name="03-1234-5678")).to_have_attribute("href", "tel:0312345678")
    chip(page, "はい").click()
    expect(talk(page).get_by_text("はい、お願いします")).to_be_visible()
    assert [event["postback"] for event in sim.platform.residents.events if event["type"] == "postback"] == [
        {"data": "v1:yes"}
    ]


def test_chips_vanish_when_something_else_is_written(page: Page, sim: SimulatorServer) -> None:
    follow(page)
    sim.platform.webhook.active = False
    write(page, "じぶんの言葉で書きます")
    expect(talk(page).get_by_text("じぶんの言葉で書きます")).to_be_visible()
    expect(chip(page, "はい")).to_have_count(0)


def test_a_card_brings_numbers_that_can_be_tapped(page: Page) -> None:
    follow(page)
    write(page, "家賃が払えなくて、きのうから何も食べてない")
    call = page.get_by_role("link", name="電話する")
    expect(call).to_be_visible()
    expect(call).to_have_attribute("href", "tel:0120-279-338")
    expect(talk(page).get_by_text("既読").last).to_be_visible()
    page.get_by_role("button", name="連絡がほしい").click()
    expect(talk(page).get_by_text("聞いています。")).to_be_visible()


def test_a_message_is_unsent_from_its_menu(page: Page, sim: SimulatorServer) -> None:
    follow(page)
    write(page, "なかったことにしたい")
    expect(talk(page).get_by_text("聞いています。なかったことにしたい")).to_be_visible()
    unsend = page.get_by_role("menuitem", name="送信取消")
    talk(page).get_by_text("なかったことにしたい", exact=True).click(button="right")
    expect(unsend).to_be_visible()
    page.keyboard.press("Escape")
    expect(unsend).to_have_count(0)
    page.get_by_role("button", name="このメッセージのメニュー").last.focus()
    page.keyboard.press("Enter")
    unsend.click()
    expect(talk(page).get_by_text("メッセージの送信を取り消しました")).to_be_visible()
    expect(talk(page).get_by_text("なかったことにしたい", exact=True)).to_have_count(0)
    assert sim.platform.residents.events[-1]["type"] == "unsend"


def test_blocking_and_unblocking(page: Page, sim: SimulatorServer) -> None:
    follow(page)
    page.get_by_role("button", name="このトークのメニュー").click()
    page.get_by_role("menuitem", name="ブロック").click()
    expect(page.get_by_text("このアカウントをブロックしています")).to_be_visible()
    (resident,) = sim.platform.residents
    assert resident.friendship is Friendship.BLOCKED
    page.get_by_role("button", name="ブロックを解除").click()
    expect(page.get_by_label("メッセージ", exact=True)).to_be_visible()
    assert sim.platform.residents.events[-1]["follow"] == {"isUnblocked": True}


def test_words_are_shown_as_words_whoever_wrote_them(page: Page) -> None:
    follow(page)
    write(page, HOSTILE)
    expect(talk(page).get_by_text(HOSTILE, exact=True)).to_be_visible()
    expect(talk(page).get_by_text(f"聞いています。{HOSTILE}", exact=True)).to_be_visible()
    assert "broken" not in page.title()


def test_a_sticker_and_a_date(page: Page, sim: SimulatorServer) -> None:
    follow(page)
    chip(page, "日を選ぶ").click()
    page.get_by_role("dialog").get_by_label("日を選ぶ").fill("2026-12-01")
    page.get_by_role("button", name="決定").click()
    expect(talk(page).get_by_text("聞いています。")).to_be_visible()
    page.get_by_role("button", name="スタンプ", exact=True).click()
    page.get_by_role("button", name="スタンプ：つらい").click()
    expect(talk(page).get_by_text("聞いています。")).to_have_count(2)
    kinds = [event.get("postback", event.get("message", {})) for event in sim.platform.residents.events]
    assert kinds[1] == {"data": "v1:day", "params": {"date": "2026-12-01"}}
    assert kinds[2]["type"] == "sticker"


def test_residents_have_a_talk_each(page: Page, sim: SimulatorServer) -> None:
    follow(page)
    write(page, "Aの秘密")
    expect(talk(page).get_by_text("聞いています。Aの秘密")).to_be_visible()
    opener = page.get_by_role("button", name="住民の一覧を開く")
    if opener.is_visible():
        opener.click()
    page.get_by_role("button", name="住民を追加").click()
    expect(page.get_by_text("住民 Bのスマートフォン")).to_be_visible()
    expect(talk(page).get_by_text("Aの秘密")).to_have_count(0)
    assert len(list(sim.platform.residents)) == 2


def test_the_panel_makes_a_bad_day(page: Page, sim: SimulatorServer) -> None:
    opener = page.get_by_role("button", name="実験を開く")
    if opener.is_visible():
        opener.click()
    page.get_by_label("なにが起きる").select_option(label="エラーになる（500）")
    page.get_by_role("button", name="しかける").click()
    expect(page.get_by_text("あと1回")).to_be_visible()
    page.get_by_role("button", name="＋1日").click()
    expect(page.get_by_text("（1日進んでいます）")).to_be_visible()
    assert [fault.kind for fault in sim.platform.faults.planned()] == ["server_error"]
    page.get_by_role("button", name="すべて解除").click()
    expect(page.get_by_text("あと1回")).to_have_count(0)


def test_the_talk_can_be_led_by_keyboard_alone(page: Page) -> None:
    page.get_by_role("button", name="友だち追加").focus()
    page.keyboard.press("Enter")
    expect(chip(page, "いまはいい")).to_be_visible()
    chip(page, "いまはいい").focus()
    page.keyboard.press("Space")
    expect(talk(page).get_by_text("いまはいいです", exact=True)).to_be_visible()
    page.get_by_label("メッセージ", exact=True).focus()
    page.keyboard.type("ひとこと")
    page.keyboard.press("Enter")
    expect(talk(page).get_by_text("聞いています。ひとこと")).to_be_visible()
