"""PDF, xlsx and JSON show the same; what people wrote is never a formula, markup or path; rare characters survive."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from dataclasses import replace
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest
from openpyxl import load_workbook
from pdf_reader import words as words_of
from sheet_cast import (
    ANONYMOUS,
    CO,
    FORM,
    FORMS,
    HOME,
    HOUKATSU,
    MESSAGE,
    NOW,
    OTHER,
    TODAY,
    Said,
    draft,
    handed,
    ready,
    recipient,
    written,
)

from casework import sheet_moves as moves
from casework.forms import Row, Value
from casework.papers.glyphs import GETA, printable
from casework.papers.json_file import as_json, json_file, schema
from casework.papers.pdf import pdf
from casework.papers.printed import Given, Print, Printed, blank, printed
from casework.papers.xlsx import content, xlsx
from casework.sheet_views import MASK, Seat, view
from casework.sheets import Origin, Sheet

YES = Said().yes(HOUKATSU)
HOW = Print(
    at=NOW,
    on=TODAY,
    by="相談 花子",
    desk="見本市社会福祉協議会",
    given={HOUKATSU: Given(named=True, on=TODAY, method="page")},
)
RARE = "髙橋 﨑 𠮷田 葛\U000e0100城 辻\U000e0101 邊\U000e0102 槗 \U00020bb7"
HOSTILE = '#eval("1+1") *b* $x$ `raw` @ref <label> [ ] { } \\ // " \' #include "/etc/passwd" #read("../pdf.py") 』'
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "=HYPERLINK(\"http://x\")")  # fmt: skip


def paper(sheet: Sheet | None = None, org: UUID = HOME, consents: Said = YES, form_id: str = "tsunagu") -> Printed:
    sheet = sheet or ready(HOUKATSU, consents=consents)
    form = FORMS[form_id]
    shown = view(sheet, form, Seat(org_id=org, staff_id=CO if org == HOME else OTHER), consents, NOW)
    assert shown is not None
    return printed(shown, form, HOW)


def cells(book: bytes) -> dict[str, str]:
    sheet = load_workbook(io.BytesIO(book)).worksheets[0]
    return {str(row[5]): str(row[3] or "") for row in sheet.iter_rows(min_row=4, values_only=True) if row[5]}


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_all_three_show_the_same_data() -> None:
    made = replace(paper(), sides=paper().sides)
    told = {field["key"]: field["text"] for field in as_json(made)["fields"]}
    assert cells(xlsx(made)) == told
    words = words_of(pdf(made))
    for field in made.fields():
        for text in ("".join(row) for row in field.rows):
            assert squeezed(text)[:8] in words, field.key
        if field.kind not in ("M", "R", "B"):
            assert squeezed(field.text) in words, field.key


def test_every_field_of_the_form_stands_on_all_three_once() -> None:
    made = paper()
    keys = [field.key for field in made.fields()]
    assert sorted(keys) == sorted(FORM.fields)
    assert list(cells(xlsx(made))) == keys


def test_the_json_keeps_its_published_schema() -> None:
    check = jsonschema_rs.Draft202012Validator(schema(), validate_formats=True)
    for made in (
        paper(),
        paper(moves.exclude(ready(HOUKATSU, consents=YES), FORM, "name")),
        blank("tsunagu", FORM, HOW),
    ):
        check.validate(json.loads(json_file(made)))
    broken = as_json(paper()) | {"kind": "letter"}
    assert not check.is_valid(broken)


def test_what_the_resident_ticked_off_is_on_none_of_the_three() -> None:
    sheet = ready(HOUKATSU, consents=YES)
    for item in ("name", "tel_mobile", "household.name"):
        sheet = moves.exclude(sheet, FORM, item)
    made = paper(sheet)
    whole = json_file(made).decode() + str(cells(xlsx(made))) + words_of(pdf(made))
    for secret in ("髙﨑𠮷子", "髙﨑 𠮷子", "090-0000-0000", "髙﨑 ウメ", "髙﨑ウメ"):
        assert secret not in whole
    with zipfile.ZipFile(io.BytesIO(xlsx(made))) as book:
        assert all(b"090-0000-0000" not in book.read(name) for name in book.namelist())
    assert cells(xlsx(made))["name"] == "（本人の希望でふせています）"


def test_a_recipient_gets_only_what_was_agreed_to() -> None:
    anonymous = Said().yes(HOUKATSU, ANONYMOUS)
    sheet = moves.receive(handed(HOUKATSU, consents=anonymous), HOUKATSU, by_name="受領 太郎", at=NOW, today=TODAY)
    pending = json_file(paper(sheet, HOUKATSU, anonymous)).decode()
    assert not any(field["text"] for field in json.loads(pending)["fields"])
    made = paper(moves.accept(sheet, FORM, HOUKATSU, anonymous, at=NOW), HOUKATSU, anonymous)
    whole = json_file(made).decode() + words_of(pdf(made))
    assert "家賃が払えない" in whole
    assert "髙﨑" not in whole
    assert "母には相談のことを言わない" not in whole


def with_text(text: str) -> Printed:
    everywhere = {
        key: text
        for key, item in FORM.fields.items()
        if item.type.value in ("T", "TA") and item.by.value != "recipient"
    }
    sheet = draft()
    for key, value in everywhere.items():
        sheet = moves.put(sheet, FORM, key, value, origin=Origin.STAFF, at=NOW, by=CO)
    rows: dict[str, Value] = {
        "household": (Row(cells={"name": text, "worry": text}),),
        "quotes": (Row(cells={"text": text}, source=MESSAGE),),
    }
    return paper(written(sheet, **rows))


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_a_formula_in_the_workbook(text: str) -> None:
    book = load_workbook(io.BytesIO(xlsx(with_text(text))))
    written_cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in written_cells} == {"s"}
    assert all(cell.quotePrefix for cell in written_cells)
    assert sum(str(cell.value) == text.strip() for cell in written_cells) > 20


def test_no_text_is_markup_or_a_path_on_the_paper() -> None:
    words = words_of(pdf(with_text(HOSTILE)))
    assert words.count('#eval("1+1")*b*$x$`raw`@ref<label>') > 15
    assert "root:" not in words
    assert "typst.Compiler" not in words


def test_text_that_looks_like_the_data_of_another_field_stays_text() -> None:
    hostile = '"}], "sides": [], "mark": "'
    assert len(pdf(with_text(hostile))) > 10_000


def test_rare_characters_survive_in_all_three() -> None:
    made = with_text(RARE)
    assert json.loads(json_file(made))["fields"][0]["text"] == RARE
    assert cells(xlsx(made))["words"] == RARE
    assert squeezed(RARE) in words_of(pdf(made))
    assert printable(RARE) == RARE


def test_what_the_font_lacks_is_printed_as_geta_and_said() -> None:
    made = with_text("つらい😢👩‍👧 नमस्ते")
    assert printable("つらい😢👩‍👧 नमस्ते").startswith(f"つらい{GETA}")
    words = words_of(pdf(made))
    assert "つらい〓" in words
    assert "この紙の書体にない文字です" in words
    assert "つらい😢👩‍👧 नमस्ते" in json_file(made).decode()


def test_a_name_kept_back_is_masked_in_free_text_on_paper() -> None:
    sheet = moves.exclude(ready(HOUKATSU, consents=YES), FORM, "name")
    sheet = moves.put(sheet, FORM, "words", "私は髙﨑 𠮷子です。", origin=Origin.STAFF, at=NOW, by=CO)
    assert MASK in words_of(pdf(paper(sheet)))


def test_the_paper_has_front_and_back_number_mark_version_and_author() -> None:
    made = replace(paper(), version=3)
    words = words_of(pdf(made))
    for piece in (
        "秘",
        "第3版",
        "令和8年11月26日作成",
        "記入者見本市社会福祉協議会",
        "1/2",
        "2/2",
        "管理番号2026-0001",
    ):
        assert piece in words


def test_what_the_program_filled_in_is_marked_on_all_three() -> None:
    sheet = ready(HOUKATSU, consents=YES)
    machine = replace(sheet.entries["topics"], origin=Origin.MACHINE)
    made = paper(replace(sheet, entries={**sheet.entries, "topics": machine}))
    assert "自動・未確認" in words_of(pdf(made))
    book = load_workbook(io.BytesIO(xlsx(made))).worksheets[0]
    assert {row[5]: row[4] for row in book.iter_rows(min_row=4, values_only=True)}["topics"] == "自動・未確認"
    assert [field["key"] for field in as_json(made)["fields"] if not field["confirmed"]] == ["topics"]


@pytest.mark.parametrize("form_id", sorted(FORMS.by_id))
def test_every_form_can_be_printed_blank(form_id: str) -> None:
    made = pdf(blank(form_id, FORMS[form_id], HOW))
    assert made.startswith(b"%PDF-")
    assert xlsx(blank(form_id, FORMS[form_id], HOW)).startswith(b"PK")


def test_who_informed_the_desk_is_on_no_paper() -> None:
    told = moves.put(
        draft("information"), FORMS["information"], "giver_name", "隣の 次郎", origin=Origin.STAFF, at=NOW, by=CO
    )
    made = paper(told, form_id="information")
    assert "次郎" not in json_file(made).decode()
    assert "giver_name" not in {field.key for field in made.fields()}


def test_a_long_text_goes_on_over_the_page_and_loses_nothing() -> None:
    long = "\n".join(f"{number}行目の話です。" for number in range(200))
    words = words_of(pdf(paper(written(draft(), words=long))))
    assert "0行目の話です。" in words
    assert "199行目の話です。" in words


def test_the_same_paper_gives_the_same_bytes() -> None:
    assert pdf(paper()) == pdf(paper())
    later = replace(HOW, at=NOW + dt.timedelta(days=1))
    assert later.at != HOW.at


def test_only_those_it_goes_to_stand_as_recipients() -> None:
    sheet = moves.name_recipient(handed(HOUKATSU, consents=YES), recipient(UUID(int=103)))
    rows: Any = next(field.rows for field in paper(sheet).fields() if field.key == "to_org")
    assert [row[0] for row in rows] == ["北地域包括支援センター"]
    assert content(next(field for field in paper(sheet).fields() if field.key == "ask")) == "訪問、手続"


def test_a_paper_can_be_set_at_any_moment() -> None:
    """A clock of a running program tells parts of a second; the setter of the page takes none."""
    made = replace(paper(), printed_at=(NOW + dt.timedelta(microseconds=221_742)).isoformat())
    assert pdf(made)[:5] == b"%PDF-"
