"""The whole way in real browsers: LINE opens the room, danger, a person answers, LINE knocks, a watchword, back in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk import Colleague
from playwright.sync_api import Browser, BrowserContext, Page, expect
from road import Bot

from bot.simulator import SimulatorServer
from config.content import load_content
from dialogue import Desk

pytestmark = pytest.mark.e2e

DARK = "ざくろ色の橋から飛び降りて死にたい"
ANSWER = "ひすい色の手紙を読みました。ここにいます。"
WORD = "でんわ すいか えほん"
PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1280, "height": 860}


@dataclass(frozen=True, kw_only=True)
class House:
    """A program whose desk talks in rooms, and the LINE that plays."""

    bot: Bot
    sim: SimulatorServer

    @property
    def url(self) -> str:
        return self.bot.settings.own_address


@pytest.fixture
def house(sqlite_template: Path, tmp_path: Path) -> Iterator[House]:
    (tmp_path / "house.db").write_bytes(sqlite_template.read_bytes())
    content = load_content()
    knocks = content.door.knocks.model_copy(update={"every_hours": 0, "open_seconds": 10})
    words = content.desk.model_copy(update={"conversation_place": "room"})
    door = content.door.model_copy(update={"knocks": knocks})
    desk = Desk(id="default", content=replace(content, desk=words, door=door))
    with SimulatorServer(seed=7) as sim:
        bot = Bot(sim, f"sqlite+aiosqlite:///{tmp_path}/house.db", tmp_path, desks={"default": desk})
        bot.settings = bot.settings.model_copy(update={"public_url": bot.settings.own_address})
        with bot:
            yield House(bot=bot, sim=sim)


def violations(page: Page) -> list[str]:
    """What axe-core says against a page."""
    return [found["id"] for found in Axe().run(page).response["violations"]]


def open_button(talk: Page, label: str) -> Page:
    """Press the newest button of this name in LINE: a page of ours opens beside the talk."""
    with talk.expect_popup() as opened:
        talk.get_by_role("link", name=label).last.click()
    return opened.value


def enter(page: Page) -> None:
    """The button on the page before the room."""
    assert violations(page) == []
    page.get_by_role("button", name="ひらく").click()
    expect(page).to_have_url(re.compile(r"/room/(#newest)?$"))


def write(page: Page, words: str) -> None:
    page.locator("#write").fill(words)
    page.get_by_role("button", name="送る").click()
    expect(page.get_by_role("log").get_by_text(words)).to_be_visible()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, locale="ja-JP")
    yield context
    context.close()


def test_from_the_knock_to_the_watchword_and_back_in(house: House, browser: Browser, phone: BrowserContext) -> None:
    talk = phone.new_page()
    talk.goto(f"{house.sim.page_url}")
    talk.get_by_role("button", name="友だち追加").click()
    line = talk.get_by_role("log")
    expect(line.get_by_text("下の部屋でうかがいます")).to_be_visible()

    room = open_button(talk, "部屋をひらく")
    enter(room)
    expect(room.get_by_role("log").get_by_text("プログラム").first).to_be_visible()
    write(room, DARK)
    expect(room.get_by_role("log").locator("a[href^='tel:']").first).to_be_visible()
    expect(line.get_by_text("ざくろ色")).to_have_count(0)
    room.close()

    staff = Colleague(house.bot, "aoki")
    staff.act(staff.first_case(), "messages", words=ANSWER)
    expect(line.get_by_text("おたよりが あります").first).to_be_visible(timeout=40_000)
    expect(line.get_by_text("ひすい色")).to_have_count(0)

    room = open_button(talk, "ひらく")
    enter(room)
    expect(room.get_by_role("log").get_by_text(ANSWER)).to_be_visible()
    room.get_by_role("link", name="合言葉を きめる").first.click()
    assert violations(room) == []
    room.get_by_label(re.compile("合言葉")).first.fill(WORD)
    room.get_by_role("button", name="これに きめる").click()
    expect(room.get_by_role("status")).to_contain_text("合言葉を きめました")
    name = room.locator(".room-name").inner_text()
    phone.close()

    later = browser.new_context(viewport=WIDE, locale="ja-JP")
    back = later.new_page()
    back.goto(f"{house.url}/room/default")
    assert violations(back) == []
    back.get_by_role("link", name="前の 部屋に もどる").click()
    assert violations(back) == []
    back.get_by_label("部屋の 名前").fill(name)
    back.get_by_label("合言葉").fill(WORD)
    back.get_by_role("button", name="入る").click()
    expect(back.get_by_role("log").get_by_text(ANSWER)).to_be_visible()
    expect(back.get_by_role("log").get_by_text(DARK)).to_be_visible()
    later.close()


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_every_page_before_the_room_reads_well_without_scripts(
    house: House, browser: Browser, size: dict[str, int]
) -> None:
    context = browser.new_context(viewport=size, locale="ja-JP", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{house.url}/room/default")
    page.get_by_role("button", name="はじめて 話す").click()
    page.get_by_role("link", name="合言葉を きめる").first.click()
    page.get_by_label(re.compile("合言葉")).first.fill("かいわ")
    page.get_by_role("button", name="これに きめる").click()
    expect(page.get_by_role("alert")).to_contain_text("みじかい")
    page.goto(f"{house.url}/room/go/{'A' * 43}")
    expect(page.get_by_role("heading")).to_contain_text("もう つかえません")
    page.get_by_role("button", name="LINEに おくる").click()
    expect(page.get_by_role("heading")).to_contain_text("LINEを")
    for path in ("/room/default", "/room/default/enter", f"/room/go/{'A' * 43}", "/room/watchword"):
        page.goto(f"{house.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    context.close()
