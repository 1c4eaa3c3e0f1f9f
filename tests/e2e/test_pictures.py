"""The pictures of README, made from the demo's town: `TSUNAGU_README_PICTURES=1 make e2e` writes them anew."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from console import Served, command, serving, sign_in
from PIL import Image, ImageColor
from playwright.sync_api import Browser, Page, expect

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        os.environ.get("TSUNAGU_README_PICTURES") != "1",
        reason="README's pictures stay as they are without TSUNAGU_README_PICTURES=1",
    ),
]

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
#: A page of text is sharp in few colours, and small.
COLOURS = 128
#: Colours that say something, like 緊急 and 要注意: of the few they are never one another's.
LOOK = Path(__file__).parents[2] / "handlers" / "staff" / "static" / "base.css"
MEANINGS = frozenset(ImageColor.getrgb(one) for one in re.findall(r"#[0-9a-f]{6}\b", LOOK.read_text("utf-8")))
LARGEST = 120_000


@pytest.fixture
def town(tmp_path: Path) -> Iterator[tuple[Served, str]]:
    """The demo's town, served; and the supervisor's password."""
    said = command(tmp_path, dict(os.environ), "demo")
    password = re.search(r"^  shunin +(\S+)", said, re.MULTILINE)
    assert password is not None

    with serving(tmp_path, simulator=True) as served:
        yield served, password[1]


def colours(picture: Image.Image) -> frozenset[tuple[int, ...]]:
    """Every colour of a picture."""
    counted = picture.convert("RGB").getcolors(picture.width * picture.height)
    assert counted is not None
    return frozenset(colour for _, colour in counted if isinstance(colour, tuple))


def alike(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether nobody takes one colour for another than it is."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= 24


def kept(page: Page, name: str) -> None:
    """One picture, in few colours."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = shot.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    there = colours(few)
    assert all(any(alike(one, other) for other in there) for one in colours(shot) & MEANINGS)
    PICTURES.mkdir(parents=True, exist_ok=True)
    file = PICTURES / f"console-{name}.png"
    few.save(file, optimize=True)
    assert file.stat().st_size < LARGEST


def from_its_heading(page: Page) -> None:
    """What the page itself says, from its beginning: the menu is in the other pictures."""
    page.locator("main").evaluate("(main) => main.scrollIntoView({behavior: 'instant'})")


def test_the_pictures_of_the_readme(browser: Browser, town: tuple[Served, str]) -> None:
    served, password = town
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ja-JP")
    page = context.new_page()
    sign_in(page, served.url, "shunin", password)
    expect(page.get_by_role("heading", name="相談", exact=True)).to_be_visible()
    kept(page, "queue")
    case = read_by_consent(page, served)
    page.goto(case)
    from_its_heading(page)
    kept(page, "case")
    page.goto(f"{case}/timeline")
    kept(page, "timeline")
    page.goto(f"{served.url}/staff/hand-over")
    kept(page, "hand-over")
    sheet = one_sheet(page, served)
    page.goto(sheet)
    kept(page, "sheet")
    page.goto(f"{served.url}/staff/queue")
    hard = page.locator("tr", has_text="お便りに「しんどい」と答えた").locator("a.who-is").first
    page.goto(f"{served.url}{hard.get_attribute('href')}/check-ins")
    from_its_heading(page)
    kept(page, "check-ins")
    context.close()


def addresses(page: Page, served: Served) -> list[str]:
    page.goto(f"{served.url}/staff/queue")
    found = page.locator("a.who-is").evaluate_all("links => links.map((link) => link.href)")
    return [str(address) for address in found]


def read_by_consent(page: Page, served: Served) -> str:
    """A case whose resident agreed to be read, with words marked in the talk."""
    for address in addresses(page, served):
        page.goto(address)
        if page.locator(".said mark").count() and page.locator(".bubble.by-staff").count():
            return address
    raise AssertionError("nobody agreed to be read")


def one_sheet(page: Page, served: Served) -> str:
    for address in addresses(page, served):
        page.goto(f"{address}/sheets")
        link = page.locator("main table a").first
        if link.count():
            return f"{served.url}{link.get_attribute('href')}"
    raise AssertionError("there is no sheet")
