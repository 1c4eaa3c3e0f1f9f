"""The main job as a newcomer sees it: `tsunagu serve`, a browser, a resident in trouble."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.e2e

HUNGRY = "家賃が払えなくて、きのうから何も食べてない"
SIZES = {"desktop": (1280, 860), "phone": (390, 844)}


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running `tsunagu serve` in simulator mode."""

    url: str
    folder: Path

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.folder / "data" / "tsunagu.db") as connection:
            return connection.execute(query).fetchall()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
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
        greeting = [process.stdout.readline() for _ in range(3)]
        assert f"http://127.0.0.1:{port}/simulator/" in greeting[1], (tmp_path / "log").read_text(encoding="utf-8")
        yield Served(url=f"http://127.0.0.1:{port}", folder=tmp_path)
        process.terminate()
        assert process.wait(30) == 0
        process.stdout.close()


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, browser: Browser, served: Served) -> Iterator[Page]:
    width, height = SIZES[request.param]
    opened = browser.new_page(viewport={"width": width, "height": height})
    elsewhere: list[str] = []
    opened.on("request", lambda r: None if r.url.startswith((served.url, "data:")) else elsewhere.append(r.url))
    opened.goto(f"{served.url}/simulator/")
    yield opened
    opened.close()
    assert elsewhere == []


def talk(page: Page) -> Locator:
    return page.get_by_role("log")


def write(page: Page, words: str) -> None:
    page.get_by_label("メッセージ", exact=True).fill(words)
    page.get_by_role("button", name="送信", exact=True).click()


def test_a_hungry_resident_gets_numbers_to_press_and_can_take_the_words_back(page: Page, served: Served) -> None:
    page.get_by_role("button", name="友だち追加").click()
    expect(talk(page).get_by_text("ひとことからで大丈夫です")).to_be_visible()
    write(page, HUNGRY)
    numbers = talk(page).get_by_role("link", name="0120-279-338")
    expect(numbers.first).to_be_visible()
    assert all(re.fullmatch(r"tel:[0-9#%*]+", number.get_attribute("href") or "") for number in numbers.all())
    expect(talk(page).get_by_text(HUNGRY)).to_be_visible()
    assert served.rows("SELECT count(*) FROM messages WHERE text_sealed IS NOT NULL") == [(1,)]
    assert served.rows("SELECT level FROM alerts") == [("urgent",)]

    talk(page).get_by_text(HUNGRY).click(button="right")
    page.get_by_role("menuitem", name="送信取消").or_(page.get_by_role("button", name="送信取消")).first.click()
    expect(talk(page).get_by_text("送信を取り消しました")).to_be_visible()
    expect(talk(page).get_by_text(HUNGRY)).to_have_count(0)
    # The next answer comes only after the unsend was worked off: events of a resident keep their order.
    write(page, "番号もう一回")
    expect(numbers).to_have_count(2)
    assert served.rows("SELECT text_sealed, unsent_at IS NULL FROM messages ORDER BY number LIMIT 1") == [(None, 0)]
    assert served.rows("SELECT count(*) FROM tags") == [(0,)]
    assert HUNGRY not in served.log


def test_the_menu_lies_under_the_talk_and_its_cells_answer(page: Page) -> None:
    menu = page.get_by_role("group", name="メニュー")
    expect(menu.get_by_role("button")).to_have_count(6)
    page.get_by_role("button", name="友だち追加").click()
    menu.get_by_role("button", name="急ぎのとき").click()
    expect(talk(page).get_by_role("link", name="119").last).to_be_in_viewport()
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="メニュー", exact=True).click()
    menu.get_by_role("button", name="話す").click()
    expect(page.get_by_label("メッセージ", exact=True)).to_be_focused()
    expect(menu).to_be_hidden()
