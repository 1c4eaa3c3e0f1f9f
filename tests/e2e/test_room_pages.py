"""The private room in a real browser: with scripts and without, by keyboard, on a small phone, on a bad line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk import Colleague
from guest import Guest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect
from road import Bot
from sqlalchemy import func, select

from bot.simulator import SimulatorServer
from handlers.room.talking import LINES
from storage import room_sessions
from storage.database import Connection
from storage.tables import ResidentMessage

pytestmark = pytest.mark.e2e
#: A busy machine is no error.
expect.set_options(timeout=20_000)

DANGER = "家賃が払えなくて、きのうから何も食べてない"
HOSTILE = "<img src=x onerror=\"document.title='broken'\"><b>太字</b>"
#: What a whole page may weigh, with its style and scripts.
HEAVIEST = 60_000
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    folder = tmp_path_factory.mktemp("room-town")
    with (
        SimulatorServer(seed=7) as sim,
        Bot(sim, f"sqlite+aiosqlite:///{folder}/town.db", folder) as bot,
    ):
        yield bot


class Visit:
    """A browser in a guest's room. Requests to elsewhere, script errors and broken content policy are noted."""

    def __init__(self, context: BrowserContext, guest: Guest) -> None:
        self.guest = guest
        self.url = f"{guest.bot.settings.own_address}/room/"
        context.add_cookies([{"name": "room", "value": guest.token, "url": self.url, "httpOnly": True}])
        self.context, self.page = context, context.new_page()
        self.trouble: list[str] = []
        self.weight = 0
        away = guest.bot.program.desks["default"].content.room.leave_to
        context.route(
            away + "**",
            lambda route: route.fulfill(body="<title>天気</title>晴れ", content_type="text/html; charset=utf-8"),
        )
        self.page.on("request", lambda asked: self._note(not asked.url.startswith((self.url, away)), asked.url))
        self.page.on("pageerror", lambda error: self._note(True, str(error)))
        self.page.on("console", lambda said: self._note("Content Security Policy" in said.text, said.text))
        self.page.on("response", self._weigh)

    def _note(self, wrong: bool, what: str) -> None:
        if wrong:
            self.trouble.append(what)

    def _weigh(self, response: Response) -> None:
        if response.request.resource_type != "eventsource" and response.url.startswith(self.url):
            self.weight += len(response.body()) if response.status == 200 else 0

    def open(self, path: str = "") -> Page:
        self.page.goto(self.url + path)
        return self.page

    def write(self, words: str) -> None:
        self.page.get_by_label("メッセージ", exact=True).fill(words)
        self.page.get_by_role("button", name="送る", exact=True).click()

    def said(self, words: str) -> Any:
        return self.page.locator(".by-resident .bubble", has_text=words)

    def answers(self) -> Any:
        return self.page.locator(".by-program")


@contextmanager
def visiting(browser: Browser, guest: Guest, **more: Any) -> Iterator[Visit]:
    options = {"viewport": {"width": 390, "height": 844}, "locale": "ja-JP", **more}
    context = browser.new_context(**options)
    visit = Visit(context, guest)
    yield visit
    context.close()
    assert visit.trouble == []


@pytest.fixture
def visit(browser: Browser, town: Bot) -> Iterator[Visit]:
    with visiting(browser, Guest(town)) as opened:
        yield opened


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe-core finds, with the rules that are not only for A and AA."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["html"][:140] for node in one["nodes"]]) for one in found]


def assert_fine(page: Page, where: str) -> None:
    assert violations(page) == [], where
    wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1], f"{where}: {wide}"


def messages_of(guest: Guest) -> int:
    query = select(func.count()).select_from(ResidentMessage).where(ResidentMessage.resident_id == guest.resident_id)
    return int(guest.bot.rows(query)[0][0])


def test_words_are_answered_without_loading_the_page_anew(visit: Visit) -> None:
    page = visit.open()
    page.evaluate("window.same = true")
    visit.write("眠れない日が続いています")
    expect(visit.said("眠れない日が続いています")).to_have_count(1)
    expect(visit.answers()).to_have_count(1)
    expect(page.get_by_label("メッセージ", exact=True)).to_have_value("")
    expect(page.get_by_label("メッセージ", exact=True)).to_be_focused()
    expect(page.locator("#reading")).to_be_empty()
    assert page.evaluate("window.same") is True
    assert messages_of(visit.guest) == 1


