"""From the sheet in the console to the resident's own page and back, in real browsers; also without scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from console import SIZES, assert_fine
from desk import Colleague
from playwright.sync_api import Browser, Page, expect
from road import Bot

from bot.simulator import SimulatorServer
from bot.simulator.handles import ResidentHandle
from storage import recipients
from storage.database import Connection
from storage.ids import new_id

pytestmark = pytest.mark.e2e

PLACE = "北地域包括支援センター"
PHONE = SIZES["phone"]


@pytest.fixture
def sim() -> Iterator[SimulatorServer]:
    with SimulatorServer(seed=7) as server:
        yield server


@pytest.fixture
def bot(sim: SimulatorServer, tmp_path: Path) -> Iterator[Bot]:
    database = f"sqlite+aiosqlite:///{tmp_path / 'tsunagu.db'}"
    with Bot(sim, database, tmp_path) as running:
        yield running


def told(resident: ResidentHandle) -> None:
    """A talk that ends with a person who may read."""
    resident.follow()
    resident.answer()
    for words in ("お金がなくて困っています", "家賃を二ヶ月払えていません", "どうしたらいいか", "そうですか"):
        resident.say(words)
        resident.answer()
        if "話してみたい" in resident.chips:
            break
    resident.tap("話してみたい")
    resident.answer()
    resident.tap("読んでいい")
    resident.answer()


def with_sheet(bot: Bot, aoki: Colleague) -> str:
    """A sheet with a place in it; its path."""

    async def place(connection: Connection) -> str:
        row = await recipients.add(
            connection, desk_id="default", name=PLACE, mail=None, fields=None, collects=False,
            at=bot.program.clock(), new_id=new_id,
        )  # fmt: skip
        return str(row.id)

    place_id = bot.within(place)
    case = aoki.first_case()
    made = aoki.send(f"{case}/sheets", f"{case}/sheets", form="tsunagu")
    at = made.headers["location"].split("?")[0]
    aoki.send(at, f"{at}/prepare", act="name", recipient=place_id)
    return at


def button_of(sim: SimulatorServer) -> str:
    """The address behind the newest button that LINE was given."""
    found = re.findall(r"http://127\.0\.0\.1:\d+/room/p/[\w-]+", json.dumps([str(r.body) for r in sim.requests()]))
    assert found, "no button was sent"
    return str(found[-1])


def phone(browser: Browser, *, scripts: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]}, java_script_enabled=scripts, locale="ja-JP", has_touch=True
    )
    return context.new_page()


def desk_of(browser: Browser, bot: Bot, aoki: Colleague) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="ja-JP")
    cookie = aoki.http.cookies.get("tsunagu")
    assert cookie is not None
    context.add_cookies([{"name": "tsunagu", "value": cookie, "url": f"{bot.settings.own_address}/staff/"}])
    return context.new_page()


def test_a_resident_corrects_their_sheet_on_the_phone_and_staff_see_it(
    browser: Browser, sim: SimulatorServer, bot: Bot
) -> None:
    aoki, resident = Colleague(bot, "青木"), sim.resident()
    told(resident)
    bot.settle()
    at = with_sheet(bot, aoki)
    desk = desk_of(browser, bot, aoki)
    desk.goto(f"{bot.settings.own_address}{at}")
    assert_fine(desk)
    desk.get_by_role("button", name="本人に見てもらう").click()
    expect(desk.get_by_text("自分のページを開くボタンを、トークに送りました。")).to_be_visible()
    bot.wait_until_sent()
    mine = phone(browser)
    mine.goto(button_of(sim))
    assert_fine(mine)
    mine.get_by_role("button", name="開く", exact=True).click()
    expect(mine.get_by_role("heading", name="あなたのページ")).to_be_visible()
    assert_fine(mine)
    mine.get_by_role("textbox", name="氏名", exact=True).first.fill("髙﨑 𠮷子")
    mine.get_by_role("textbox", name="どうなりたいか・希望").fill("ゆっくり眠りたい")
    mine.get_by_role("group", name=PLACE).get_by_label("名前も、書いてあることも伝えていい").check()
    mine.get_by_role("button", name="この内容で預ける").click()
    expect(mine.get_by_text("預かりました。")).to_be_visible()
    assert_fine(mine)
    desk.reload()
    expect(desk.locator("#f-name")).to_have_value("髙﨑 𠮷子")
    expect(desk.locator("#f-wish")).to_have_value("ゆっくり眠りたい")
    desk.get_by_role("button", name="同意を確かめる").click()
    expect(desk.get_by_text("同意を記録しました。")).to_be_visible()
    mine.get_by_role("button", name="終わって閉じる").click()
    expect(mine.get_by_role("heading", name="閉じました")).to_be_visible()
    mine.goto(f"{bot.settings.own_address}/room/mine")
    expect(mine.get_by_text("もう使えません")).to_be_visible()


def test_without_scripts_with_readings_and_by_keyboard(browser: Browser, sim: SimulatorServer, bot: Bot) -> None:
    aoki, resident = Colleague(bot, "青木"), sim.resident()
    told(resident)
    bot.settle()
    with_sheet(bot, aoki)
    resident.say("自分のページを見せてください")
    bot.wait_until_sent()
    mine = phone(browser, scripts=False)
    mine.goto(button_of(sim))
    mine.get_by_role("button", name="開く", exact=True).press("Enter")
    mine.get_by_text("表示", exact=True).click()
    mine.get_by_role("checkbox", name="ふりがな", exact=True).check()
    mine.get_by_role("checkbox", name="大きな文字", exact=True).check()
    mine.get_by_role("button", name="この表示にする").click()
    expect(mine.locator("ruby").first).to_be_visible()
    expect(mine.locator("html.large")).to_have_count(1)
    assert mine.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    birth = mine.locator("#f-birth_date")
    birth.fill("むかし")
    mine.locator("#save").press("Enter")
    expect(mine.get_by_role("alert")).to_be_visible()
    expect(mine.locator("#f-birth_date")).to_have_value("むかし")
    mine.locator("#f-birth_date").fill("昭和49年3月2日")
    mine.locator("#save").press("Enter")
    expect(mine.locator(".said")).to_be_visible()
    assert len(mine.content().encode()) < 100_000
