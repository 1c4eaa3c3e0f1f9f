"""How long a full つなぐシート takes to become PDF, workbook and JSON, and how heavy they are."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from benchmarks.figures import Figure, Result, percentile, under
from casework.forms import Row, Value
from casework.papers.json_file import json_file
from casework.papers.pdf import pdf
from casework.papers.printed import Print, Printed, blank, printed
from casework.papers.xlsx import xlsx
from casework.sheet_moves import put
from casework.sheet_views import Seat, view
from casework.sheets import NoConsents, Origin, Sheet, new_sheet
from config.contents.forms import By, FieldType, Form
from config.sheets import load_forms

ROUNDS = 30
NOW = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)
_DESK, _STAFF = UUID(int=1), UUID(int=2)
_TEXT = "パートの時間が減り、母の介護もあって、来月の家賃が払えません。髙﨑 𠮷子"


def measure() -> Result:
    """A sheet with every field filled, printed again and again by a program that has printed before."""
    form = load_forms()["tsunagu"]
    how = Print(at=NOW, on=NOW.date(), by="相談 花子", desk="見本市社会福祉協議会")
    paper = _full(form, how)
    first = _times(pdf, paper, 1)[0]
    times = _times(pdf, paper, ROUNDS)
    work = _times(pdf, paper, ROUNDS, clock=time.process_time)
    books = _times(xlsx, paper, ROUNDS)
    empty = _times(pdf, blank("tsunagu", form, how), 10)
    return Result(
        figures=(
            under("PDF p50", percentile(times, 0.5), 300, unit="ms"),
            under("PDF p95", percentile(times, 0.95), 300, unit="ms"),
            under("PDF p50, processor time", percentile(work, 0.5), 300, unit="ms"),
            Figure(name="first PDF of a process (font and template read)", value=first, unit="ms"),
            Figure(name="blank form p50", value=percentile(empty, 0.5), unit="ms"),
            Figure(name="workbook p50", value=percentile(books, 0.5), unit="ms"),
            Figure(name="PDF", value=len(pdf(paper)) / 1000, unit="kB"),
            Figure(name="workbook", value=len(xlsx(paper)) / 1000, unit="kB"),
            Figure(name="JSON", value=len(json_file(paper)) / 1000, unit="kB"),
        ),
        notes=(
            f"{ROUNDS} rounds, every field filled, readings over the labels, tagged for screen readers",
            "processor time is what to read on a machine that does other work as well",
            "the font is a subset of Noto Sans CJK JP in two weights, and most of the PDF's weight",
        ),
    )


def _times(
    make: Callable[[Printed], bytes], paper: Printed, rounds: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Milliseconds of each round. Every round prints another number, so that nothing is merely remembered."""
    taken = []
    for number in range(rounds):
        another = replace(paper, number=f"2026-{number:04}", made_by=f"相談 {number}")
        began = clock()
        make(another)
        taken.append(1000 * (clock() - began))
    return taken


def full_sheet(form: Form, *, org_id: UUID, by: UUID) -> Sheet:
    """A sheet with something in every field."""
    sheet = new_sheet("tsunagu", form, sheet_id=UUID(int=3), desk_id="default", org_id=org_id, by=by, now=NOW)
    for key in form.fields:
        if form.fields[key].by is not By.RECIPIENT:
            sheet = put(sheet, form, key, _value(form, key), origin=Origin.STAFF, at=NOW, by=by)
    return sheet


def _full(form: Form, how: Print) -> Printed:
    sheet = full_sheet(form, org_id=_DESK, by=_STAFF)
    seen = view(sheet, form, Seat(org_id=_DESK, staff_id=_STAFF), NoConsents(), NOW)
    assert seen is not None
    return printed(seen, form, how)


def _value(form: Form, key: str) -> Value:
    item = form.fields[key]
    codes = list(form.codes.get(item.codes or "", {}))
    plain: dict[FieldType, Value] = {
        FieldType.TEXT: _TEXT[:20],
        FieldType.LONG: _TEXT,
        FieldType.DAY: NOW.date(),
        FieldType.NUMBER: 3,
        FieldType.YES_NO: True,
        FieldType.CHOICE: codes[0] if codes else "",
        FieldType.MANY: tuple(codes[::3]),
    }
    if item.type is not FieldType.ROWS:
        return plain[item.type]
    cells = {
        name: plain[column.type] if column.codes is None else next(iter(form.codes[column.codes]))
        for name, column in item.columns.items()
    }
    return tuple(Row(cells={n: c for n, c in cells.items() if not isinstance(c, tuple)}) for _ in range(2))
