"""Check-ins in real browsers: a resident chooses a rhythm, the clock is moved on, and staff see the answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import pytest
from console import SIZES, Served, assert_fine, first_password, serving, sign_in
from playwright.sync_api import Browser, Locator, Page, expect

from config.content import load_content
from dialogue import Desk
from handlers.sending_rules import calendar_of

pytestmark = pytest.mark.e2e

TOKYO = ZoneInfo("Asia/Tokyo")
CALENDAR = calendar_of(Desk(id="default", content=load_content()))
TIRED = "家賃が払えず、電気も止まりそうです"
#: The sweep comes every ten seconds.
SWEPT = 45_000


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("check-ins"), simulator=True) as running:
        yield running


@pytest.fixture(scope="module")
def password(served: Served) -> str:
    return first_password(served.greeting)


class Simulator:
    """The simulator's page with one resident of its own, and the clock of everybody."""

    def __init__(self, browser: Browser, served: Served, name: str) -> None:
        self.page = browser.new_page(viewport={"width": 1280, "height": 860})
        self._api = f"{served.url}/simulator/api"
        made = self.page.request.post(f"{self._api}/residents", data={"name": name}).json()
        self.page.goto(f"{served.url}/simulator/?resident={made['id']}")
        self.page.get_by_role("button", name=name).first.click()
        self.page.get_by_role("button", name="友だち追加").click()
        self.talk: Locator = self.page.get_by_role("log")
        expect(self.talk.get_by_text("ひとことからで大丈夫です")).to_be_visible()

    def write(self, words: str) -> None:
        """Written, and answered: what is written in one breath would be heard as one."""
        self.page.get_by_label("メッセージ", exact=True).fill(words)
        self._answered(self.page.get_by_role("button", name="送信", exact=True))

    def presses(self, label: str) -> None:
        self._answered(self.page.get_by_role("button", name=label, exact=True).last)

    def _answered(self, button: Locator) -> None:
        said = self.talk.locator(".row.bot")
        before = said.count()
        button.click()
        expect(said.nth(before)).to_be_visible(timeout=15_000)

    @property
    def now(self) -> datetime:
        """What the clock shows."""
        state = self.page.request.get(f"{self._api}/state").json()
        return datetime.fromisoformat(state["now"]).astimezone(TOKYO)

    def passes(self, by: timedelta) -> None:
        turned = {"switch": "clock", "value": by.total_seconds()}
        assert self.page.request.post(f"{self._api}/lab", data=turned).ok

    def comes_to(self, day: date, clock: time) -> None:
        """Move the clock on to a time of a later day."""
        self.passes(datetime.combine(day, clock, TOKYO) - self.now)

    def settles_weekly(self) -> date:
        """Ask for a word every week about noon; the day on which the first one comes."""
        self.write("お便りがほしい")
        self.presses("週に1回")
        self.presses("昼（12時から14時）")
        expect(self.talk.get_by_text("だいたい週に1回、昼に")).to_be_visible()
        day = self.now.date() + timedelta(days=7)
        while CALENDAR.is_quiet_day(day):
            day += timedelta(days=1)
        return day


def in_office(page: Page, served: Served, password: str) -> None:
    """Signed in, also after a session that the moved clock has ended."""
    sign_in(page, served.url, "demo", password)
    expect(page.get_by_role("heading", name="相談", exact=True)).to_be_visible()


def until_shown(page: Page, url: str, text: str) -> None:
    """Look again until the page says it: nothing tells an open page of a word that does not go out."""
    ends = monotonic() + SWEPT / 1000
    page.goto(url)
    while page.get_by_text(text).count() == 0:
        assert monotonic() < ends, f"{url} never says {text}"
        page.goto(url)


