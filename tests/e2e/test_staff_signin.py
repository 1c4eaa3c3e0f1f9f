"""The console's frame in a real browser: a newcomer's first day, the keyboard alone, no scripts, narrow and printed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pyotp
import pytest
from console import HEAVIEST, SIZES, Served, Watched, assert_fine, first_password, serving, sign_in
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.e2e

PASSWORD = "ume-sakura-momiji"
#: Where screenshots go that people want to look at; none are kept otherwise.
PICTURES = os.environ.get("TSUNAGU_PICTURES")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("office")) as served:
        yield served


@pytest.fixture(params=SIZES)
def watched(request: pytest.FixtureRequest, browser: Browser, office: Served) -> Iterator[Watched]:
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="ja-JP")
    watched = Watched(context.new_page(), office.url)
    watched.watch()
    yield watched
    context.close()
    assert watched.trouble == []


def shown(page: Page, heading: str, name: str) -> None:
    """The page is there, and fine; with TSUNAGU_PICTURES a picture of it is kept."""
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    assert_fine(page)
    if PICTURES is not None:
        assert page.viewport_size is not None
        page.screenshot(path=Path(PICTURES) / f"{name}-{page.viewport_size['width']}.png", full_page=True)


def newcomer(office: Served, login: str, *roles: str) -> str:
    options = [word for role in roles for word in ("--role", role)]
    return first_password(office.run("staff", "add", login, "--name", "佐藤", *options))


def set_up(page: Page) -> str:
    """Set the second factor up; its secret."""
    page.get_by_text("読みとれないとき").click()
    secret = (page.locator(".secret").text_content() or "").replace(" ", "")
    page.get_by_label("6桁の数字").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="設定する").click()
    return secret


def from_menu(page: Page, name: str, role: Literal["link", "button"] = "link") -> None:
    """Press something in the menu, which a phone folds."""
    menu = page.get_by_role("button", name="メニュー")
    if menu.is_visible():
        menu.click()
    page.get_by_role(role, name=name, exact=True).click()


def test_a_newcomers_first_day(watched: Watched, office: Served) -> None:
    page = watched.page
    assert page.viewport_size is not None
    login = f"hanako{page.viewport_size['width']}"
    password = newcomer(office, login, "admin", "auditor")
    page.goto(f"{office.url}/staff/")
    shown(page, "つなぐ 職員の画面", "sign-in")
    assert watched.weight < HEAVIEST
    sign_in(page, office.url, login, "not the password")
    expect(page.get_by_role("alert")).to_have_text("名前かパスワードが違います。")
    shown(page, "つなぐ 職員の画面", "sign-in-wrong")
    sign_in(page, office.url, login, password)
    shown(page, "確認コードの設定", "set-up")
    set_up(page)
    shown(page, "予備コード", "recovery-codes")
    expect(page.locator(".codes li")).to_have_count(8)
    page.get_by_role("link", name="控えたので続ける").click()
    shown(page, "パスワードの変更", "password")
    page.get_by_label("いまのパスワード").fill(password)
    page.get_by_label("新しいパスワード", exact=True).fill(PASSWORD)
    page.get_by_label("新しいパスワード(もう一度)").fill(PASSWORD)
    page.get_by_role("button", name="変える").click()
    expect(page.get_by_role("status")).to_have_text("パスワードを変えました。")
    shown(page, "アカウント", "account")
    from_menu(page, "職員")
    shown(page, "職員", "people")
    page.get_by_role("link", name="佐藤").last.click()
    shown(page, "佐藤", "person")
    from_menu(page, "操作の記録")
    shown(page, "操作の記録", "audit")
    page.get_by_label("なにを").select_option(label="パスワード変更")
    page.get_by_role("button", name="しぼりこむ").click()
    expect(page.locator("tbody tr").first).to_contain_text("パスワード変更")
    page.goto(f"{office.url}/staff/nowhere")
    shown(page, "ページが見つかりません", "404")
    page.goto(f"{office.url}/staff/account")
    from_menu(page, "サインアウト", "button")
    shown(page, "つなぐ 職員の画面", "signed-out")
    page.goto(f"{office.url}/staff/people")
    expect(page).to_have_url(f"{office.url}/staff/sign-in?next=/staff/people")


def test_what_was_typed_survives_the_end_of_the_session(browser: Browser, office: Served) -> None:
    password = newcomer(office, "keiko", "admin")
    office.execute("UPDATE staff SET must_change = 0 WHERE login = 'keiko'")
    context = browser.new_context(locale="ja-JP")
    page = context.new_page()
    sign_in(page, office.url, "keiko", password)
    secret = set_up(page)
    page.get_by_role("link", name="控えたので続ける").click()
    page.get_by_role("row", name="keiko").get_by_role("link").click()
    page.get_by_label("名前(住民にも見えます)").fill("とても長い肩書きのある新しい名前")
    office.execute("UPDATE staff_sessions SET seen_at = '2026-01-01 00:00:00.000000'")
    page.get_by_role("button", name="名前を変える").click()
    sign_in(page, office.url, "keiko", password, secret, code_at=int(time.time()) + 30)
    shown(page, "送れなかった内容があります", "kept")
    expect(page.get_by_label("書いた内容")).to_have_value("とても長い肩書きのある新しい名前")
    page.get_by_role("button", name="もう一度送る").click()
    expect(page.get_by_role("status")).to_have_text("名前を変えました。")
    expect(page.get_by_role("heading", level=1)).to_contain_text("とても長い肩書きのある新しい名前")
    context.close()


def test_the_simulator_tells_how_to_sign_in_and_says_that_it_is_practice(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path, simulator=True) as served:
        assert f"{served.url}/staff/" in served.greeting
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        sign_in(page, served.url, "demo", first_password(served.greeting))
        expect(page.get_by_text("シミュレーターです")).to_be_visible()
        page.goto(f"{served.url}/staff/account")
        expect(page.get_by_role("heading", name="アカウント")).to_be_visible()
        assert_fine(page)
        page.close()
        reset = served.run("staff", "reset", "demo")
        page = browser.new_page()
        sign_in(page, served.url, "demo", first_password(reset))
        expect(page.get_by_role("button", name="サインアウト", exact=True)).to_be_visible()
        page.close()


def test_the_keyboard_alone_is_enough(browser: Browser, office: Served) -> None:
    password = newcomer(office, "taro", "admin")
    page = browser.new_page()
    page.goto(f"{office.url}/staff/")
    expect(page.get_by_label("サインイン名")).to_be_focused()
    page.keyboard.type("taro")
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="確認コードの設定")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="本文へ")).to_be_focused()
    page.close()


def test_it_works_without_scripts(browser: Browser, office: Served) -> None:
    password = newcomer(office, "jiro", "admin")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, office.url, "jiro", password)
    set_up(page)
    page.get_by_role("link", name="控えたので続ける").click()
    expect(page.get_by_role("heading", name="パスワードの変更")).to_be_visible()
    context.close()


def test_a_security_key_takes_the_place_of_a_phone(browser: Browser, office: Served) -> None:
    """A key of Chromium's own; keys want a name, not a number, so the desk is at localhost."""
    site = office.url.replace("127.0.0.1", "localhost")
    password = newcomer(office, "shiro", "auditor")
    office.execute("UPDATE staff SET must_change = 0 WHERE login = 'shiro'")
    context = browser.new_context(locale="ja-JP")
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, site, "shiro", password)
    expect(page.get_by_role("heading", name="スマートフォンを使えないとき")).to_be_visible()
    assert_fine(page)
    page.get_by_role("button", name="キーを読みとって使う").click()
    page.get_by_role("link", name="控えたので続ける").click()
    from_menu(page, "サインアウト", "button")
    sign_in(page, site, "shiro", password)
    shown(page, "確認コード", "code-with-key")
    page.get_by_role("button", name="セキュリティキーで確認").click()
    expect(page.get_by_role("button", name="サインアウト", exact=True)).to_be_visible()
    page.goto(f"{site}/staff/account/keys")
    shown(page, "セキュリティキー", "keys")
    page.get_by_label("いまのパスワード").fill(password)
    page.get_by_role("button", name="キーを読みとって加える").click()
    # The same key once more is refused by the browser, and the page says so.
    expect(page.get_by_role("alert")).to_contain_text("もう一度お試しください")
    context.close()


def test_twice_as_large_nothing_is_cut_off(browser: Browser, office: Served) -> None:
    """1280 pixels at 200 % are 640."""
    page = browser.new_page(viewport={"width": 640, "height": 430}, device_scale_factor=2)
    page.goto(f"{office.url}/staff/sign-in")
    assert_fine(page)
    page.close()


def test_paper_gets_the_content_only(browser: Browser, office: Served) -> None:
    password = newcomer(office, "saburo", "auditor")
    office.execute("UPDATE staff SET must_change = 0 WHERE login = 'saburo'")
    page = browser.new_page()
    sign_in(page, office.url, "saburo", password)
    set_up(page)
    page.goto(f"{office.url}/staff/audit")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="操作の記録")).to_be_visible()
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator("form.filters")).to_be_hidden()
    expect(page.locator("table")).to_be_visible()
    page.close()
