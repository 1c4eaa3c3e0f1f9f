"""Every page of the console with the demo's town in it: for everybody, on every screen, on paper, light, and alone.

The pages are taken from the program's own list of routes: a new one is looked at without being named here.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from console import HEAVIEST, Served, Watched, command, first_password, serving, sign_in
from playwright.sync_api import Browser, Page, expect

from handlers.staff.app import every_route

pytestmark = pytest.mark.e2e

#: What a GET route gives that is no page of its own.
NO_PAGES = {
    "/": "leads to one's first page",
    "/bell": "numbers for a script",
    "/changes": "numbers for a script",
    "/stream": "a stream",
    "/queue/rows": "a part of the queue's page",
    "/cases/{case_id}/live": "numbers for a script",
    "/corrections.jsonl": "a file",
    "/cases/{case_id}/sheets/{sheet_id}/files/{kind}": "a file",
    "/handed/{sheet_id}/files/{kind}": "a file",
    "/sheets/blank/{form_id}": "a file",
    "/sign-in/code": "waived in the simulator; see test_staff_signin",
    "/sign-in/set-up": "waived in the simulator; see test_staff_signin",
    "/kept": "leads back where nothing was kept",
}
PAGES = sorted({route.path for route in every_route() if "GET" in (route.methods or ())} - set(NO_PAGES))
#: Twice as large on a screen of 1280 leaves half of it; a tablet; a phone.
WIDTHS = {"desktop": (1280, 860), "twice as large": (640, 430), "tablet": (768, 1024), "phone": (390, 844)}
#: Wide enough for A4 at 96 dots an inch, less its margins.
PAPER = (720, 1000)
FOCUSABLE = (
    "a[href], button:not([disabled]), input:not([type=hidden]):not([disabled]), select:not([disabled]), "
    "textarea:not([disabled]), summary, [tabindex='0']"
)


@dataclass(frozen=True, kw_only=True)
class Town:
    """The demo's town, its two people, and what stands for the ids in paths."""

    served: Served
    passwords: dict[str, str]
    ids: dict[str, str]

    def pages(self, login: str) -> list[str]:
        """The pages this person comes to."""
        handed = [path for path in PAGES if path.startswith("/handed")]
        own = handed if login == "uketori" else [path for path in PAGES if path not in handed]
        return [f"{self.served.url}/staff{path.format(**self.ids)}" for path in own]


def dashed(text: str) -> str:
    """An id as paths write it."""
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def one(folder: Path, query: str) -> tuple[str, ...]:
    """One row of the database."""
    with sqlite3.connect(folder / "data" / "tsunagu.db") as connection:
        row = connection.execute(query).fetchone()
    assert row is not None, query
    return tuple(row)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder, environ = tmp_path_factory.mktemp("town"), dict(os.environ)
    command(folder, environ, "demo")
    sheet, case, organisation = one(
        folder,
        "SELECT h.sheet_id, s.case_id, o.name FROM handovers h JOIN sheets s ON s.id = h.sheet_id "
        "JOIN organisations o ON o.id = h.org_id WHERE h.state IN ('accepted', 'met') LIMIT 1",
    )
    everything = ("--role", "supervisor", "--role", "admin", "--role", "auditor")
    said = {
        "subete": command(folder, environ, "staff", "add", "subete", *everything, "--name", "全部 見る子"),
        "uketori": command(
            folder, environ, "staff", "add", "uketori", "--role", "recipient", "--organisation", organisation
        ),
    }
    (staff_id,) = one(folder, "SELECT id FROM staff WHERE login = 'uketori'")
    ids = {"case_id": dashed(case), "sheet_id": dashed(sheet), "staff_id": dashed(staff_id)}
    with serving(folder, simulator=True) as served:
        served.execute("UPDATE staff SET must_change = 0")
        served.execute(
            "INSERT INTO inbox (id, desk_id, channel, event_id, event_at, received_at, state, tries, reason) VALUES "
            "('0190000000007000a000000000000001', 'default', 'line', 'e2e', 1, "
            "'2026-11-20 01:00:00.000000', 'aside', 3, 'ValueError')"
        )
        yield Town(served=served, passwords={who: first_password(text) for who, text in said.items()}, ids=ids)


