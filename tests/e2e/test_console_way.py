"""The whole way in real browsers: a resident accepts, the queue lights up, a person claims, reads, answers, closes."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.e2e

HUNGRY = "家賃が払えなくて、きのうから何も食べてない"
SIZES = {"desktop": (1280, 860), "tablet": (768, 1024)}


@dataclass(frozen=True, kw_only=True)
class Town:
    """A running `tsunagu serve` in simulator mode, and the password it printed."""

    url: str
    password: str


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    tsunagu = Path(sys.executable).with_name("tsunagu")
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [tsunagu, "serve", "--port", str(port)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        greeting = ""
        while "Ctrl+C" not in greeting:
            line = process.stdout.readline()
            assert line, (tmp_path / "log").read_text(encoding="utf-8")
            greeting += line
        password = re.search(r"パスワード\s+(\S+)", greeting)
        assert password is not None
        yield Town(url=f"http://127.0.0.1:{port}", password=password[1])
        process.terminate()
        assert process.wait(30) == 0
        process.stdout.close()


class Resident:
    """Somebody with the simulator's page open."""

    def __init__(self, browser: Browser, town: Town) -> None:
        self.page = browser.new_page(viewport={"width": 390, "height": 844})
        self.page.goto(f"{town.url}/simulator/")
        self.page.get_by_role("button", name="友だち追加").click()
        self.talk = self.page.get_by_role("log")
        expect(self.talk.get_by_text("ひとことからで大丈夫です")).to_be_visible()

    def write(self, words: str) -> None:
        self.page.get_by_label("メッセージ", exact=True).fill(words)
        self.page.get_by_role("button", name="送信", exact=True).click()
        expect(self.talk.get_by_text(words)).to_be_visible()


@pytest.fixture(params=SIZES)
def desk(request: pytest.FixtureRequest, browser: Browser, town: Town) -> Iterator[Page]:
    """A coordinator's browser with the queue open; nothing outside is ever asked for."""
    width, height = SIZES[request.param]
    page = browser.new_page(viewport={"width": width, "height": height})
    elsewhere: list[str] = []
    broken: list[str] = []
    page.on("request", lambda r: None if r.url.startswith((town.url, "data:")) else elsewhere.append(r.url))
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(f"{town.url}/staff/")
    page.get_by_label("サインイン名").fill("demo")
    page.get_by_label("パスワード", exact=True).fill(town.password)
    page.get_by_role("button", name="サインイン").click()
    expect(page.get_by_role("heading", name="相談", exact=True)).to_be_visible()
    yield page
    page.close()
    assert elsewhere == []
    assert broken == []


def test_from_a_word_to_an_answer_and_to_the_end(desk: Page, browser: Browser, town: Town) -> None:
    expect(desk.get_by_text("待っている方はいません")).to_be_visible()
    resident = Resident(browser, town)
    resident.write("人と話したいです")
    # The open page learns of it by itself.
    expect(desk.get_by_text("いま1人が待っています")).to_be_visible()
    resident.write(HUNGRY)
    expect(desk.get_by_role("row").filter(has_text="緊急")).to_be_visible()
    desk.get_by_role("button", name="引き受ける").click()

    expect(desk.get_by_text("引き受けました。")).to_be_visible()
    expect(desk.get_by_text("(まだ 読む同意がありません)").first).to_be_visible()
    expect(desk.get_by_text("何も食べてない")).to_have_count(0)
    desk.get_by_text(re.compile("読む同意がない言葉が")).click()
    desk.get_by_role("button", name="命の危険").click()
    expect(desk.locator("mark").first).to_be_visible()
    expect(desk.get_by_role("log").or_(desk.locator(".talk"))).to_contain_text("何も食べて")

    desk.get_by_label("定型文").select_option(index=2)
    words = desk.get_by_label("送る言葉")
    expect(words).to_have_value(re.compile("読みました"))
    words.fill("読みました。お米を届けられます。<b>👩‍👧</b>")
    desk.get_by_role("button", name="送る", exact=True).click()
    expect(desk.get_by_text("送信を頼みました")).to_be_visible()
    expect(resident.talk.get_by_text("お米を届けられます。<b>👩‍👧</b>")).to_be_visible()
    expect(resident.talk.get_by_text("相談員の見本").first).to_be_visible()
    expect(desk.get_by_text(re.compile("LINEが受け取りました"))).to_be_visible()

    desk.get_by_label("記録", exact=True).fill("お米をあす届ける。" * 1000)
    desk.get_by_role("button", name="記録する").click()
    expect(desk.get_by_text("記録しました。")).to_be_visible()
    desk.get_by_role("button", name="自動の返事に戻す").click()
    expect(desk.get_by_text("自動の返事に戻しました。")).to_be_visible()
    expect(resident.talk.get_by_text("自動の返事").last).to_be_visible()
    confirmed_and_printed(desk)
    desk.get_by_role("combobox", name="理由", exact=True).select_option(label="相談が落ち着いた")
    desk.get_by_role("button", name="終了する").click()
    expect(desk.get_by_text("終了しました。")).to_be_visible()
    desk.goto(f"{town.url}/staff/queue")
    expect(desk.get_by_text("待っている方はいません")).to_be_visible()
    resident.page.close()