def test_what_a_person_writes_appears_while_one_looks(visit: Visit, town: Bot) -> None:
    visit.guest.say(DANGER)
    page = visit.open()
    aoki = Colleague(town, f"青木{visit.guest.room.id.hex[-6:]}")
    case = next(
        path
        for path in re.findall(r'href="(/staff/cases/[0-9a-f-]{36})"', aoki.page("/staff/queue"))
        if visit.guest.alias() in aoki.page(path)
    )
    aoki.act(case, "claim")
    aoki.act(case, "messages", words="はじめまして。読みました。")
    expect(page.locator(".by-staff", has_text="はじめまして。読みました。")).to_be_visible()
    expect(page.locator(".by-staff .name")).to_have_text("相談員")


def test_a_card_has_numbers_to_tap(visit: Visit) -> None:
    page = visit.open()
    visit.write(DANGER)
    call = page.locator(".card a.call").first
    expect(call).to_be_visible()
    assert re.fullmatch(r"tel:[\d%]+", call.get_attribute("href") or "")
    box = call.bounding_box()
    assert box is not None
    assert box["height"] >= 44


def test_the_menu_and_buttons_answer(visit: Visit) -> None:
    page = visit.open()
    page.get_by_text("メニュー", exact=True).click()
    page.get_by_role("button", name="設定", exact=True).click()
    expect(visit.said("設定")).to_have_count(1)
    group = page.get_by_role("form", name="選べるお返事")
    expect(group).to_be_visible()
    label = group.get_by_role("button").first.inner_text()
    group.get_by_role("button").first.click()
    expect(visit.said(label)).to_have_count(1)
    expect(visit.answers()).to_have_count(2)


def test_words_are_taken_back(visit: Visit) -> None:
    page = visit.open()
    visit.write("なかったことにしたい")
    expect(visit.answers()).to_have_count(1)
    page.locator("summary", has_text="取り消す").click()
    page.get_by_role("button", name="取り消す", exact=True).click()
    expect(page.get_by_text("取り消しました")).to_be_visible()
    expect(visit.said("なかったことにしたい")).to_have_count(0)


def test_everything_works_without_scripts(browser: Browser, town: Bot) -> None:
    with visiting(browser, Guest(town), java_script_enabled=False) as visit:
        page = visit.open()
        visit.write("スクリプトなしで書きました")
        expect(visit.answers()).to_have_count(1)
        expect(visit.said("スクリプトなしで書きました")).to_have_count(1)
        expect(page.get_by_label("メッセージ", exact=True)).to_be_visible()
        page.get_by_text("メニュー", exact=True).click()
        page.get_by_role("button", name="話す", exact=True).click()
        expect(visit.answers()).to_have_count(2)
        page.locator(".choices button").first.click()
        expect(visit.answers()).to_have_count(3)
        # The page that waits renews itself, also under somebody's finger.
        expect(page).to_have_url(re.compile(r"/room/(#newest)?$"))
        page.locator("summary", has_text="取り消す").first.click()
        page.get_by_role("button", name="取り消す", exact=True).first.click()
        expect(page.get_by_text("取り消しました")).to_be_visible()
        page.locator("#looks summary").click()
        page.get_by_label("ふりがな").check()
        page.get_by_role("button", name="この表示にする").click()
        expect(page.locator("ruby").first).to_be_visible()
        page.get_by_role("link", name=re.compile("すぐ")).click()
        expect(page).to_have_title("天気")
        page.go_back()
        expect(page.get_by_text("スクリプトなしで書きました")).to_have_count(0)


def test_leaving_is_at_once_and_leaves_nothing_behind(visit: Visit) -> None:
    visit.guest.say("だれにも見せたくない言葉")
    page = visit.open()
    before = page.evaluate("history.length")
    expect(visit.said("だれにも見せたくない言葉")).to_be_visible()
    page.get_by_role("link", name="すぐ閉じる").click()
    expect(page).to_have_title("天気")
    assert page.evaluate("history.length") == before
    page.go_back()
    assert "だれにも見せたくない言葉" not in page.content()
    page.goto(visit.url)
    expect(page.get_by_text("このページは閉じています")).to_be_visible()
    assert page.title() == "メモ"


def test_three_times_shift_leaves_too(visit: Visit) -> None:
    page = visit.open()
    for _ in range(3):
        page.keyboard.press("Shift")
    expect(page).to_have_title("天気")