@pytest.fixture(params=["subete", "uketori"])
def desk(request: pytest.FixtureRequest, browser: Browser, town: Town) -> Iterator[tuple[Watched, list[str]]]:
    """Somebody at work, and the pages they come to."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="ja-JP")
    watched = Watched(context.new_page(), town.served.url)
    watched.watch()
    sign_in(watched.page, town.served.url, request.param, town.passwords[request.param])
    watched.page.wait_for_url(re.compile(r"/staff/(queue|handed)$"))
    yield watched, town.pages(request.param)
    context.close()
    assert watched.trouble == []


def test_what_is_no_page_is_still_a_route() -> None:
    assert set(NO_PAGES) <= {route.path for route in every_route()}
    assert len(PAGES) > 20


def opened(page: Page, url: str) -> None:
    """The page itself, and not another one in its place."""
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == 200, url
    if not url.endswith("/sign-in"):
        expect(page).to_have_url(url)


def test_no_page_keeps_anybody_out(desk: tuple[Watched, list[str]]) -> None:
    watched, pages = desk
    wrong: list[str] = []
    for url in pages:
        opened(watched.page, url)
        violations = Axe().run(watched.page).response["violations"]
        wrong += [f"{url}: {one['id']} {[node['html'][:160] for node in one['nodes']][:3]}" for one in violations]
    assert wrong == []


def test_every_page_fits_every_screen_and_twice_as_large(desk: tuple[Watched, list[str]]) -> None:
    watched, pages = desk
    wrong: list[str] = []
    for url in pages:
        opened(watched.page, url)
        for name, (width, height) in WIDTHS.items():
            watched.page.set_viewport_size({"width": width, "height": height})
            wide = watched.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                wrong.append(f"{url} on {name}: {wide} too wide")
        watched.page.set_viewport_size({"width": 1280, "height": 860})
    assert wrong == []


def test_every_list_is_read_on_a_phone_without_scrolling_sideways(desk: tuple[Watched, list[str]]) -> None:
    watched, pages = desk
    page, folded, wrong = watched.page, 0, []
    width, height = WIDTHS["phone"]
    page.set_viewport_size({"width": width, "height": height})
    for url in pages:
        opened(page, url)
        for listed in page.locator(".wide").all():
            wide = listed.evaluate("(box) => box.scrollWidth - box.clientWidth")
            if wide > 0:
                wrong.append(f"{url}: {wide} too wide")
        for listed in page.locator(".wide:has(> table.folds)").all():
            folded += 1
            rows = listed.locator("tbody tr")
            cells = rows.first.locator("td[data-name]").all()
            named = [cell.evaluate("(td) => getComputedStyle(td, '::before').content") for cell in cells]
            if not named or "none" in named:
                wrong.append(f"{url}: its cells say {named}")
    assert wrong == []
    assert folded


def test_every_page_goes_onto_paper_without_what_belongs_to_a_screen(desk: tuple[Watched, list[str]]) -> None:
    watched, pages = desk
    wrong: list[str] = []
    watched.page.set_viewport_size({"width": PAPER[0], "height": PAPER[1]})
    for url in pages:
        opened(watched.page, url)
        watched.page.emulate_media(media="print")
        wide = watched.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        shown = watched.page.evaluate(
            "[...document.querySelectorAll('nav, .noprint, .banner-warning, button, .skip')]"
            ".filter((it) => it.checkVisibility()).length"
        )
        over = watched.page.evaluate(
            "[...document.querySelectorAll('table.cases td')].filter((td) => td.checkVisibility())"
            ".filter((td) => td.scrollWidth > td.clientWidth + 1).map((td) => td.innerText)"
        )
        heading = watched.page.evaluate("document.querySelector('h1')?.checkVisibility() ?? false")
        # Cards for the room are nothing but cards.
        if wide > 0 or shown or over or not (heading or url.endswith("/room-cards")):
            wrong.append(f"{url}: {wide} too wide, {shown} of the screen's, heading: {heading}, over the next: {over}")
        watched.page.emulate_media(media="screen")
    assert wrong == []


def test_every_page_is_light_with_all_it_needs(desk: tuple[Watched, list[str]], browser: Browser, town: Town) -> None:
    watched, pages = desk
    wrong: list[str] = []
    cookies = watched.page.context.cookies()
    for url in pages:
        # A browser that has kept nothing yet.
        context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="ja-JP")
        context.add_cookies([{"name": one["name"], "value": one["value"], "url": town.served.url} for one in cookies])
        fresh = Watched(context.new_page(), town.served.url)
        fresh.watch()
        opened(fresh.page, url)
        fresh.page.wait_for_load_state("load")
        if fresh.weight >= HEAVIEST or fresh.weight < 1000:
            wrong.append(f"{url}: {fresh.weight} bytes")
        context.close()
        wrong += fresh.trouble
    assert wrong == []


def test_the_keyboard_comes_to_everything_there_is_on_every_page(desk: tuple[Watched, list[str]]) -> None:
    watched, pages = desk
    page, wrong = watched.page, []
    for url in pages:
        opened(page, url)
        # What one can come to, but for all but one button of a group, between which the arrows go.
        expected = page.evaluate(
            "(what) => { const groups = new Set(); let n = 0;"
            "for (const one of document.querySelectorAll(what)) {"
            "if (!one.checkVisibility({visibilityProperty: true})) continue;"
            "if (one.type === 'radio') { if (groups.has(one.form?.action + one.name)) continue;"
            "groups.add(one.form?.action + one.name); }"
            "n += 1; } return n; }",
            FOCUSABLE,
        )
        page.evaluate(
            "window.came = new Set();"
            "document.addEventListener('focusin', (event) => window.came.add(event.target), true);"
            "document.activeElement?.blur()"
        )
        came = 0
        # The parts of a date are stops of their own.
        for press in range(2 * expected + 40):
            page.keyboard.press("Tab")
            if press >= expected - 1 and (came := page.evaluate("window.came.size")) >= expected:
                break
        ahead = page.evaluate(
            'document.querySelectorAll(\'[tabindex]:not([tabindex="0"]):not([tabindex="-1"])\').length'
        )
        if came < expected * 0.95 or ahead:
            wrong.append(f"{url}: came to {came} of {expected}, {ahead} out of their order")
    assert wrong == []


def test_a_new_token_is_shown_once(browser: Browser, town: Town) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="ja-JP")
    page = context.new_page()
    sign_in(page, town.served.url, "subete", town.passwords["subete"])
    opened(page, f"{town.served.url}/staff/tokens")
    page.get_by_label("システムの名前").fill("市の重層システム")
    page.get_by_label("渡されたシートを読む").check()
    page.get_by_role("button", name="作る", exact=True).click()
    token = page.locator("code.token")
    expect(token).to_have_text(re.compile(r"^tsunagu_[\w-]{43}$"))
    assert not Axe().run(page).response["violations"]
    page.screenshot(path=town.served.folder / "tokens.png", full_page=True)
    opened(page, f"{town.served.url}/staff/tokens")
    expect(token).to_have_count(0)
    page.get_by_role("button", name="「市の重層システム」を取り消す").click()
    expect(page.get_by_text("取り消しずみ")).to_have_count(1)
    context.close()


def test_what_was_set_aside_is_found_from_any_page_and_closed(browser: Browser, town: Town) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="ja-JP")
    page = context.new_page()
    sign_in(page, town.served.url, "subete", town.passwords["subete"])
    page.get_by_role("complementary", name="処理できなかった届きもの").get_by_role("link").click()
    page.screenshot(path=town.served.folder / "set-aside.png", full_page=True)
    expect(page.get_by_text("処理が続けて失敗しました（ValueError）。")).to_have_count(1)
    page.get_by_role("button", name=re.compile("閉じる")).click()
    expect(page.get_by_text("閉じました。中身は消えました。")).to_have_count(1)
    expect(page.get_by_role("complementary", name="処理できなかった届きもの")).to_have_count(0)
    context.close()
