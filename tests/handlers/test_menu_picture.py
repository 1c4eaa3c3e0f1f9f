"""The menu's picture: what LINE takes, and what weak eyes can read."""

from __future__ import annotations

import io
import re
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageFont

from config.content import load_content
from config.contents.reading import ContentError
from config.richmenu import FILE, MenuCell, rich_menu
from handlers.line.menu_icons import ICONS
from handlers.line.menu_picture import _INK, _LEAF, _PAPER, _TONES, HEIGHT, WIDTH, _font, cell_boxes, draw_menu

MOST_BYTES = 1_000_000


def opened(cells: tuple[MenuCell, ...] = rich_menu().cells) -> Image.Image:
    return Image.open(io.BytesIO(draw_menu(cells)))


def test_the_picture_is_a_png_that_line_takes() -> None:
    content = draw_menu(rich_menu().cells)
    assert len(content) <= MOST_BYTES
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.size) == ("PNG", (WIDTH, HEIGHT))
    # The SDK and LINE's documents: 800 to 2500 wide, at least 250 high, and not narrower than 1.45 to 1.
    assert 800 <= WIDTH <= 2500
    assert HEIGHT >= 250
    assert WIDTH / HEIGHT >= 1.45


def test_the_same_words_give_the_same_bytes_and_others_do_not() -> None:
    cells = rich_menu().cells
    assert draw_menu(cells) == draw_menu(cells)
    other = (cells[0].model_copy(update={"label": "はなす"}), *cells[1:])
    assert draw_menu(other) != draw_menu(cells)


def test_the_cells_cover_the_whole_picture_without_overlap() -> None:
    boxes = cell_boxes()
    assert len(boxes) == len(rich_menu().cells)
    assert sum(width * height for _, _, width, height in boxes) == WIDTH * HEIGHT
    for row in (boxes[:3], boxes[3:]):
        assert row[0][0] == 0
        assert row[-1][0] + row[-1][2] == WIDTH
        assert all(left[0] + left[2] == right[0] for left, right in pairwise(row))
    assert boxes[0][3] + boxes[3][3] == HEIGHT


def test_every_cell_has_a_sign_and_its_word_in_it() -> None:
    """Something dark stands in the upper and in the lower part of each cell."""
    picture = opened().convert("L")
    for left, top, width, height in cell_boxes():
        sign = picture.crop((left + 80, top + 80, left + width - 80, top + height // 2))
        word = picture.crop((left + 40, top + height * 5 // 8, left + width - 40, top + height - 60))
        for part in (sign, word):
            darkest, _ = part.getextrema()
            assert isinstance(darkest, int)
            assert darkest < 110


def test_a_long_word_stays_within_its_cell() -> None:
    cells = tuple(cell.model_copy(update={"label": "いいいいいいいいいいいい"}) for cell in rich_menu().cells)
    picture = opened(cells).convert("L")
    for left, top, _, height in cell_boxes()[1:3]:
        edge = picture.crop((left - 20, top + height // 2, left + 20, top + height - 60))
        darkest, _ = edge.getextrema()
        assert isinstance(darkest, int)
        assert darkest > 200


def test_the_font_has_every_letter_of_the_words() -> None:
    font: ImageFont.FreeTypeFont = _font(60)
    missing = bytes(font.getmask("\U0010fffd"))
    for letter in {letter for cell in rich_menu().cells for letter in cell.label}:
        assert bytes(font.getmask(letter)) != missing


def test_signs_and_words_stand_out() -> None:
    """At least 4.5 to 1, and 7 to 1 for the words (JIS X 8341-3, WCAG 2 contrast)."""
    for tone in (_LEAF, *_TONES.values()):
        assert contrast(tone.sign, tone.disc) >= 4.5
    assert contrast(_INK, _PAPER) >= 7


def contrast(first: str, second: str) -> float:
    dark, light = sorted(_luminance(colour) for colour in (first, second))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_words_of_the_menu_keep_the_rules_of_wording() -> None:
    words = rich_menu()
    for text in (words.bar, *(part for cell in words.cells for part in (cell.label, cell.shown))):
        assert not [rule.pattern for rule in load_content().forbidden.rules if re.search(rule.pattern, text)]
    assert {cell.action for cell in words.cells} == ICONS.keys()


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("bar: メニュー", "bar: とてもとても長いメニューの名前", " 4行目"),
        ("action: stop", "action: talk", "同じ action"),
        ("action: stop", "action: fly", " 11行目"),
        ("  - {action: stop, label: やめる, shown: やめる}\n", "", "6個以上"),
    ],
)
def test_wrong_words_are_refused_with_their_line(tmp_path: Path, before: str, after: str, why: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "richmenu.yaml").write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ContentError, match=why) as refused:
        rich_menu(tmp_path / "richmenu.yaml")
    assert str(refused.value).startswith("richmenu.yaml ")
