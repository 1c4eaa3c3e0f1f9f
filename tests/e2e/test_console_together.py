"""Two people at one case in real browsers: they see each other, lose nothing they typed, and one key hides it all."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from console import Served, assert_fine, first_password, serving, sign_in
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.e2e

AFRAID = "夫に殴られました。子どもの前でもやめてくれません"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("together"), simulator=True) as running:
        yield running


@pytest.fixture(scope="module")
def passwords(served: Served) -> dict[str, str]:
    """The newcomer's own account, and a colleague's."""
    served.run("staff", "add", "baba", "--name", "馬場", "--role", "coordinator")
    # In the simulator a password that was made anew need not be changed first.
    return {"demo": first_password(served.greeting), "baba": first_password(served.run("staff", "reset", "baba"))}


@pytest.fixture
def two(browser: Browser, served: Served, passwords: dict[str, str]) -> Iterator[tuple[Page, Page]]:
    """Both have the same case before them."""
    contexts = [browser.new_context(viewport={"width": 1280, "height": 860}, locale="ja-JP") for _ in passwords]
    pages = [context.new_page() for context in contexts]
    for page, (login, password) in zip(pages, passwords.items(), strict=True):
        sign_in(page, served.url, login, password)
        expect(page.get_by_role("heading", name="相談", exact=True)).to_be_visible()
    case = written(pages[0], served)
    for page in pages:
        page.goto(case)
    yield pages[0], pages[1]
    for context in contexts:
        context.close()


def written(page: Page, served: Served) -> str:
    """Somebody new is in danger; the address of their case."""
    before = page.locator("tr[data-case]").count()
    made = page.request.post(f"{served.url}/simulator/api/residents", data={}).json()["id"]
    page.request.post(f"{served.url}/simulator/api/residents/{made}/follow", data={})
    page.request.post(f"{served.url}/simulator/api/residents/{made}/say", data={"text": AFRAID})
    expect(page.locator("tr[data-case]")).to_have_count(before + 1)
    newest = page.locator("tr[data-case]").last.get_attribute("data-case")
    return f"{served.url}/staff/cases/{newest}"


def test_who_writes_is_seen_by_the_other_while_they_write(two: tuple[Page, Page]) -> None:
    own, other = two
    own.get_by_label("送る言葉").press_sequentially("ひとりで抱えていませんか")
    expect(other.get_by_text(re.compile("さんが入力中"))).to_be_visible()
    other.get_by_label("送る言葉").press_sequentially("こんにちは")
    expect(own.get_by_text("馬場さんが入力中")).to_be_visible()
    # Whoever stops is not announced for ever.
    expect(other.get_by_text(re.compile("さんが入力中"))).to_be_hidden(timeout=25_000)
    expect(other.get_by_label("送る言葉")).to_have_value("こんにちは")


def test_how_a_delivery_goes_is_told_while_the_next_words_are_typed(two: tuple[Page, Page], served: Served) -> None:
    own, _ = two
    words = own.get_by_label("送る言葉")
    busy = {"switch": "fault", "value": {"kind": "rate_limit", "times": 3}}
    assert own.request.post(f"{served.url}/simulator/api/lab", data=busy).ok
    words.fill("ここにいます。")
    own.get_by_role("button", name="送る", exact=True).click()
    expect(own.get_by_role("status").filter(has_text="送")).to_be_visible()
    words.fill("つづきを書いています")
    expect(own.get_by_text("まだ送れていません(LINEが混んでいる)。自動でやり直しています")).to_be_visible(
        timeout=20_000
    )
    expect(own.get_by_text("LINEが受け取りました")).to_be_visible(timeout=40_000)
    expect(words).to_have_value("つづきを書いています")
    assert_fine(own)


def test_a_case_of_violence_says_so_on_top_and_nothing_is_cut_off(two: tuple[Page, Page]) -> None:
    own, other = two
    expect(own.get_by_text("居場所や連絡先を、本人のほかのだれにも伝えないでください")).to_be_visible()
    assert_fine(own)
    # Twice as large: half the width for the same letters.
    other.set_viewport_size({"width": 640, "height": 430})
    assert_fine(other)
    other.set_viewport_size({"width": 768, "height": 1024})
    assert_fine(other)


def test_on_paper_stands_what_was_said_and_no_button(two: tuple[Page, Page]) -> None:
    own, _ = two
    own.get_by_label("記録", exact=True).fill("窓口で話した。")
    own.get_by_role("button", name="記録する").click()
    expect(own.get_by_text("記録しました。")).to_be_visible()
    own.emulate_media(media="print")
    expect(own.get_by_role("heading", name="会話")).to_be_visible()
    expect(own.get_by_text("窓口で話した。")).to_be_visible()
    expect(own.get_by_role("button", name="送る", exact=True)).to_be_hidden()
    expect(own.get_by_role("navigation", name="主な画面")).to_be_hidden()
    assert own.pdf(format="A4").count(b"/Type /Page\n") <= 4


def test_one_key_hides_the_screen_wherever_one_types_and_brings_it_back(two: tuple[Page, Page]) -> None:
    own, _ = two
    words = own.get_by_label("送る言葉")
    words.fill("まだ送らない言葉")
    own.keyboard.press("F9")
    expect(own.get_by_text("画面を休んでいます")).to_be_visible()
    expect(own).to_have_title("お知らせ")
    assert own.evaluate("document.getElementById('main').inert")
    own.keyboard.press("F9")
    expect(own.get_by_text("画面を休んでいます")).to_be_hidden()
    expect(words).to_have_value("まだ送らない言葉")
    expect(words).to_be_focused()


def test_two_who_write_one_sheet_lose_nothing(two: tuple[Page, Page]) -> None:
    own, other = two
    own.get_by_role("link", name="つなぐシート").click()
    own.get_by_role("button", name="下書きを作る").click()
    expect(own.get_by_role("button", name="保存する")).to_be_visible()
    other.goto(own.url)
    field = "form.sheet-form textarea"
    own.locator(field).first.fill("お米がない、と話された。")
    other.locator(field).first.fill("電気も止まりそう、と話された。")
    own.get_by_role("button", name="保存する").click()
    expect(own.get_by_role("status")).to_be_visible()
    other.get_by_role("button", name="保存する").click()
    expect(other.get_by_role("heading", name="ほかの職員が書いたもの")).to_be_visible()
    expect(other.get_by_text("お米がない、と話された。")).to_be_visible()
    expect(other.locator(field).first).to_have_value("電気も止まりそう、と話された。")
    other.get_by_role("button", name="保存する").click()
    expect(other.get_by_role("heading", name="ほかの職員が書いたもの")).to_have_count(0)
    own.reload()
    expect(own.locator(field).first).to_have_value("電気も止まりそう、と話された。")


def test_with_the_database_away_a_page_says_so_and_what_was_typed_is_sent_afterwards(
    two: tuple[Page, Page], served: Served
) -> None:
    own, other = two
    own.get_by_label("記録", exact=True).fill("途中で止まっても、なくならない記録。")
    served.execute("ALTER TABLE staff_sessions RENAME TO staff_sessions_away")
    own.get_by_role("button", name="記録する").click()
    expect(own.get_by_text("まだ保存も送信もしていません")).to_be_visible()
    assert_fine(own)
    other.goto(f"{served.url}/staff/queue")
    expect(other.get_by_role("heading", level=1)).to_be_visible()
    served.execute("ALTER TABLE staff_sessions_away RENAME TO staff_sessions")
    expect(own.get_by_label("書いた内容")).to_have_value("途中で止まっても、なくならない記録。")
    own.get_by_role("button", name="もう一度送る").click()
    expect(own.get_by_text("記録しました。")).to_be_visible()
    # Whoever only looked comes back by itself.
    expect(other.get_by_role("heading", name="相談", exact=True)).to_be_visible(timeout=30_000)