def test_a_word_comes_after_a_week_and_staff_see_that_it_is_hard(
    browser: Browser, served: Served, password: str
) -> None:
    simulator = Simulator(browser, served, "はな")
    simulator.comes_to(simulator.now.date() + timedelta(days=1), time(11, 30))
    simulator.write(TIRED)
    due = simulator.settles_weekly()
    expect(simulator.talk.get_by_text("選んだ返事は、相談員も見ます。")).to_be_visible()

    # By the button of the page, as a person would do it.
    simulator.page.get_by_role("button", name="＋1週間").click()
    simulator.comes_to(due, time(14, 30))
    expect(simulator.page.get_by_role("button", name="しんどい").last).to_be_visible(timeout=SWEPT)
    simulator.presses("しんどい")
    expect(simulator.talk.get_by_text("しんどい", exact=True).last).to_be_visible()

    page = browser.new_page(viewport={"width": 1280, "height": 860})
    in_office(page, served, password)
    expect(page.get_by_text("お便りに「しんどい」と答えた").first).to_be_visible()
    page.locator(".who-is").first.click()
    page.get_by_role("link", name="お便りを見る").click()
    expect(page.locator("#chart-words")).to_contain_text("しんどい")
    page.close()
    simulator.page.close()


def test_a_persons_line_arrives_signed_and_a_pause_of_the_desk_stops_the_next_one(
    browser: Browser, served: Served, password: str
) -> None:
    simulator = Simulator(browser, served, "そら")
    simulator.comes_to(simulator.now.date() + timedelta(days=1), time(11, 30))
    simulator.write("人と話したいです")
    simulator.write("いつもありがとうございます")
    due = simulator.settles_weekly()

    page = browser.new_page(viewport={"width": 1280, "height": 860})
    in_office(page, served, password)
    page.get_by_role("link", name="お便り", exact=True).click()
    page.goto(f"{served.url}/staff/check-ins?day={due.isoformat()}")
    page.locator(".who-is").last.click()
    case = page.url
    page.get_by_label("ひとこと", exact=True).fill("先日はお話しできてよかったです。")
    page.get_by_role("button", name="ひとことを添える").click()
    expect(page.get_by_text("次のお便りに、ひとことを添えます。")).to_be_visible()
    expect(page.locator(".preview").first).to_contain_text("より）")

    simulator.comes_to(due, time(14, 30))
    expect(simulator.talk.get_by_text("先日はお話しできてよかったです。").last).to_be_visible(timeout=SWEPT)
    expect(simulator.talk.get_by_text("先日はお話しできてよかったです。").last).to_contain_text("相談員")
    simulator.presses("元気")

    in_office(page, served, password)
    page.goto(f"{served.url}/staff/check-ins")
    page.get_by_label("この日いっぱいまで").fill((due + timedelta(days=30)).isoformat())
    page.get_by_label("だれへの").select_option("窓口の全員")
    page.get_by_role("button", name="お便りを一斉に休む").click()
    expect(page.get_by_text("窓口の全員へのお便りを休んでいます")).to_be_visible()
    answered = simulator.talk.get_by_role("button", name="元気").count()
    simulator.comes_to(due + timedelta(days=8), time(14, 30))
    in_office(page, served, password)
    until_shown(page, case, "地区または窓口の一斉お休みの間")
    assert simulator.talk.get_by_role("button", name="元気").count() == answered
    page.close()
    simulator.page.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_of_check_ins_are_fine_at_every_width_and_by_keyboard(
    browser: Browser, served: Served, password: str, size: str
) -> None:
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height})
    in_office(page, served, password)
    page.goto(f"{served.url}/staff/check-ins")
    expect(page.get_by_role("heading", name="お便り(伴走)")).to_be_visible()
    assert_fine(page)
    day = page.locator(".weeks a").last
    day.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".weeks [aria-current=date]")).to_have_count(1)
    page.goto(f"{served.url}/staff/queue?lane=all")
    page.locator(".who-is").first.click()
    page.get_by_role("link", name="お便りを見る").click()
    assert_fine(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="この予定")).to_have_count(0)
    page.close()
