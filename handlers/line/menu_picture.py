"""The picture of the rich menu, drawn from its words: six calm cells, a sign and a word in each.

LINE takes a PNG of 2500 × 1686 and at most 1 MB (LINE reference «Upload rich menu image»).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files

from PIL import Image, ImageDraw, ImageFont

from config.richmenu import MenuCell
from handlers.line.menu_icons import ICONS, Pen

WIDTH, HEIGHT = 2500, 1686
COLUMNS = 3
ROWS = 2

_MARGIN = 34
_GAP = 28
_CORNER = 44
_DISC = 390
_SIGN = 276
_LETTERS = 134
_BOLD = 700
#: Shapes are drawn this much larger and made smaller again, because Pillow draws them with hard edges.
_FINER = 4
_COLOURS = 96
_GROUND = "#E6E9E4"
_PAPER = "#FFFFFF"
_INK = "#1F2A33"


@dataclass(frozen=True, slots=True)
class _Tone:
    """A sign's colour and that of the disc behind it; at least 4.5 to 1 apart, so that weak eyes see it."""

    sign: str
    disc: str


_LEAF = _Tone("#1B6B4A", "#DFEFE6")
_TONES = {"urgent": _Tone("#8A4300", "#FBE8CF"), "stop": _Tone("#4A5761", "#E7EAED")}

Box = tuple[int, int, int, int]


def cell_boxes() -> tuple[Box, ...]:
    """Left, top, width and height of what can be pressed: the whole picture, cell beside cell, in reading order."""
    lefts = [round(WIDTH * column / COLUMNS) for column in range(COLUMNS + 1)]
    tops = [round(HEIGHT * row / ROWS) for row in range(ROWS + 1)]
    return tuple(
        (lefts[column], tops[row], lefts[column + 1] - lefts[column], tops[row + 1] - tops[row])
        for row in range(ROWS)
        for column in range(COLUMNS)
    )


def draw_menu(cells: Sequence[MenuCell]) -> bytes:
    """The PNG of the menu. The same words give the same bytes."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    draw = ImageDraw.Draw(picture)
    font = _font(_LETTERS)
    for index, cell in enumerate(cells):
        left, top, right, bottom = _card(index)
        picture.paste(_rounded(right - left, bottom - top), (left, top))
        middle, tone = (left + right) // 2, _TONES.get(cell.action, _LEAF)
        picture.paste(_sign(cell.action, tone), (middle - _DISC // 2, top + 86))
        _write(draw, cell.label, middle, bottom - 122, font, right - left - 60)
    few = picture.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


def _card(index: int) -> Box:
    """Left, top, right and bottom of a cell's card, with even gaps all around."""
    row, column = divmod(index, COLUMNS)
    width = (WIDTH - 2 * _MARGIN - (COLUMNS - 1) * _GAP) / COLUMNS
    height = (HEIGHT - 2 * _MARGIN - (ROWS - 1) * _GAP) / ROWS
    left, top = _MARGIN + column * (width + _GAP), _MARGIN + row * (height + _GAP)
    return round(left), round(top), round(left + width), round(top + height)


def _rounded(width: int, height: int) -> Image.Image:
    card = Image.new("RGB", (width * 2, height * 2), _GROUND)
    shape = ImageDraw.Draw(card)
    shape.rounded_rectangle((0, 0, width * 2 - 1, height * 2 - 1), _CORNER * 2, fill=_PAPER)
    return card.reduce(2)


def _sign(action: str, tone: _Tone) -> Image.Image:
    """The disc with the sign in its middle."""
    size = _DISC * _FINER
    disc = Image.new("RGB", (size, size), _PAPER)
    ImageDraw.Draw(disc).ellipse((0, 0, size - 1, size - 1), fill=tone.disc)
    sign = Image.new("RGB", (_SIGN * _FINER, _SIGN * _FINER), tone.disc)
    ICONS[action](Pen(ImageDraw.Draw(sign), _SIGN * _FINER, tone.sign, tone.disc))
    edge = (size - _SIGN * _FINER) // 2
    disc.paste(sign, (edge, edge))
    return disc.reduce(_FINER)


def _write(
    draw: ImageDraw.ImageDraw, label: str, middle: int, baseline: int, font: ImageFont.FreeTypeFont, room: int
) -> None:
    """The word in the middle of its cell; a longer one is written smaller."""
    if (length := font.getlength(label)) > room:
        font = _font(int(font.size * room / length))
    draw.text((middle, baseline), label, fill=_INK, font=font, anchor="ms")


def _font(size: int) -> ImageFont.FreeTypeFont:
    """Noto Sans CJK JP (SIL Open Font License), bold."""
    with as_file(files("manimgx_fonts_cjk") / "NotoSansCJK-VF.otf.ttc") as path:
        font = ImageFont.truetype(path, size, index=0)
    font.set_variation_by_axes([_BOLD])
    return font