def confirmed_and_printed(desk: Page) -> None:
    """The sheet: what was filled in by itself is looked through and kept, and comes out as a file for paper."""
    case = desk.url.split("?")[0].split("#")[0]
    desk.get_by_role("link", name="つなぐシート").click()
    desk.get_by_role("button", name="下書きを作る").click()
    expect(desk.get_by_role("heading", name="次にすること")).to_be_visible()
    looked_through = desk.get_by_label(re.compile("確かめました"))
    expect(looked_through).not_to_have_count(0)
    for box in looked_through.all():
        box.check()
    desk.get_by_role("button", name="保存する").click()
    expect(desk.get_by_role("status")).to_be_visible()
    expect(desk.get_by_label(re.compile("確かめました"))).to_have_count(0)
    printed = desk.request.get(f"{desk.url.split('?')[0]}/files/pdf")
    assert (printed.status, printed.body()[:5]) == (200, b"%PDF-")
    desk.goto(case)


def test_two_presses_of_escape_cover_the_screen_and_what_was_typed_stays(
    desk: Page, browser: Browser, town: Town
) -> None:
    resident = Resident(browser, town)
    resident.write("人と話したいです")
    expect(desk.get_by_text("いま1人が待っています")).to_be_visible()
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    words = desk.get_by_label("送る言葉")
    words.fill("まだ送らない言葉")
    desk.keyboard.press("Escape")
    desk.keyboard.press("Escape")
    expect(desk.get_by_text("画面を休んでいます")).to_be_visible()
    expect(desk).to_have_title("お知らせ")
    desk.get_by_role("button", name="戻る").click()
    expect(words).to_have_value("まだ送らない言葉")
    # A new word of the resident does not take away what was typed.
    resident.write("まだいますか")
    expect(desk.get_by_text("この相談に変化がありました")).to_be_visible()
    expect(words).to_have_value("まだ送らない言葉")
    resident.page.close()


def test_what_one_browser_does_another_shows_at_once(desk: Page, browser: Browser, town: Town) -> None:
    resident = Resident(browser, town)
    resident.write("人と話したいです")
    expect(desk.get_by_text("いま1人が待っています")).to_be_visible()
    desk.locator("a.who-is").click()
    address = desk.url
    with browser.new_context(viewport={"width": 1280, "height": 860}) as elsewhere:
        other = elsewhere.new_page()
        other.goto(f"{town.url}/staff/")
        other.get_by_label("サインイン名").fill("demo")
        other.get_by_label("パスワード", exact=True).fill(town.password)
        other.get_by_role("button", name="サインイン").click()
        expect(other.get_by_role("heading", name="相談", exact=True)).to_be_visible()
        other.goto(address)
        desk.get_by_role("button", name="引き受ける").click()
        # The other page had nothing typed, so it simply shows how things stand now.
        expect(other.get_by_text("対応中").first).to_be_visible()
    resident.page.close()


def test_pages_of_cases_have_no_accessibility_violation_and_fit_their_width(
    desk: Page, browser: Browser, town: Town
) -> None:
    resident = Resident(browser, town)
    resident.write(HUNGRY)
    expect(desk.get_by_role("row").filter(has_text="緊急")).to_be_visible()
    case = f"{town.url}{desk.locator('a.who-is').get_attribute('href')}"
    found = {}
    around = [f"{case}/{name}" for name in ("household", "timeline", "lookers", "sheets")]
    pages = [f"{town.url}/staff/{name}" for name in ("queue", "silent", "cases/new", "hand-over", "account", "glass")]
    for address in (*pages, case, *around):
        desk.goto(address)
        found[address] = [violation["id"] for violation in Axe().run(desk).response["violations"]]
        wider = desk.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, address
    assert not any(found.values()), found
    resident.page.close()
