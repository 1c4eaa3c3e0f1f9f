"""The console on a phone, by keyboard and on paper: what comes first is the next person, not the furniture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from console import SIZES, Served, assert_fine, first_password, serving, sign_in
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.e2e

PHONE = {"width": SIZES["phone"][0], "height": SIZES["phone"][1]}
HUNGRY = "家賃が払えなくて、きのうから何も食べてない"
AFRAID = "夫に殴られました。いまも隣の部屋にいます"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("small"), simulator=True) as running:
        context = browser.new_context()
        for words in (HUNGRY, AFRAID):
            residents = f"{running.url}/simulator/api/residents"
            made = context.request.post(residents, data={}).json()["id"]
            context.request.post(f"{residents}/{made}/follow", data={})
            context.request.post(f"{residents}/{made}/say", data={"text": words})
        at_work(browser, running, scripts=True).context.close()
        context.close()
        yield running


def at_work(browser: Browser, served: Served, *, scripts: bool) -> Page:
    """The queue with its two people in it, on a phone."""
    page = browser.new_context(viewport=PHONE, locale="ja-JP", java_script_enabled=scripts).new_page()
    sign_in(page, served.url, "demo", first_password(served.greeting))
    expect(page.get_by_role("heading", name="相談", exact=True)).to_be_visible()
    if scripts:
        expect(cases(page)).to_have_count(2)
        listens(page)
    return page


def listens(page: Page) -> None:
    """The scripts of the queue have begun: only then are keys theirs."""
    expect(page.locator("#keys")).to_be_visible()


def cases(page: Page) -> Locator:
    return page.locator("tr[data-case]")


@pytest.fixture
def phone(browser: Browser, served: Served) -> Iterator[Page]:
    page = at_work(browser, served, scripts=True)
    yield page
    page.context.close()


def test_a_phone_shows_the_first_person_before_anything_is_scrolled(phone: Page) -> None:
    header, first = phone.locator("header.top").bounding_box(), cases(phone).first.bounding_box()
    assert header is not None
    assert first is not None
    assert header["height"] <= 70
    assert first["y"] + first["height"] <= PHONE["height"]
    for cell in cases(phone).first.locator("td").all():
        assert cell.evaluate("(td) => td.scrollWidth <= td.clientWidth + 1"), cell.inner_text()


def test_a_card_of_nobody_in_danger_has_an_edge_all_round(phone: Page) -> None:
    edge = "(tr) => { tr.className = ''; return getComputedStyle(tr).borderLeftColor; }"
    assert cases(phone).first.evaluate(edge) != "rgba(0, 0, 0, 0)"


def test_the_menu_of_a_phone_opens_and_shuts_by_keyboard(phone: Page) -> None:
    link = phone.get_by_role("link", name="お便り")
    expect(link).to_be_hidden()
    phone.get_by_role("button", name="メニュー").press("Enter")
    expect(link).to_be_visible()
    assert_fine(phone)
    phone.keyboard.press("Tab")
    expect(phone.get_by_role("link", name="相談", exact=True)).to_be_focused()
    phone.keyboard.press("Escape")
    expect(link).to_be_hidden()
    phone.get_by_role("button", name="メニュー").press("Enter")
    link.press("Enter")
    expect(phone.get_by_role("heading", level=1, name="お便り")).to_be_visible()
    assert_fine(phone)


def test_the_menu_of_a_phone_needs_no_script(browser: Browser, served: Served) -> None:
    page = at_work(browser, served, scripts=False)
    link = page.get_by_role("link", name="お便り")
    expect(link).to_be_hidden()
    page.get_by_role("button", name="メニュー").click()
    link.click()
    expect(page.get_by_role("heading", level=1, name="お便り")).to_be_visible()
    page.context.close()


def test_no_open_menu_lies_above_the_cover(phone: Page) -> None:
    expect(phone.get_by_role("button", name="画面を隠す")).to_be_visible()
    phone.get_by_role("button", name="メニュー").click()
    phone.keyboard.press("F9")
    expect(phone.get_by_text("画面を休んでいます")).to_be_visible()
    expect(phone.get_by_role("link", name="お便り")).to_be_hidden()
    expect(phone.get_by_role("button", name="戻る")).to_be_focused()


def test_a_wide_screen_shows_the_menu_at_once(phone: Page) -> None:
    phone.set_viewport_size({"width": 1280, "height": 860})
    expect(phone.get_by_role("button", name="メニュー")).to_be_hidden()
    expect(phone.get_by_role("link", name="お便り")).to_be_visible()
    expect(phone.get_by_role("button", name="サインアウト")).to_be_visible()


def test_the_queue_is_worked_from_any_row_by_keys(phone: Page) -> None:
    names = phone.locator("tr[data-case] .who-is")
    first, second = names.nth(0).inner_text(), names.nth(1).inner_text()
    phone.keyboard.press("j")
    expect(names.nth(0)).to_be_focused()
    phone.keyboard.press("j")
    expect(names.nth(1)).to_be_focused()
    phone.keyboard.press("k")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1, name=first)).to_be_visible()
    phone.go_back()
    listens(phone)
    # Whoever came by Tab, or pressed a row with a finger, goes on from there.
    names.nth(0).focus()
    phone.keyboard.press("j")
    expect(names.nth(1)).to_be_focused()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1, name=second)).to_be_visible()


def assert_a_table_fills_its_paper(page: Page) -> None:
    """Cells of one row stand side by side over the whole width, and none is cut or lies over its neighbour."""
    width = page.locator("table.cases").evaluate("(table) => table.clientWidth")
    for row in cases(page).all():
        cells = [box for box in (cell.bounding_box() for cell in row.locator("td").all()) if box is not None]
        assert len({round(box["y"]) for box in cells}) == 1
        assert sum(box["width"] for box in cells) >= width - 4
        for cell in row.locator("td:visible").all():
            assert cell.evaluate("(td) => td.scrollWidth <= td.clientWidth + 1"), cell.inner_text()


def test_the_queue_on_paper_is_a_table_and_a_case_begins_on_its_first_sheet(phone: Page) -> None:
    # A4 at 96 dots an inch, less its margins.
    phone.set_viewport_size({"width": 720, "height": 1000})
    phone.emulate_media(media="print")
    expect(phone.get_by_role("columnheader", name="待ち時間")).to_be_visible()
    assert_a_table_fills_its_paper(phone)
    assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    phone.emulate_media(media="screen")
    cases(phone).first.get_by_role("link").first.click()
    phone.emulate_media(media="print")
    torn = phone.locator(".case-main > .card").first.evaluate("(card) => getComputedStyle(card).breakInside")
    assert torn == "auto"
