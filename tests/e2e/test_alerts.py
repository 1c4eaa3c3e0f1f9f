"""A danger reaches people in browsers: a page rings, the simulator shows the mail; the rota on every screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from console import SIZES, Served, Watched, assert_fine, first_password, serving, sign_in
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.e2e

HUNGRY = "家賃が払えなくて、きのうから何も食べてない"
#: What a page would show outside of itself, written down instead.
LISTENING = """
window.Notification = class { constructor(title, given) { document.documentElement.dataset.rung = given.body; } };
window.Notification.permission = "granted";
"""


@pytest.fixture
def served(tmp_path: Path):
    with serving(tmp_path, simulator=True) as running:
        yield running


def writes(page: Page, served: Served, words: str) -> None:
    """Somebody writes in the simulator, beside the page."""
    made = page.request.post(f"{served.url}/simulator/api/residents", data={})
    user_id = made.json()["id"]
    page.request.post(f"{served.url}/simulator/api/residents/{user_id}/follow", data={})
    page.request.post(f"{served.url}/simulator/api/residents/{user_id}/say", data={"text": words})


def test_an_open_page_rings_and_a_mail_is_shown(browser: Browser, served: Served) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(LISTENING)
    watched = Watched(page, served.url)
    watched.watch()
    sign_in(page, served.url, "demo", first_password(served.greeting))
    page.goto(f"{served.url}/staff/queue")
    with page.expect_response(lambda answer: "/staff/bell" in answer.url):
        page.get_by_role("button", name="音で知らせる").click()
    expect(page.get_by_role("button", name="音の知らせを止める")).to_be_visible()
    writes(page, served, HUNGRY)
    whole = page.locator("html")
    expect(whole).to_have_attribute("data-rung", "緊急の相談があります", timeout=20_000)
    # What was rung for is not rung for again on the next page.
    with page.expect_response(lambda answer: "/staff/bell" in answer.url):
        page.goto(f"{served.url}/staff/silent")
    expect(whole).not_to_have_attribute("data-rung", "緊急の相談があります")
    mails = context.new_page()
    expect_mail(mails, served)
    assert watched.trouble == []
    context.close()


def expect_mail(page: Page, served: Served) -> None:
    """The mail comes to the simulator's page within seconds of the clock."""
    page.goto(f"{served.url}/simulator/mails/")
    assert page.evaluate(
        """async () => {
            for (let tries = 0; tries < 60; tries += 1) {
                if ((await (await fetch(location.href)).text()).includes("<h2>")) return true;
                await new Promise((done) => setTimeout(done, 500));
            }
            return false;
        }"""
    )
    page.reload()
    heading = page.get_by_role("heading", level=2).first
    expect(heading).to_contain_text("緊急の相談があります")
    assert "食べ" not in page.content()
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        assert_fine(page)
        # All of the mails can be reached.
        page.mouse.wheel(0, 10_000)
        expect(page.locator("pre").last).to_be_in_viewport()


@pytest.mark.parametrize("size", SIZES)
def test_the_rota_is_kept_on_every_screen(browser: Browser, served: Served, size: str, tmp_path: Path) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    watched = Watched(page, served.url)
    watched.watch()
    sign_in(page, served.url, "demo", first_password(served.greeting))
    page.goto(f"{served.url}/staff/rota")
    page.get_by_text("当番を入れる(相談員の見本)").click()
    page.get_by_label("月", exact=True).check()
    page.get_by_label("はじまりの時刻").fill("17:00")
    page.get_by_label("おわりの時刻(はじまりより早ければ、翌日)").fill("09:00")
    page.get_by_role("button", name="当番を入れる", exact=True).click()
    expect(page.get_by_text("月 17:00から翌09:00").first).to_be_visible()
    page.get_by_role("button", name="みんなにためしのメールを出す").click()
    expect(page.get_by_text("ためしのメールを出しました")).to_be_visible()
    assert_fine(page)
    page.screenshot(path=tmp_path / f"rota-{size}.png", full_page=True)
    assert watched.trouble == []
    context.close()