def test_leaving_takes_other_pages_of_the_room_along(visit: Visit) -> None:
    visit.guest.say("ふたつの画面にある言葉")
    page, other = visit.open(), visit.context.new_page()
    other.goto(visit.url)
    expect(other.locator(".by-resident .bubble")).to_have_text("ふたつの画面にある言葉")
    page.get_by_role("link", name="すぐ閉じる").click()
    expect(page).to_have_title("天気")
    expect(other).to_have_title("天気")


def test_when_the_room_is_closed_the_talk_goes_and_what_is_being_written_stays(visit: Visit, town: Bot) -> None:
    visit.guest.say("もう見えない言葉")
    page = visit.open()
    expect(visit.said("もう見えない言葉")).to_be_visible()

    async def end(connection: Connection) -> None:
        await room_sessions.end_all(connection, visit.guest.room.id, now=town.program.clock())

    page.get_by_label("メッセージ", exact=True).fill("書きかけの大事な言葉")
    town.within(end)
    expect(page.get_by_text("このページは閉じています")).to_be_visible()
    expect(page.get_by_label("メッセージ", exact=True)).to_have_value("書きかけの大事な言葉")
    expect(page.get_by_text("もう見えない言葉")).to_have_count(0)
    assert violations(page) == []


def test_the_back_button_of_another_page_shows_nothing_after_leaving(visit: Visit) -> None:
    visit.guest.say("もどっても見えない言葉")
    page = visit.open()
    expect(visit.said("もどっても見えない言葉")).to_be_visible()
    page.get_by_role("link", name="すぐ閉じる").click()
    expect(page).to_have_title("天気")
    for _ in range(2):
        page.go_back()
        assert "もどっても見えない言葉" not in page.content()


def test_nothing_is_stored_on_the_phone(visit: Visit) -> None:
    page = visit.open()
    page.get_by_label("メッセージ", exact=True).fill("書きかけの言葉")
    visit.write("送った言葉")
    expect(visit.answers()).to_have_count(1)
    kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie, 'serviceWorker' in navigator]")
    assert kept[:3] == [0, 0, ""]
    assert page.evaluate("caches.keys().then((keys) => keys.length)") == 0
    page.get_by_label("メッセージ", exact=True).fill("書きかけの言葉")
    page.reload()
    expect(page.get_by_label("メッセージ", exact=True)).to_have_value("")


def test_a_broken_line_loses_nothing_and_sends_once(visit: Visit) -> None:
    page = visit.open()
    page.get_by_label("メッセージ", exact=True).fill("つながらないときの言葉")
    visit.context.set_offline(True)
    page.get_by_role("button", name="送る", exact=True).click()
    expect(page.get_by_text("いま、つながっていません")).to_be_visible()
    expect(page.get_by_text("まだ送れていません")).to_be_visible()
    expect(visit.said("つながらないときの言葉")).to_have_count(1)
    assert violations(page) == []
    visit.context.set_offline(False)
    expect(visit.answers()).to_have_count(1)
    expect(visit.said("つながらないときの言葉")).to_have_count(1)
    expect(page.get_by_text("まだ送れていません")).to_have_count(0)
    assert messages_of(visit.guest) == 1


def test_an_answer_that_got_lost_on_the_way_is_no_second_message(visit: Visit) -> None:
    page = visit.open()
    lost = {"left": 1}

    def lose(route: Any) -> None:
        if lost["left"]:
            lost["left"] -= 1
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/room/say", lose)
    visit.write("一度だけ届く言葉")
    expect(visit.answers()).to_have_count(1, timeout=15_000)
    expect(page.get_by_text("まだ送れていません")).to_have_count(0, timeout=15_000)
    expect(visit.said("一度だけ届く言葉")).to_have_count(1)
    assert messages_of(visit.guest) == 1


def test_what_is_too_long_stays_where_it_was_written(visit: Visit) -> None:
    page = visit.open()
    visit.write("長" * 10_001)
    expect(page.get_by_text("1万文字まで")).to_be_visible()
    expect(page.get_by_label("メッセージ", exact=True)).to_have_value("長" * 10_001)
    assert messages_of(visit.guest) == 0


def test_hostile_words_stay_words(visit: Visit) -> None:
    page = visit.open()
    visit.write(HOSTILE)
    visit.guest.program_said(HOSTILE)
    expect(page.get_by_text(HOSTILE)).to_have_count(2)
    assert page.title() == "メモ"
    expect(page.locator("main img, main b")).to_have_count(0)


