"""What the operator's handbook (docs/運用) names exists, what it says of the law has a grade, and a page is short."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache
from pathlib import Path

import pytest

from config.content import load_content
from config.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
HANDBOOK = ROOT / "docs" / "運用"
CONTENT = ROOT / "config" / "content"
PAGES = sorted(path.name for path in HANDBOOK.glob("[0-9]*.md"))
EVERY = [*PAGES, "README.md"]
SETTINGS = {name.upper() for name in Settings.model_fields}
GRADES = ("〔確認ずみ〕", "〔二次資料〕", "〔要確認〕", "〔独自〕")
#: A4 with letters of 10.5 points.
LETTERS_IN_A_LINE, LETTERS_IN_A_ROW, LINES_ON_A_PAGE = 44, 30, 44
#: Names in the pages that are no words of content: secrets, an example, the two places of a talk.
OTHER_NAMES = {
    "default",
    "words",
    "before",
    "data_key",
    "line_channel_secret",
    "line_channel_access_token",
    "rehearsal",
    "secrets",
    "tsunagu",
}
NOT_SAID = (
    "バックアップ",
    "リストア",
    "デプロイ",
    "インシデント",
    "ユーザー",
    "アップデート",
    "ダッシュボード",
    "エスカレ",
)


def words_of(page: str) -> str:
    return (HANDBOOK / page).read_text(encoding="utf-8")


@cache
def source(*places: str) -> str:
    """The text of all files that the patterns name."""
    return "\n".join(path.read_text(encoding="utf-8") for place in places for path in sorted(ROOT.glob(place)))


def screens() -> str:
    """Everything that can stand on a screen: of staff, of residents, in the talk."""
    return source(
        "handlers/staff/templates/*.html",
        "handlers/staff/*.py",
        "handlers/room/templates/*.html",
        "config/content/*.yaml",
        "config/content/sheets/*.yaml",
    )


def test_there_is_a_page_for_each_number_and_each_is_in_the_index() -> None:
    assert [page[:2] for page in PAGES] == [f"{number:02}" for number in range(1, len(PAGES) + 1)]
    index = words_of("README.md")
    for page in PAGES:
        assert f"]({page})" in index, page
    assert "docs/運用/README.md" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", EVERY)
def test_a_page_says_first_who_reads_it_and_when(page: str) -> None:
    title, empty, reader = words_of(page).splitlines()[:3]
    assert title.startswith("# ")
    assert not empty
    assert reader.startswith("> **だれが・いつ読むか**: ")


@pytest.mark.parametrize("page", EVERY)
def test_each_screen_that_is_named_exists(page: str) -> None:
    text = words_of(page)
    named = re.findall(r"「([^「」]+)」（画面）", text)
    # The mark stands behind the name and nowhere else.
    assert len(named) == text.count("（画面")
    assert [name for name in named if name not in screens()] == []


@pytest.mark.parametrize("page", EVERY)
def test_each_finding_that_is_named_is_one_of_the_doctors(page: str) -> None:
    text = words_of(page)
    named = re.findall(r"「([^「」]+)」（点検）", text)
    assert len(named) == text.count("（点検")
    assert [name for name in named if name not in source("bot/*checkup.py", "config/content.py")] == []


@pytest.mark.parametrize("page", EVERY)
def test_each_setting_file_and_key_exists(page: str) -> None:
    text = words_of(page)
    assert set(re.findall(r"`([A-Z][A-Z_]{3,})`", text)) <= SETTINGS
    for name in re.findall(r"`(?:config/content/)?([a-z]+\.yaml)`", text):
        assert (CONTENT / name).exists() or (ROOT / name).exists(), name
    for file, key in re.findall(r"`(?:config/content/)?([a-z]+\.yaml)` の `([a-z_]+)`", text):
        assert re.search(rf"\b{key}:", (CONTENT / file).read_text(encoding="utf-8")), f"{file}: {key}"
    for name in set(re.findall(r"`([a-z][a-z_]+)`", text)) - OTHER_NAMES:
        assert re.search(rf"\b{name}\b", source("config/content/*.yaml")), name


def test_the_settings_of_the_installation_are_read() -> None:
    (given,) = re.findall(r"```ini\n(.*?)```", words_of("03-設置.md"), re.DOTALL)
    environ = dict(line.split("=", 1) for line in given.splitlines())
    assert set(environ) <= SETTINGS
    settings = Settings.load(environ=environ, env_file=None)
    assert settings.public_url == "https://soudan.example.jp"


def test_the_minutes_and_days_of_the_pages_are_those_of_the_content() -> None:
    steps = load_content().notices.urgent
    night = words_of("07-夜の緊急.md")
    for step in steps[1:]:
        assert f"| {step.after_minutes}分 |" in night
    kept = load_content().desk.retention
    terms = words_of("16-記録の保存期間.md")
    assert f"{kept.anonymous_days}日" in terms
    assert f"終結の次の年度から{kept.consented_years}年" in terms
    assert not kept.automatic


@pytest.mark.parametrize("page", EVERY)
def test_what_is_said_of_the_law_has_a_grade(page: str) -> None:
    for line in words_of(page).splitlines():
        if re.search(r"\d+条|\d日以内|政令|国のガイドライン", line) and not line.startswith(("#", "- 〔")):
            assert any(grade in line for grade in GRADES), line


@pytest.mark.parametrize("page", EVERY)
def test_each_link_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", words_of(page)):
        assert (HANDBOOK / target).exists(), target


@pytest.mark.parametrize("page", EVERY)
def test_a_page_is_said_in_words_of_the_office(page: str) -> None:
    assert [word for word in NOT_SAID if word in words_of(page)] == []


def printed_lines(text: str) -> int:
    """Lines on paper: headings, paragraphs and rows have air, and the cells of a row do not fill their columns."""
    lines = 0.0
    for line in text.splitlines():
        shown = re.sub(r"\]\([^)]*\)|[*`\[]|（画面）|（点検）|^[#>| -]+$", "", line)
        width = sum(1.0 if unicodedata.east_asian_width(letter) in "WFA" else 0.5 for letter in shown)
        if line.startswith("|"):
            lines += math.ceil(width / LETTERS_IN_A_ROW) + 0.4
        else:
            lines += 0.5 if not shown.strip() else math.ceil(width / LETTERS_IN_A_LINE) + line.startswith("#")
    return math.ceil(lines)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_on_two_sheets_of_a4(page: str) -> None:
    assert printed_lines(words_of(page)) <= 2 * LINES_ON_A_PAGE
