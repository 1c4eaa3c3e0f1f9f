"""The workbook: one cell per field, and for each field of rows a worksheet of its own with one cell per value.

Whatever people wrote is stored as text and marked as quoted, so that `=…`, `+…`, `-…` and `@…` are never a formula, not
even after somebody edits the cell.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from casework.forms import neat
from casework.papers.printed import Field, Printed

HEADINGS = ("面", "区分", "項目", "内容", "記入", "項目名（機械用）")
_WIDTHS = (8, 16, 32, 64, 14, 20)
#: Excel's own limits.
_LONGEST, _TITLE = 32_767, 31
_HAIR = Side(style="thin", color="C3CACF")
_LINES = Border(left=_HAIR, right=_HAIR, top=_HAIR, bottom=_HAIR)
_HEAD = PatternFill("solid", fgColor="ECEFF1")
_MACHINE = PatternFill("solid", fgColor="FFF4CF")
_FONT = "Yu Gothic"


def xlsx(paper: Printed) -> bytes:
    """The paper as a workbook."""
    book = Workbook()
    book.properties.title = paper.title
    book.properties.creator = paper.desk
    book.properties.created = dt.datetime.fromisoformat(paper.printed_at).astimezone(dt.UTC).replace(tzinfo=None)
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = _sheet_title("シート", ())
    _overview(first, paper)
    titles = [first.title]
    for field in paper.fields():
        if field.rows:
            titles.append(_sheet_title(field.label, titles))
            _rows(book.create_sheet(titles[-1]), field)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _overview(sheet: Worksheet, paper: Printed) -> None:
    sheet.sheet_view.showGridLines = False
    sheet.freeze_panes = "A4"
    for letter, width in zip("ABCDEF", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    marks = [paper.mark, paper.title, paper.state, f"第{paper.version}版" if paper.sheet_id else ""]
    _put(sheet.cell(1, 1), "　".join(filter(None, marks)), bold=True, size=14)
    made = [f"作成日 {paper.made_on}", f"記入者 {paper.made_by}", f"印刷 {paper.printed_on} {paper.printed_by}"]
    _put(sheet.cell(2, 1), "　".join(made))
    for column, heading in enumerate(HEADINGS, 1):
        _put(sheet.cell(3, column), heading, bold=True, fill=_HEAD)
    row = 4
    for side in paper.sides:
        for part in side.parts:
            for field in (field for line in part.lines for field in line):
                cells = (side.title[:1], part.title, field.label, content(field), _filled_by(field), field.key)
                for column, text in enumerate(cells, 1):
                    _put(sheet.cell(row, column), text, fill=_MACHINE if field.machine else None)
                row += 1
    for note in paper.notes:
        _put(sheet.cell(row + 1, 1), f"・{note}")
        row += 1
    _for_print(sheet)


def content(field: Field) -> str:
    """What stands in the one cell of a field."""
    if field.withheld:
        return "（本人の希望でふせています）"
    return field.text if len(field.text) <= _LONGEST else f"別のシート「{field.label}」にあります。"


def _filled_by(field: Field) -> str:
    return "自動・未確認" if field.machine else field.filled_by


def _rows(sheet: Worksheet, field: Field) -> None:
    sheet.freeze_panes = "A2"
    for column, (label, (_, width)) in enumerate(zip(field.column_labels, field.columns, strict=True), 1):
        _put(sheet.cell(1, column), label, bold=True, fill=_HEAD)
        sheet.column_dimensions[get_column_letter(column)].width = 8 + 6 * width
    for row, cells in enumerate(field.rows, 2):
        for column, text in enumerate(cells, 1):
            _put(sheet.cell(row, column), text, fill=_MACHINE if field.machine else None)
    _for_print(sheet)


def _put(
    cell: Cell | MergedCell, text: str, *, bold: bool = False, size: int = 10, fill: PatternFill | None = None
) -> None:
    assert isinstance(cell, Cell)
    cell.value = neat(text)[:_LONGEST]
    cell.data_type = "s"
    cell.quotePrefix = True
    cell.number_format = "@"
    cell.font = Font(name=_FONT, size=size, bold=bold)
    cell.alignment = Alignment(vertical="top", wrap_text=size <= 10)
    if size <= 10:
        cell.border = _LINES
    if fill is not None:
        cell.fill = fill


def _for_print(sheet: Worksheet) -> None:
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if sheet.oddFooter is not None and sheet.oddFooter.center is not None:
        sheet.oddFooter.center.text = "&P / &N"


def _sheet_title(label: str, taken: Sequence[str]) -> str:
    """A title that Excel accepts, and none twice."""
    short = re.sub(r"[\[\]:*?/\\]", "", label)[: _TITLE - 3].strip("'") or "表"
    number = sum(title.startswith(short) for title in taken)
    return short if not number else f"{short} {number + 1}"