def test_it_can_be_used_by_keyboard_alone(visit: Visit) -> None:
    page = visit.open()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("メッセージ", exact=True)).to_be_focused()
    page.keyboard.type("キーボードで書きました")
    page.keyboard.press("Control+Enter")
    expect(visit.answers()).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="送る", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="話す", exact=True)).to_be_visible()
    page.locator("#leave").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_title("天気")


STATES = ("empty", "talk", "menu", "looks", "unsend", "long", "past", "closed", "missing", "waiting", "english")


def bring_about(visit: Visit, state: str) -> Page:
    """The page in one of its states."""
    guest = visit.guest
    if state in {"talk", "menu", "looks", "unsend", "waiting", "english"}:
        guest.say(DANGER)
        guest.program_said("お返事です。")
    if state == "past":
        for number in range(LINES + 2):
            guest.program_said(f"その{number}です。")
    if state == "english":
        visit.context.add_cookies([{"name": "room-look", "value": "en.r1.l1.e-", "url": visit.url}])
    if state == "closed":
        visit.context.clear_cookies()
    page = visit.open({"past": "?before=99999999999", "missing": "no-such-page"}.get(state, ""))
    match state:
        case "menu":
            page.get_by_text("メニュー", exact=True).click()
        case "looks":
            page.locator("#looks summary").click()
        case "unsend":
            page.locator("summary", has_text="取り消す").first.click()
        case "long":
            visit.write("長" * 10_001)
    return page


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_state_keeps_anybody_out(browser: Browser, town: Bot, scheme: str, state: str) -> None:
    with visiting(browser, Guest(town), color_scheme=scheme) as visit:
        page = bring_about(visit, state)
        assert_fine(page, state)
        for width, height in ((320, 640), (640, 430), (1280, 860)):
            page.set_viewport_size({"width": width, "height": height})
            assert_fine(page, f"{state} at {width}")


@pytest.mark.parametrize("contrast", ["more", "no-preference"])
@pytest.mark.parametrize("forced", ["active", "none"])
def test_high_contrast_and_large_letters_keep_everything_readable(
    browser: Browser, town: Bot, contrast: str, forced: str
) -> None:
    with visiting(browser, Guest(town), contrast=contrast, forced_colors=forced) as visit:
        visit.context.add_cookies([{"name": "room-look", "value": "ja.r1.l1.e1", "url": visit.url}])
        visit.guest.say(DANGER)
        page = visit.open()
        page.set_viewport_size({"width": 320, "height": 640})
        assert_fine(page, f"{contrast} {forced}")


@pytest.mark.parametrize("language", ["zh", "ko", "vi", "tl", "pt", "ne", "es"])
def test_the_page_is_whole_in_every_language(browser: Browser, town: Bot, language: str) -> None:
    with visiting(browser, Guest(town), locale=language) as visit:
        visit.guest.program_said("お返事です。")
        page = visit.open()
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.locator("html").get_attribute("lang") == language
        assert_fine(page, language)


def test_a_whole_page_is_light(visit: Visit) -> None:
    for number in range(LINES // 2):
        visit.guest.program_said(f"これは{number}番めの、ふつうの長さのお返事です。ひとことからで大丈夫です。")
    visit.guest.say(DANGER)
    page = visit.open()
    expect(visit.answers().last).to_be_visible()
    page.wait_for_load_state("load")
    assert 10_000 < visit.weight < HEAVIEST


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_for_the_handbook(browser: Browser, town: Bot, tmp_path: Path, scheme: str) -> None:
    """With TSUNAGU_README_PICTURES=1 they go into docs/pictures."""
    folder = PICTURES if os.environ.get("TSUNAGU_README_PICTURES") == "1" else tmp_path
    folder.mkdir(exist_ok=True)
    with visiting(browser, Guest(town), color_scheme=scheme) as visit:
        visit.guest.say("仕事をなくしました")
        visit.guest.say("家賃が払えなくて、困っています")
        visit.guest.post("/room/press", press="talk|")
        town.run(town.program.engine.rest)
        page = visit.open()
        expect(page.locator(".choices")).to_be_visible()
        page.screenshot(path=folder / f"room-{scheme}.png")
        assert (folder / f"room-{scheme}.png").stat().st_size < 150_000
